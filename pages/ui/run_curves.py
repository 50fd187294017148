"""The curves of a run: loss, accuracy and learning rate over the epochs, with the settings that were changed on the way."""

import numpy as np
import pandas as pd
import streamlit as st

from mlp.runs.store import Run, Store
from pages.ui import live_charts
from pages.ui.setting_words import change_words
from pages.ui.text import _, compact

MOST = 250  # points of a curve: more than there are pixels would not be seen
HEADROOM = 1.4  # losses of batches are shown up to so many times the highest one of an epoch


def curves(run: Run, store: Store) -> None:
    """Three charts, which move while the run goes on and never jump."""
    epochs, progress = store.epochs(run.id), store.progress(run.id, MOST)
    marks = change_marks(store.changes(run.id))
    total = run.settings.epochs if run.is_active else max(run.epoch, 1)
    best = pd.DataFrame({"epoch": [] if run.is_active or not run.best_epoch else [run.best_epoch]}, dtype=float)
    loss_side, accuracy_side = st.columns(2, gap="small")
    for place, quantity, title in ((loss_side, "loss", _("Loss")), (accuracy_side, "accuracy", _("Accuracy"))):
        with place.container(border=True):
            st.markdown(f"**{title}** :blue[● {_('training')}] :orange[● {_('validation')}]")
            frames = {"batches": _batches(epochs, progress, quantity), "points": _points(epochs, quantity), "best": best}
            words = _("{quantity} over the epochs, for training and validation digits").format(quantity=title)
            live_charts.show(live_charts.curves(quantity, total), frames | {"changes": marks}, f"{quantity}-{run.id}", words)
    with st.container(border=True):
        rates = progress[["epoch", "learning_rate"]].dropna()
        st.markdown(
            f"**{_('Learning rate')}** " + (compact(float(f"{rates['learning_rate'].iloc[-1]:.3g}")) if len(rates) else "")
        )
        words = _("The learning rate over the epochs")
        live_charts.show(live_charts.rate(total), {"batches": rates, "changes": marks}, f"rate-{run.id}", words)


def change_marks(changes: pd.DataFrame) -> pd.DataFrame:
    """`Store.changes` → epoch and words, one row for each moment at which something was changed."""
    words = [change_words(row.setting, row.before, row.after) for row in changes.itertuples()]
    frame = pd.DataFrame({"epoch": changes["epoch"].astype(float), "words": pd.Series(words, dtype=str)})
    return frame.groupby("epoch", as_index=False).agg({"words": "; ".join}) if len(frame) else frame


def _points(epochs: pd.DataFrame, quantity: str) -> pd.DataFrame:
    """One row for each epoch and part."""
    parts = {f"train_{quantity}": "training", f"validation_{quantity}": "validation"}
    return epochs.rename(columns=parts).melt("epoch", list(parts.values()), var_name="part", value_name="value")


def _batches(epochs: pd.DataFrame, progress: pd.DataFrame, quantity: str) -> pd.DataFrame:
    """The batches between two reports. What would flatten the rest of the curve, a single bad batch or the first guesses, is
    left out.
    """
    frame, points = progress.rename(columns={quantity: "value"}), _points(epochs, quantity)["value"]
    if quantity == "loss":
        most = HEADROOM * float((points if len(points) else frame["value"]).max()) if len(frame) else np.inf
        kept = frame["value"].where(frame["value"] <= most)
        low, high = frame["low"].fillna(frame["value"]), frame["high"].fillna(frame["value"])
        frame = frame.assign(value=kept, low=low.where(kept.notna()), high=high.clip(upper=most).where(kept.notna()))
        return frame[["epoch", "value", "low", "high"]]
    least = np.floor(20 * float(points.min()) - 1) / 20 if len(points) else 0.0
    return frame.assign(value=frame["value"].where(frame["value"] >= least))[["epoch", "value"]]
