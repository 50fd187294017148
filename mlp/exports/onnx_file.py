"""A network as an ONNX model, which other programs and languages run. Knows nothing of screens.

Input "images": float32 (N, 784), any N, pixels from 0 to 1, light ink on black, as MNIST prepares its digits.
Output "probabilities": float32 (N, 10).
"""

import importlib.util
import json
from typing import Any

import numpy as np

from mlp.activations import LEAK
from mlp.checkpoint import Checkpoint
from mlp.errors import CheckpointError
from mlp.exports.weights import fingerprint, structure

OPSET = 17  # of 2022: what is older would gain no reader, what is newer would lose some
IR_VERSION = 8
OPERATORS: dict[str, tuple[str, dict[str, Any]]] = {
    "relu": ("Relu", {}),
    "leaky_relu": ("LeakyRelu", {"alpha": LEAK}),
    "sigmoid": ("Sigmoid", {}),
    "tanh": ("Tanh", {}),
}
"""Activation → ONNX's operator and its attributes."""


def has_onnx() -> bool:
    """Whether the library that writes ONNX models is installed."""
    return importlib.util.find_spec("onnx") is not None


def onnx_model(checkpoint: Checkpoint) -> bytes:
    """The content of an .onnx file, checked. Raises CheckpointError if the library is not installed."""
    if not has_onnx():
        raise CheckpointError("ONNX models are written by the library onnx, which is not installed: pip install onnx.")
    import onnx  # takes half a second, which nobody should wait for who wants no ONNX
    from onnx import TensorProto, helper

    network = checkpoint.network
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, ["N", network.sizes[0]])
    images.doc_string = "28 x 28 pixels from 0 to 1, row by row, light ink on black"
    probabilities = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", network.sizes[-1]])
    probabilities.doc_string = "of each class"
    nodes, constants = _layers(checkpoint)
    graph = helper.make_graph(nodes, "digit_lab", [images], [probabilities], constants)
    model = helper.make_model(
        graph,
        producer_name="Digit Lab",
        doc_string=f"A perceptron that reads handwritten digits: {structure(checkpoint)}",
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    helper.set_model_props(model, {"sha256_of_weights": fingerprint(network), "sizes": json.dumps(network.sizes)})
    onnx.checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString()
    return content


def _layers(checkpoint: Checkpoint) -> tuple[list[Any], list[Any]]:
    """The graph's nodes in their order, and its constants: a product and an activation for each layer, softmax at the end."""
    from onnx import helper, numpy_helper

    network = checkpoint.network
    operator, attributes = OPERATORS[network.activation]
    nodes, constants, x = [], [], "images"
    for layer, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
        names = f"weight_{layer}", f"bias_{layer}"
        constants += [
            numpy_helper.from_array(np.ascontiguousarray(array, np.float32), name)
            for array, name in zip((weight, bias), names, strict=True)
        ]
        nodes.append(helper.make_node("Gemm", [x, *names], [f"sums_{layer}"]))
        x = f"sums_{layer}"
        if layer < len(network.weights) - 1:
            nodes.append(helper.make_node(operator, [x], [f"outputs_{layer}"], **attributes))
            x = f"outputs_{layer}"
    nodes.append(helper.make_node("Softmax", [x], ["probabilities"], axis=1))
    return nodes, constants
