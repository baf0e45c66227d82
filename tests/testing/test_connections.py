"""Fixed weights that change are found, whoever changes them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.networks import REGISTRY, RULES
from workbench.common import counter_noise
from workbench.declare.recording import Recording
from workbench.engine.interpreted.network import InterpretedNetwork
from workbench.engine.presentation import Plan
from workbench.engine.simulate import Simulator
from workbench.engine.state import State
from workbench.testing import examine


def test_fixed_weights_that_change_are_found(only: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    only("takes any connections")
    whole = Simulator.run

    def drifting(self: Simulator, state: State, trials: Any, plan: Plan, *given: Any) -> tuple[Recording, State]:
        recording, after = whole(self, state, trials, plan, *given)
        return recording, replace(after, weights={name: 1.001 * array for name, array in after.weights.items()})

    monkeypatch.setattr(Simulator, "run", drifting)
    (found,) = examine(RULES["eprop"], *REGISTRY.models_for(RULES["eprop"]))
    assert (found.result, found.detail) == ("failed", "Weights 'hidden1_to_beside' change, which are fixed.")


def test_noise_that_is_other_in_numpy_is_found(only: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    only("takes any connections")
    whole = counter_noise.drawn

    def other(kind: counter_noise.Kind, key: tuple[int, int], trial: int, *given: Any) -> NDArray[np.float64]:
        return whole(kind, key, trial + 1, *given)

    monkeypatch.setattr(counter_noise, "drawn", other)
    (found,) = examine(RULES["eprop"], *REGISTRY.models_for(RULES["eprop"]))
    assert found.result == "failed"
    assert "The compiled program and NumPy differ" in found.detail


def test_neurons_that_are_other_in_numpy_are_found(only: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    only("takes any connections")
    whole = InterpretedNetwork.begin

    def alike(self: InterpretedNetwork, values: Mapping[str, Any]) -> None:
        differing = {name: value for name, value in values.items() if name.startswith("beside.P__") and np.ndim(value)}
        assert differing
        whole(self, {**values, **{name: np.full_like(value, np.mean(value)) for name, value in differing.items()}})

    monkeypatch.setattr(InterpretedNetwork, "begin", alike)
    (found,) = examine(RULES["eprop"], *REGISTRY.models_for(RULES["eprop"]))
    assert found.result == "failed"
    assert "differ" in found.detail


def test_weights_that_do_not_take_what_their_own_rule_says_are_found(
    only: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    only("takes any connections")
    whole = Simulator.values

    def slow(self: Simulator, *given: Any) -> dict[str, Any]:
        values = whole(self, *given)
        assert values["w_apart.own__rate"] == 1
        return values | {"w_apart.own__rate": 0.9}

    monkeypatch.setattr(Simulator, "values", slow)
    (found,) = examine(RULES["eprop"], *REGISTRY.models_for(RULES["eprop"]))
    assert found.result == "failed"
    assert "Weights do not take what a rule of their own says" in found.detail


def test_what_spikes_transmit_is_found(only: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    only("takes any connections")
    whole = InterpretedNetwork.begin

    def unused(self: InterpretedNetwork, values: Mapping[str, Any]) -> None:
        assert values["inputs.transmit__inputs_to_beside__use"] == 0.5
        whole(self, {**values, "inputs.transmit__inputs_to_beside__use": 0.6})

    monkeypatch.setattr(InterpretedNetwork, "begin", unused)
    (found,) = examine(RULES["eprop"], *REGISTRY.models_for(RULES["eprop"]))
    assert found.result == "failed"
    assert "differ" in found.detail
