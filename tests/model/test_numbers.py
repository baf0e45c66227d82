"""The step's propagator is the exact solution, also where the closed form is 0/0; numbers land where they belong."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from tests.networks import SETUPS
from workbench.model.bindings import Propagator
from workbench.model.numbers import numbers, step_matrices, variable_values
from workbench.model.read_program import read_program
from workbench.text.equations import linear_system, parse_differential

EQUATIONS = "dv/dt = (I - v) / tau_mem : 1\ndI/dt = -I / tau_syn : 1"
TAUS = st.floats(1e-3, 0.1)


def matrices(tau_mem: float, tau_syn: float, dt: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    system = linear_system(parse_differential(EQUATIONS, "test"), ("tau_mem", "tau_syn"))
    propagator = Propagator("group", system, {"tau_mem": "a", "tau_syn": "b"}, (), ())
    return step_matrices(propagator, {"tau_mem": tau_mem, "tau_syn": tau_syn}, dt)


@given(TAUS, TAUS, st.floats(1e-5, 2e-3))
def test_closed_form(tau_mem: float, tau_syn: float, dt: float) -> None:
    if abs(tau_mem / tau_syn - 1) < 1e-2:
        tau_mem *= 2  # The closed form loses its digits there.
    once, _ = matrices(tau_mem, tau_syn, dt)
    cross = tau_syn / (tau_mem - tau_syn) * (np.exp(-dt / tau_mem) - np.exp(-dt / tau_syn))
    expected = np.array([[np.exp(-dt / tau_mem), cross], [0, np.exp(-dt / tau_syn)]])
    np.testing.assert_allclose(once, expected, rtol=1e-10, atol=1e-16)


@given(TAUS, st.floats(1e-5, 2e-3))
def test_equal_time_constants(tau: float, dt: float) -> None:
    once, integral = matrices(tau, tau, dt)
    decay = np.exp(-dt / tau)
    np.testing.assert_allclose(once, [[decay, dt / tau * decay], [0, decay]], rtol=1e-12)
    assert np.isfinite(integral).all()
    near, _ = matrices(tau, tau * (1 + 1e-9), dt)
    np.testing.assert_allclose(near, once, rtol=1e-7)


def test_integral_is_the_response_to_a_constant() -> None:
    tau_mem, tau_syn, dt, drive = 0.02, 0.007, 1.5e-3, np.array([0.3, -0.8])

    def slope(_: float, x: NDArray[np.float64]) -> list[float]:
        return [(x[1] - x[0]) / tau_mem + drive[0], -x[1] / tau_syn + drive[1]]

    start = np.array([0.4, 1.2])
    exact = solve_ivp(slope, (0, dt), start, rtol=1e-12, atol=1e-14).y[:, -1]
    once, integral = matrices(tau_mem, tau_syn, dt)
    np.testing.assert_allclose(once @ start + integral @ drive, exact, rtol=1e-10)
    assert not np.allclose(once @ start + dt * drive, exact, rtol=1e-4)


def test_two_half_steps_are_one_step() -> None:
    whole, _ = matrices(0.02, 0.005, 2e-3)
    half, _ = matrices(0.02, 0.005, 1e-3)
    np.testing.assert_allclose(half @ half, whole, rtol=1e-14)


def test_surrogate_is_scaled_by_the_step_where_asked() -> None:
    setup = SETUPS["eprop_1"]
    network = replace(setup.network, dt=2e-4, surrogate=setup.network.surrogate.with_parameters({"gamma": 3.0}))
    assert numbers(replace(setup, network=network))["surrogate.gamma"] == 3.0
    scaled = numbers(replace(setup, network=replace(network, scale_surrogate=True)))
    assert scaled["surrogate.gamma"] == pytest.approx(0.6)


@pytest.mark.parametrize("name", SETUPS)
def test_every_number_has_its_variable(name: str) -> None:
    setup = SETUPS[name]
    program = read_program(setup)
    values = variable_values(setup, program.bindings, program.propagators)
    for layer, model in (("hidden1", setup.network.neuron), ("readout", setup.network.readout)):
        for parameter, value in model.values().items():
            assert values[f"{layer}.{parameter}"] == value
    assert values["clock.n_steps"] == setup.network.n_steps
    assert values["clock.window_duration"] == pytest.approx(setup.network.n_steps * setup.network.dt)
    taus = setup.network.readout.values()
    once, _ = matrices(taus["tau_mem"], taus["tau_syn"], setup.network.dt)
    assert values["readout.P__v__I"] == pytest.approx(once[0, 1], rel=1e-12)
    assert values["readout.P__I__I"] == pytest.approx(once[1, 1], rel=1e-12)
