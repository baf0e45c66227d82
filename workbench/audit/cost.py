"""What a rule costs: the state that it keeps, and the operations that it takes."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats

from workbench.audit.locality.state_variables import kept_variables
from workbench.common.errors import ModelError
from workbench.declare.completed import without_circuit
from workbench.declare.neuron import NeuronModel
from workbench.declare.projection import Projection
from workbench.declare.recording import Recording
from workbench.declare.rule import NO_RULE, Rule
from workbench.declare.trials import Trials
from workbench.model.brian2_session import numpy_code
from workbench.model.build import build_model
from workbench.model.by_structure import ByStructure
from workbench.model.events.lowering import why_clock_driven
from workbench.model.setup import Setup
from workbench.reference.bptt import reference
from workbench.reference.memory import gradient_memory


@dataclass(frozen=True)
class StateSize:
    """The state that a rule keeps from step to step.

    Attributes
    ----------
    per_synapse, per_neuron : float
        Bytes for each weight of the hidden layers, among which what pairs of presynaptic neurons keep is shared out,
        and for each neuron but those of the readout; NaN for a rule that the reference computes, whose state belongs to
        neither.
    total : int
        Bytes of all.
    """

    per_synapse: float
    per_neuron: float
    total: int


def synapses_cost(rule: Rule, neuron: NeuronModel, readout: NeuronModel) -> str:
    """Return ``events``, or ``every step`` and why; empty for a rule that runs no equations.

    Parameters
    ----------
    rule : Rule
        Of hidden layers.
    neuron, readout : NeuronModel
        Of these layers, and of the readout.
    """
    if not rule.has_equations:
        return ""
    reason = why_clock_driven(rule, neuron, readout)
    return f"every step: {reason}" if reason else "events"


def rule_state(setup: Setup) -> StateSize:
    """Return the state that a rule adds to a network, clock-driven: without weights, `g`, and the optimizer's.

    Parameters
    ----------
    setup : Setup
        Whose rule has equations, or none. What the host's readout keeps is not counted.

    Raises
    ------
    ModelError
        For a rule that the reference computes; see `reference_state`.
    """
    if setup.rule.follows_reference:
        raise ModelError(f"Rule '{setup.rule.name}' keeps no state in Brian2: the reference computes it.")
    bare = without_circuit(setup.network, setup.rule)
    if setup.rule.trains_readout:
        # There need be no other rule that could train it.
        bare = replace(
            bare, fixed=(*bare.fixed, *(item.name for item in bare.all_projections if item.target == "readout"))
        )
    without = _kept(replace(setup, network=bare, rule=NO_RULE, feedback="none"))
    added = {key: item for key, item in _kept(setup).items() if key not in without and key[1] not in {"w", "b"}}
    network = setup.network
    own = [item for item in network.all_projections if item.target != "readout" and item.rule is None]
    trained = [item for item in own if setup.learns_by_rule(item)]
    weights = sum(item.n_synapses for item in trained)
    in_synapses = sum(item.size_in_bytes for item in added.values() if item.in_synapses)
    in_neurons = sum(item.size_in_bytes for item in added.values() if not item.in_synapses)
    neurons = network.n_inputs + network.n_hidden
    return StateSize(in_synapses / max(weights, 1), in_neurons / neurons, in_synapses + in_neurons)


@ByStructure
def _kept(setup: Setup) -> dict[tuple[str, str], Any]:
    with numpy_code():
        model = build_model(setup)
        return {(item.owner, item.variable): item for item in kept_variables(setup, model) if item.written}


def reference_state(setup: Setup, trial: Trials) -> StateSize:
    """Return the memory that the exact gradient of one trial takes while it is computed, all of it at once.

    Parameters
    ----------
    setup : Setup
        Whose rule says in which direction.
    trial : Trials
        One trial, of which only the size counts.

    Returns
    -------
    StateSize
        What the compiled program keeps besides its arguments and the gradient.
    """
    return StateSize(float("nan"), float("nan"), gradient_memory(reference(setup), trial, setup.rule.direction))


@dataclass(frozen=True)
class Operations:
    """What happens in a trial, on average.

    Attributes
    ----------
    spikes : float
        Of the hidden layers.
    synaptic : float
        Additions of a weight, one for each spike and synapse that it reaches, in the forward direction.
    updates : float
        Additions to `g` of the hidden layers: one for each spike and synapse where the rule is computed from events,
        else one for each synapse and step, and changes of each pair of presynaptic neurons in each step, where a rule
        keeps something of these; 0 for a rule without equations.
    sparsity : float
        Share of neurons and steps without a spike, hidden layers.
    """

    spikes: float
    synaptic: float
    updates: float
    sparsity: float


def operations(setup: Setup, trials: Trials, recording: Recording) -> Operations:
    """Return the operations of a trial, counted from recorded spikes (NeuroBench, doi:10.1038/s41467-025-56739-4).

    Parameters
    ----------
    setup : Setup
        Of what was recorded.
    trials : Trials
        As presented.
    recording : Recording
        With spikes.
    """
    network, count = setup.network, len(trials)
    sent = {"inputs": len(trials.step)} | {layer: len(spikes.step) for layer, spikes in recording.spikes.items()}
    reached = {item.name: _sent_on(item, trials, recording) for item in network.all_projections}
    synaptic = sum(reached.values())
    updates = 0
    for item in network.all_projections:
        if item.target != "readout" and setup.learns_by_rule(item):
            each = why_clock_driven(setup.rule_of(item), network.model_of(item.target), network.readout)
            updates += count * network.n_steps * item.n_synapses if each else reached[item.name]
            updates += count * network.n_steps * item.ends[0] ** 2 if setup.rule_of(item).pairs else 0
    spikes = sum(sent.get(layer, 0) for layer in network.layers[:-1])
    places = count * network.n_steps * network.n_hidden
    return Operations(spikes / count, synaptic / count, updates / count, 1 - spikes / places)


def _sent_on(projection: Projection, trials: Trials, recording: Recording) -> int:
    """Return to how many synapses the spikes of a projection's source go."""
    sent: dict[str, NDArray[np.integer]] = {name: spikes.neuron for name, spikes in recording.spikes.items()}
    neurons = trials.neuron if projection.source == "inputs" else sent.get(projection.source, np.zeros(0, np.int64))
    if projection.dense:
        return len(neurons) * projection.ends[1]
    reached = np.bincount(projection.indices.pre, minlength=projection.ends[0])
    return int(reached[neurons].sum())


@dataclass(frozen=True)
class Exponent:
    """The power with which a cost grows.

    Attributes
    ----------
    value : float
        Of the leading term.
    low, high : float
        Its 95 % interval, by the scatter about the fit.
    """

    value: float
    low: float
    high: float


def exponent(sizes: ArrayLike, costs: ArrayLike) -> Exponent:
    """Return the power with which costs grow with sizes: that of the leading term.

    A slope in logarithms would be that of all terms together, below that of the leading one at any size. So the next
    term, smaller by a factor of the size, is fitted beside it: log cost = a + b log n + log(1 + c / n). What further
    terms do is not scatter; the interval is wider by what the smallest size changes.

    Parameters
    ----------
    sizes, costs : array_like of shape (n,)
        Above 0, sizes ascending; at least six.
    """
    n, cost = (np.asarray(values, dtype=np.float64) for values in (sizes, costs))
    if len(n) < 6:
        raise ModelError(f"An exponent needs at least six sizes, not {len(n)}.")
    value, scatter = _leading_power(n, cost)
    half = scatter + abs(value - _leading_power(n[1:], cost[1:])[0])
    return Exponent(value, value - half, value + half)


def _leading_power(n: NDArray[np.float64], cost: NDArray[np.float64]) -> tuple[float, float]:
    """Return the fitted power, and half its interval by the scatter."""
    x, y = np.log(n / n[0]), np.log(cost)

    def rest(c: float) -> tuple[float, NDArray[np.float64]]:
        """Return what a line leaves of the logarithms once the next term is taken off, and the line."""
        table = np.column_stack([np.ones(len(x)), x])
        aim = y - np.log1p(c * np.exp(-x))
        line, *_ = np.linalg.lstsq(table, aim, rcond=None)
        return float(((aim - table @ line) ** 2).sum()), line

    # The next term may be as large as the leading one, or hundreds of times as large, at the smallest size.
    trials = np.concatenate([-np.geomspace(0.9, 1e-4, 40), [0.0], np.geomspace(1e-4, 1e3, 140)])
    best = int(np.argmin([rest(c)[0] for c in trials]))
    around = trials[max(best - 1, 0)], trials[min(best + 1, len(trials) - 1)]
    c = float(optimize.minimize_scalar(lambda c: rest(c)[0], bounds=around, options={"xatol": 1e-12}).x)
    squares, line = rest(c)
    slopes = np.column_stack([np.ones(len(x)), x, np.exp(-x) / (1 + c * np.exp(-x))])
    free = len(x) - 3
    variance = squares / free * np.linalg.inv(slopes.T @ slopes)[1, 1]
    return float(line[1]), float(stats.t.ppf(0.975, free) * np.sqrt(variance))
