import warnings

import numpy as np
import pytest

from mlp.activations import ACTIVATIONS

Z = np.array([-800.0, -2.0, -0.5, 0.3, 1.0, 800.0])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("relu", [0.0, 0.0, 0.0, 0.3, 1.0, 800.0]),
        ("leaky_relu", [-8.0, -0.02, -0.005, 0.3, 1.0, 800.0]),
        ("sigmoid", [0.0, 0.11920292202211755, 0.3775406687981454, 0.574442516811659, 0.7310585786300049, 1.0]),
        ("tanh", [-1.0, -0.9640275800758169, -0.46211715726000973, 0.2913126124515909, 0.7615941559557649, 1.0]),
    ],
)
def test_values_are_those_of_the_formula(name: str, expected: list[float]) -> None:
    np.testing.assert_allclose(ACTIVATIONS[name].function(Z), expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slope_told_from_the_output_is_the_derivative(name: str) -> None:
    z, h = np.linspace(-3, 3, 40), 1e-6  # 40 points: none of them is zero, where relu has a kink
    f = ACTIVATIONS[name].function
    np.testing.assert_allclose(ACTIVATIONS[name].slope(f(z)), (f(z + h) - f(z - h)) / (2 * h), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_large_inputs_raise_no_warning(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y = ACTIVATIONS[name].function(np.array([-1e6, 1e6], np.float32))
        assert np.isfinite(ACTIVATIONS[name].slope(y)).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_type_of_the_numbers_is_kept(name: str, dtype: type[np.floating]) -> None:
    y = ACTIVATIONS[name].function(Z.astype(dtype))
    assert y.dtype == dtype
    assert (y * ACTIVATIONS[name].slope(y)).dtype == dtype


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_input_is_left_as_it_was(name: str) -> None:
    z = Z.copy()
    ACTIVATIONS[name].function(z)
    np.testing.assert_array_equal(z, Z)
