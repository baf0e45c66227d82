"""The example trial of a rule: what it shows is what the compiled network does with the same weights."""

from dataclasses import replace

import numpy as np
import pytest

from tests.networks import REGISTRY, RULES
from workbench.audit.example_trial import example_trial
from workbench.declare.connectivity import Connectivity
from workbench.declare.example_trial import ExampleTrial
from workbench.declare.neuron_models import ALIF, LIF
from workbench.declare.population import Population
from workbench.declare.projection import Projection
from workbench.declare.recording import Recording
from workbench.declare.rule import Rule
from workbench.testing.case import Case, random_case
from workbench.testing.subject import Subject

WITH_EQUATIONS = sorted(name for name, rule in RULES.items() if rule.has_equations)


def a_case(rule: Rule) -> Case:
    """Return one trial of a network in which every layer spikes."""
    case = random_case(replace(Subject(rule, *REGISTRY.models_for(rule)).setup(), every="batch"))
    return case.on(case.trials.take(np.array([0])))


def seen(case: Case) -> tuple[ExampleTrial, Recording]:
    """Return what is shown of a case, and what its compiled network does."""
    return example_trial(case.setup, case.state, case.trials), case.record()


@pytest.mark.parametrize("name", WITH_EQUATIONS)
def test_estimate_and_spikes_are_those_of_the_compiled_network(name: str) -> None:
    case = a_case(RULES[name])
    found, recording = seen(case)
    for layer, spikes in recording.spikes.items():
        steps, neurons = found.spikes[layer]
        assert set(zip(steps, neurons, strict=True)) == set(zip(spikes.step, spikes.neuron, strict=True))
    gradient = recording.gradient[found.weights][0]
    projection = case.setup.network.projection(found.weights)
    start, stop = case.setup.network.steps_in_window
    duration = 1.0 if case.setup.is_per_second(projection) else (stop - start) * case.setup.network.dt
    if found.pre < 0:
        assert not gradient.any()
        return
    *_, last = found.courses
    assert (last.part, last.name, last.values.shape) == ("estimate", "g", (case.setup.network.n_steps,))
    assert last.values[-1] / duration == pytest.approx(gradient[found.pre, found.post], rel=1e-9)
    # The synapse that is shown is the one that is said to be, and no other.
    assert abs(gradient[found.pre, found.post]) == pytest.approx(np.abs(gradient).max(), rel=1e-9)
    others = np.delete(gradient.ravel(), found.pre * gradient.shape[1] + found.post)
    assert not np.isclose(others, gradient[found.pre, found.post], rtol=1e-9, atol=0).all()


def test_courses_follow_the_equations_of_the_rule() -> None:
    """Of e-prop, by its equations: filters of spikes, and the estimate as the sum of signal times eligibility."""
    case = a_case(RULES["eprop"])
    found, _ = seen(case)
    courses = {course.name: course.values for course in found.courses}
    assert [course.part for course in found.courses] == [
        "trace", "trace", "neuron", "signal", "eligibility", "eligibility", "estimate",
    ]  # fmt: skip
    dt, values = case.setup.network.dt, case.setup.network.neuron.values()
    steps, neurons = found.spikes["inputs"]
    spiked = np.isin(np.arange(found.n_steps), steps[neurons == found.pre])
    q = 0.0
    for step in range(found.n_steps):
        q = q * np.exp(-dt / values["tau_syn"]) + spiked[step]
        assert courses["q"][step] == pytest.approx(q, rel=1e-12)
    np.testing.assert_allclose(courses["g"], np.cumsum(courses["error"] * courses["k"]) * dt, rtol=1e-10)
    assert courses["g"].any()


def test_potential_is_below_the_threshold_after_resets() -> None:
    for model, name in ((LIF, "eprop"), (ALIF, "eprop_adaptive")):
        case = a_case(RULES[name])
        found, _ = seen(case)
        assert case.setup.network.neuron.name == model.name
        steps, neurons = found.spikes[found.target]
        assert (neurons == found.post).any()
        assert found.potential == "v"
        assert (found.v < found.threshold).all()
        # The threshold of a neuron that adapts is another after a spike.
        assert (np.ptp(found.threshold) > 0) == (model is ALIF)
        assert (np.diff(found.v)[steps[neurons == found.post] - 1] < 0).any()


@pytest.mark.parametrize("name", ["bptt", "frozen"])
def test_rule_without_equations_shows_the_neuron_that_spikes_most(name: str) -> None:
    case = a_case(RULES[name])
    found, recording = seen(case)
    assert found.courses == ()
    assert found.pre == -1
    counts = np.bincount(recording.spikes[found.target].neuron)
    assert counts[found.post] == counts.max() > 0


def test_rule_without_an_estimate_shows_no_synapse() -> None:
    case = a_case(RULES["eprop"])
    silent = replace(case, state=case.state.with_weights({name: 0 * w for name, w in case.state.weights.items()}))
    targets = replace(silent.trials, target=np.full_like(silent.trials.target, 0.0))
    found = example_trial(silent.setup, silent.state, targets)
    assert (found.pre, found.courses) == (-1, ())


def test_synapse_of_a_sparse_population_is_its_own() -> None:
    """Where not all neurons are connected, the synapse is found by its ends; delays and recurrence change nothing."""
    setup = replace(Subject(RULES["eprop"], *REGISTRY.models_for(RULES["eprop"])).setup(depth=1), every="batch")
    beside = Population(name="beside", size=6, neuron=LIF)
    projections = (
        Projection(source="inputs", target="beside", connect=Connectivity(fan_in=4), delay=2),
        Projection(source="beside", target="readout"),
    )
    network = replace(setup.network, hidden=(), populations=(beside,), projections=projections)
    case = random_case(replace(setup, network=network), count=3)
    found, recording = seen(case.on(case.trials.take(np.array([0]))))
    ends = network.projection("inputs_to_beside").indices
    (place,) = np.flatnonzero((ends.pre == found.pre) & (ends.post == found.post))
    gradient = recording.gradient["inputs_to_beside"][0]
    assert (found.weights, found.source, found.target) == ("inputs_to_beside", "inputs", "beside")
    assert len(gradient) == 24
    assert abs(gradient[place]) == np.abs(gradient).max() > 0
    last = found.courses[-1].values[-1]
    assert last / (network.n_steps * network.dt) == pytest.approx(gradient[place], rel=1e-9)
