"""The step of every optimizer is that of NumPy, bit for bit, in one pass; constraints keep to NumPy."""

from dataclasses import replace

import numpy as np
import pytest

from tests.networks import OPTIMIZERS, SETUPS
from workbench.declare.constraint import HARD_BOUNDS, SOFT_BOUNDS
from workbench.declare.optimizer import Optimizer
from workbench.engine.compiled import elementwise
from workbench.engine.state import State
from workbench.engine.update import update


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=lambda optimizer: optimizer.name)
def test_updates_are_those_of_numpy(optimizer: Optimizer) -> None:
    setup = replace(SETUPS["eprop_2"], optimizer=optimizer, constraints=(("hidden2", (SOFT_BOUNDS, HARD_BOUNDS)),))
    generator = np.random.default_rng(0)
    weights = {name: generator.normal(size=shape) for name, shape in setup.network.weight_shapes().items()}
    begun = {name: array.copy() for name, array in weights.items()}
    compiled = plain = State(weights, {}, {})
    for _ in range(4):
        gradient = {name: generator.normal(size=array.shape) for name, array in weights.items()}
        compiled, plain = update(setup, compiled, gradient, 0.1, "cpp"), update(setup, plain, gradient, 0.1)
    assert compiled.n_updates == plain.n_updates == 4
    assert compiled.memory.keys() == plain.memory.keys()
    for found, wanted in ((compiled.weights, plain.weights), (compiled.memory, plain.memory)):
        assert all(np.array_equal(found[name], array) for name, array in wanted.items())
    # The state before is as it was, and the one after is another.
    assert all(np.array_equal(weights[name], array) for name, array in begun.items())
    assert all((compiled.weights[name] != array).any() for name, array in begun.items())


def test_what_has_no_form_in_cpp_is_left_to_numpy() -> None:
    odd = Optimizer(name="odd", code="step = gradient % 0.5")
    setup = replace(SETUPS["eprop_2"], optimizer=odd)
    weights = {name: np.full(shape, 0.7) for name, shape in setup.network.weight_shapes().items()}
    found = update(setup, State(weights, {}, {}), weights, 1.0, "cpp").weights
    assert all(np.allclose(array, 0.5) for array in found.values())


def test_numbers_alone_are_found_once() -> None:
    source, scalars = elementwise._source("y = beta**n * x + sqrt(1 - beta) / (x + 1)", ("x", "y"), ("y",))
    assert scalars == ("beta ** n", "sqrt(1 - beta)")
    assert "pow" not in source
    made = elementwise.elementwise("y = beta**n * x + sqrt(1 - beta) / (x + 1)", ("x", "y"))
    x = np.linspace(0, 1, 7)
    found = made.run({"x": x, "y": np.zeros(7)}, {"beta": 0.5, "n": 3})["y"]
    np.testing.assert_allclose(found, 0.125 * x + np.sqrt(0.5) / (x + 1), rtol=1e-15)
