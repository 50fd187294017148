import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mlp import MLP, load_model, save_model
from mlp.checkpoint import LARGEST_FILE, dump_model, parse_model, read_checkpoint
from mlp.errors import CheckpointError

resource = pytest.importorskip("resource", reason="only Unix can limit how much a process may write")

Arrays = dict[str, NDArray[Any]]


def good_arrays() -> Arrays:
    rng = np.random.default_rng(0)
    return {
        "metadata": np.array(json.dumps({"activation": "relu"})),
        "weight_0": rng.normal(size=(784, 6)).astype(np.float32),
        "bias_0": np.zeros(6, np.float32),
        "weight_1": rng.normal(size=(6, 10)).astype(np.float32),
        "bias_1": np.zeros(10, np.float32),
    }


def npz(arrays: Arrays) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)  # type: ignore[arg-type]
    return stream.getvalue()


def changed(**changes: NDArray[Any] | None) -> bytes:
    return npz({name: array for name, array in (good_arrays() | changes).items() if array is not None})


@pytest.mark.parametrize("sizes", [(784, 10), (784, 12, 10), (784, 9, 8, 7, 10)])
@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "sigmoid", "tanh"])
def test_a_network_comes_back_as_it_was(tmp_path: Path, sizes: tuple[int, ...], activation: str) -> None:
    network = MLP(sizes, activation, rng=np.random.default_rng(1))
    save_model(network, tmp_path / "model.npz")
    loaded = load_model(tmp_path / "model.npz")
    assert (loaded.sizes, loaded.activation) == (sizes, activation)
    assert loaded.parameters.dtype == np.float32
    np.testing.assert_array_equal(loaded.parameters, network.parameters)


def test_metadata_come_back(tmp_path: Path, network: MLP) -> None:
    save_model(network, tmp_path / "model.npz", {"dataset": "mnist", "history": [{"epoch": 1, "loss": 0.5}]})
    metadata = read_checkpoint(tmp_path / "model.npz").metadata
    assert metadata["dataset"] == "mnist"
    assert metadata["history"] == [{"epoch": 1, "loss": 0.5}]


def test_a_model_file_is_plain_numpy_without_pickle(tmp_path: Path, network: MLP) -> None:
    save_model(network, tmp_path / "model.npz", {"seed": 3})
    with np.load(tmp_path / "model.npz", allow_pickle=False) as content:
        assert {name: content[name].shape for name in content.files} == {
            "metadata": (), "weight_0": (784, 12), "bias_0": (12,), "weight_1": (12, 10), "bias_1": (10,),
        }  # fmt: skip
        assert json.loads(str(content["metadata"]))["seed"] == 3
        np.testing.assert_array_equal(content["weight_1"], network.weights[1])


def test_a_file_that_exists_is_not_overwritten(tmp_path: Path, network: MLP) -> None:
    path = tmp_path / "model.npz"
    path.write_bytes(b"precious")
    with pytest.raises(CheckpointError, match=r"model\.npz exists already"):
        save_model(network, path)
    assert path.read_bytes() == b"precious"


def test_a_file_that_exists_is_overwritten_when_told_to(tmp_path: Path, network: MLP) -> None:
    path = tmp_path / "model.npz"
    path.write_bytes(b"old")
    save_model(network, path, overwrite=True)
    np.testing.assert_array_equal(load_model(path).parameters, network.parameters)


def test_nothing_but_the_model_is_left_in_the_folder(tmp_path: Path, network: MLP) -> None:
    save_model(network, tmp_path / "model.npz")
    assert [path.name for path in tmp_path.iterdir()] == ["model.npz"]


def test_the_file_before_survives_a_disk_that_is_full(tmp_path: Path, network: MLP) -> None:
    path = tmp_path / "model.npz"
    path.write_bytes(b"precious")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(CheckpointError, match="cannot be written"):
            save_model(network, path, overwrite=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == b"precious"
    assert [path.name for path in tmp_path.iterdir()] == ["model.npz"]


def test_the_file_before_survives_metadata_that_json_cannot_hold(tmp_path: Path, network: MLP) -> None:
    path = tmp_path / "model.npz"
    path.write_bytes(b"precious")
    with pytest.raises(TypeError):
        save_model(network, path, {"network": network}, overwrite=True)
    assert path.read_bytes() == b"precious"


def test_saving_into_a_folder_that_does_not_exist_is_refused(tmp_path: Path, network: MLP) -> None:
    with pytest.raises(CheckpointError, match=r"folder .*nowhere does not exist"):
        save_model(network, tmp_path / "nowhere" / "model.npz")


def test_a_model_from_elsewhere_with_the_right_names_is_read() -> None:
    arrays = good_arrays()
    network = parse_model(io.BytesIO(npz(arrays)), "x").network
    assert network.sizes == (784, 6, 10)
    np.testing.assert_array_equal(network.weights[0], arrays["weight_0"])


@pytest.mark.parametrize("dtype", [np.float16, np.float64])
def test_other_decimal_numbers_become_float32(dtype: type[np.floating]) -> None:
    loaded = parse_model(io.BytesIO(changed(weight_0=good_arrays()["weight_0"].astype(dtype))), "x").network
    assert loaded.weights[0].dtype == np.float32


def huge() -> bytes:
    """A zip of a few hundred kilobytes that unpacks to more than a model may."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("weight_0.npy", "w") as entry,
    ):
        chunk = bytes(10**7)
        for _ in range(LARGEST_FILE // 10**7 + 1):
            entry.write(chunk)
    return stream.getvalue()


def endless() -> bytes:
    """An array whose header promises four exabytes."""
    header = (
        b"\x93NUMPY\x01\x00\x76\x00"
        + b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000, 1000000000), }".ljust(117)
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("weight_0.npy", header + b"\n")
    return stream.getvalue()


def zip_of_text() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("readme.txt", "hello")
    return stream.getvalue()


def npy() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.zeros((784, 10), np.float32))
    return stream.getvalue()


def pickled() -> bytes:
    return changed(weight_0=np.array([{"a": 1}], dtype=object))


def broken_in_the_middle() -> bytes:
    content = bytearray(npz(good_arrays()))
    content[5000:5010] = bytes(255 - value for value in content[5000:5010])
    return bytes(content)


def infinite(value: float) -> NDArray[np.float32]:
    weights = good_arrays()["weight_1"]
    weights[2, 3] = value
    return weights


def text(value: str) -> NDArray[np.str_]:
    return np.array(value)


F = np.zeros
BAD_FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "pickled": (pickled, "no model file.*pickle"),
    "npy": (npy, "no model file"),
    "zip of text": (zip_of_text, "is no model file"),
    "truncated": (lambda: npz(good_arrays())[:-200], "no model file, or a damaged one"),
    "half": (lambda: npz(good_arrays())[:8000], "no model file, or a damaged one"),
    "bytes changed": (broken_in_the_middle, "no model file, or a damaged one"),
    "text": (lambda: b"weights: 1 2 3\n" * 50, "no model file"),
    "empty": (lambda: b"", "no model file"),
    "empty npz": (lambda: npz({}), "does not say which activation"),
    "huge": (huge, "would unpack to over 600 MB"),
    "endless": (endless, "no model file, or a damaged one"),
    "NaN": (lambda: changed(weight_1=infinite(np.nan)), "not finite"),
    "infinity": (lambda: changed(weight_1=infinite(np.inf)), "not finite"),
    "wrong inputs": (lambda: changed(weight_0=F((783, 6), np.float32)), "layer 0 has weights of shape \\(783, 6\\)"),
    "wrong outputs": (lambda: changed(weight_1=F((6, 9), np.float32), bias_1=F(9, np.float32)), "layer 1 has weights"),
    "layers that do not fit": (lambda: changed(weight_1=F((7, 10), np.float32)), "layer 1 has weights"),
    "wrong bias": (lambda: changed(bias_0=F(7, np.float32)), "biases of shape \\(7,\\)"),
    "flat weights": (lambda: changed(weight_0=F(784 * 6, np.float32)), "layer 0 has weights"),
    "scalar weights": (lambda: changed(weight_0=np.float32(1)), "layer 0 has weights"),
    "no neurons": (lambda: changed(weight_0=F((784, 0), np.float32), bias_0=F(0, np.float32)), "layer 0 has weights"),
    "missing bias": (lambda: changed(bias_1=None), "lacks weight_1 or bias_1"),
    "missing weight": (lambda: changed(weight_0=None), "lacks weight_0 or bias_0"),
    "no weights": (lambda: changed(weight_0=None, weight_1=None), "holds 0 layers"),
    "too many layers": (lambda: changed(**{f"weight_{n}": F((1, 1)) for n in range(2, 20)}), "holds 20 layers"),
    "whole numbers": (lambda: changed(weight_0=F((784, 6), np.int64)), "no decimal numbers"),
    "complex numbers": (lambda: changed(weight_0=F((784, 6), np.complex64)), "no decimal numbers"),
    "missing metadata": (lambda: changed(metadata=None), "does not say which activation"),
    "bad activation": (lambda: changed(metadata=text('{"activation": "swish"}')), "does not say which activation"),
    "list for activation": (lambda: changed(metadata=text('{"activation": ["relu"]}')), "does not say which activation"),
    "metadata no JSON": (lambda: changed(metadata=text("relu")), "does not say which activation"),
    "metadata no object": (lambda: changed(metadata=text('["activation"]')), "does not say which activation"),
    "metadata too deep": (lambda: changed(metadata=text("[" * 50_000)), "does not say which activation"),
    "metadata numbers": (lambda: changed(metadata=F(3)), "does not say which activation"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_file_is_refused_with_its_name_and_the_reason(tmp_path: Path, kind: str) -> None:
    make, message = BAD_FILES[kind]
    path = tmp_path / "upload.npz"
    path.write_bytes(make())
    with pytest.raises(CheckpointError, match=message) as caught:
        read_checkpoint(path)
    assert "upload.npz" in str(caught.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"nothing\.npz cannot be read: No such file"):
        load_model(tmp_path / "nothing.npz")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="cannot be read: Is a directory"):
        load_model(tmp_path)


def test_path_may_be_text(tmp_path: Path, network: MLP) -> None:
    save_model(network, os.fspath(tmp_path / "model.npz"))
    assert load_model(os.fspath(tmp_path / "model.npz")).sizes == network.sizes


def test_content_of_a_model_file_is_what_is_saved(tmp_path: Path, network: MLP) -> None:
    save_model(network, tmp_path / "model.npz", {"a": 1})
    assert (tmp_path / "model.npz").read_bytes() == dump_model(network, {"a": 1})
