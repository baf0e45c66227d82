"""Rules without errors, which contrast trials with each other: weights of scripts that run the network themselves.

Forward-Forward compares trials that are right with others that are not (Hinton 2022, doi:10.48550/arXiv.2212.13345);
EchoSpike what a layer does with what it did in the trial before, of the same class or of another (Graf, Su and
Indiveri 2024, doi:10.48550/arXiv.2405.13976).
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tests.networks import error_of
from tests.rules.published.rules import FORWARD_FORWARD
from workbench import Claims, LearningSignal, Network, OnStep, Parameter, Rule, Trials, Updates
from workbench.declare.options import Form, Target
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.engine.state import State
from workbench.model.setup import Setup

COUNT, STEPS, PRE, POST, CLASSES = 8, 60, 10, 8, 2
RATE, SAME, OTHER, THETA = 2.0, 40.0, 4.0, 6.0

_FILTERED = """dq/dt = -q / tau_syn_post      : 1
               dp/dt = (q - p) / tau_mem_post : 1"""

#: Neurons are told by the first output alone.
FROM_THE_FIRST = np.repeat([[1.0], [0.0]], POST, axis=1)

#: The first output is 1 where the trial is right, the second where it is not.
AT_EACH_TRIAL = replace(FORWARD_FORWARD, updates=Updates(every="trial")).with_parameters({"theta": THETA})

#: A neuron keeps how often it spiked in the trial before, and outputs which of them was wanted.
ECHOSPIKE = Rule(
    name="echospike",
    title="EchoSpike",
    pre=_FILTERED,
    pre_on_spike="q += 1",
    on_step=OnStep(
        state=("echo", "count", "push"),
        sums=(("overlap", "spiked * echo"),),
        code="""push = kind * echo * int(kind * overlap < int(kind > 0) * same - int(kind < 0) * other)
                count = count + spiked
                echo = echo * (1 - ends) + count * ends
                count = count * (1 - ends)""",
    ),
    output_step=OnStep(
        state=("before", "known", "sign_of"),
        sums=(("again", "target * before"),),
        code="""sign_of = known * (2 * again - 1)
                before = before * (1 - ends) + target * ends
                known = known * (1 - ends) + ends""",
    ),
    synapse="dg/dt = -push_post * psi_post * p_pre : second",
    signal=LearningSignal(name="kind", source="sign_of", feedback="uniform", relay="kind"),
    persistent=("echo", "before", "known"),
    updates=Updates(every="trial"),
    claims=Claims(estimates="objective", by_steps="it compares single steps with the trial before"),
    parameters=(
        Parameter(name="same", default=SAME, doc="Overlap with a trial of the same class that is enough."),
        Parameter(name="other", default=OTHER, doc="Overlap with one of another class that is little enough."),
    ),
)


class Layer:
    """A layer of the default neurons, step by step in NumPy."""

    def __init__(self, weights: np.ndarray) -> None:
        self.weights = weights
        self.rest()

    def rest(self) -> None:
        """Begin a trial."""
        self.v, self.current = np.zeros(POST), np.zeros(POST)
        self.q, self.p = np.zeros(PRE), np.zeros(PRE)

    def step(self, sent: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return spikes and surrogate derivatives of a step, and let the filters follow."""
        mem, syn = np.exp(-1e-3 / 20e-3), np.exp(-1e-3 / 10e-3)
        share = 10 / (20 - 10) * (mem - syn)
        self.v, self.current = self.v * mem + self.current * share, self.current * syn
        self.p, self.q = self.p * mem + self.q * share, self.q * syn
        spiked, drive = self.v > 1, self.v - 1
        self.current = self.current + sent @ self.weights
        self.q = self.q + sent
        self.v = self.v - spiked
        return spiked.astype(float), 1 / (1 + 5 * np.abs(drive)) ** 2


def forward_forward(weights: np.ndarray, raster: np.ndarray, classes: np.ndarray) -> list[np.ndarray]:
    """Return the weights after each trial."""
    layer, found = Layer(weights), []
    for trial, wanted in zip(raster, classes, strict=True):
        layer.rest()
        activity, change, kind = np.zeros(POST), np.zeros((PRE, POST)), 1.0 if wanted == 0 else -1.0
        for sent in trial:
            spiked, psi = layer.step(sent)
            before, activity = activity, activity * np.exp(-1e-3 / 50e-3) + spiked
            push = kind / (1 + np.exp(kind * (before.sum() - THETA)))
            change += np.outer(layer.p, push * psi) / STEPS
        layer.weights = layer.weights + RATE * change
        found.append(layer.weights)
    return found


def echospike(weights: np.ndarray, raster: np.ndarray, classes: np.ndarray) -> list[np.ndarray]:
    """Return the weights after each trial."""
    layer, found, echo, last = Layer(weights), [], np.zeros(POST), -1
    for trial, wanted in zip(raster, classes, strict=True):
        layer.rest()
        count, change = np.zeros(POST), np.zeros((PRE, POST))
        kind = 0 if last < 0 else 1 if last == wanted else -1
        for sent in trial:
            spiked, psi = layer.step(sent)
            threshold = {1: SAME, -1: -OTHER, 0: 0.0}[kind]
            push = kind * echo * float(kind * (spiked * echo).sum() < threshold)
            change += np.outer(layer.p, push * psi) / STEPS
            count = count + spiked
        echo, last = count, wanted
        layer.weights = layer.weights + RATE * change
        found.append(layer.weights)
    return found


SCRIPTS: dict[str, tuple[Rule, Callable[..., list[np.ndarray]]]] = {
    "forward_forward": (AT_EACH_TRIAL, forward_forward),
    "echospike": (ECHOSPIKE, echospike),
}


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize(("form", "target"), [("events", "cpp"), ("clock", "cpp"), ("clock", "numpy")])
def test_weights_are_those_of_the_script(name: str, form: Form, target: Target) -> None:
    rule, script = SCRIPTS[name]
    generator = np.random.default_rng(0)
    raster = (generator.random((COUNT, STEPS, PRE)) < 0.08).astype(float)
    classes = generator.integers(0, 2, COUNT)
    weights = generator.normal(0.6, 0.8, (PRE, POST))
    network = Network(n_inputs=PRE, hidden=(POST,), n_outputs=CLASSES, n_steps=STEPS)
    setup = Setup(network=network, rule=rule, feedback="uniform", form=form, trial_capacity=8, event_capacity=1 << 12)
    state = State({"hidden1": weights, "readout": np.zeros((POST, CLASSES))}, {"hidden1": FROM_THE_FIRST}, {})
    trials = Trials.from_raster(raster, np.eye(CLASSES)[classes])
    run, theirs = simulator(setup, target), script(weights, raster, classes)
    # They move, and by what they contrast: of other classes the changes are others.
    assert error_of(theirs[-1], weights) > 0.01
    assert (
        error_of(script(weights, raster, 1 - classes if name == "forward_forward" else classes[::-1])[-1], theirs[-1])
        > 0.01
    )
    for trial in range(COUNT):
        _, state = run.run(state, trials.take(np.array([trial])), Plan(learning=True, learning_rate=RATE))
        assert error_of(state.weights["hidden1"], theirs[trial]) < 1e-12
