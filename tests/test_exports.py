"""A network taken away as a program or an ONNX model says the same as the app of all 10,000 test digits."""

import gzip
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pandas as pd
import pytest
from numpy.typing import NDArray

from mlp import MLP, Dataset, load_model
from mlp.__main__ import main
from mlp.activations import ACTIVATIONS
from mlp.checkpoint import Checkpoint, dump_model, read_checkpoint
from mlp.digits.recognizer import PRETRAINED
from mlp.errors import CheckpointError, ConfigError
from mlp.exports import onnx_file, weights
from mlp.exports.curves import curves_csv
from mlp.exports.formats import SUFFIXES, exported
from mlp.exports.html_page import html_page
from mlp.exports.onnx_file import onnx_model
from mlp.exports.python_file import python_source
from mlp.exports.weights import fingerprint, fits_text
from tests.trained import trained

Array = NDArray[Any]
NETWORKS = [*((activation, (24, 16)) for activation in ACTIVATIONS), ("relu", ())]
BARE = """
import sys
import numpy as np
assert not any("mlp" in path for path in sys.path)
sys.path.insert(0, ".")
import digits
images = np.load("images.npy")
shares = digits.predict_proba(images)
np.savez("answers.npz", shares=shares, read=digits.predict(images), floats=digits.predict_proba(images.reshape(-1, 784) / 255))
assert "mlp" not in sys.modules
"""


@pytest.fixture
def alone(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """alone(*arguments): Python, in a folder of its own and with nothing of this project in reach, run to its end."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)

    return run


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "digits.py"
    path.write_text(python_source(trained()), encoding="utf-8")
    return path


def assert_same(found: Array, wanted: Array) -> None:
    np.testing.assert_array_equal(found.argmax(axis=1), wanted.argmax(axis=1))
    np.testing.assert_allclose(found, wanted, atol=1e-5)


@pytest.mark.parametrize(("activation", "hidden"), NETWORKS)
def test_python_file_alone_reads_all_test_digits_as_the_app_does(
    activation: str, hidden: tuple[int, ...], mnist: Dataset, tmp_path: Path, alone: Callable[..., Any]
) -> None:
    checkpoint = trained(activation, hidden)
    (tmp_path / "digits.py").write_text(python_source(checkpoint), encoding="utf-8")
    np.save(tmp_path / "images.npy", mnist.test_images)
    process = alone("-c", BARE)
    assert process.returncode == 0, process.stderr
    with np.load(tmp_path / "answers.npz") as answers:
        assert answers["shares"].dtype == np.float32
        assert_same(answers["shares"], checkpoint.network.predict_proba(mnist.test_images))
        np.testing.assert_array_equal(answers["read"], checkpoint.network.predict(mnist.test_images))
        assert_same(answers["floats"], answers["shares"])


def test_python_file_of_the_shipped_model_reads_the_idx_file_itself(
    mnist: Dataset, tmp_path: Path, alone: Callable[..., Any]
) -> None:
    (tmp_path / "shipped.py").write_text(python_source(read_checkpoint(PRETRAINED)), encoding="utf-8")
    idx = PRETRAINED.parents[1] / "mnist" / "t10k-images-idx3-ubyte.gz"
    process = alone("shipped.py", str(idx))
    read = [int(line.split("\t")[0]) for line in process.stdout.splitlines()]
    assert process.stderr == ""
    np.testing.assert_array_equal(read, load_model(PRETRAINED).predict(mnist.test_images))


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_python_file_holds_the_activation_it_needs_and_no_other(activation: str) -> None:
    source = python_source(trained(activation))
    assert [name for name in ACTIVATIONS if f"def {name}(" in source] == [activation]


def test_python_file_imports_nothing_but_numpy_and_the_standard_library() -> None:
    lines = python_source(trained()).splitlines()
    names = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}
    assert names - sys.stdlib_module_names == {"numpy"}


def test_python_file_reads_one_picture_and_none(program: Path, mnist: Dataset, alone: Callable[..., Any]) -> None:
    np.save(program.with_name("one.npy"), mnist.test_images[0])
    np.save(program.with_name("none.npy"), mnist.test_images[:0])
    one, none = alone("digits.py", "one.npy"), alone("digits.py", "none.npy")
    digit, share = one.stdout.split()
    shares = trained().network.predict_proba(mnist.test_images[:1])[0]
    assert (int(digit), float(share)) == (shares.argmax(), pytest.approx(shares.max(), abs=1e-4))
    assert (none.returncode, none.stdout, none.stderr) == (0, "", "")


BAD_FILES: dict[str, tuple[bytes | Array, str]] = {
    "text": (b"seven", "neither an .npy file nor an IDX file"),
    "empty": (b"", "neither an .npy file nor an IDX file"),
    "cut_gzip": (gzip.compress(bytes(range(256)) * 9)[:40], "gzipped, but damaged"),
    "cut_idx": (b"\0\0\x08\x03\0\0", "ends too early"),
    "short_idx": (b"\0\0\x08\x03\0\0\0\x02\0\0\0\x1c\0\0\0\x1c" + bytes(784), "length does not fit"),
    "huge_idx": (b"\0\0\x08\xff" + b"\xff" * 1020, "length does not fit"),
    "cut_npy": (b"\x93NUMPY\x01\0", "no array that can be read"),
    "objects": (np.array([{}], object), "no array that can be read"),
    "wide": (np.zeros((2, 30, 30), np.uint8), "not an array (2, 30, 30)"),
    "words": (np.array([["a"]]), "as numbers"),
    "bright": (np.full((1, 28, 28), 255.0), "between 0 and 1"),
    "nan": (np.full((1, 28, 28), np.nan), "between 0 and 1"),
    "deep": (np.full((1, 28, 28), 65535, np.uint16), "between 0 and 255"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_python_file_refuses_what_is_no_picture_with_a_sentence(name: str, program: Path, alone: Callable[..., Any]) -> None:
    content, sentence = BAD_FILES[name]
    path = program.with_name("bad.npy")
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        np.save(path, content, allow_pickle=True)
    process = alone("digits.py", "bad.npy")
    assert (process.returncode, process.stdout) == (2, "")
    assert sentence in process.stderr
    assert process.stderr.startswith("error: bad.npy cannot be used: ")


def test_python_file_says_what_it_wants_and_what_is_not_there(program: Path, alone: Callable[..., Any]) -> None:
    assert "usage:" in alone("digits.py").stderr
    missing = alone("digits.py", "missing.npy")
    assert (missing.returncode, missing.stderr) == (2, "error: missing.npy cannot be read: No such file or directory.\n")


@pytest.mark.parametrize(("activation", "hidden"), NETWORKS)
def test_onnx_model_reads_all_test_digits_as_the_app_does(activation: str, hidden: tuple[int, ...], mnist: Dataset) -> None:
    checkpoint = trained(activation, hidden)
    images = mnist.test_images.reshape(-1, 784).astype(np.float32) / 255
    (found,) = onnxruntime.InferenceSession(onnx_model(checkpoint)).run(["probabilities"], {"images": images})
    assert_same(found, checkpoint.network.predict_proba(mnist.test_images))


def test_onnx_model_of_the_shipped_model_takes_any_number_of_pictures(mnist: Dataset) -> None:
    session = onnxruntime.InferenceSession(onnx_model(read_checkpoint(PRETRAINED)))
    images = mnist.test_images.reshape(-1, 784).astype(np.float32) / 255
    found = [session.run(None, {"images": part})[0] for part in (images[:1], images[1:3000], images[3000:])]
    assert_same(np.concatenate(found), load_model(PRETRAINED).predict_proba(mnist.test_images))


def test_onnx_model_says_which_network_it_is() -> None:
    model = onnx.load_model_from_string(onnx_model(trained()))
    assert {each.key: each.value for each in model.metadata_props}["sha256_of_weights"] == fingerprint(trained().network)


def test_onnx_model_needs_its_library_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_file, "has_onnx", lambda: False)
    with pytest.raises(CheckpointError, match="pip install onnx"):
        onnx_model(trained())


def test_fingerprint_is_that_of_the_weights_in_the_model_file() -> None:
    network = trained().network
    twin = network.copy()
    assert fingerprint(twin) == fingerprint(network)
    twin.biases[0][3] = np.nextafter(twin.biases[0][3], np.float32(9))
    assert fingerprint(twin) != fingerprint(network)


def test_weights_that_are_too_many_for_a_file_of_text_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fits_text((784, 4096, 4096, 10))
    assert not fits_text((784, *[4096] * 3, 10))
    monkeypatch.setattr(weights, "LARGEST_TEXT", 10_000)
    for make in (python_source, html_page):
        with pytest.raises(CheckpointError, match="too many for a file of text"):
            make(Checkpoint(MLP((784, 4, 10))))


def test_curves_table_has_every_number_in_full(mnist: Dataset, tmp_path: Path) -> None:
    history = pd.DataFrame(trained().metadata["history"])
    (tmp_path / "curves.csv").write_bytes(curves_csv(history))
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "curves.csv"), history, check_exact=True)


def test_unknown_forms_and_languages_are_refused(mnist: Dataset) -> None:
    for form, language in (("pdf", "en"), ("html", "eo"), ("card", "eo")):
        with pytest.raises(ConfigError, match="choose one of"):
            exported(form, trained(), lambda: mnist, language)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.npz"
    path.write_bytes(dump_model(trained().network, trained().metadata))
    return path


@pytest.mark.parametrize("form", list(SUFFIXES))
def test_command_writes_each_form_beside_the_model_and_never_twice(
    form: str, model: Path, mnist: Dataset, capsys: pytest.CaptureFixture[str]
) -> None:
    output = model.with_suffix(SUFFIXES[form])
    assert main(["export", str(model), "--format", form]) == 0
    assert capsys.readouterr().out == f"{output}\n"
    written = output.read_bytes()
    assert written == exported(form, trained(), lambda: mnist)
    output.write_bytes(b"precious")
    assert main(["export", str(model), "--format", form]) == 2
    assert output.read_bytes() == b"precious"
    assert "give --overwrite" in capsys.readouterr().err
    assert main(["export", str(model), "--format", form, "--overwrite"]) == 0
    assert output.read_bytes() == written


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["missing.npz", "--format", "onnx"], "cannot be read"),
        ([".", "--format", "onnx"], "cannot be read"),
        (["MODEL", "--format", "html", "--output", "no/such/page.html"], "does not exist"),
        (["MODEL", "--format", "html", "--output", "MODEL", "--overwrite"], "is the model itself"),
        (["MODEL", "--format", "card", "--dataset", "nothing"], "no data set 'nothing'"),
    ],
)
def test_command_refuses_bad_arguments_with_a_sentence(
    arguments: list[str], sentence: str, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = model.read_bytes()
    assert main(["export", *(argument.replace("MODEL", str(model)) for argument in arguments)]) == 2
    assert sentence in capsys.readouterr().err
    assert model.read_bytes() == before
    assert list(model.parent.iterdir()) == [model]
