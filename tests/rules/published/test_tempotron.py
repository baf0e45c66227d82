"""Weights change by their effect at the highest moment: Gütig and Sompolinsky 2006, doi:10.1038/nn1643."""

from dataclasses import replace

import numpy as np
import pytest

from tests.networks import RULES, error_of
from workbench import Network, Trials
from workbench.declare.decision import PEAK
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.measure import Looked
from workbench.declare.neuron_models import LEAKY_INTEGRATOR
from workbench.declare.options import Form, Target
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.engine.state import State
from workbench.measures.evaluated import evaluated
from workbench.measures.records import MEASURES
from workbench.model.setup import Setup
from workbench.tasks.random_latencies import RANDOM_LATENCIES as TASK

COUNT, STEPS, PRE = 30, 80, 12


def setup_of(form: Form = "events") -> Setup:
    network = Network(n_inputs=PRE, hidden=(), n_outputs=2, n_steps=STEPS, loss=SQUARED_ERROR, decision=PEAK)
    return Setup(
        network=network,
        rule=RULES["tempotron"],
        feedback="random_direct",
        form=form,
        trial_capacity=32,
        event_capacity=1 << 13,
    )


def script(weights: np.ndarray, raster: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return how weights are to change by a trial."""
    mem, syn = np.exp(-1e-3 / 20e-3), np.exp(-1e-3 / 10e-3)
    share = 10 / (20 - 10) * (mem - syn)
    q, p, courses, effects = np.zeros(PRE), np.zeros(PRE), [], []
    for step in range(STEPS):
        p, q = p * mem + q * share, q * syn
        q = q + raster[step]
        courses.append(p @ weights)
        effects.append(p)
    # Since the first input is there.
    course = np.where(np.array(courses) == 0, -np.inf, courses)
    at = course.argmax(axis=0)
    highest = course[at, [0, 1]]
    missed = target * (highest < 1) - (1 - target) * (highest > 1)
    return np.asarray(np.array(effects)[at].T * missed)


@pytest.mark.parametrize(("form", "target"), [("events", "cpp"), ("clock", "cpp"), ("clock", "numpy")])
def test_changes_are_those_of_the_script(form: Form, target: Target) -> None:
    generator = np.random.default_rng(0)
    raster = (generator.random((COUNT, STEPS, PRE)) < 0.03).astype(float)
    wanted = np.eye(2)[np.arange(COUNT) % 2]
    weights = generator.normal(0.75, 1.25, (PRE, 2))
    plan = Plan(learning=True, record_gradient=True)
    trials, state = Trials.from_raster(raster, wanted), State({"readout": weights}, {}, {})
    recording, _ = simulator(setup_of(form), target).run(state, trials, plan)
    found = np.array([script(weights, raster[trial], wanted[trial]) for trial in range(COUNT)])
    # Some outputs are right, and others are not.
    assert 0.1 < (found != 0).any(axis=1).mean() < 0.9
    assert error_of(-recording.gradient["readout"], found) < 1e-9
    # The other class is wanted.
    other = np.array([script(weights, raster[trial], 1 - wanted[trial]) for trial in range(COUNT)])
    assert error_of(-recording.gradient["readout"], other) > 0.1


def test_errors_at_the_threshold_go_to_0_at_a_load_above_1() -> None:
    data = TASK.data(inputs=PRE, patterns=15, steps=500)
    network = Network(
        n_inputs=PRE,
        hidden=(),
        n_outputs=2,
        n_steps=500,
        loss=SQUARED_ERROR,
        decision=PEAK,
        readout=LEAKY_INTEGRATOR.with_parameters({"tau_mem": "15 ms", "tau_syn": "3.75 ms"}),
    )
    run = simulator(replace(setup_of(), network=network))
    state = State({"readout": np.random.default_rng(1).normal(1.0, 1.0, (PRE, 2))}, {}, {})

    def errors() -> float:
        recording = run.run(state, data.test, Plan())[0]
        looked = Looked(network, data.test, recording, state.weights, {})
        return evaluated(MEASURES["threshold_errors"], looked)["network"].value

    begun = errors()
    plan = Plan(learning=True, learning_rate=1.0)
    for _ in range(300):
        _, state = run.run(state, data.train, plan)
    assert begun > 0.3
    assert errors() == 0
