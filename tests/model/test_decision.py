"""What counts as an answer is what the readout's course says, in every form, and changes nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from tests.networks import REGISTRY, SETUPS, same_recording
from workbench import record
from workbench.common.errors import ModelError
from workbench.declare.decision import FIRST_SPIKE, LAST, MEAN, MOST_SPIKES, PEAK, Decision
from workbench.declare.options import Form, Target
from workbench.engine.presentation import Plan
from workbench.model.setup import Setup
from workbench.testing.case import Case, random_case

#: Those of the readout.
ALL = [offer.item for offer in REGISTRY.all(Decision).values() if not offer.item.assigns]

SPIKING = replace(SETUPS["eprop_1"], network=replace(SETUPS["eprop_1"].network, window=(10, 35)))
SPIKING = replace(SPIKING, network=replace(SPIKING.network, readout=REGISTRY.neuron("lif_train")))


def case_of(decision: Decision) -> Case:
    return random_case(with_decision(decision), count=12, gain=4.0)


def with_decision(decision: Decision) -> Setup:
    return replace(SPIKING, network=replace(SPIKING.network, decision=decision))


def expected(decision: Decision, case: Case) -> np.ndarray:
    """Return the scores, by the readout's course."""
    traces = record(replace(case.setup.network, decision=MEAN), case.state.weights, case.trials, ["y"])
    y = traces.variables["readout"]["y"][:, 10:35]
    spikes = traces.spikes["readout"][:, 10:35]
    # What is recorded at the end of a step has its reset in it, which adds to `s` alone.
    match decision.name:
        case "mean":
            return np.asarray(y.mean(axis=1))
        case "peak":
            return np.asarray(y.max(axis=1))
        case "last":
            return np.asarray(y[:, -1])
        case "most_spikes":
            return np.asarray(spikes.sum(axis=1))
    first = np.where(spikes.any(axis=1), spikes.argmax(axis=1), 10**6)
    return np.asarray(-first)


@pytest.mark.parametrize("decision", ALL, ids=lambda decision: decision.name)
def test_answer_is_what_the_course_of_the_readout_says(decision: Decision) -> None:
    case = case_of(decision)
    wanted = expected(decision, case)
    answers = np.argmax(wanted, axis=1)
    assert len(np.unique(answers)) > 1
    ways: list[tuple[Form, Target]] = [("events", "cpp"), ("clock", "cpp"), ("clock", "numpy")]
    for form, target in ways:
        own = case.with_setup(form=form)
        recording, _ = own.simulator(target).run(case.state, case.trials, Plan())
        assert np.array_equal(recording.prediction, answers)
        if decision.code and decision.name != "first_spike":
            assert recording.score is not None
            assert np.abs(recording.score - wanted).max() < 1e-12


def test_decisions_differ_and_nothing_else_does() -> None:
    cases = {decision.name: case_of(decision) for decision in ALL}
    found = {name: case.simulator().run(case.state, case.trials, Plan())[0] for name, case in cases.items()}
    assert len({tuple(recording.prediction) for recording in found.values()}) > 2
    for recording in found.values():
        assert same_recording(recording, found["mean"])


def test_runs_are_joined_with_their_scores() -> None:
    case = case_of(PEAK)
    whole, _ = case.simulator().run(case.state, case.trials, Plan())
    cut, _ = case.simulator().run(case.state, case.trials, Plan(chunk=5))
    assert whole.score is not None
    assert cut.score is not None
    assert np.array_equal(whole.score, cut.score)


@pytest.mark.parametrize("decision", [MOST_SPIKES, FIRST_SPIKE], ids=lambda decision: decision.name)
def test_spikes_of_a_readout_without_any_are_refused(decision: Decision) -> None:
    with pytest.raises(ModelError, match=f"'{decision.name}' reads spikes, and readout 'leaky_integrator' has none"):
        replace(SETUPS["eprop_1"].network, decision=decision)
    assert replace(SETUPS["eprop_1"].network, decision=LAST).decision is LAST


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("other = y", "`code` never sets 'score'. Add 'score = ...'."),
        ("score = x", "reads 'x', which nothing defines"),
        ("score = y\ny = 2", "`code` sets 'y', which it may only read."),
    ],
)
def test_mistake_of_a_decision_is_told(code: str, told: str) -> None:
    with pytest.raises(ModelError, match=told):
        Decision(name="mine", code=code)
