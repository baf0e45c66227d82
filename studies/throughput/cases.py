"""What is measured in one process: a rule, inference or BPTT, by size, form and precision, on random trials."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from workbench.catalogue.registry import load_registry
from workbench.declare.connectivity import Connectivity
from workbench.declare.network import Network
from workbench.declare.optimizer import ADAM
from workbench.declare.options import Form, Precision
from workbench.declare.projection import Projection
from workbench.declare.trials import Trials
from workbench.engine.compiled.program import program
from workbench.engine.presentation import Plan
from workbench.engine.simulate import Simulator, simulator
from workbench.engine.state import State
from workbench.engine.update import update
from workbench.model.feedback.weights import feedback_shapes
from workbench.model.setup import Setup
from workbench.reference.bptt import reference
from workbench.reference.forward_pass import ForwardPass

#: What is the same where something else is varied: of MNIST.
BATCH, SPIKES, STEPS = 32, 140, 100
SPARSE = 0.1
SIZES = (100, 200, 400, 800, 1600, 3200)
RULES = {name: offer.item for name, offer in load_registry().rules.items()}


@dataclass(frozen=True)
class Case:
    """A rule, or ``inference``, or ``bptt``, in a form, on trials of some kind.

    Attributes
    ----------
    what : str
        The rule, or what else; ``bptt`` trains on the exact gradient, spikes, gradient and update in turn.
    hidden : int
        Neurons of a hidden layer.
    spikes, steps : int
        Of a trial.
    form, precision : str
        Of the network.
    trials : int
        In one measurement.
    probability : float
        With which an input reaches a hidden neuron.
    layers : int
        Hidden layers.
    """

    what: str
    hidden: int
    spikes: int = SPIKES
    steps: int = STEPS
    form: Form = "events"
    precision: Precision = "float64"
    trials: int = 1024
    probability: float = 1.0
    layers: int = 1

    @property
    def setup(self) -> Setup:
        """The network of the case."""
        rule = RULES[{"inference": "frozen", "bptt": "eprop"}.get(self.what, self.what)]
        return Setup(
            network=Network(
                n_inputs=784,
                hidden=(self.hidden,) * self.layers,
                n_outputs=10,
                n_steps=self.steps,
                projections=() if self.probability == 1 else (self._sparse,),
            ),
            rule=rule,
            feedback=rule.default_feedback,
            optimizer=ADAM,
            trial_capacity=1024,
            event_capacity=1 << 20,
            form=self.form,
            precision=self.precision,
        )

    @property
    def _sparse(self) -> Projection:
        connect = Connectivity(probability=self.probability)
        return Projection(name="hidden1", source="inputs", target="hidden1", connect=connect)


def cases() -> list[Case]:
    """Return all of them."""
    found = [Case(what, hidden) for hidden in SIZES for what in ("inference", "eprop", "dcll")]
    found += [Case("eprop", 400, spikes=spikes) for spikes in (35, 70, 280, 560)]
    found += [Case("eprop", 400, steps=steps) for steps in (50, 200, 400)]
    found += [Case("eprop", hidden, precision="float32") for hidden in (100, 400, 3200)]
    found += [Case("eprop", hidden, form="causal", trials=256) for hidden in (100, 400)]
    found += [Case(what, hidden, form="clock", trials=16) for hidden in (100, 400) for what in ("eprop", "dcll")]
    found += [Case(what, 1000, probability=share) for what in ("inference", "eprop") for share in (1.0, SPARSE)]
    found += [Case("bptt", hidden, trials=8 * BATCH) for hidden in (100, 400)]
    found += [Case(what, 400, trials=8 * BATCH, layers=2) for what in ("eprop", "bptt")]
    return found


def random_trials(case: Case) -> Trials:
    """Return trials in which some inputs spike once each, in the first six tenths of the trial."""
    generator = np.random.default_rng(0)
    steps, neurons = [], []
    for _ in range(case.trials):
        neuron = generator.choice(784, case.spikes, replace=False)
        step = generator.integers(1, 6 * case.steps // 10 + 1, size=case.spikes)
        order = np.lexsort((neuron, step))
        steps.append(step[order])
        neurons.append(neuron[order])
    start = np.arange(case.trials + 1) * case.spikes
    target = np.eye(10)[generator.integers(10, size=case.trials)]
    return Trials(start, np.concatenate(steps).astype(np.int32), np.concatenate(neurons).astype(np.int32), target)


def random_state(setup: Setup) -> State:
    """Return weights with which a hidden neuron spikes about once a trial."""
    generator = np.random.default_rng(1)
    hidden, projection = setup.network.hidden[0], setup.network.projection("hidden1")
    # Fewer weights are the larger, so that as much arrives.
    scale = np.sqrt(784 * hidden / projection.n_synapses) / 12
    weights = {
        "hidden1": scale * generator.normal(0.5, 3.0, size=projection.shape),
        "readout": generator.normal(0.0, 3.0, size=(hidden, 10)) / np.sqrt(hidden),
    }
    for layer in setup.network.stack[1:-1]:
        weights[layer] = generator.normal(0.3, 3.0, size=(hidden, hidden)) / np.sqrt(hidden)
    shapes = feedback_shapes(setup.network, setup.pathway)
    return State(weights, {layer: generator.normal(size=shape) for layer, shape in shapes.items()}, {})


def prepared(case: Case) -> Callable[[], tuple[float, float]]:
    """Return a function that runs a case once and returns trials and synaptic events per second."""
    setup, trials = case.setup, random_trials(case)
    state = random_state(setup)
    network = simulator(setup)
    if case.what == "bptt":
        return _on_the_exact_gradient(case, network, state, trials)
    ends = np.zeros(case.trials, dtype=np.int64)
    ends[BATCH - 1 :: BATCH] = BATCH
    recorded, _ = network.run(state, trials, Plan())
    events = case.spikes * case.trials * case.hidden * case.probability + 10 * len(recorded.spikes["hidden1"].trial)
    plan = Plan(record_spikes=False)
    if case.what != "inference":
        # What is propagated is learnt as well.
        events *= 2
        plan = replace(plan, learning=True, update_after=ends, learning_rate=1e-4)

    def run() -> tuple[float, float]:
        begun = time.perf_counter()
        network.run(state, trials, plan)
        seconds = time.perf_counter() - begun
        return case.trials / seconds, events / seconds

    return run


def _on_the_exact_gradient(
    case: Case, network: Simulator, state: State, trials: Trials
) -> Callable[[], tuple[float, float]]:
    """Return a function that trains by BPTT as a study does, and returns trials per second."""
    exact = reference(case.setup)
    if exact.adjoint[0] is None:
        raise RuntimeError(f"The gradient is not compiled: {exact.adjoint[1]}")

    def train() -> tuple[float, float]:
        begun, now = time.perf_counter(), state
        for first in range(0, case.trials, BATCH):
            shown = trials.take(np.arange(first, first + BATCH))
            recording, now = network.run(now, shown, Plan(carry=True))
            forward = ForwardPass(now.weights, now.feedback, shown, recording)
            now = update(case.setup, now, exact.gradients(forward).mean, 1e-4, "cpp")
        return case.trials / (time.perf_counter() - begun), np.nan

    train()
    return train


def bytes_of_weights(case: Case) -> int:
    """Return what a compiled network holds for the weights onto its hidden layer, all that they learn by included."""
    compiled = program(case.setup)
    held = [name for name in compiled.variables if name.startswith("w_hidden1.")]
    found = compiled.run({"time.steps": 0}, held)
    return sum(found[name].nbytes for name in held)
