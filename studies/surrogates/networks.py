"""The networks of the study of surrogate derivatives, their weights and how they are trained."""

from dataclasses import replace

import numpy as np

from studies.surrogates.settings import ALIVE, BATCH, EPOCHS, HIDDEN, PROBE, TRAIN
from workbench.catalogue.registry import load_registry
from workbench.common.errors import DivergedError, GradientError
from workbench.declare.loss import CROSS_ENTROPY
from workbench.declare.network import Network
from workbench.declare.neuron_models import LEAKY_INTEGRATOR, LIF
from workbench.declare.optimizer import ADAM
from workbench.declare.recording import Recording
from workbench.declare.surrogate import Surrogate
from workbench.declare.task import TaskData
from workbench.declare.trials import Trials
from workbench.engine.presentation import Plan
from workbench.engine.simulate import Simulator, simulator
from workbench.engine.state import State, Weights
from workbench.engine.update import update
from workbench.measures.performance import accuracy, spikes_per_trial
from workbench.model.setup import Setup
from workbench.reference.bptt import Reference, reference
from workbench.reference.followed import followed
from workbench.reference.forward_pass import ForwardPass
from workbench.study.seeds import stream


def data() -> TaskData:
    """Return the task: Yin-Yang, by latency."""
    return load_registry().task("yin_yang").data(train=TRAIN, validation=1000, test=1000)


def network_of(task: TaskData, depth: int, chosen: Surrogate) -> Network:
    """Return a stack of layers; time constants differ, so that it has a continuous time."""
    return Network.for_task(
        task, hidden=(HIDDEN,) * depth, surrogate=chosen, loss=CROSS_ENTROPY, readout=LEAKY_INTEGRATOR,
        neuron=LIF.with_parameters({"tau_mem": "15 ms", "tau_syn": "5 ms"}),
    )  # fmt: skip


def finer(network: Network, trials: Trials, times: int) -> tuple[Network, Trials]:
    """Return the same in shorter steps: inputs arrive when they did, and surrogates have their height by time."""
    fine = replace(network, dt=network.dt / times, n_steps=network.n_steps * times, scale_surrogate=True)
    return fine, Trials(trials.start, (trials.step + 1) * times - 1, trials.neuron, trials.target)


def weights_of(network: Network, seed: int) -> Weights:
    """Return random weights that keep every layer spiking."""
    found = {}
    for item in network.all_projections:
        mean, std = (0.0, 3.0) if item.target == "readout" else (12.0, 4.0) if item.source == "inputs" else (6.0, 6.0)
        n_pre = item.shape[0]
        drawn = stream("weights", item.name, seed).standard_normal(item.shape)
        found[item.name] = mean / n_pre + std / np.sqrt(n_pre) * drawn
    return found


def refuse_dead(recording: Recording, network: Network) -> None:
    """Raise where a layer is silent or saturated."""
    for layer, size in network.spiking_layers.items():
        rate = len(recording.spikes[layer].trial) / (len(recording) * network.n_steps * size)
        if not ALIVE[0] * network.dt / 1e-3 < rate < ALIVE[1]:
            raise SystemExit(f"Layer '{layer}' of {network.hidden} spikes in {rate:.1%} of its steps.")


def setup_of(network: Network, rule: str, parameters: dict[str, str], trials: int = BATCH) -> Setup:
    """Return a setup whose rule is trained by Adam."""
    chosen = load_registry().rule(rule).with_parameters(parameters)
    return Setup(network=network, rule=chosen, feedback="none", optimizer=ADAM, trial_capacity=max(trials, PROBE))


def trained(made: tuple[Simulator, Reference], task: TaskData, seed: int, rate: float) -> Weights:
    """Return the weights after training along a rule's gradient."""
    run, exact = made
    state = State(weights_of(run.setup.network, seed), {}, {})
    for epoch in range(EPOCHS):
        order = stream("data order", "surrogates", seed, epoch).permutation(len(task.train))
        for first in range(0, len(order), BATCH):
            part = task.train.take(order[first : first + BATCH])
            recording, state = run.run(state, part, Plan())
            gradient = followed(exact, ForwardPass(state.weights, {}, part, recording)).mean
            state = update(run.setup, state, gradient, rate * 0.1 ** (epoch / EPOCHS), "cpp")
    return state.weights


def scores(made: tuple[Simulator, Reference], task: TaskData, seed: int, rate: float) -> dict[str, float]:
    """Return what comes of training: accuracies, and hidden spikes of a trial; NaN where the loss became none."""
    try:
        state = State(trained(made, task, seed, rate), {}, {})
        found = {name: made[0].run(state, getattr(task, name), Plan())[0] for name in ("validation", "test")}
    except (DivergedError, GradientError):
        return dict.fromkeys(("validation", "test", "spikes"), np.nan)
    return {name: accuracy(recording, getattr(task, name)).value for name, recording in found.items()} | {
        "spikes": spikes_per_trial(found["test"])
    }


def pair(setup: Setup) -> tuple[Simulator, Reference]:
    """Return what runs a network, and what differentiates it."""
    return simulator(setup), reference(setup)
