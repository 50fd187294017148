"""The network as a picture: layers, neurons and the strongest connections, lit by one digit; drawing changes it at once."""

from dataclasses import replace

import streamlit as st

from mlp.inside.picture import Picture, flows_of, picture_of
from pages.ui.inside import neuron_choice, own_digit
from pages.ui.inside.network_picture import Chosen, network_picture
from pages.ui.inside.picture_tables import tables
from pages.ui.inside.subject import Subject
from pages.ui.text import _, certainty, decimal, number

KEY = "inside_picture"
ALONE = "inside_picture_alone"  # in the session: whether only the lines of the chosen neuron are seen
GROUPS = (32, 64, 128)
LINES = (50, 150, 400)
SIGNS = (0, 1, -1)


@st.fragment
def view(subject: Subject) -> None:
    """The picture; beside it the pad, if the digit is one's own. What is drawn or chosen here changes nothing else."""
    if not subject.is_own:
        _lit(subject)
        return
    pad, picture = st.columns([4, 9], gap="medium")
    with pad:
        pixels = own_digit.pad(subject.source, widest=280, seen=False)
        subject = replace(subject, pixels=pixels)
        _reading(subject)
    with picture:
        _lit(subject)


def _reading(subject: Subject) -> None:
    """How one's own digit is read, or what to do; as high in either case, so that on a phone nothing jumps below it."""
    if subject.is_empty:
        words = _("Draw a digit: the picture changes while you draw. What is lit before comes from the biases alone.")
    else:
        share = certainty(float(subject.probabilities[subject.read]))
        words = _("Read as <b>{read}</b>, {share}").format(read=subject.read, share=share)
    st.html(f"<div style='min-height:4.5em;line-height:1.5'>{words}</div>")


def _lit(subject: Subject) -> None:
    groups = int(st.session_state.get(f"{KEY}_groups") or GROUPS[-1])
    most = int(st.session_state.get(f"{KEY}_lines") or _usual_lines(subject))
    sign = int(st.session_state.get(f"{KEY}_sign") or 0)
    picture = picture_of(subject.network, subject.pixels, groups)
    network_picture(
        picture,
        subject.pixels,
        subject.probabilities,
        _chosen(subject, picture),
        most=most,
        sign=sign,
        name=subject.name,
        summary=_summary(subject),
        key=KEY,
        choose=_choose,
    )
    _choices(subject)
    _caption(picture)
    tables(subject, picture, most, sign)


def _choose(layer: int, neuron: int) -> None:
    """A neuron of the picture was chosen, or none: layer 0."""
    st.session_state[ALONE] = layer > 0
    if layer:
        neuron_choice.choose(layer, neuron)


def _chosen(subject: Subject, picture: Picture) -> Chosen:
    layer, neuron = neuron_choice.chosen(subject.network)
    before = picture.layers[layer - 1].outputs
    given = float(before @ subject.network.weights[layer - 1][:, neuron])
    bias = float(subject.network.biases[layer - 1][neuron])
    output = float(picture.layers[layer].outputs[neuron])
    words = _(
        "Chosen: neuron {neuron} of {layer}. Its connections bring {given}, its bias adds {bias}, together {sum}; its output"
        " is {output}."
    ).format(
        layer=_("the output") if layer == len(subject.network.weights) else _("hidden layer {layer}").format(layer=layer),
        neuron=number(neuron),
        given=_signed(given),
        bias=_signed(bias),
        sum=_signed(given + bias),
        output=_signed(output),
    )
    alone = bool(st.session_state.get(ALONE))
    return Chosen(layer, neuron, words, flows_of(subject.network, picture, layer, neuron) if alone else None)


def _signed(value: float) -> str:
    return decimal(round(value, 3) + 0.0, 3).replace("-", "−")  # + 0.0: no minus before 0


def _summary(subject: Subject) -> str:
    """The picture in words, for those who do not see it."""
    sizes = ", ".join(number(size) for size in subject.network.sizes)
    if subject.is_empty:
        return _("The network as a picture, layers of {sizes} neurons; nothing is drawn yet.").format(sizes=sizes)
    return _("The network as a picture, layers of {sizes} neurons, lit by {digit}; read as {read}.").format(
        sizes=sizes, digit=subject.name, read=subject.read
    )


def _choices(subject: Subject) -> None:
    """Which neuron, what is seen of its lines, how much is drawn; and the way to the numbers."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        neuron_choice.pickers(subject.network, "picture")
        if st.button(
            _("Follow it forward, in numbers"),
            icon=":material/arrow_forward:",
            key=f"{KEY}_follow",
            on_click=_open_forward,
            help=_("Opens the view Forward with this neuron: its inputs, weights, sum and output."),
        ):
            st.rerun()
        st.toggle(
            _("Only its lines"),
            key=ALONE,
            persist_state="session",
            help=_(
                "Shows the strongest lines of the chosen neuron by itself, whatever square it is in. Clicking it does so too."
            ),
        )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if max(subject.network.sizes[1:-1], default=0) > GROUPS[0]:
            help_words = _("Of a larger layer, neighbours by number share a square.")
            _control(_("Neurons a layer shown at most"), {each: str(each) for each in GROUPS}, GROUPS[-1], "groups", help_words)
        help_words = _("The strongest are drawn.")
        _control(
            _("Lines between two layers at most"),
            {each: str(each) for each in LINES},
            _usual_lines(subject),
            "lines",
            help_words,
        )
        help_words = _("Most connections hold neurons back. To see what makes a neuron active, look at those that add.")
        signs = dict(zip(SIGNS, (_("Both"), _("Adding"), _("Taking away")), strict=True))
        _control(_("Lines that add or take away"), signs, 0, "sign", help_words)


def _control(label: str, choices: dict[int, str], usual: int, name: str, help_words: str) -> None:
    key = f"{KEY}_{name}"
    if st.session_state.get(key) not in choices:
        st.session_state[key] = usual
    words = choices.__getitem__
    st.segmented_control(
        label, list(choices), format_func=words, key=key, required=True, persist_state="session", wrap=True, help=help_words
    )


def _usual_lines(subject: Subject) -> int:
    """Fewer where many layers leave little room between them."""
    return LINES[0] if len(subject.network.weights) > 5 else LINES[1]


def _open_forward() -> None:
    st.session_state["inside_view"] = "forward"


def _caption(picture: Picture) -> None:
    """What the colours and lines mean, and what they leave out."""
    words = [
        _(
            "**Neurons** are lit by their output: blue above zero, orange below, grey at zero, deepest where it is farthest"
            " from zero in the layer; outputs by their probability."
        ),
        _(
            "**Lines** carry *weight times output* of the neuron where they begin: blue adds to the sum where it ends, orange"
            " takes away; the thickest is the strongest between these two layers. Pixels are taken together in squares of"
            " 4 × 4. Biases are not drawn."
        ),
        _(
            "**Percentages** below tell how much of all that flows between two layers, regardless of sign, the lines drawn"
            " show; the rest is in lines not drawn, or cancels within squares."
        ),
    ]
    if any(layer.each > 1 for layer in picture.layers[1:]):
        grouped = _(
            "**Squares** stand for neurons that are neighbours by number, where a layer has more than are drawn. A square is"
            " lit by their mean, and its lines are sums, within which opposite signs cancel."
        )
        words.insert(2, grouped)
    st.caption("  \n".join(words))
