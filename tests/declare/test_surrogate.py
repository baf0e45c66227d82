"""A surrogate derivative is the derivative of its smooth function, a bump around the threshold."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.networks import SURROGATES
from workbench.declare.surrogate import PIECEWISE_LINEAR, Surrogate
from workbench.text.expressions import evaluate

#: Away from the threshold and from the edges of the bumps, where derivatives jump.
DRIVE = np.array([-7.1, -1.3, -0.41, -0.2, -0.11, -0.05, 0.07, 0.13, 0.22, 0.39, 1.7, 8.3])


def value(text: str, surrogate: Surrogate, drive: NDArray[np.float64]) -> NDArray[np.float64]:
    names = {"drive": drive, "gamma": surrogate.gamma, "beta": surrogate.beta}
    return np.asarray(evaluate(text, names, np), dtype=np.float64)


@pytest.mark.parametrize(("gamma", "beta"), [(1.0, 1.0), (0.3, 3.0), (2.0, 0.7)])
@pytest.mark.parametrize("surrogate", SURROGATES.values(), ids=lambda surrogate: surrogate.name)
def test_derivative_is_that_of_the_smooth_function(surrogate: Surrogate, gamma: float, beta: float) -> None:
    def primitive(drive: jax.Array) -> jax.Array:
        return jnp.asarray(evaluate(surrogate.primitive, {"drive": drive, "gamma": gamma, "beta": beta}, jnp))

    found = value(surrogate.derivative, replace(surrogate, gamma=gamma, beta=beta), DRIVE)
    with jax.enable_x64(True):
        expected = np.asarray(jax.vmap(jax.grad(primitive))(jnp.asarray(DRIVE)))
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)
    assert found.max() > 0.1 * gamma


def test_bump_of_eprop_has_the_values_of_another_simulator() -> None:
    """Those of NEST's tests, in which membrane potentials have six digits."""
    v, v_th = np.array([0.259178, 0.234514, 0.212197]), 0.6
    found = value(PIECEWISE_LINEAR.derivative, replace(PIECEWISE_LINEAR, gamma=0.5, beta=1.7), v - v_th)
    # The rounding of the potentials is all that differs.
    np.testing.assert_allclose(found, [0.21030100902759, 0.18933659619924, 0.170367211025], rtol=0, atol=0.85 * 5e-7)


@pytest.mark.parametrize("surrogate", SURROGATES.values(), ids=lambda surrogate: surrogate.name)
def test_bump_is_highest_at_threshold_and_symmetric(surrogate: Surrogate) -> None:
    found = value(surrogate.derivative, surrogate, DRIVE)
    np.testing.assert_allclose(found, value(surrogate.derivative, surrogate, -DRIVE))
    top = value(surrogate.derivative, surrogate, np.zeros(1))
    assert top == surrogate.gamma
    assert (found <= top).all()
    assert value(surrogate.derivative, surrogate, np.array([1e6])) < 1e-6
    narrow = value(surrogate.derivative, replace(surrogate, beta=10 * surrogate.beta), DRIVE)
    assert (narrow <= found).all()
    assert (narrow < found).any()


def test_surrogates_are_different_functions() -> None:
    bumps = [value(item.derivative, replace(item, gamma=1, beta=1), DRIVE) for item in SURROGATES.values()]
    for index, one in enumerate(bumps):
        assert all(np.abs(one - other).max() > 0.05 for other in bumps[index + 1 :])
