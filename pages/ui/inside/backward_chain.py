"""The chain rule of one parameter as formulas: in one line, and step by step with the code that does it."""

from mlp.inside.backward_steps import Pass, Place, WeightSteps, returned_terms
from mlp.inside.source_lines import SourceLine, line, slope_lines
from pages.ui.inside.formula import Step, factor, tex
from pages.ui.text import _, number

TOLD = 2  # terms that a sum begins with; the rest are dots

Listed = list[tuple[str, str, str, list[str]]]
"""Steps: words, formula, numbers, and the names of their lines."""

SLOPES = {
    "relu": r"f'(z_j) = \begin{cases} 1 & y_j > 0 \\ 0 & y_j = 0 \end{cases}",
    "leaky_relu": r"f'(z_j) = \begin{cases} 1 & y_j > 0 \\ \frac{1}{100} & y_j \le 0 \end{cases}",
    "sigmoid": r"f'(z_j) = y_j\,(1 - y_j)",
    "tanh": r"f'(z_j) = 1 - y_j^2",
}


def in_one_line(one: Pass, steps: WeightSteps) -> str:
    """∂L/∂w as a product of its factors, with the numbers of the first digit, as LaTeX."""
    is_bias = steps.place.source is None
    entering = rf"\underbrace{{{factor(float(steps.inputs[0]))}}}_{{{'1' if is_bias else 'x_i'}}}"
    if _is_last(one, steps.place):
        error = rf"\underbrace{{{factor(float(steps.errors[0]))}}}_{{\delta_j = p_j - t_j}}"
    else:
        back = rf"\underbrace{{{factor(float(steps.returned[0]))}}}_{{\partial L / \partial y_j}}"
        error = rf"{back} \cdot \underbrace{{{factor(float(steps.slopes[0]))}}}_{{f'(z_j)}}"
    left = rf"\frac{{\partial L}}{{\partial {'b_j' if is_bias else 'w_{ij}'}}}"
    return rf"{left} = {error} \cdot {entering} = {tex(float(steps.products[0]))}"


def steps_of(one: Pass, steps: WeightSteps) -> list[Step]:
    """The chain rule step by step, with the numbers of the first digit; at the end the mean over all."""
    listed = _loss(one) + (_error_last(one, steps) if _is_last(one, steps.place) else _error_hidden(one, steps))
    error, product = float(steps.errors[0]), float(steps.products[0])
    if steps.place.source is None:
        listed.append(
            (
                _("The gradient of the bias: the error itself"),
                r"\frac{\partial L}{\partial b_j} = \delta_j",
                tex(error),
                ["bias_gradient"],
            )
        )
    else:
        listed.append(
            (
                _("The gradient of the weight: what came in along it times the error"),
                r"\frac{\partial L}{\partial w_{ij}} = x_i\,\delta_j",
                rf"{factor(float(steps.inputs[0]))} \cdot {factor(error)} = {tex(product)}",
                ["weight_gradient"],
            )
        )
    if one.count > 1:
        listed.append(
            (
                _("The mean over the {count} digits of the step").format(count=number(one.count)),
                r"\frac{1}{N} \sum_n \frac{\partial L_n}{\partial " + ("b_j" if steps.place.source is None else "w_{ij}") + "}",
                _mean(steps.products.tolist(), steps.gradient),
                ["mean"],
            )
        )
    return [
        Step(f"{place}. {words}", formula, numbers, [found for name in names for found in _lines(one, name)])
        for place, (words, formula, numbers, names) in enumerate(listed, 1)
    ]


def _loss(one: Pass) -> Listed:
    """The loss of the first digit."""
    right, loss = float(one.right[0]), float(one.losses[0])
    return [
        (
            _("The loss: how surprising the right answer t is"),
            r"L = -\ln p_t",
            rf"-\ln {tex(right, loss)} = {tex(loss)}",
            ["loss"],
        )
    ]


def _error_last(one: Pass, steps: WeightSteps) -> Listed:
    """δ of a score."""
    j = steps.place.neuron
    p, t, error = (float(each) for each in (one.probabilities[0, j], one.targets[0, j], steps.errors[0]))
    return [
        (
            _("The error of the score: the probability less 1 for the right answer, less 0 for any other"),
            r"\delta_j = p_j - t_j",
            rf"{tex(p, error)} - {t:.0f} = {tex(error)}",
            ["probability", "error"],
        )
    ]


def _error_hidden(one: Pass, steps: WeightSteps) -> Listed:
    """δ of a hidden neuron: what comes back from the next layer, times the slope."""
    layer, neuron, _source = steps.place
    terms = returned_terms(one, layer, neuron)
    told = [rf"{factor(each.error)} \cdot {factor(each.weight)}" for each in terms.head(TOLD).itertuples()]
    dots = [r"\dots"] if len(terms) > TOLD else []
    returned, slope, error = (float(each[0]) for each in (steps.returned, steps.slopes, steps.errors))
    return [
        (
            _("What comes back from the {count} neurons m of the next layer").format(count=number(len(terms))),
            r"\frac{\partial L}{\partial y_j} = \sum_m \delta_m\, w_{jm}",
            " + ".join([*told, *dots]) + f" = {tex(returned)}",
            ["error_back"],
        ),
        (
            _("The slope of the activation, {name}, where the neuron stands").format(name=one.network.activation),
            SLOPES[one.network.activation],
            rf"{_slope_numbers(one.network.activation, float(one.outputs[layer][0, neuron]))} {tex(slope)}",
            ["slopes"],
        ),
        (
            _("Their product is the error of the neuron"),
            r"\delta_j = \frac{\partial L}{\partial y_j} \cdot f'(z_j)",
            rf"{factor(returned)} \cdot {factor(slope)} = {tex(error)}",
            ["slope"],
        ),
    ]


def _slope_numbers(activation: str, y: float) -> str:
    """The slope with a number put in, as LaTeX, up to what it comes to."""
    if activation == "sigmoid":
        return rf"{tex(y)} \cdot (1 - {factor(y)}) ="
    if activation == "tanh":
        return rf"1 - {factor(y)}^2 ="
    return rf"y_j = {tex(y)} \;\Rightarrow\;"


def _mean(products: list[float], gradient: float) -> str:
    """A mean as LaTeX, of which the first two are told."""
    told = " + ".join(factor(each) for each in products[:TOLD])
    return rf"\tfrac{{1}}{{{len(products)}}} ({told} + \dots) = {tex(gradient)}"


def _is_last(one: Pass, place: Place) -> bool:
    return place.layer == len(one.network.weights)


def _lines(one: Pass, name: str) -> list[SourceLine]:
    return slope_lines(one.network.activation) if name == "slopes" else [line(name)]
