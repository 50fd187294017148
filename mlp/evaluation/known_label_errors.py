"""The fifteen test digits of MNIST whose label people did not confirm.

Source: C. G. Northcutt, A. Athalye, J. Mueller, "Pervasive Label Errors in Test Sets Destabilize Machine Learning
Benchmarks", NeurIPS 2021 Datasets and Benchmarks, arXiv:2103.14749; shown at https://labelerrors.com. The authors had a network
suspect labels by confident learning and showed each suspected digit to five people, who were asked whether it is what its label
says, what the network guessed, or neither. The votes are in their repository, https://github.com/cleanlab/label-errors,
mturk/mnist_mturk.json (commit 5457895): of 100 digits, these 15 are those of which fewer than three of five saw what the label
says. Only these numbers were taken over, no code; the repository itself is under the GPL, version 3 or later.
"""

import numpy as np
import pandas as pd

# index of the test digit, its label, what the authors' network guessed; votes for the label, for the guess, for neither
_ASKED = (
    (947, 8, 9, 0, 5, 0),
    (1621, 0, 6, 2, 3, 0),
    (1901, 9, 4, 2, 3, 0),
    (2130, 4, 9, 2, 2, 1),
    (2462, 2, 0, 0, 4, 1),
    (2597, 5, 3, 0, 4, 1),
    (2654, 6, 1, 0, 2, 3),
    (3520, 6, 4, 2, 0, 3),
    (3558, 5, 0, 1, 4, 0),
    (5937, 5, 3, 1, 3, 1),
    (6651, 0, 6, 0, 5, 0),
    (6783, 1, 6, 2, 3, 0),
    (8527, 4, 9, 2, 2, 1),
    (9679, 6, 3, 2, 0, 3),
    (9729, 5, 6, 2, 3, 0),
)
_COLUMNS = ("index", "label", "guess", "votes_for_label", "votes_for_guess", "votes_for_neither")

CHECKED = 100
"""How many suspected digits the authors had people look at."""


def known_label_errors() -> pd.DataFrame:
    """One row a digit: index among MNIST's test digits, label, guess, and how many of five people saw the label, the guess, or
    neither of them in it.
    """
    return pd.DataFrame(list(_ASKED), columns=list(_COLUMNS))


def with_published(suspects: pd.DataFrame) -> pd.DataFrame:
    """`Suspicion.suspects` of MNIST's test digits, and which of them are on the list: a column `published`, and the three
    columns of votes, NaN for all others.
    """
    known = known_label_errors().drop(columns=["label", "guess"])
    joined = suspects.merge(known, on="index", how="left")
    joined["published"] = joined["votes_for_label"].notna()
    return joined


def ranks(suspects: pd.DataFrame) -> pd.DataFrame:
    """The list, and where each of its digits stands among the suspects: a column `rank` from 1, NaN if it is not suspected."""
    places = pd.DataFrame({"index": suspects["index"], "rank": np.arange(1, len(suspects) + 1)})
    return known_label_errors().merge(places, on="index", how="left")
