"""Fixed weights that change are found, whoever changes them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.networks import REGISTRY, RULES
from workbench.declare.recording import Recording
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
