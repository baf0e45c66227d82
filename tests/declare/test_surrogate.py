"""A surrogate derivative is the derivative of its smooth function, a bump around the threshold."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.networks import SURROGATES
from workbench.common.errors import ModelError
from workbench.declare.network import Network
from workbench.declare.surrogate import PIECEWISE_LINEAR, Surrogate
from workbench.text.expressions import evaluate

#: Away from the threshold and from the edges of the bumps, where derivatives jump.
DRIVE = np.array([-7.1, -1.3, -0.41, -0.2, -0.11, -0.05, 0.07, 0.13, 0.22, 0.39, 1.7, 8.3])


#: How each parameter is changed at once.
FACTORS = (1.0, 0.3, 2.7)


def value(text: str, surrogate: Surrogate, drive: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(evaluate(text, {"drive": drive, **dict(surrogate.parameters)}, np), dtype=np.float64)


def changed(surrogate: Surrogate, factor: float, only: str = "") -> Surrogate:
    """Return a surrogate with one number multiplied, or all."""
    return surrogate.with_parameters({name: number * factor for name, number in surrogate.parameters if only in name})


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("surrogate", SURROGATES.values(), ids=lambda surrogate: surrogate.name)
def test_derivative_is_that_of_the_smooth_function(surrogate: Surrogate, factor: float) -> None:
    surrogate = changed(surrogate, factor)

    def primitive(drive: jax.Array) -> jax.Array:
        return jnp.asarray(evaluate(surrogate.primitive, {"drive": drive, **dict(surrogate.parameters)}, jnp))

    found = value(surrogate.derivative, surrogate, DRIVE)
    with jax.enable_x64(True):
        expected = np.asarray(jax.vmap(jax.grad(primitive))(jnp.asarray(DRIVE)))
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)
    assert found.max() > 0.1 * value(surrogate.derivative, surrogate, np.zeros(1))
    # The derivative of another function would be seen.
    for name, _ in surrogate.parameters:
        other = value(surrogate.derivative, changed(surrogate, 1.01, name), DRIVE)
        assert name != surrogate.height or not np.allclose(other, expected, rtol=1e-6)


@pytest.mark.parametrize("surrogate", SURROGATES.values(), ids=lambda surrogate: surrogate.name)
def test_derivative_is_in_proportion_to_its_height(surrogate: Surrogate) -> None:
    assert surrogate.height, "none of those that are built in lacks one"
    found = value(surrogate.derivative, surrogate, DRIVE)
    np.testing.assert_allclose(
        value(surrogate.derivative, changed(surrogate, 3.0, surrogate.height), DRIVE), 3 * found, rtol=1e-14
    )
    assert not np.allclose(value(surrogate.derivative, changed(surrogate, 3.0, "beta"), DRIVE), 3 * found)


def test_surrogate_without_a_height_is_not_scaled() -> None:
    flat = Surrogate(name="flat", derivative="1", primitive="drive")
    assert Network(n_inputs=2, hidden=(2,), n_outputs=2, surrogate=flat).surrogate == flat
    with pytest.raises(ModelError, match=r"^Surrogate 'flat' has no `height` that `scale_surrogate` could multiply\."):
        Network(n_inputs=2, hidden=(2,), n_outputs=2, surrogate=flat, scale_surrogate=True)


def test_parameter_that_is_not_there_is_told_with_the_nearest() -> None:
    with pytest.raises(
        ModelError, match=r"^Surrogate 'piecewise_linear' has no parameter 'gama'\. Did you mean 'gamma'\?"
    ):
        PIECEWISE_LINEAR.with_parameters({"gama": 1.0})


def test_bump_of_eprop_has_the_values_of_another_simulator() -> None:
    """Those of NEST's tests, in which membrane potentials have six digits."""
    v, v_th = np.array([0.259178, 0.234514, 0.212197]), 0.6
    found = value(PIECEWISE_LINEAR.derivative, PIECEWISE_LINEAR.with_parameters({"gamma": 0.5, "beta": 1.7}), v - v_th)
    # The rounding of the potentials is all that differs.
    np.testing.assert_allclose(found, [0.21030100902759, 0.18933659619924, 0.170367211025], rtol=0, atol=0.85 * 5e-7)


#: What is no bump about the threshold: it does not fall on both sides.
NO_BUMPS = {"truncated_quadratic", "straight_through"}


@pytest.mark.parametrize(
    "surrogate", [item for item in SURROGATES.values() if item.name not in NO_BUMPS], ids=lambda item: item.name
)
def test_bump_is_highest_at_threshold_and_symmetric(surrogate: Surrogate) -> None:
    found = value(surrogate.derivative, surrogate, DRIVE)
    np.testing.assert_allclose(found, value(surrogate.derivative, surrogate, -DRIVE))
    top = value(surrogate.derivative, surrogate, np.zeros(1))
    assert top == dict(surrogate.parameters)["gamma"]
    assert (found <= top).all()
    assert value(surrogate.derivative, surrogate, np.array([1e6])) < 1e-6
    narrow = value(surrogate.derivative, changed(surrogate, 10.0, "beta"), DRIVE)
    assert (narrow <= found).all()
    assert (narrow < found).any()


def test_what_is_no_bump_is_a_ramp_or_the_same_everywhere() -> None:
    ramp, flat = (SURROGATES[name] for name in ("truncated_quadratic", "straight_through"))
    found = value(ramp.derivative, ramp.with_parameters({"beta": 2.0, "gamma": 3.0}), np.array([-1.0, -0.4, 0.0, 0.5]))
    np.testing.assert_allclose(found, [0.0, 0.6, 3.0, 6.0])
    np.testing.assert_allclose(value(flat.derivative, flat.with_parameters({"gamma": 3.0}), DRIVE), 3.0)


def test_surrogates_are_different_functions() -> None:
    bumps = [
        value(item.derivative, item.with_parameters(dict.fromkeys(dict(item.parameters), 1.0)), DRIVE)
        for item in SURROGATES.values()
    ]
    for index, one in enumerate(bumps):
        assert all(np.abs(one - other).max() > 0.05 for other in bumps[index + 1 :])
