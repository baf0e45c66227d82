"""What users declare has its fields, by their names and of their types, or is refused in one sentence."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import brian2
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import workbench
from tests.raw_trials import masked
from workbench import ExactFor, LearningSignal, Network, NeuronModel, OnStep, Parameter, Regularizer, Rule, Task, Trials
from workbench.common.errors import ModelError, RuleError, StudyError, WorkbenchError
from workbench.declare.claims import Claims
from workbench.declare.constraint import Constraint
from workbench.declare.decision import Decision
from workbench.declare.feedback import Pathway
from workbench.declare.field_types import called
from workbench.declare.loss import Loss
from workbench.declare.optimizer import ADAM, Optimizer
from workbench.declare.publication import Publication
from workbench.declare.rule_parts import WrittenFor
from workbench.declare.surrogate import Surrogate
from workbench.declare.updates import Updates
from workbench.engine.presentation import Plan
from workbench.model.setup import Setup
from workbench.study.results.tables import Results

#: One of each, as it should be, some of which are made by studies alone.
RIGHT: dict[type, dict[str, Any]] = {
    Rule: {"name": "mine", "title": "Mine", "synapse": "dg/dt = 1 : second"},
    Parameter: {"name": "tau", "default": "20 ms", "doc": "A time."},
    LearningSignal: {},
    OnStep: {"code": "x = 1", "state": ("x",)},
    Regularizer: {"strength": "a", "synapse": "1"},
    ExactFor: {"loss": "network", "depth": 1, "feedback": "symmetric"},
    Claims: {},
    Updates: {},
    Decision: {"name": "mine", "code": "score = y"},
    Constraint: {"name": "mine", "project": "w = clip(w, 0, 1)"},
    WrittenFor: {"neuron": "lif"},
    NeuronModel: {"name": "mine", "equations": "dI/dt = -I / tau : 1", "drive": "I - 1", "parameters": (("tau", 1),)},
    Network: {"n_inputs": 2, "hidden": (3,), "n_outputs": 2},
    Task: {"name": "mine", "title": "Mine", "load": dict},
    Surrogate: {
        "name": "mine",
        "derivative": "gamma * exp(-beta * abs(drive))",
        "primitive": "0",
        "parameters": (("gamma", 1.0), ("beta", 1.0)),
    },
    Loss: {"name": "mine", "value": "(y - target)**2", "error": "2 * (y - target)"},
    Pathway: {"name": "mine", "origin": "output", "weights": "random", "doc": "Straight."},
    Publication: {"name": "mine", "title": "Mine", "authors": ("Doe, J.",), "venue": "Here"},
    Optimizer: {"name": "mine", "code": "step = gradient", "parameters": (("decay", 0.9),)},
    Plan: {},
    Setup: {
        "network": Network(n_inputs=2, hidden=(3,), n_outputs=2),
        "rule": Rule(name="mine", title="Mine", synapse="dg/dt = 1 : second"),
        "feedback": "none",
    },
}

SENTENCES = [
    (Rule, {"parameters": {"tau": "20 ms"}}, RuleError,
     ("Rule 'mine': `parameters` must be a tuple, each of it a Parameter, not {'tau': '20 ms'} (dict). "
     "Write (Parameter(name='tau', default='20 ms', doc='...'), ...).")),
    (Rule, {"post_on_spike": "x += 1"}, RuleError,
     "Rule 'mine' has no field 'post_on_spike'. Did you mean 'pre_on_spike'? The fields are name, title, doi, pre,"),
    (Rule, {"zzz": 1}, RuleError, "Rule 'mine' has no field 'zzz'. There are: 'circuit', "),
    (Rule, {"signal": "error"}, RuleError,
     "Rule 'mine': `signal` must be a LearningSignal or None, not 'error' (str)."),
    (Rule, {"engine": "brian"}, RuleError,
     "Rule 'mine': `engine` must be one of 'equations', 'bptt', 'rtrl', 'ostl', 'eventprop', 'spike_trains', 'none'"),
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
    (Task, {"load": "data.csv"}, StudyError, "Task 'mine': `load` must be a function, not 'data.csv' (str)."),
    (Task, {"target": "spikes"}, StudyError,
     "Task 'mine' has no field 'target'. Did you mean 'targets'? The fields are name, title, load,"),
    (Task, {"targets": "spike"}, StudyError, "Task 'mine': `targets` must be one of 'trial', 'step', 'spikes', not"),
    (OnStep, {"state": "abc"}, RuleError, "OnStep: `state` must be a tuple, each of it a text, not 'abc' (str). Write"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "given", "error", "sentence"), SENTENCES, ids=range(len(SENTENCES)))
def test_sentence_says_what_is_needed(
    kind: type, given: dict[str, Any], error: type[WorkbenchError], sentence: str
) -> None:
    with pytest.raises(error) as refused:
        kind(**RIGHT[kind] | given)
    assert str(refused.value).startswith(sentence)


HUGE = 10**400

#: What a number may not be, and how it is told.
NUMBERS = [
    *((Surrogate, "parameters", tuple({"gamma": 1.0, "beta": 1.0, name: value}.items()),
       f"Surrogate 'mine': '{name}' must be {words}, not")
      for name in ("gamma", "beta")
      for value, words in ((math.nan, "a finite number"), (math.inf, "a finite number"), (HUGE, "a finite number"),
                           (0, "above 0"), (-1.0, "above 0"))),
    *((Optimizer, "parameters", (("decay", value),), f"Optimizer 'mine': 'decay' must be {words}, not")
      for value, words in ((math.nan, "a finite number"), (HUGE, "a finite number"), (1, "from 0 to below 1"),
                           (-0.1, "from 0 to below 1"))),
    *((Plan, "learning_rate", value, f"Plan: `learning_rate` must be {words}, not")
      for value, words in ((math.nan, "a finite number"), (math.inf, "a finite number"), (HUGE, "a finite number"),
                           (-0.1, "0 or more"))),
    # A run of no trials would never come to its end.
    *((Plan, "chunk", value, f"Plan: `chunk` must be {words}, not")
      for value, words in ((0, "a whole number from 1"), (-1, "a whole number from 1"), (HUGE, "2147483647 at most"))),
    *((Plan, "update_after", value, "Plan: `update_after` must be whole numbers from 0, one for each trial.")
      for value in ([0.5, 2.0], [math.nan], [[0, 2]], [0, -2], 2)),
    *((Setup, name, value, f"Setup: `{name}` must be {words}, not")
      for name in ("trial_capacity", "event_capacity")
      for value, words in ((0, "a whole number from 1"), (HUGE, "2147483647 at most"))),
    (Setup, "forced_capacity", -1, "Setup: `forced_capacity` must be a whole number from 0, not"),
    *((Setup, "feedback_decay", value, f"Setup: `feedback_decay` must be {words}, not")
      for value, words in ((math.nan, "a finite number"), (HUGE, "a finite number"), (1.0, "from 0 to below 1"))),
    (Setup, "precision", "float16", "Setup: `precision` must be one of 'float64', 'float32', not"),
    (Setup, "form", "clocked", "Setup: `form` must be one of"),
    (Setup, "targets", "class", "Setup: `targets` must be one of"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "field", "value", "sentence"), NUMBERS, ids=range(len(NUMBERS)))
def test_no_number_is_what_it_may_not_be(kind: Any, field: str, value: object, sentence: str) -> None:
    with pytest.raises(WorkbenchError) as refused:
        kind(**RIGHT[kind] | {field: value})
    assert str(refused.value).startswith(sentence)
    assert len(str(refused.value)) < 200


def test_numbers_of_numpy_are_taken_in_plans_and_setups() -> None:
    plan = Plan(learning_rate=np.float32(0.5), chunk=np.int64(3), update_after=[0, 2])  # type: ignore[arg-type]
    assert [type(plan.learning_rate), type(plan.chunk), type(plan.update_after)] == [float, int, np.ndarray]
    assert Setup(**RIGHT[Setup] | {"trial_capacity": np.int32(4)}).trial_capacity == 4
    half: Any = np.float32(0.5)
    assert replace(ADAM, parameters=(("beta1", half), *ADAM.parameters[1:])).parameters[0] == ("beta1", 0.5)


MASS = Parameter(name="mass", default=1.0, doc="Some number.")

#: Of two things of one name, one would be dropped without a word.
TWICE: list[tuple[type, str, object]] = [
    (Rule, "parameters", (MASS, replace(MASS, default="a", choices=("a", "b")))),
    (Task, "parameters", (MASS, MASS)),
    (NeuronModel, "parameters", (("mass", 1.0), ("tau", "5 ms"), ("mass", 2.0))),
    (NeuronModel, "initial", [["mass", 1.0], ["mass", 2.0]]),
    (Network, "delays", (("mass", 1), ("mass", 2))),
]


@pytest.mark.parametrize(("kind", "field", "value"), TWICE, ids=range(len(TWICE)))
def test_no_name_is_there_twice(kind: Any, field: str, value: object) -> None:
    with pytest.raises(WorkbenchError, match=rf"^\w+( 'mine')?: `{field}` has 'mass' twice\. Drop one of the two\.$"):
        kind(**RIGHT[kind] | {field: value})


@pytest.mark.parametrize("kind", RIGHT)
def test_no_field_takes_what_it_is_not(kind: Any) -> None:
    right = RIGHT[kind]
    kind(**right)
    with pytest.raises(WorkbenchError, match=r"fields are given by name, as in"):
        kind("x")
    for field in fields(kind):
        for wrong in (object(), {1: 2}, [object()], 1j, np.zeros(2) * 1j):
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


NETWORK = Network(n_inputs=2, hidden=(3,), n_outputs=2)
WEIGHTS = {"hidden1": np.zeros((2, 3)), "readout": np.zeros((3, 2))}
TRIALS = Trials(np.array([0, 1, 2]), np.array([1, 1]), np.array([0, 1]), np.eye(2))
RULE = Rule(name="mine", title="Mine", synapse="dg/dt = 1/second : 1")

#: What users call, with arguments that are of their types; none is carried out.
FUNCTIONS: dict[str, dict[str, Any]] = {
    "estimate": {"rule": RULE, "network": NETWORK, "weights": WEIGHTS, "trials": TRIALS, "feedback": "none",
                 "feedback_weights": {}, "target": "cpp", "targets": "trial"},
    "exact_gradient": {"network": NETWORK, "weights": WEIGHTS, "trials": TRIALS, "reset": "constant", "target": "cpp",
                       "precision": "float64", "targets": "trial"},
    "record": {"network": NETWORK, "weights": WEIGHTS, "trials": TRIALS, "variables": ["v"], "targets": "trial"},
    "compare_rules": {"rules": ["eprop"], "task": "iris", "hidden": [20], "trials": 8, "seed": 0, "registry": None,
                      "target": "cpp", "form": "events"},
    "run_study": {"study": "x.toml", "out": "x", "jobs": 1, "shard": "1/2", "plugins": ["x.py"], "registry": None,
                  "train": None, "console": None, "scheduler": "tcp://x:1", "only": ["seed=0"], "retry": "failed",
                  "limit": 1},
    "load_results": {"folder": "x"},
    "make_figures": {"results": Results(pd.DataFrame(), pd.DataFrame()), "folder": "x"},
    "write_report": {"results": Results(pd.DataFrame(), pd.DataFrame()), "out": "x", "plugins": ["x.py"]},
}  # fmt: skip


@pytest.mark.parametrize(("name", "argument"), [(name, one) for name, given in FUNCTIONS.items() for one in given])
def test_no_function_takes_what_an_argument_is_not(name: str, argument: str) -> None:
    for wrong in (object(), 1j, [object()], {1: 2}, np.zeros(2) * 1j):
        with pytest.raises(WorkbenchError, match=f"^{name}: `{argument}` must be .*, not .*") as caught:
            getattr(workbench, name)(**FUNCTIONS[name] | {argument: wrong})
        assert "\n" not in str(caught.value)


MIXED_UP: dict[str, tuple[str, dict[str, Any], str]] = {
    "a rule's name": ("estimate", {"rule": "eprop"}, r"`rule` must be a Rule, not 'eprop' \(str\)\. Write next\("),
    "weights without names": (
        "estimate",
        {"weights": list(WEIGHTS.values())},
        "`weights` must be a dict, each key of it a text and each value an array of real numbers",
    ),
    "complex weights": (
        "record",
        {"weights": WEIGHTS | {"readout": np.zeros((3, 2)) * 1j}},
        "array of real numbers .no unit, no mask.",
    ),
    "ragged weights": (
        "record",
        {"weights": WEIGHTS | {"readout": [[1], [1, 2]]}},
        "array of real numbers .no unit, no mask.",
    ),
    "weights with a unit": (
        "estimate",
        {"weights": WEIGHTS | {"readout": np.zeros((3, 2)) * brian2.mV}},
        "each value an array of real numbers .no unit, no mask.",
    ),
    "weights with a mask": (
        "exact_gradient",
        {"weights": WEIGHTS | {"readout": masked(np.zeros((3, 2)), np.eye(3, 2))}},
        "each value an array of real numbers .no unit, no mask.",
    ),
    "no weights": (
        "estimate",
        {"weights": {}},
        r"Weights of 'hidden1' are missing, of shape \(2, 3\); there must be: ",
    ),
    "weights the other way": (
        "exact_gradient",
        {"weights": WEIGHTS | {"readout": np.zeros((2, 3))}},
        r"Weights of 'readout' must have shape \(3, 2\), not \(2, 3\)\.",
    ),
    "weights that are none": (
        "estimate",
        {"weights": WEIGHTS | {"readout": np.full((3, 2), np.nan)}},
        r"Weights of 'readout' must be finite, and hold nan\.",
    ),
    "too many weights": (
        "record",
        {"weights": WEIGHTS | {"readuot": np.zeros((3, 2))}},
        r"Weights of 'readuot' have no place\. Did you mean 'readout'\?",
    ),
    "weights of another pathway": (
        "estimate",
        {"feedback": "none", "feedback_weights": {"hidden1": np.zeros((2, 3))}},
        r"`feedback_weights` for 'none' of 'hidden1' have no place\. There are none\.",
    ),
    "another pathway": (
        "estimate",
        {"feedback": "symetric"},
        r"Rule 'mine' does not take feedback 'symetric'\. There are: 'none'\.",
    ),
    "another target": ("estimate", {"target": "c++"}, "`target` must be one of 'cpp', 'numpy', not 'c\\+\\+'"),
    "another reset": ("exact_gradient", {"reset": "zero"}, "`reset` must be one of "),
    "a rule alone": ("compare_rules", {"rules": "eprop"}, r"`rules` must be a list, .* Write \['eprop'\]\."),
    "sizes as a text": (
        "compare_rules",
        {"hidden": "20,10"},
        "`hidden` must be a list, each of it a whole number, not",
    ),
    "a size of 0": ("compare_rules", {"hidden": (20, 0)}, r"`hidden` must be the sizes .* such as \[60, 60\], not"),
    "a number of trials": ("compare_rules", {"trials": 0}, r"`trials` must be 2 or more, not 0\."),
    "a study's number": (
        "run_study",
        {"study": 5},
        r"`study` must be a text or a Path or a StudySpec or a dict, each key of it a text, not 5 \(int\)\.",
    ),
    "a plugin alone": ("run_study", {"plugins": "x.py"}, r"`plugins` must be a list, .* Write \['x\.py'\]\."),
    "no folder": ("load_results", {"folder": None}, r"`folder` must be a text or a Path, not None \(NoneType\)\."),
}


@pytest.mark.parametrize("case", MIXED_UP)
def test_what_is_mixed_up_is_told(case: str) -> None:
    name, wrong, words = MIXED_UP[case]
    with pytest.raises(WorkbenchError, match=words):
        getattr(workbench, name)(**FUNCTIONS[name] | wrong)


def test_task_is_no_data() -> None:
    with pytest.raises(ModelError, match=r"must be TaskData, such as `Task\.data\(\)` returns, not Task\("):
        Network.for_task(workbench.tasks()["iris"])  # type: ignore[arg-type]


def test_lists_are_taken_for_arrays_and_tuples() -> None:
    @called(ModelError)
    def given(
        weights: Mapping[str, NDArray[np.float64]], names: Sequence[str], files: Iterable[str], size: int, mass: float
    ) -> tuple[object, ...]:
        return {name: array.tolist() for name, array in weights.items()}, names, files, size, type(mass)

    whole = given({"a": [[1, 2]]}, ["x"], iter("yz"), np.int64(3), 2)  # type: ignore[arg-type, dict-item]
    assert whole == ({"a": [[1, 2]]}, ("x",), ("y", "z"), 3, int)
    assert given(weights={}, names=(), files=(), size=2, mass=0.5) == ({}, (), (), 2, float)
