"""The view with the network as a picture: what is sent to the browser, what is told, and the ways on."""

import json
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mlp import MLP, Dataset
from mlp.checkpoint import Checkpoint
from mlp.digits.recognizer import Recognizer
from mlp.inside.picture import picture_of
from mlp.runs.store import Store
from pages.ui.inside.network_picture import known_neuron
from tests.drawings import DIGITS, canvas
from tests.pages.conftest import open_page
from tests.trained import trained

SHIPPED = Recognizer.pretrained().network
DEEP = MLP((784, *[128] * 10, 10), "tanh", rng=np.random.default_rng(0))


def open_picture(app: AppTest, **choices: Any) -> AppTest:
    """The view, with what was chosen before."""
    for name, value in {"inside_view": "picture", **choices}.items():
        app.session_state[name] = value
    open_page(app, "inside")
    assert not app.exception
    return app


def sent(app: AppTest) -> dict[str, Any]:
    """What the picture in the browser is given."""
    parts = [part.proto for part in app.get("bidi_component")]
    data: dict[str, Any] = json.loads(next(part.json for part in parts if part.component_name == "network_picture"))
    return data


def use(app: AppTest, store: Store, network: MLP) -> None:
    app.query_params["model"] = store.import_model(Checkpoint(network), "another")


def test_outputs_are_lit_by_the_networks_probabilities(app: AppTest, mnist: Dataset) -> None:
    data = sent(open_picture(app, inside_digit=12))
    np.testing.assert_allclose(data["layers"][-1]["shares"], SHIPPED.predict_proba(mnist.test_images[12:13])[0], rtol=1e-3)
    assert data["layers"][0]["titles"][0] == "Test digit 12"


def test_groups_are_lit_by_the_mean_of_their_neurons(app: AppTest, mnist: Dataset) -> None:
    layer = sent(open_picture(app, inside_digit=3))["layers"][1]
    outputs = SHIPPED.forward(SHIPPED.as_input(mnist.test_images[3:4]))[1][0]
    np.testing.assert_allclose(layer["values"], outputs.reshape(128, 8).mean(axis=1), rtol=1e-3)
    np.testing.assert_allclose(layer["most"], np.abs(outputs).reshape(128, 8).max(axis=1), rtol=1e-3)
    assert "1,024 neurons, in squares of 8" in layer["notes"]


def test_small_network_is_drawn_neuron_by_neuron(app: AppTest, store: Store, mnist: Dataset) -> None:
    use(app, store, trained().network)
    data = sent(open_picture(app))
    assert [len(layer["values"]) for layer in data["layers"]] == [49, 24, 16, 10]
    assert all(layer["each"] == 1 for layer in data["layers"][1:])


def test_strength_of_a_line_is_its_share_of_the_strongest(app: AppTest, store: Store, mnist: Dataset) -> None:
    use(app, store, trained().network)
    lines = np.array(sent(open_picture(app))["gaps"][2]["lines"]).reshape(-1, 3)
    network = trained().network
    outputs = network.forward(network.as_input(mnist.test_images[:1]))[2][0]
    carried = outputs[:, None] * network.weights[2]
    expected = carried[lines[:, 0].astype(int), lines[:, 1].astype(int)] / np.abs(carried).max()
    np.testing.assert_allclose(lines[:, 2], expected, atol=6e-4)
    assert len(lines) == min(150, (carried != 0).sum())


def test_percentage_below_a_gap_is_what_its_lines_show(app: AppTest, mnist: Dataset) -> None:
    data = sent(open_picture(app, inside_picture_lines=50))
    outputs = SHIPPED.forward(SHIPPED.as_input(mnist.test_images[:1]))[2][0].astype(float)
    single = outputs[:, None] * SHIPPED.weights[2]
    groups = single.reshape(128, 7, 10).sum(axis=1)
    shown = np.sort(np.abs(groups).ravel())[-50:].sum() / np.abs(single).sum()
    assert data["gaps"][2]["share"] == f"{100 * shown:.0f}%"
    assert len(data["gaps"][2]["lines"]) == 3 * 50


def test_lines_may_be_those_that_add_only(app: AppTest) -> None:
    data = sent(open_picture(app, inside_picture_sign=1))
    strengths = [value for gap in data["gaps"] for value in gap["lines"][2::3]]
    assert strengths
    assert min(strengths) > 0


@pytest.mark.parametrize(("most", "groups"), [(32, [32, 32]), (64, [64, 64]), (128, [128, 128])])
def test_person_chooses_how_many_neurons_are_drawn(app: AppTest, most: int, groups: list[int]) -> None:
    data = sent(open_picture(app, inside_picture_groups=most))
    assert [len(layer["values"]) for layer in data["layers"][1:-1]] == groups


@pytest.mark.parametrize(
    "network", [SHIPPED, DEEP, MLP((784, 10), rng=np.random.default_rng(0))], ids=["shipped", "deep", "none"]
)
def test_message_to_the_browser_is_small(app: AppTest, store: Store, network: MLP) -> None:
    if network is not SHIPPED:
        use(app, store, network)
    data = sent(open_picture(app, inside_picture_lines=400, inside_picture_alone=True))
    assert len(data["layers"]) == len(network.sizes)
    assert len(json.dumps(data)) < 150_000


def test_only_lines_of_the_chosen_neuron_are_its_own(app: AppTest, mnist: Dataset) -> None:
    chosen = sent(open_picture(app, inside_neuron=(2, 300), inside_picture_alone=True))["chosen"]
    assert (chosen["layer"], chosen["item"]) == (2, 300 // 7)
    before = SHIPPED.forward(SHIPPED.as_input(mnist.test_images[:1]))[1][0]
    given = (before * SHIPPED.weights[1][:, 300]).reshape(128, 8).sum(axis=1)
    lines = [line for line in chosen["lines"] if line[0] == 1]
    assert [line[1] for line in lines] == np.argsort(-np.abs(given))[:24].tolist()
    np.testing.assert_allclose(
        [line[3] for line in lines],
        np.sort(np.abs(given))[::-1][:24] / np.abs(given).max() * np.sign(given[np.argsort(-np.abs(given))[:24]]),
        atol=1e-3,
    )


def test_words_of_the_chosen_neuron_add_up(app: AppTest, mnist: Dataset) -> None:
    layer, neuron = 1, int(SHIPPED.forward(SHIPPED.as_input(mnist.test_images[:1]))[1][0].argmax())
    words = sent(open_picture(app, inside_neuron=(layer, neuron)))["chosen"]["words"].replace("−", "-")
    given = float(SHIPPED.as_input(mnist.test_images[:1])[0] @ SHIPPED.weights[0][:, neuron])
    bias = float(SHIPPED.biases[0][neuron])
    assert f"bring {given:.3f}" in words
    assert f"adds {bias:.3f}, together {given + bias:.3f}; its output is {max(given + bias, 0):.3f}" in words


@pytest.mark.parametrize(
    "nonsense",
    [None, 5, [], {}, {"layer": 1}, {"layer": 9, "neuron": 0}, {"layer": 1, "neuron": 1024}, {"layer": 1, "neuron": -1},
     {"layer": "1", "neuron": 0}, {"layer": 1.5, "neuron": 0}, {"layer": 1, "neuron": None}],
)  # fmt: skip
def test_nonsense_from_a_browser_chooses_nothing(nonsense: Any, mnist: Dataset) -> None:
    picture = picture_of(SHIPPED, mnist.test_images[0], 128)
    assert known_neuron({"layer": 1, "neuron": 1023}, picture) == (1, 1023)
    assert known_neuron(nonsense, picture) is None


def test_chosen_neuron_is_followed_forward(app: AppTest) -> None:
    open_picture(app, inside_neuron=(2, 33))
    app.button(key="inside_picture_follow").click().run()
    assert not app.exception
    assert app.session_state["inside_view"] == "forward"
    assert app.session_state["inside_neuron"] == (2, 33)


def test_tables_are_one_click_away(app: AppTest, mnist: Dataset) -> None:
    open_picture(app)
    frame = app.dataframe[0].value
    outputs = SHIPPED.forward(SHIPPED.as_input(mnist.test_images[:1]))
    assert len(frame) == 128 + 128 + 10
    assert frame["sum of outputs"].iloc[0] == pytest.approx(outputs[1][0, :8].sum(), rel=1e-4)
    app.session_state["inside_picture_table"] = "shares"
    app.run()
    frame = app.dataframe[0].value
    assert frame["connections"].tolist() == [784 * 1024, 1024 * 896, 896 * 10]
    parts = frame[["seen in the lines", "in lines not drawn", "cancelled within squares"]]
    np.testing.assert_allclose(parts.sum(axis=1), 1, atol=1e-4)


def test_table_of_lines_names_their_ends(app: AppTest) -> None:
    frame = open_picture(app, inside_picture_table="lines").dataframe[0].value
    assert frame["line from"].iloc[0].startswith("pixels, rows ")
    assert frame["to neuron"].iloc[-1] in map(str, range(10))
    assert len(frame) == 3 * 150


def test_drawing_lights_the_picture_and_is_read_beside_it(app: AppTest) -> None:
    digit, strokes = DIGITS["plain seven"]
    open_picture(app, inside_source="drawing")
    assert any("Draw a digit: the picture" in block.proto.body for block in app.get("html"))
    app.session_state["canvas_one"] = {"drawing": {"raw": canvas(strokes)[1], "number": 1, "revision": 0}}
    app.run()
    assert not app.exception
    shares = sent(app)["layers"][-1]["shares"]
    assert int(np.argmax(shares)) == digit
    assert any(f"Read as <b>{digit}</b>" in block.proto.body for block in app.get("html"))
