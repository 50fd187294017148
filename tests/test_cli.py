import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mlp import Augmentation, Dataset, load_model
from mlp.__main__ import main
from mlp.checkpoint import read_checkpoint
from mlp.digits.recognizer import PRETRAINED
from mlp.metrics import accuracy

PROJECT = Path(__file__).resolve().parents[1]
QUICK = ["train", "--hidden", "8", "--epochs", "1", "--validation-size", "57000", "--quiet"]
DIVERGING = ["--activation", "leaky_relu", "--optimizer", "sgd", "--learning-rate", "1000", "--hidden", "16,16"]
LEARNING_NOTHING = ["--learning-rate", "1e-9"]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return tmp_path / "model.npz"


@pytest.fixture
def picture(tmp_path: Path, mnist: Dataset) -> Path:
    """The first test digit, a seven, dark on light and enlarged."""
    path = tmp_path / "seven.png"
    Image.fromarray(255 - mnist.test_images[0]).resize((200, 200)).save(path)
    return path


def refused(arguments: list[str]) -> int:
    """The exit status, whether argparse or the command itself refuses."""
    try:
        return main(arguments)
    except SystemExit as stop:
        return int(stop.code or 0)


def test_train_as_a_process_writes_a_model_that_can_be_evaluated(model: Path) -> None:
    for arguments in ([*QUICK[:-1], "--output", str(model)], ["evaluate", str(model)]):
        command = [sys.executable, "-m", "mlp", *arguments]
        process = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False)
        assert process.returncode == 0, process.stderr
        assert "Traceback" not in process.stderr
    assert process.stdout.startswith("accuracy ")


def test_train_shows_its_progress_and_what_came_out(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*QUICK[:-1], "--output", str(model)]) == 0
    told = capsys.readouterr()
    assert "epoch   1   loss" in told.out
    assert "best epoch 1" in told.out
    assert "24/24" in told.err  # the progress bar


def test_train_writes_what_it_trained(model: Path, mnist: Dataset) -> None:
    arguments = ["--activation", "tanh", "--seed", "5", "--augmentation", "shift=1,rotation=5", "--output", str(model)]
    assert main([*QUICK, *arguments]) == 0
    checkpoint = read_checkpoint(model)
    network, metadata = checkpoint.network, checkpoint.metadata
    assert (network.sizes, network.activation) == ((784, 8, 10), "tanh")
    assert (metadata["config"]["seed"], metadata["dataset"], metadata["best_epoch"]) == (5, "mnist", 1)
    assert metadata["config"]["augmentation"] == asdict(Augmentation(shift=1, rotation=5))
    assert metadata["test_accuracy"] == accuracy(network, mnist.test_images, mnist.test_labels)


def test_train_again_gives_the_same_bits(tmp_path: Path) -> None:
    for name in ("a.npz", "b.npz"):
        assert main([*QUICK, "--output", str(tmp_path / name)]) == 0
    first, second = (load_model(tmp_path / name).parameters for name in ("a.npz", "b.npz"))
    np.testing.assert_array_equal(first, second)


def test_train_leaves_an_existing_file_alone(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model.write_bytes(b"precious")
    assert main([*QUICK, "--output", str(model)]) == 2
    assert "model.npz exists already; give --overwrite" in capsys.readouterr().err
    assert model.read_bytes() == b"precious"


def test_train_replaces_an_existing_file_when_told_to(model: Path) -> None:
    model.write_bytes(b"old")
    assert main([*QUICK, "--output", str(model), "--overwrite"]) == 0
    assert load_model(model).sizes == (784, 8, 10)


@pytest.mark.parametrize(
    ("settings", "message"),
    [(DIVERGING, "the learning rate 1000 is too high"), (LEARNING_NOTHING, "The network learnt nothing")],
)
def test_a_bad_training_leaves_the_model_before_even_with_overwrite(
    model: Path, capsys: pytest.CaptureFixture[str], settings: list[str], message: str
) -> None:
    model.write_bytes(b"precious")
    assert main([*QUICK, *settings, "--output", str(model), "--overwrite"]) == 1
    told = capsys.readouterr().err
    assert message in told
    assert "No model was written." in told
    assert model.read_bytes() == b"precious"
    assert [path.name for path in model.parent.iterdir()] == ["model.npz"]


BAD_ARGUMENTS = [
    ([], "COMMAND"),
    (["fly"], "invalid choice"),
    (["train", "--epochs", "0"], "epochs: expected a whole number"),
    (["train", "--epochs", "many"], "--epochs"),
    (["train", "--batch-size", "-3"], "batch_size: expected"),
    (["train", "--dropout", "2"], "dropout: expected"),
    (["train", "--hidden", "0"], "hidden: each layer"),
    (["train", "--hidden", "128;64"], "--hidden: expected neurons for each layer"),
    (["train", "--learning-rate", "nan"], "learning_rate: expected"),
    (["train", "--activation", "swish"], "activation: 'swish' is unknown"),
    (["train", "--augmentation", "blur=1"], "--augmentation: expected none, gentle or"),
    (["train", "--augmentation", "shift=far"], "--augmentation: expected none, gentle or"),
    (["train", "--augmentation", "shift=99"], "augmentation.shift"),
    (["train", "--validation-size", "60000", "--quiet"], "validation_size: 60000 digits cannot be kept aside"),
    (["train", "--recipe", "tiramisu"], "recipe: 'tiramisu' is unknown; choose one of quick, "),
    (["train", "--optimizer", "adamw"], "optimizer: 'adamw' is unknown"),
    (["train", "--label-smoothing", "1"], "label_smoothing: expected"),
    (["train", "--warmup", "-1"], "warmup: expected"),
    (["train", "--patience", "0.5"], "--patience"),
    (["train", "--weight-average", "1"], "weight_average: expected"),
    (["train", "--augmentation", "pen=2"], "augmentation.pen"),
    (["train", "--start", "nothing.npz"], "nothing.npz cannot be read"),
    (["train", "--start", str(PRETRAINED), "--hidden", "3"], "the settings ask for 784-3-10"),
    (["bench", "--dataset", "nosuchset"], "There is no data set 'nosuchset'"),
    (["train", "--dataset", "nosuchset"], "There is no data set 'nosuchset'"),
    (["train", "--dataset", "../mnist"], "is not the name of a data set"),
    (["train", "--output", "no/such/folder/model.npz"], "The folder no/such/folder does not exist"),
    (["evaluate"], "model"),
    (["evaluate", "nothing.npz"], "nothing.npz cannot be read"),
    (["evaluate", "."], "cannot be read"),
    (["predict", "nothing.npz"], "picture"),
    (["predict", str(PRETRAINED), "nothing.png"], "nothing.png cannot be read"),
    (["predict", str(PRETRAINED), "."], "cannot be read"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD_ARGUMENTS, ids=[" ".join(row[0]) for row in BAD_ARGUMENTS])
def test_bad_arguments_give_status_2_and_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert refused(arguments) == 2
    told = capsys.readouterr().err
    assert message in told
    assert "Traceback" not in told
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_model_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "notes.npz"
    path.write_text("no model")
    for command in (["evaluate", str(path)], ["predict", str(path), "x.png"]):
        assert main(command) == 2
        assert "notes.npz is no model file" in capsys.readouterr().err


def test_evaluate_tells_accuracy_interval_and_every_digit(capsys: pytest.CaptureFixture[str], mnist: Dataset) -> None:
    assert main(["evaluate", str(PRETRAINED)]) == 0
    told = capsys.readouterr().out
    right = round(accuracy(load_model(PRETRAINED), mnist.test_images, mnist.test_labels) * 10_000)
    assert f"accuracy {right / 10_000:.2%} ({right} of 10000; 95 % interval " in told
    rows = told.splitlines()
    start = next(index for index, row in enumerate(rows) if row.split()[:2] == ["digit", "count"])
    assert [row.split()[:2] for row in rows[start + 1 : start + 11]] == [
        [str(digit), str(count)] for digit, count in enumerate(np.bincount(mnist.test_labels))
    ]


def test_evaluate_draws_a_figure_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figure = tmp_path / "confusion.png"
    assert main(["evaluate", str(PRETRAINED), "--figure", str(figure)]) == 0
    drawn = figure.read_bytes()
    with Image.open(figure) as image:
        assert image.format == "PNG"
    assert main(["evaluate", str(PRETRAINED), "--figure", str(figure)]) == 2
    assert "confusion.png exists already" in capsys.readouterr().err
    assert figure.read_bytes() == drawn


def test_predict_tells_the_digit_of_each_picture(
    tmp_path: Path, picture: Path, mnist: Dataset, capsys: pytest.CaptureFixture[str]
) -> None:
    two = tmp_path / "two.jpg"
    Image.fromarray(mnist.test_images[1]).resize((90, 90)).save(two)
    assert main(["predict", str(PRETRAINED), str(picture), str(two)]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{picture}: 7   (7: ")
    assert second.startswith(f"{two}: 2   (2: ")


def test_predict_of_a_blank_picture_is_no_digit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "blank.png"
    Image.new("L", (100, 100), 255).save(path)
    assert main(["predict", str(PRETRAINED), str(path)]) == 0
    assert capsys.readouterr().out == f"{path}: no digit. Nothing is drawn yet.\n"


def test_predict_says_what_looks_like_no_digit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    letter = Image.new("L", (100, 100), 255)
    ImageDraw.Draw(letter).line([(20, 85), (20, 15), (50, 60), (80, 15), (80, 85)], width=9)
    letter.save(tmp_path / "m.png")
    assert main(["predict", str(PRETRAINED), str(tmp_path / "m.png")]) == 0
    assert "rather like a letter or a sign" in capsys.readouterr().out


@pytest.mark.parametrize(("content", "message"), [(b"", "is empty"), (b"hello" * 50, "is not a picture")])
def test_predict_of_what_is_no_picture_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, message: str
) -> None:
    path = tmp_path / "letter.png"
    path.write_bytes(content)
    assert main(["predict", str(PRETRAINED), str(path)]) == 2
    assert f"letter.png {message}" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["train", "bench", "evaluate", "predict"])
def test_help_explains_every_command(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused([command, "--help"]) == 0
    assert "usage: python -m mlp" in capsys.readouterr().out
