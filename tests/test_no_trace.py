"""Every public call, in the middle of other work, leaves the state of the process as it was."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

import workbench
import workbench.testing
from tests.networks import REGISTRY, RULES
from tests.study.work import test_runner as toy
from tests.users import USERS, a_user, snapshot
from workbench import Network, Trials
from workbench.command import rule_commands
from workbench.declare.neuron_models import LIF
from workbench.declare.recording import Recording
from workbench.declare.transmission import TSODYKS_MARKRAM
from workbench.testing import suite
from workbench.testing.checks import CHECKS

TINY = Network(n_inputs=3, hidden=(2,), n_outputs=2, n_steps=12)
TRIALS = Trials(
    np.array([0, 4, 7]),
    np.array([0, 1, 2, 3, 0, 2, 3], dtype=np.int32),
    np.array([0, 1, 2, 0, 1, 2, 1], dtype=np.int32),
    np.eye(2),
)
WEIGHTS = {name: 2.0 + np.random.default_rng(1).standard_normal(shape) for name, shape in TINY.weight_shapes().items()}
VALUES, LABELS = np.linspace(0, 1, 6).reshape(3, 2), np.array([0, 1, 0])


def checked() -> None:
    """Make one check of a rule, which runs it in both ways, and let another fail."""

    def broken(_: object) -> str:
        raise ValueError("no")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(suite, "CHECKS", {"numpy": CHECKS["NumPy agrees"]})
        workbench.testing.check_rule(RULES["eprop"])
        patch.setattr(suite, "CHECKS", {"broken": broken})
        with pytest.raises(workbench.testing.ConformanceError, match="broken: ValueError: no"):
            workbench.testing.check_rule(RULES["eprop"])


def study_run(folder: Path) -> object:
    """Run a study of a fake training, in the processes that runs are made in."""
    (folder / "walk").mkdir(parents=True, exist_ok=True)
    path = folder / "walk" / "study.toml"
    path.write_text(toy.STUDY.replace("seeds = [0, 1, 2]", "seeds = [0]").replace("epochs = 5", "epochs = 1"))
    quiet = Console(file=io.StringIO())
    return workbench.run_study(path, folder / "out", 1, registry=toy.a_registry(), train=toy.train, console=quiet)


#: What was recorded of no trials.
NOTHING = Recording(np.zeros(0), np.zeros((0, 2)), {})
ONES = np.ones((2, 3))
#: An exact gradient, as measures see it.
EXACT = ("hidden1", "bptt_constant", ONES, 4, ONES, ONES, 1.0)

#: Every public call, by its name, and what commands do besides.
CALLS: dict[str, Callable[[Path], object]] = {
    "Circuit": lambda _: workbench.Circuit(),
    "CircuitPopulation": lambda _: workbench.CircuitPopulation(name="inter", neuron=LIF),
    "CircuitProjection": lambda _: workbench.CircuitProjection(name="down", source="above", target="layer"),
    "Claims": lambda _: workbench.Claims(estimates="nothing"),
    "Connectivity": lambda _: workbench.Connectivity.pairs([1, 0], [0, 1]),
    "Constraint": lambda _: workbench.Constraint(name="mine", project="w = clip(w, 0, 1)").with_parameters({}),
    "Decision": lambda _: workbench.Decision(name="mine", code="score = score + y").reads("y"),
    "EstimatedGradient": lambda _: workbench.EstimatedGradient(*EXACT, ONES, ONES, [], 1.0, 1.0),
    "ExactFor": lambda _: workbench.ExactFor(loss="network", depth=1, feedback="symmetric"),
    "ExactGradient": lambda _: workbench.ExactGradient(*EXACT),
    "FeedbackRule": lambda _: workbench.FeedbackRule(name="mine", title="Mine", synapse="dg/dt = b : second").values(),
    "LearningSignal": lambda _: workbench.LearningSignal(),
    "Looked": lambda _: workbench.Looked(TINY, TRIALS, NOTHING, WEIGHTS, {}),
    "Loss": lambda _: workbench.Loss(name="mine", value="(y - target)**4", error="4 * (y - target)**3"),
    "Measure": lambda _: workbench.Measure(name="mine", title="Mine", doc="Mine.", of="layer").label,
    "Measured": lambda _: workbench.Measured(1.0),
    "Network": lambda _: replace(TINY, hidden=(3, 2)).weight_shapes(),
    "NeuronModel": lambda _: replace(LIF, name="mine").with_parameters({"tau_mem": "5 ms"}),
    "OnGradient": lambda _: workbench.OnGradient(code="gradient = 2 * gradient"),
    "OnStep": lambda _: workbench.OnStep(code="x = 1", state=("x",)),
    "Optimizer": lambda _: workbench.Optimizer(name="mine", code="step = 2 * gradient"),
    "Pairs": lambda _: workbench.Pairs(equations="dC/dt = -C / ms : 1"),
    "Parameter": lambda _: workbench.Parameter(name="a", default=1.0, doc="A number."),
    "Phase": lambda _: workbench.Phase(name="late", begins=0.5),
    "Pathway": lambda _: workbench.Pathway(name="mine", origin="output", weights="random", doc="Mine."),
    "Population": lambda _: workbench.Population(name="beside", size=3),
    "Projection": lambda _: workbench.Projection(source="inputs", target="beside").with_ends(2, 3).shape,
    "Publication": lambda _: workbench.Publication(name="mine", title="Mine", authors=("Doe, J.",), venue="Here"),
    "Regularizer": lambda _: workbench.Regularizer(strength="0.1", synapse="v_post"),
    "Rule": lambda _: workbench.Rule(
        name="mine", title="Mine", synapse="dg/dt = error_post : second", signal=workbench.LearningSignal()
    ),
    "StudyFigure": lambda _: workbench.StudyFigure(name="mine", caption="Mine.", function=lambda results: None),
    "Surrogate": lambda _: workbench.Surrogate(name="mine", derivative="1 - tanh(drive)**2", primitive="tanh(drive)"),
    "Task": lambda _: workbench.Task(name="toy", title="Toy", load=toy.toy_data).load(),
    "TaskData": lambda _: toy.toy_data(),
    "Transmission": lambda _: TSODYKS_MARKRAM.with_parameters({"use": 0.2}),
    "Trials": lambda _: TRIALS.take(np.array([1, 0])),
    "Updates": lambda _: workbench.Updates(every="10 ms"),
    "WorkbenchError": lambda _: workbench.WorkbenchError("No."),
    "WrittenFor": lambda _: workbench.WrittenFor(neuron="lif").refuses("alif", "leaky_integrator"),
    "by_neuron": lambda _: workbench.by_neuron(np.array([10.0, 20.0]), "ms"),
    "compare_rules": lambda _: workbench.compare_rules(["eprop"], "iris", [20], trials=6, seed=0),
    "estimate": lambda _: workbench.estimate(RULES["eprop"], TINY, WEIGHTS, TRIALS),
    "exact_gradient": lambda _: workbench.exact_gradient(TINY, WEIGHTS, TRIALS, precision="float32"),
    "hookimpl": lambda _: workbench.hookimpl(checked),
    "latency_coded": lambda _: workbench.latency_coded(VALUES, LABELS, 2, span=5, silent_below=0.1, bias=True),
    "load_results": lambda folder: workbench.load_results(folder / "out"),
    "make_figures": lambda folder: workbench.make_figures(workbench.load_results(folder / "out"), folder / "figures"),
    "poisson_coded": lambda _: workbench.poisson_coded(VALUES, LABELS, 2, n_steps=5, most=0.5, bias=True),
    "rate_coded": lambda _: workbench.rate_coded(VALUES, LABELS, 2, n_steps=5, most=0.5, bias=True),
    "record": lambda _: workbench.record(TINY, WEIGHTS, TRIALS),
    "rules": lambda _: workbench.rules(),
    "run_study": lambda folder: study_run(folder),
    "tasks": lambda _: [task.load() for name, task in workbench.tasks().items() if name in ("iris", "yin_yang")],
    "whole_parameter": lambda _: workbench.whole_parameter("iris.fold", 3.0, 0, 4),
    "write_report": lambda folder: workbench.write_report(workbench.load_results(folder / "out")),
    "check_rule": lambda _: checked(),
    "examine": lambda _: next(iter(workbench.testing.examine(RULES["eprop"]))),
    "examine_pathway": lambda _: list(workbench.testing.examine_pathway(REGISTRY.pathway("weight_mirror"))),
    "workbench locality": lambda folder: rule_commands.locality(["eprop"], out=folder / "locality"),
}


def public() -> set[str]:
    """Return the names of what can be called."""
    found = {name: getattr(module, name) for module in (workbench, workbench.testing) for name in module.__all__}
    # The outcomes of checks are made by them alone.
    return {name for name, item in found.items() if callable(item)} - {"ConformanceError", "Outcome"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the results of a study; what libraries do when they are imported is done."""
    place = tmp_path_factory.mktemp("trace")
    study_run(place)
    # By it, scikit-learn tells OpenMP what its programs need.
    workbench.compare_rules(["eprop"], "iris", [20], trials=6, seed=0)
    return place


@pytest.mark.parametrize("name", sorted(public()))
def test_every_public_call_is_looked_at(name: str) -> None:
    assert name in CALLS


@pytest.mark.usefixtures("networks_of_its_own")
@pytest.mark.parametrize("user", USERS)
def test_public_calls_leave_no_trace(user: str, folder: Path, tmp_path: Path) -> None:
    traces = {}
    with a_user(user, tmp_path / "theirs"):
        for name, call in CALLS.items():
            before = snapshot()
            call(folder)
            after = snapshot()
            traces[name] = [key for key in before if before[key] != after[key]]
    assert {name: keys for name, keys in traces.items() if keys} == {}
