import pickle

import pytest

from mlp import errors


def test_message_is_the_template_filled() -> None:
    error = errors.DigitLabError("{name}: {count} of {most:g}", name="x", count=2, most=3.0)
    assert str(error) == "x: 2 of 3"


def test_template_and_values_are_kept_apart_for_translation() -> None:
    error = errors.DatasetError("{file} is damaged.", file="a{b}")
    assert (error.template, error.values) == ("{file} is damaged.", {"file": "a{b}"})
    assert str(error) == "a{b} is damaged."


def test_an_error_that_comes_from_another_process_is_the_same() -> None:
    error = errors.DatabaseError("{address} cannot be used: {problem}.", address="a{b}", problem="{it} is away")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is errors.DatabaseError
    assert (str(copy), copy.template, copy.values) == (str(error), error.template, error.values)


@pytest.mark.parametrize(
    "name", ["ConfigError", "DatasetError", "CheckpointError", "PictureError", "TrainingDiverged", "RunError"]
)
def test_every_error_is_caught_as_one(name: str) -> None:
    with pytest.raises(errors.DigitLabError):
        raise getattr(errors, name)("why")
