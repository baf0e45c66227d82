"""Rules that are asked while another one trains see the network as it is, and nothing of what that rule remembers."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.networks import CAPACITY, RULES
from workbench import Network
from workbench.audit.alignment import comparison
from workbench.declare.neuron_models import ALIF
from workbench.engine.presentation import Plan
from workbench.engine.state import State
from workbench.model.setup import Setup
from workbench.study.run.passive import look_at_others
from workbench.study.run.state import Others
from workbench.testing.case import random_case


class AskedError(Exception):
    """Ends the test where rules would be asked."""


def test_others_get_what_neurons_remember_and_not_what_a_rule_does(monkeypatch: pytest.MonkeyPatch) -> None:
    neuron = replace(ALIF, persistent=("a",))
    rule = replace(RULES["stdp"], persistent=("x", "y"))
    network = Network(n_inputs=8, hidden=(7,), n_outputs=3, n_steps=40, neuron=neuron)
    setup = Setup(network=network, rule=rule, feedback="none", **CAPACITY)
    case = random_case(setup)
    outlasting = {"hidden1.a": np.ones(7), "hidden1.y": np.ones(7), "inputs.x": np.ones(8)}
    state = replace(case.state, outlasting=outlasting, memory={"hidden1.g": np.ones((8, 7))})
    given: dict[str, State] = {}

    def asked(_: object, states: dict[str, State], *__: object) -> Any:
        given.update(states)
        raise AskedError

    monkeypatch.setattr(comparison, "asked", asked)
    probed: Any = SimpleNamespace(mean=dict, recording=case.simulator("numpy").run(state, case.trials, Plan())[0])
    run: Any = SimpleNamespace(
        config=SimpleNamespace(others=(1,), rule="stdp", feedback="none", target="numpy"),
        others=Others({"eprop": setup}, {"eprop": {}}),
        parts=SimpleNamespace(setup=setup),
        state=state,
    )
    with pytest.raises(AskedError):
        look_at_others(run, case.trials, probed)
    assert set(given["eprop"].outlasting) == {"hidden1.a"}
    assert given["eprop"].memory == {}
    assert given["eprop"].weights is state.weights
