"""A trained network as one .npz file: weight_0, bias_0, weight_1, ... and metadata, one JSON string. Never pickled.

A file from outside is untrusted: it is read without pickle, its size is looked at before it is unpacked, and every array is
checked before a network is made of it.
"""

import io
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from mlp.activations import ACTIVATIONS
from mlp.config import LARGEST_LAYER, MOST_LAYERS
from mlp.errors import CheckpointError
from mlp.network import MLP
from mlp.npz import DamagedError, TooLargeError, read_arrays

Array = NDArray[Any]

FORMAT = 1
INPUTS, OUTPUTS = 784, 10
LARGEST_FILE = 600_000_000  # bytes once unpacked


@dataclass(frozen=True)
class Checkpoint:
    """A network and what is known about it: settings, history, accuracies, whatever JSON holds."""

    network: MLP
    metadata: dict[str, Any] = field(default_factory=dict)


def save_model(
    network: MLP, path: str | os.PathLike[str], metadata: dict[str, Any] | None = None, overwrite: bool = False
) -> None:
    """Writes a model file, whole or not at all. Raises CheckpointError if it exists and `overwrite` is not given."""
    path = Path(path)
    if path.exists() and not overwrite:
        raise CheckpointError("{path} exists already; it is left as it was.", path=path)
    if not path.parent.is_dir():
        raise CheckpointError("The folder {folder} does not exist.", folder=path.parent)
    write_file(path, dump_model(network, metadata))


def write_file(path: Path, content: bytes) -> None:
    """Writes a file beside its place and renames it, so that it is there whole or not at all. Raises CheckpointError."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        raise CheckpointError("{path} cannot be written: {problem}.", path=path, problem=error.strerror) from None
    finally:
        beside.unlink(missing_ok=True)


def load_model(path: str | os.PathLike[str]) -> MLP:
    """The network in a model file. Raises CheckpointError."""
    return read_checkpoint(path).network


def read_checkpoint(path: str | os.PathLike[str], outputs: int = OUTPUTS) -> Checkpoint:
    """The network in a model file, which must have so many outputs, and its metadata. Raises CheckpointError."""
    try:
        with Path(path).open("rb") as stream:
            return parse_model(stream, Path(path).name, outputs)
    except OSError as error:
        raise CheckpointError("{path} cannot be read: {problem}.", path=path, problem=error.strerror) from None


def dump_model(network: MLP, metadata: dict[str, Any] | None = None) -> bytes:
    """The content of a model file."""
    description = (metadata or {}) | {"format": FORMAT, "activation": network.activation, "sizes": network.sizes}
    arrays: dict[str, Array] = {"metadata": np.array(json.dumps(description))}
    for layer, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
        arrays |= {f"weight_{layer}": weight, f"bias_{layer}": bias}
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def parse_model(stream: IO[bytes], name: str, outputs: int = OUTPUTS) -> Checkpoint:
    """Reads the content of a model file; `name` is what messages call it. Raises CheckpointError."""
    arrays = _read_arrays(stream, name)
    metadata = _parse_metadata(arrays, name)
    weights, biases = _layers(arrays, name, outputs)
    sizes = [weights[0].shape[0], *(weight.shape[1] for weight in weights)]
    network = MLP(sizes, metadata["activation"])
    for own, read in zip([*network.weights, *network.biases], [*weights, *biases], strict=True):
        own[:] = read
    if not np.isfinite(network.parameters).all():
        raise CheckpointError("{name} holds weights that are not finite numbers (NaN or infinity).", name=name)
    return Checkpoint(network, metadata)


def _read_arrays(stream: IO[bytes], name: str) -> dict[str, Array]:
    try:
        return read_arrays(stream, LARGEST_FILE)
    except TooLargeError:
        raise CheckpointError("{name} would unpack to over {most} MB.", name=name, most=LARGEST_FILE // 10**6) from None
    except DamagedError as error:
        raise CheckpointError("{name} is no model file, or a damaged one ({problem}).", name=name, problem=error) from None


def _parse_metadata(arrays: dict[str, Array], name: str) -> dict[str, Any]:
    text = arrays.get("metadata")
    try:
        metadata = json.loads(str(text)) if text is not None and text.dtype.kind == "U" and text.ndim == 0 else None
    except (ValueError, RecursionError):
        metadata = None
    if not isinstance(metadata, dict) or metadata.get("activation") not in list(ACTIVATIONS):
        raise CheckpointError(
            "{name} does not say which activation its network uses: it was not written by this program.", name=name
        )
    return metadata


def _layers(arrays: dict[str, Array], name: str, last: int) -> tuple[list[Array], list[Array]]:
    count = sum(key.startswith("weight_") for key in arrays)
    if not 1 <= count <= MOST_LAYERS + 1:
        raise CheckpointError(
            "{name} holds {count} layers; expected 1 to {most}.", name=name, count=count, most=MOST_LAYERS + 1
        )
    weights, biases = [], []
    inputs = INPUTS
    for layer in range(count):
        weight, bias = arrays.get(f"weight_{layer}"), arrays.get(f"bias_{layer}")
        if weight is None or bias is None:
            raise CheckpointError("{name} lacks weight_{layer} or bias_{layer}.", name=name, layer=layer)
        outputs = last if layer == count - 1 else weight.shape[-1] if weight.ndim else 0
        if weight.shape != (inputs, outputs) or bias.shape != (outputs,) or not 1 <= outputs <= LARGEST_LAYER:
            raise CheckpointError(
                "{name}: layer {layer} has weights of shape {weights} and biases of shape {biases}; a network for 28 x 28"
                " pixels and {last} outputs needs {inputs} inputs there.",
                name=name,
                layer=layer,
                weights=weight.shape,
                biases=bias.shape,
                inputs=inputs,
                last=last,
            )
        if weight.dtype.kind != "f" or bias.dtype.kind != "f":
            raise CheckpointError("{name}: the weights of layer {layer} are no decimal numbers.", name=name, layer=layer)
        weights.append(weight)
        biases.append(bias)
        inputs = outputs
    return weights, biases
