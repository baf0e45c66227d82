"""What rules cost: state, operations and traffic in a network of stated sizes, and how state grows with them."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.audit.cost import exponent, operations, reference_state, rule_state, synapses_cost
from workbench.catalogue.registry import Registry
from workbench.common.errors import StudyError
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.network import Network
from workbench.declare.rule import Rule
from workbench.declare.trials import Trials
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.engine.state import State
from workbench.model.feedback.weights import draw_feedback, feedback_shapes
from workbench.model.setup import Setup
from workbench.study.seeds import stream

#: Bytes of a number, of which `g` is one.
NUMBER = 8

COLUMNS = [
    *("rule", "title", "feedback", "engine", "synapses_cost", "bytes_per_synapse", "bytes_per_neuron", "bytes"),
    *("spikes", "sparsity", "synaptic", "updates", "updates_per_synapse_and_step", "traffic", "reason"),
]

#: Neurons in each layer, and steps. Nothing is run at these sizes: memory is read off.
_NEURONS = {"bptt": (32, 48, 64, 96, 128, 192, 256), "rtrl": (32, 48, 64, 80, 96, 112, 128)}
_OTHERS = (32, 64, 96, 128, 192, 256, 384)
_STEPS = (250, 500, 1000, 1500, 2000, 3000, 4000)

#: Where the other of the two is varied: for BPTT so many steps that what does not grow with them is small.
_FIXED = {"bptt": (64, 1000), "rtrl": (48, 50)}


@dataclass(frozen=True)
class Sizes:
    """The network that costs are of.

    Attributes
    ----------
    inputs, hidden, outputs, steps : int
        Neurons of each layer, and steps of a trial.
    trials : int
        Over which what spikes decide about is averaged.
    """

    inputs: int = 784
    hidden: int = 100
    outputs: int = 10
    steps: int = 100
    trials: int = 256

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value < 1:
                raise StudyError(f"--{name}: at least 1 is needed, not {value}.")


def setup_for(rule: Rule, registry: Registry, sizes: Sizes) -> Setup:
    """Return a network with one hidden layer and a rule, on the models that it is written for."""
    neuron, readout = registry.models_for(rule)
    network = Network(
        n_inputs=sizes.inputs, hidden=(sizes.hidden,), n_outputs=sizes.outputs, neuron=neuron, readout=readout,
        n_steps=sizes.steps, loss=SQUARED_ERROR,
    )  # fmt: skip
    return Setup(
        network=network, rule=rule, feedback=rule.default_feedback, trial_capacity=256, event_capacity=1 << 16,
        targets=rule.targets_with(readout.spiking),
    )  # fmt: skip


def trials_for(setup: Setup, count: int) -> Trials:
    """Return trials in which one input in five spikes, once, at a step of its own, as the pixels of an image do."""
    network, generator = setup.network, stream("input noise", "cost")
    dense = np.zeros((count, network.n_steps, network.n_inputs), dtype=bool)
    trial, neuron = np.nonzero(generator.random((count, network.n_inputs)) < 0.2)
    last = max(2, round(0.61 * network.n_steps))
    dense[trial, generator.integers(1, last, size=len(trial)) % network.n_steps, neuron] = True
    trial, step, neuron = np.nonzero(dense)
    start = np.searchsorted(trial, np.arange(count + 1)).astype(np.int64)
    target = np.eye(network.n_outputs)[generator.integers(network.n_outputs, size=count)]
    if setup.targets == "spikes":
        target = (generator.random((count, network.n_steps, network.n_outputs)) < 0.05).astype(np.float64)
    return Trials(start, step.astype(np.int32), neuron.astype(np.int32), target)


def weights_for(setup: Setup) -> State:
    """Return weights with which about one neuron in three spikes a few times a trial."""
    network, weights = setup.network, {}
    for projection in network.all_projections:
        scale = 12.0 if projection.source == "inputs" else 3.0
        drawn = stream("weights", projection.name, 0).standard_normal(projection.shape)
        weights[projection.name] = scale / np.sqrt(projection.shape[0]) * drawn
    shapes = feedback_shapes(network, setup.pathway)
    feedback = {layer: draw_feedback(setup.pathway, shape, 1.0, stream("feedback", layer, 0))
                for layer, shape in shapes.items()}  # fmt: skip
    return State(weights, feedback, {})


def rule_costs(rules: Iterable[Rule], registry: Registry, sizes: Sizes | None = None) -> pd.DataFrame:
    """Return what rules cost in a network with one hidden layer and random weights, of random images.

    Parameters
    ----------
    rules : iterable of Rule
        Each on the neuron models and the pathway that it has by default.
    registry : Registry
        With these.
    sizes : Sizes, optional
        Of the network; 784-100-10 neurons and 100 steps by default.

    Returns
    -------
    DataFrame
        One row per rule: bytes_per_synapse, bytes_per_neuron (inputs and hidden), bytes (of all that the rule keeps
        from step to step, clock-driven, without weights and `g`; of what the reference computes, of one trial); per
        trial spikes (of the hidden layer), synaptic (additions of a weight), updates (additions to `g`), traffic (bytes
        read and written at synapses, where each addition to `g` reads and writes it and what its synapse keeps);
        sparsity (share of neurons and steps without a spike), updates_per_synapse_and_step; reason (why what is NaN is
        undefined).
    """
    used = sizes or Sizes()
    return pd.DataFrame([_cost(rule, registry, used) for rule in rules], columns=COLUMNS)


def _cost(rule: Rule, registry: Registry, sizes: Sizes) -> dict[str, object]:
    known: dict[str, object] = dict.fromkeys(COLUMNS, math.nan) | {
        "rule": rule.name, "title": rule.title, "feedback": rule.default_feedback, "engine": rule.engine,
        "synapses_cost": synapses_cost(rule, *registry.models_for(rule)), "reason": "",
    }  # fmt: skip
    setup = setup_for(rule, registry, sizes)
    trials = trials_for(setup, sizes.trials)
    recording, _ = simulator(setup).run(weights_for(setup), trials, Plan(record_spikes=True))
    counted = operations(setup, trials, recording)
    known |= {"spikes": counted.spikes, "sparsity": counted.sparsity, "synaptic": counted.synaptic}
    if rule.follows_reference:
        if not rule.is_exact_gradient:
            return known | {"reason": "The reference computes it, in arrays whose size is not known."}
        told = "The reference computes it, going through whole trials: nothing is kept or done at a synapse."
        return known | {"bytes": float(reference_state(setup, trials.take(np.array([0]))).total), "reason": told}
    kept = rule_state(setup)
    synapses = sizes.inputs * sizes.hidden
    return known | {
        "bytes_per_synapse": kept.per_synapse, "bytes_per_neuron": kept.per_neuron, "bytes": float(kept.total),
        "updates": counted.updates, "updates_per_synapse_and_step": counted.updates / synapses / sizes.steps,
        "traffic": 2 * (NUMBER + kept.per_synapse) * counted.updates,
    }  # fmt: skip


def state_scaling(rules: Iterable[Rule], registry: Registry) -> pd.DataFrame:
    """Return the state of rules at several sizes: columns rule, title, over, size, neurons, bytes.

    `over` is neurons or steps.

    Parameters
    ----------
    rules : iterable of Rule
        Those that keep no state anywhere have no rows.
    registry : Registry
        With the neuron models that they are written for.
    """
    rows = []
    for rule in rules:
        if rule.follows_reference and not rule.is_exact_gradient:
            continue
        neurons, steps = _FIXED.get(rule.engine, (64, 100))
        sizes = [("neurons", size, size, steps) for size in _NEURONS.get(rule.engine, _OTHERS)]
        sizes += [("steps", size, neurons, size) for size in _STEPS]
        name = (rule.name, rule.title)
        found = [(*name, over, size, many, _bytes(rule, registry, many, long)) for over, size, many, long in sizes]
        rows += found if all(row[-1] for row in found) else []
    return pd.DataFrame(rows, columns=["rule", "title", "over", "size", "neurons", "bytes"])


def _bytes(rule: Rule, registry: Registry, neurons: int, steps: int) -> int:
    """Return the bytes of a rule's state with as many inputs as hidden neurons, and one output."""
    setup = setup_for(rule, registry, Sizes(neurons, neurons, 1, steps))
    if not rule.is_exact_gradient:
        return rule_state(setup).total
    nothing = np.zeros(0, dtype=np.int32)
    return reference_state(setup, Trials(np.zeros(2, dtype=np.int64), nothing, nothing, np.zeros((1, 1)))).total


def fitted_powers(table: pd.DataFrame) -> pd.DataFrame:
    """Return the powers with which states grow: columns rule, over, exponent, low, high.

    Parameters
    ----------
    table : DataFrame
        Of `state_scaling`.
    """
    rows = []
    for (rule, over), part in table.groupby(["rule", "over"], sort=False):
        found = exponent(part["size"], part["bytes"])
        rows.append((rule, over, found.value, found.low, found.high))
    return pd.DataFrame(rows, columns=["rule", "over", "exponent", "low", "high"])
