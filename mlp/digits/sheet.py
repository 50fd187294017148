"""A sheet of paper that lies on something darker: finds it, and lets the picture show nothing but paper. Knows grey pictures,
uint8 (H, W); nothing of digits.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mlp.digits.light import closed, reduced

Array = NDArray[Any]

SMALLEST = 100  # pixels a side: smaller pictures are cut out of larger ones, and have been cut out of the sheet
SIDE = 128  # pixels a side: enough to see where a sheet ends
LEAST_DARKER = 0.15  # share of the sheet's brightness by which what lies around it is darker
LEAST_APART = 0.85  # share of all variance that lies between sheet and surroundings
LEAST_CONVEX = 0.93  # share that the sheet fills of its convex hull
MOST_WRITTEN = 0.4  # share of the sheet that ink covers
MOST_RIM = 0.75  # share of the picture's rim that the sheet may reach
MOST_ALIKE = 0.3  # share of one grey value in what a camera took; a drawing program's ground has more
RIM = 0.015  # what is cut off the sheet's sides, as a share of the picture's


def sheet_only(grey: Array) -> Array:
    """The picture with the surroundings of a sheet of paper made as light as it; where there is none, as it is."""
    if min(grey.shape) < SMALLEST:
        return grey
    small = reduced(grey, SIDE)
    side = max(small.shape)
    bare = closed(small, side / 8)  # without the ink
    plain = cv2.morphologyEx(bare, cv2.MORPH_OPEN, np.ones((side // 4, side // 4), np.uint8))
    threshold, _ = cv2.threshold(plain, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    _, labels, stats, _ = cv2.connectedComponentsWithStats((bare > threshold).astype(np.uint8), connectivity=4)
    if len(stats) < 2:
        return grey
    sheet = labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    outlines, _ = cv2.findContours(sheet.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if cv2.contourArea(outlines[0]) < LEAST_CONVEX * cv2.contourArea(cv2.convexHull(outlines[0])):
        return grey
    mask = cv2.drawContours(np.zeros_like(small), outlines, 0, 255, cv2.FILLED)  # broad ink is no hole in a sheet
    if not _is_sheet(small, bare, mask > 0):
        return grey
    mask = cv2.resize(mask, grey.shape[::-1], interpolation=cv2.INTER_LINEAR)
    margin = 2 * max(2, round(RIM * max(grey.shape))) + 1
    mask = cv2.erode(mask, np.ones((margin, margin), np.uint8), borderType=cv2.BORDER_REPLICATE)
    return np.where(mask > 127, grey, np.uint8(np.median(small[sheet])))


def _is_sheet(small: Array, bare: Array, sheet: Array) -> bool:
    """Whether the sheet stands out from all around it and is where the writing is."""
    around = ~sheet
    rim = np.concatenate([sheet[0], sheet[-1], sheet[:, 0], sheet[:, -1]])
    if not 0.06 < sheet.mean() < 0.95 or rim.mean() > MOST_RIM:
        return False
    if np.bincount(small[around]).max() > MOST_ALIKE * around.sum():
        return False
    light, dark = float(bare[sheet].mean()), float(bare[around].mean())
    between = sheet.mean() * around.mean() * (light - dark) ** 2
    if light - dark < LEAST_DARKER * light or between < LEAST_APART * bare.var():
        return False
    # A shadow is as dark as a table, but there may be ink in it.
    written = cv2.blur(1 - small / np.maximum(bare, 1.0), (3, 3))
    inside, outside = (written[cv2.erode(part.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0] for part in (sheet, around))
    if not inside.size or (inside > LEAST_DARKER).mean() > MOST_WRITTEN:
        return False
    return bool(inside.max() > max(LEAST_DARKER, 1.7 * outside.max(initial=0)))
