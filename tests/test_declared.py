"""What users declare has its fields, by their names and of their types, or is refused in one sentence."""

from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import numpy as np
import pytest

import workbench
from workbench import ExactFor, LearningSignal, Network, NeuronModel, OnStep, Parameter, Regularizer, Rule, Trials
from workbench.errors import ModelError, RuleError, StudyError, WorkbenchError

#: One of each, as it should be.
RIGHT: dict[type, dict[str, Any]] = {
    Rule: {"name": "mine", "title": "Mine", "synapse": "dg/dt = 1 : second"},
    Parameter: {"name": "tau", "default": "20 ms", "doc": "A time."},
    LearningSignal: {},
    OnStep: {"code": "x = 1", "state": ("x",)},
    Regularizer: {"strength": "a", "synapse": "1"},
    ExactFor: {"loss": "network", "depth": 1, "feedback": "symmetric"},
    NeuronModel: {"name": "mine", "equations": "dI/dt = -I / tau : 1", "drive": "I - 1", "parameters": (("tau", 1),)},
    Network: {"n_inputs": 2, "hidden": (3,), "n_outputs": 2},
}

SENTENCES = [
    (Rule, {"parameters": {"tau": "20 ms"}}, RuleError,
     ("Rule 'mine': `parameters` must be a tuple, each of it a Parameter, not {'tau': '20 ms'} (dict). "
     "Write (Parameter(name='tau', default='20 ms', doc='...'), ...).")),
    (Rule, {"post_on_spike": "x += 1"}, RuleError,
     "Rule 'mine' has no field 'post_on_spike'. Did you mean 'pre_on_spike'? The fields are name, title, doi, pre,"),
    (Rule, {"zzz": 1}, RuleError, "Rule 'mine' has no field 'zzz'. There are: 'by_steps', "),
    (Rule, {"signal": "error"}, RuleError,
     "Rule 'mine': `signal` must be a LearningSignal or None, not 'error' (str)."),
    (Rule, {"engine": "brian"}, RuleError, "Rule 'mine': `engine` must be one of 'brian2', 'reference', 'none', not"),
    (Rule, {"name": 3}, RuleError, "Rule: `name` must be a text, not 3 (int)."),
    (NeuronModel, {"parameters": {"tau": "20 ms"}}, ModelError,
     ("Neuron 'mine': `parameters` must be a tuple, each of it (a text, a text or a number), not {'tau': '20 ms'} "
     "(dict). Write (('tau', '20 ms'), ...).")),
    (Network, {"hidden": 20}, ModelError,
     "Network: `hidden` must be a tuple, each of it a whole number, not 20 (int). Write (20,)."),
    (Network, {"n_inputs": 2.0}, ModelError, "Network: `n_inputs` must be a whole number, not 2.0 (float)."),
    (Network, {"n_inputs": True}, ModelError, "Network: `n_inputs` must be a whole number, not True (bool)."),
    (Network, {"neuron": "lif"}, ModelError, "Network: `neuron` must be a NeuronModel, not 'lif' (str)."),
    (Network, {"window": (1, 2, 3)}, ModelError, "Network: `window` must be (a whole number, a whole number), not"),
    (OnStep, {"state": "abc"}, RuleError, "OnStep: `state` must be a tuple, each of it a text, not 'abc' (str). Write"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "given", "error", "sentence"), SENTENCES, ids=range(len(SENTENCES)))
def test_sentence_says_what_is_needed(
    kind: type, given: dict[str, Any], error: type[WorkbenchError], sentence: str
) -> None:
    with pytest.raises(error) as refused:
        kind(**RIGHT[kind] | given)
    assert str(refused.value).startswith(sentence)


@pytest.mark.parametrize("kind", RIGHT)
def test_no_field_takes_what_it_is_not(kind: Any) -> None:
    right = RIGHT[kind]
    kind(**right)
    with pytest.raises(WorkbenchError, match=r"fields are given by name, as in"):
        kind("x")
    for field in fields(kind):
        for wrong in (object(), {1: 2}, [object()], 1j):
            with pytest.raises(WorkbenchError, match=f"`{field.name}` must be "):
                kind(**right | {field.name: wrong})
    for name in right:
        if name in {field.name for field in fields(kind) if field.default is not field.default_factory}:
            continue
        with pytest.raises(WorkbenchError, match=f"`{name}` is missing; it must be "):
            kind(**{key: value for key, value in right.items() if key != name})


def test_lists_and_numbers_of_numpy_are_taken_for_tuples_and_numbers() -> None:
    network = Network(n_inputs=np.int64(2), hidden=[np.int32(3)], n_outputs=2, dt=np.float64(1e-3))  # type: ignore[arg-type]
    plain = Network(n_inputs=2, hidden=(3,), n_outputs=2, dt=1e-3)
    assert network == plain
    assert hash(network) == hash(plain)
    assert [type(network.n_inputs), type(network.hidden), type(network.hidden[0])] == [int, tuple, int]
    with pytest.raises(ModelError, match="`hidden` must be"):
        replace(network, hidden=3)  # type: ignore[arg-type]
    with pytest.raises(FrozenInstanceError):
        network.dt = 2.0  # type: ignore[misc]


def test_functions_say_what_they_need() -> None:
    network = Network(n_inputs=1, hidden=(1,), n_outputs=1)
    trials = Trials(np.zeros(2, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32), np.ones((1, 1)))
    with pytest.raises(RuleError, match=r"^`rule` must be a Rule, not 'eprop'. Write next\("):
        workbench.estimate("eprop", network, {}, trials)  # type: ignore[arg-type]
    with pytest.raises(StudyError, match=r"^`hidden` must be a text of sizes apart by commas, such as '20,10', not"):
        workbench.compare_rules(["eprop"], "iris", [20], 8, 0)  # type: ignore[arg-type]
    with pytest.raises(StudyError, match=r"^`rules` must be a list of names, not one. Write \['eprop'\]"):
        workbench.compare_rules("eprop", "iris", "20", 8, 0)
