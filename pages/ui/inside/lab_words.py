"""Edits in words, for the list in the laboratory and for what a saved network says of itself."""

from mlp.inside.edit_checks import as_text
from mlp.inside.edits import (
    AddNoise,
    Edit,
    Prune,
    Quantise,
    ScaleWeights,
    ShiftBias,
    SwitchOff,
    Temperature,
)
from pages.ui.inside import lab_history as lab
from pages.ui.text import _, compact, decimal, number, percent

MOST_LETTERS = 60  # of a list of neurons


def kind_words() -> dict[str, str]:
    """Each kind of edit and what its button says."""
    return {
        lab.OFF: _("Switch off"),
        lab.BIAS: _("Shift a bias"),
        lab.SCALE: _("Scale"),
        lab.PRUNE: _("Prune"),
        lab.QUANTISE: _("Quantise"),
        lab.NOISE: _("Noise"),
        lab.TEMPERATURE: _("Temperature"),
    }


def explanation(kind: str) -> str:
    """What a kind of edit does, in a sentence or two."""
    return {
        lab.OFF: _("The neuron puts out 0, whatever it sees: the next layer no longer hears it."),
        lab.BIAS: _("The bias is what a neuron adds to its sum before it looks at any input: more makes it easier to excite."),
        lab.SCALE: _("All weights of the layer are multiplied by one factor; the biases stay."),
        lab.PRUNE: _("The weights nearest to 0 become 0: their connections are cut, and could be left out."),
        lab.QUANTISE: _(
            "Weights are rounded to a few evenly spaced values. With n bits there are 2ⁿ − 1 of them, with 1 bit two."
        ),
        lab.NOISE: _("Each weight that is not 0 gets a random number added, as in a chip that calculates inexactly."),
        lab.TEMPERATURE: _(
            "All scores are divided by the temperature before softmax. What is read stays the same; above 1 the network is less"
            " sure of it, below 1 surer."
        ),
    }[kind]


def in_words(edit: Edit, layers: int) -> str:
    """An edit in words. layers: how many the network has, of weights."""
    if isinstance(edit, SwitchOff):
        neurons = as_text(edit.neurons)
        if len(neurons) > MOST_LETTERS:
            neurons = neurons[:MOST_LETTERS].rsplit(",", 1)[0] + " …"
        if len(edit.neurons) == 1:
            return _("{layer}: neuron {neurons} switched off").format(layer=layer_words(edit.layer, layers), neurons=neurons)
        return _("{layer}: {count} neurons switched off ({neurons})").format(
            layer=layer_words(edit.layer, layers), count=number(len(edit.neurons)), neurons=neurons
        )
    if isinstance(edit, ShiftBias):
        return _("{layer}, neuron {neuron}: bias {by}").format(
            layer=layer_words(edit.layer, layers), neuron=edit.neuron, by=_signed(edit.by)
        )
    if isinstance(edit, ScaleWeights):
        return _("{layer}: weights × {factor}").format(layer=layer_words(edit.layer, layers), factor=compact(edit.factor))
    if isinstance(edit, Prune):
        words = _("{layer}: the smallest {share} of all weights together set to 0") if edit.overall else _(
            "{layer}: the smallest {share} of the weights set to 0"
        )  # fmt: skip
        return words.format(layer=layer_words(edit.layer, layers), share=percent(edit.share, 0))
    if isinstance(edit, Quantise):
        words = _("{layer}: weights rounded to {bits} bits") if edit.bits > 1 else _("{layer}: weights rounded to one bit")
        return words.format(layer=layer_words(edit.layer, layers), bits=edit.bits)
    if isinstance(edit, AddNoise):
        return _("{layer}: noise of {share} of the weights' spread (draw {seed})").format(
            layer=layer_words(edit.layer, layers), share=percent(edit.share, 0), seed=edit.seed
        )
    assert isinstance(edit, Temperature)
    return _("temperature {value}").format(value=compact(edit.value))


def layer_words(layer: int | None, layers: int) -> str:
    """What a layer is called in front of a colon; None: all."""
    if layer is None:
        return _("all layers")
    return _("output") if layer == layers else _("hidden layer {layer}").format(layer=layer)


def _signed(value: float) -> str:
    return ("+" if value > 0 else "−") + decimal(abs(value), 1 if round(value, 1) == value else 2)
