"""A layer that learns without a teacher, and the readout that is trained on it."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from workbench.catalogue.registry import Registry
from workbench.declare.network import Network
from workbench.declare.optimizer import ADAM, SGD
from workbench.declare.task import TaskData
from workbench.declare.trials import Trials
from workbench.engine.presentation import Plan
from workbench.engine.simulate import Simulator, simulator
from workbench.engine.state import State
from workbench.measures.performance import accuracy, spikes_per_trial
from workbench.model.setup import Setup
from workbench.study.seeds import stream

Array = NDArray[np.float64]

HIDDEN, EPOCHS, READOUT_EPOCHS, BATCH = 100, 8, 15, 32
#: One spike brings no neuron to threshold, the spikes of an image most of them.
MEAN, THRESHOLD, INHIBITION = 6.0, 0.2, 0.1


@dataclass(frozen=True)
class Settings:
    """A layer, and what it learns with.

    Attributes
    ----------
    rule, neuron : str
        Of the hidden layer.
    rate : float
        Learning rate of the hidden layer; 0 where it does not learn.
    deviation : float
        Of the initial weights from the input, times the root of the number of inputs.
    readout_rate : float
        Learning rate of the readout.
    """

    rule: str
    neuron: str
    rate: float
    deviation: float
    readout_rate: float = 0.0


def of_layer(data: TaskData, settings: Settings, registry: Registry, taught: bool) -> Simulator:
    """Return what runs the network: its hidden layer learns, or it is frozen and the readout is taught."""
    own: dict[str, str | float] = {"v_th": THRESHOLD}
    if settings.neuron == "lif_inhibited":
        own["inhibition"] = INHIBITION
    network = Network(
        n_inputs=data.n_inputs, hidden=(HIDDEN,), n_outputs=data.n_outputs, n_steps=data.n_steps, dt=data.dt,
        neuron=registry.neuron(settings.neuron).with_parameters(own),
    )  # fmt: skip
    rule = registry.rule("frozen" if taught else settings.rule)
    optimizer = ADAM if taught else SGD
    count = len(data.train)
    setup = Setup(
        network=network, rule=rule, feedback="none", optimizer=optimizer,
        trial_capacity=count, event_capacity=count * data.n_inputs + 1,
    )  # fmt: skip
    return simulator(setup)


def trained(run: Simulator, weights: dict[str, Array], trials: Trials, rate: float, epochs: range, seed: int) -> State:
    """Return the network after some epochs, whose numbers decide about the order of trials."""
    ends = np.zeros(len(trials), dtype=np.int64)
    ends[BATCH - 1 :: BATCH] = BATCH
    if len(trials) % BATCH:
        ends[-1] = len(trials) % BATCH
    plan = Plan(learning=True, update_after=ends, learning_rate=rate, record_spikes=False, chunk=len(trials))
    state = State(weights, {}, {})
    for epoch in epochs:
        order = stream("data order", "digits", seed, epoch).permutation(len(trials))
        _, state = run.run(state, trials.take(order), plan)
    return state


def learnt(data: TaskData, settings: Settings, registry: Registry, seed: int) -> Array:
    """Return the weights from the input, after a phase in which nothing says what is wanted.

    Returns
    -------
    ndarray of shape (n_inputs, HIDDEN)
        As they were drawn, where the rule is frozen.

    Raises
    ------
    DivergedError
        Where the learning rate is too large.
    """
    shape = (data.n_inputs, HIDDEN)
    spread = settings.deviation / np.sqrt(data.n_inputs)
    weights = MEAN / data.n_inputs + spread * stream("weights", "digits", seed, "hidden1").standard_normal(shape)
    if settings.rule == "frozen":
        return np.asarray(weights)
    run = of_layer(data, settings, registry, taught=False)
    # What a silent readout gives out is wanted of it, so that it learns nothing, whatever the rate of the layer below.
    unlabelled = replace(data.train, target=np.full_like(data.train.target, 1 / data.n_outputs))
    start = {"hidden1": weights, "readout": np.zeros((HIDDEN, data.n_outputs))}
    return trained(run, start, unlabelled, settings.rate, range(EPOCHS), seed).weights["hidden1"]


def achieved(
    data: TaskData, trials: Trials, settings: Settings, registry: Registry, weights: Array, seed: int
) -> dict[str, float]:
    """Return what a readout makes of a layer that has ceased to learn, and what the layer does.

    Parameters
    ----------
    data : TaskData
        Whose training split teaches the readout.
    trials : Trials
        To be told apart.
    settings : Settings
        With the neuron and the readout's rate.
    registry : Registry
        Of rules.
    weights : ndarray of shape (n_inputs, HIDDEN)
        Of `learnt`.
    seed : int
        Of the order of trials.

    Returns
    -------
    dict of str to float
        Accuracy; mean absolute cosine between the weights of two neurons; their mean norm; spikes per trial; share of
        neurons that never spike.
    """
    run = of_layer(data, settings, registry, taught=True)
    start = {"hidden1": weights, "readout": np.zeros((HIDDEN, data.n_outputs))}
    epochs = range(EPOCHS, EPOCHS + READOUT_EPOCHS)
    state = trained(run, start, data.train, settings.readout_rate, epochs, seed)
    recording, _ = run.run(state, trials, Plan())
    return {
        "accuracy": accuracy(recording, trials).value,
        "cosine": mean_cosine(weights),
        "norm": float(np.linalg.norm(weights, axis=0).mean()),
        "spikes": spikes_per_trial(recording),
        "silent": 1 - len(np.unique(recording.spikes["hidden1"].neuron)) / HIDDEN,
    }


def mean_cosine(weights: Array) -> float:
    """Return the mean absolute cosine between two columns."""
    unit = weights / np.linalg.norm(weights, axis=0)
    return float(np.abs((unit.T @ unit)[np.triu_indices(unit.shape[1], 1)]).mean())
