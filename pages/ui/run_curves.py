"""The curves of a run: loss, accuracy and learning rate over the epochs, with the settings that were changed on the way."""

import numpy as np
import pandas as pd

from mlp.runs.look import Look
from mlp.runs.run import Run
from pages.ui import charts
from pages.ui.plots import Plot, Series, plots
from pages.ui.progress_bar import share_done, where
from pages.ui.setting_words import change_words
from pages.ui.text import _, compact

MOST = 256  # points of a curve
HEADROOM = 1.4  # losses of batches are shown up to so many times the highest one of an epoch
HEIGHT, LOW_HEIGHT = 185, 76  # of a chart, in pixels

Marks = list[tuple[float, str]]


def curves(run: Run, look: Look) -> None:
    """Three charts, which move while the run goes on and never jump, and in words what was changed on the way."""
    epochs, progress, changes = look.epochs(run.id), look.progress(run.id, MOST), look.changes(run.id)
    marks, words = change_marks(changes)
    best = float(run.best_epoch) if run.best_epoch and not run.is_active else None
    shown = [_loss(epochs, progress), _accuracy(epochs, progress), _rate(progress)]
    end = float(axis_end(run))
    fixed = {"start": 0.0, "end": end, "marks": marks, "best": best, "across": _("epoch"), "whole": True}
    head = where(run), share_done(run)
    plots([Plot(**(each | fixed)) for each in shown], key=f"curves-{run.id}", least=240, head=head, note=" · ".join(words))


def axis_end(run: Run) -> int:
    """How many epochs there are on an axis: it stays in place while the run goes on."""
    return run.settings.epochs if run.is_active else max(run.epoch, 1)


def change_marks(changes: pd.DataFrame) -> tuple[Marks, list[str]]:
    """`Store.changes` → where on the axis something was changed, each with a number, and for each number what it was."""
    marks: Marks = []
    words: list[str] = []
    if changes.empty:
        return marks, words
    for number, (epoch, group) in enumerate(changes.groupby("epoch"), start=1):
        what = ", ".join(change_words(row.setting, row.before, row.after) for row in group.itertuples())
        marks.append((float(epoch), str(number)))
        place = compact(round(float(epoch), 2))
        words.append(_("{number} (epoch {epoch}) {changes}").format(number=number, epoch=place, changes=what))
    return marks, words


def _loss(epochs: pd.DataFrame, progress: pd.DataFrame) -> dict[str, object]:
    blue, orange = charts.blue(), charts.orange()
    ends = np.concatenate([epochs["train_loss"], epochs["validation_loss"]]).astype(float)
    loss = progress["loss"].to_numpy()
    # A network's first guesses, far above what comes after, would flatten everything else.
    most = HEADROOM * float(np.fmax.reduce(ends if len(ends) else loss)) if len(loss) else 1.0
    seen = loss <= most
    epoch, loss, low, high = (progress[name].to_numpy()[seen] for name in ("epoch", "loss", "low", "high"))
    low, high = np.where(np.isnan(low), loss, low), np.minimum(np.where(np.isnan(high), loss, high), most)
    faint = {"width": 0.0, "legend": False}
    series = [
        Series("high", epoch, high, blue, **faint),
        Series("low", epoch, low, blue, **faint),
        Series("batches", epoch, loss, f"{blue}99", width=1.0, legend=False),
        Series(_("training"), epochs["epoch"], epochs["train_loss"], blue, width=2.0, points=True),
        Series(_("validation"), epochs["epoch"], epochs["validation_loss"], orange, width=2.0, points=True),
    ]
    bands = [("high", "low", f"{blue}26")]
    return {"key": "loss", "title": _("Loss, epoch by epoch"), "series": series, "height": HEIGHT, "low": 0.0, "bands": bands}


def _accuracy(epochs: pd.DataFrame, progress: pd.DataFrame) -> dict[str, object]:
    blue, orange = charts.blue(), charts.orange()
    ends = np.concatenate([epochs["train_accuracy"], epochs["validation_accuracy"]]).astype(float)
    least = max(0.0, np.floor(20 * float(np.fmin.reduce(ends)) - 1) / 20) if len(ends) else 0.0
    epoch, accuracy = progress["epoch"].to_numpy(), progress["accuracy"].to_numpy()
    seen = accuracy >= least
    series = [
        Series("batches", epoch[seen], accuracy[seen], f"{blue}99", width=1.0, legend=False),
        Series(_("training"), epochs["epoch"], epochs["train_accuracy"], blue, width=2.0, points=True),
        Series(_("validation"), epochs["epoch"], epochs["validation_accuracy"], orange, width=2.0, points=True),
    ]
    ends_of_axis = {"low": least, "high": 1.0, "format": "percent"}
    return {"key": "accuracy", "title": _("Accuracy, epoch by epoch"), "series": series, "height": HEIGHT} | ends_of_axis


def _rate(progress: pd.DataFrame) -> dict[str, object]:
    epoch, rate = progress["epoch"].to_numpy(), progress["learning_rate"].to_numpy()
    known = ~np.isnan(rate)
    teal = charts.teal()
    series = [Series(_("learning rate"), epoch[known], rate[known], teal, fill=f"{teal}22")]
    title = _("Learning rate")
    if known.any():
        title += " " + compact(float(f"{rate[known][-1]:.3g}"))
    return {"key": "rate", "title": title, "series": series, "height": LOW_HEIGHT, "low": 0.0, "wide": True, "legend": False}
