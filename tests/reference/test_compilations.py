"""What is compiled serves every network of the same texts and shapes: numbers are passed in."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import jax
import numpy as np
import pytest

from tests.networks import SETUPS, with_numbers
from workbench.declare.network import Network
from workbench.declare.options import Precision
from workbench.model.setup import Setup
from workbench.reference.bptt import Reference, reference
from workbench.reference.oracles import smooth_gradients
from workbench.testing.case import Case, random_case, random_state, random_trials

COUNT = 6

#: Not the steps of other tests, so that what is compiled for them does not count here.
SETUP = replace(SETUPS["eprop_2"], network=replace(SETUPS["eprop_2"].network, n_steps=23))


@dataclass
class Compilations:
    """How many there were."""

    seconds: list[float] = field(default_factory=list)


@contextmanager
def compilations() -> Iterator[Compilations]:
    """Count what JAX compiles meanwhile."""
    found = Compilations()

    def note(event: str, duration_secs: float, **_: Any) -> None:
        if event == "/jax/core/compile/backend_compile_duration":
            found.seconds.append(duration_secs)

    jax.monitoring.register_event_duration_secs_listener(note)
    try:
        yield found
    finally:
        jax.monitoring.unregister_event_duration_listener(note)


def test_what_is_compiled_is_kept_for_the_next_session() -> None:
    """JAX has read where to when it was imported, which was not before the tests had said it."""
    assert jax.config.values["jax_compilation_cache_dir"] == os.environ["JAX_COMPILATION_CACHE_DIR"]


def differentiate(model: Reference, case: Case, **options: Any) -> np.ndarray:
    """Return a gradient for which Brian2 need not run."""
    return smooth_gradients(model, case.state.weights, case.trials, **options)["hidden1"]


def with_network(setup: Setup, **changes: Any) -> Setup:
    return replace(setup, network=replace(setup.network, **changes))


def changed_surrogate(network: Network) -> Network:
    return replace(network, surrogate=network.surrogate.with_parameters({"gamma": 0.7, "beta": 3.0}))


CHANGES: dict[str, Callable[[Case], Case]] = {
    "weights": lambda case: replace(case, state=random_state(case.setup, np.random.default_rng(5))),
    "weights of float32": lambda case: replace(
        case,
        state=case.state.with_weights({layer: array.astype("float32") for layer, array in case.state.weights.items()}),
    ),
    "time constants, dt and all": lambda case: replace(
        case, setup=with_numbers(case.setup, np.random.default_rng(7), case.setup.network.n_steps)
    ),
    "dt": lambda case: replace(case, setup=with_network(case.setup, dt=3e-4)),
    "window": lambda case: replace(case, setup=with_network(case.setup, window=(4, 17))),
    "surrogate": lambda case: replace(case, setup=replace(case.setup, network=changed_surrogate(case.setup.network))),
    "scale of the surrogate": lambda case: replace(case, setup=with_network(case.setup, scale_surrogate=True, dt=2e-3)),
    "trials": lambda case: replace(
        case, trials=random_trials(case.setup.network, np.random.default_rng(9), COUNT, rate=0.2)
    ),
    "targets of int": lambda case: replace(
        case, trials=replace(case.trials, target=case.trials.target[::-1].astype(int))
    ),
}


@pytest.fixture(scope="module", params=["float64", "float32"])
def started(request: pytest.FixtureRequest) -> tuple[Reference, Case, np.ndarray]:
    """Return a reference that has compiled, and the gradient that it found."""
    precision: Precision = request.param
    model, case = reference(SETUP, precision, compiles=False), random_case(SETUP, count=COUNT)
    with compilations() as found:
        gradient = differentiate(model, case, pad=8)
    assert len(found.seconds) == 1
    return model, case, gradient


@pytest.mark.parametrize("what", CHANGES)
def test_numbers_compile_nothing(started: tuple[Reference, Case, np.ndarray], what: str) -> None:
    model, case, before = started
    changed = CHANGES[what](case)
    with compilations() as found:
        gradient = differentiate(Reference(changed.setup, model.program, model.precision), changed, pad=8)
    assert len(found.seconds) == 0
    # The number was not compiled in.
    assert "float32" in what or not np.allclose(gradient, before, rtol=1e-6)


def test_a_smaller_batch_compiles_nothing_where_it_is_filled_up(started: tuple[Reference, Case, np.ndarray]) -> None:
    model, case, _ = started
    few = replace(case, trials=case.trials.take(np.arange(4)))
    with compilations() as found:
        padded = differentiate(model, few, pad=8)
    assert len(found.seconds) == 0
    with compilations() as found:
        plain = differentiate(model, few)
    assert len(found.seconds) == 1
    assert np.allclose(padded, plain, rtol=1e-4)


def test_shapes_compile(started: tuple[Reference, Case, np.ndarray]) -> None:
    """The control: what is counted can be other than 0."""
    model, case, _ = started
    longer = with_network(case.setup, n_steps=25)
    with compilations() as found:
        differentiate(Reference(longer, model.program, model.precision), case, pad=8)
    assert len(found.seconds) == 1
