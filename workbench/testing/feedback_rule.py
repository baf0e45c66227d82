"""What must hold of any rule for feedback weights, found out in a phase without a task."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from workbench.declare.claims import Claims
from workbench.declare.feedback import Pathway
from workbench.declare.learning_signal import LearningSignal
from workbench.declare.network import Network
from workbench.declare.neuron_models import NOISY
from workbench.declare.options import Form, Target
from workbench.declare.rule import Rule
from workbench.declare.trials import Trials
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.engine.state import State, Weights
from workbench.measures.feedback_alignment import feedback_cosines
from workbench.model.setup import Setup
from workbench.testing.agreement import agreement, error_of
from workbench.testing.case import random_state
from workbench.testing.subject import FailedError

#: Trials of the phase, a rate at which weights change and stay finite, and the noise of the neurons meanwhile.
_TRIALS, _RATE, _NOISE = 12, 0.1, 0.8

#: Changes that are as near to each other as this are the same but for rounding.
_SAME = 1e-6

#: What the signal teaches does not matter in a phase without a task.
_TAUGHT = Rule(
    name="taught",
    title="Taught by a signal",
    synapse="dg/dt = error_post * psi_post * spiked_pre / dt * second : second",
    signal=LearningSignal(),
    claims=Claims(estimates="nothing"),
)


def learns_from_what_it_reads(pathway: Pathway) -> str:
    """See that feedback weights of every layer change in the phase, stay finite, and change otherwise without noise.

    Those whose rule reads nothing of neurons, but forward weights, change otherwise where these are others.
    """
    setup = _setup(pathway)
    state = _state(setup)
    noisy = _after(setup, state)
    by_neurons = pathway.rule is not None and pathway.rule.reads_neurons
    if by_neurons:
        other = _after(_setup(pathway, noise=0.0), state)
    else:
        other = _after(setup, replace(state, weights={name: -array for name, array in state.weights.items()}))
    for layer, weights in state.feedback.items():
        change = noisy.feedback[layer] - weights
        if not np.isfinite(change).all():
            raise FailedError(f"The feedback weights to '{layer}' are not finite any more.")
        if not change.any():
            raise FailedError(f"The feedback weights to '{layer}' do not change in a phase of noise.")
        if error_of(other.feedback[layer], noisy.feedback[layer], layer) < _SAME:
            cause = "the neurons do" if by_neurons else "the forward weights are"
            raise FailedError(f"The feedback weights to '{layer}' change by themselves, whatever {cause}.")
    network = setup.network
    before, after = (feedback_cosines(network, pathway, state.weights, one.feedback) for one in (state, noisy))
    told = [f"{layer} {before[layer].value:+.2f} to {after[layer].value:+.2f}" for layer in before]
    return f"cosine with the transpose after {_TRIALS} trials: {', '.join(told)}"


def leaves_all_else_alone(pathway: Pathway) -> str:
    """See that in the phase no forward weight changes, and with a task no feedback weight."""
    setup = _setup(pathway)
    state = _state(setup)
    phase = _after(setup, state)
    for name, weights in state.weights.items():
        if not np.array_equal(phase.weights[name], weights):
            raise FailedError(f"Weights '{name}' change in a phase without a task.")
    task = _after(setup, state, rate=0.0, learning_rate=0.1)
    for layer, weights in state.feedback.items():
        if not np.array_equal(task.feedback[layer], weights):
            raise FailedError(f"The feedback weights to '{layer}' change with a task.")
    if all(np.array_equal(task.weights[name], weights) for name, weights in state.weights.items()):
        raise FailedError("No weight changes with a task, so nothing was compared.")
    return f"{len(state.weights)} forward and {len(state.feedback)} feedback weight arrays, bit for bit"


def agrees_however_it_is_computed(pathway: Pathway) -> str:
    """See that compiled code, Brian2's NumPy code and the clock-driven form agree, and runs that are cut to the bit."""
    setup = _setup(pathway)
    state = _state(setup)
    found = _after(setup, state)
    cut = _after(setup, state, chunk=5)
    for layer, weights in found.feedback.items():
        if not np.array_equal(weights, cut.feedback[layer]):
            raise FailedError(f"The feedback weights to '{layer}' are others when trials are cut into runs of five.")
    changes = _changes(found, state)
    others = {
        "NumPy": _after(setup, state, target="numpy"),
        "the clock-driven form": _after(_setup(pathway, form="clock"), state),
    }
    told = [f"{how} {agreement(changes, _changes(one, state), f'{how} differs')}" for how, one in others.items()]
    return ", ".join(told)


#: What must hold -> the function that finds out; it returns what it measured.
PATHWAY_CHECKS: dict[str, Callable[[Pathway], str]] = {
    "learns from what it reads": learns_from_what_it_reads,
    "leaves all else alone": leaves_all_else_alone,
    "agrees however computed": agrees_however_it_is_computed,
}


def _setup(pathway: Pathway, form: Form = "events", noise: float = _NOISE) -> Setup:
    """Return two layers of neurons that spike by their own noise, and a readout."""
    neuron = NOISY.with_parameters({"sigma": noise})
    network = Network(n_inputs=5, hidden=(8, 6), n_outputs=3, n_steps=200, neuron=neuron)
    return Setup(network=network, rule=_TAUGHT, feedback=pathway, form=form, trial_capacity=16, event_capacity=1 << 8)


def _state(setup: Setup) -> State:
    return random_state(setup, np.random.default_rng(0), gain=1.0)


def _after(
    setup: Setup,
    state: State,
    target: Target = "cpp",
    rate: float = _RATE,
    learning_rate: float = 0.0,
    chunk: int = _TRIALS,
) -> State:
    """Return the state after trials without input."""
    empty = np.zeros(0, dtype=np.int32)
    wanted = np.eye(3)[np.arange(_TRIALS) % 3]
    trials = Trials(np.zeros(_TRIALS + 1, dtype=np.int64), empty, empty, wanted)
    plan = Plan(
        learning=True,
        update_after=np.ones(_TRIALS, dtype=np.int64),
        feedback_rate=rate,
        learning_rate=learning_rate,
        chunk=chunk,
    )
    return simulator(setup, target).run(state, trials, plan)[1]


def _changes(after: State, before: State) -> Weights:
    return {layer: weights - before.feedback[layer] for layer, weights in after.feedback.items()}
