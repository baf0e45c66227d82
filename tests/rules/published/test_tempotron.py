"""Weights change by their effect at the highest moment: Gütig and Sompolinsky 2006, doi:10.1038/nn1643."""

import numpy as np
import pytest

from tests.networks import error_of
from workbench import Claims, LearningSignal, Network, OnStep, Parameter, Rule, Trials
from workbench.declare.decision import PEAK
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.options import Form, Target
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.engine.state import State
from workbench.measures import performance
from workbench.model.setup import Setup

COUNT, STEPS, PRE, THRESHOLD = 30, 80, 12, 0.4

TEMPOTRON = Rule(
    name="tempotron",
    title="Tempotron",
    pre="""dq/dt = -q / tau_syn_post      : 1
           dp/dt = (q - p) / tau_mem_post : 1""",
    pre_on_spike="q += 1",
    output_step=OnStep(
        state=("highest", "higher", "missed"),
        code="""higher = int(v > highest)
                highest = v * higher + highest * (1 - higher)
                missed = ends * (target * int(highest < theta) - (1 - target) * int(highest > theta))""",
    ),
    synapse="""deffect/dt = higher_post * (p_pre - effect) / dt : 1
               dg/dt = -event * missed_post * effect / dt : second""",
    signal=LearningSignal(name="error", feedback="random_direct"),
    trains_readout=True,
    claims=Claims(estimates="nothing", by_steps="the highest moment is one step or another"),
    parameters=(
        Parameter(name="theta", default=THRESHOLD, doc="Threshold."),
        Parameter(name="event", default="1 second", doc="Unit of g."),
    ),
)


def setup_of(form: Form = "events") -> Setup:
    network = Network(n_inputs=PRE, hidden=(), n_outputs=2, n_steps=STEPS, loss=SQUARED_ERROR, decision=PEAK)
    return Setup(
        network=network, rule=TEMPOTRON, feedback="random_direct", form=form, trial_capacity=32, event_capacity=1 << 13
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
    course = np.maximum(np.array(courses), 0)
    at = course.argmax(axis=0)
    highest = course[at, [0, 1]]
    missed = target * (highest < THRESHOLD) - (1 - target) * (highest > THRESHOLD)
    found = np.array(effects)[at].T * (highest > 0)
    return np.asarray(found * missed)


@pytest.mark.parametrize(("form", "target"), [("events", "cpp"), ("clock", "cpp"), ("clock", "numpy")])
def test_changes_are_those_of_the_script(form: Form, target: Target) -> None:
    generator = np.random.default_rng(0)
    raster = (generator.random((COUNT, STEPS, PRE)) < 0.03).astype(float)
    wanted = np.eye(2)[np.arange(COUNT) % 2]
    weights = generator.normal(0.3, 0.5, (PRE, 2))
    plan = Plan(learning=True, record_gradient=True)
    trials, state = Trials.from_raster(raster, wanted), State({"readout": weights}, {}, {})
    recording, _ = simulator(setup_of(form), target).run(state, trials, plan)
    found = np.array([script(weights, raster[trial], wanted[trial]) for trial in range(COUNT)])
    # Some outputs are right, and others are not.
    assert 0.1 < (found != 0).any(axis=1).mean() < 0.9
    assert error_of(-recording.gradient["readout"] * STEPS * 1e-3, found) < 1e-9


def test_it_learns_to_tell_patterns_apart_by_their_peak() -> None:
    generator = np.random.default_rng(1)
    patterns = (generator.random((8, STEPS, PRE)) < 0.03).astype(float)
    trials = Trials.from_raster(patterns, np.eye(2)[np.arange(8) % 2])
    run, state = simulator(setup_of()), State({"readout": generator.normal(0, 0.1, (PRE, 2))}, {}, {})
    begun = performance.accuracy(run.run(state, trials, Plan())[0], trials).value
    plan = Plan(learning=True, update_after=np.ones(8, dtype=np.int64), learning_rate=2e-3)
    for _ in range(200):
        _, state = run.run(state, trials, plan)
    assert performance.accuracy(run.run(state, trials, Plan())[0], trials).value == 1 > begun
