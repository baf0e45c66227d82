"""Whether an estimate depends on how neurons are numbered."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from workbench.declare.network import Network
from workbench.declare.projection import Projection
from workbench.declare.trials import Trials
from workbench.engine.state import State
from workbench.measures.alignment import relative_error
from workbench.testing.agreement import EXACT, error_of, within
from workbench.testing.case import Case
from workbench.testing.subject import DoesNotApplyError, FailedError, Subject

#: By the name of a layer: who is called by each number now.
Orders = dict[str, NDArray[np.int64]]


def follows_relabelling(subject: Subject) -> str:
    """See that other numbers for the same neurons give the same estimates under these numbers."""
    if subject.neuron.noise or subject.rule.noise:
        raise DoesNotApplyError("what is drawn follows from the numbers of neurons")
    case = subject.alive()
    network = case.setup.network
    orders = _orders(network, np.random.default_rng(5))
    numbered = {item.name: item for item in network.all_projections}
    weights = {name: _of_pairs(case.state.weights[name], item, orders) for name, item in numbered.items()}
    feedback = {layer: _of_feedback(array, layer, orders) for layer, array in case.state.feedback.items()}
    # Input k is now called by the place at which k stands in the new order.
    neuron = np.argsort(orders["inputs"])[case.trials.neuron].astype(np.int32)
    other = Case(case.setup, State(weights, feedback, {}), _in_order(replace(case.trials, neuron=neuron)))
    before, after = case.record().gradient, other.record().gradient
    worst = 0.0
    for name, estimates in before.items():
        wanted = np.stack([_of_pairs(estimate, numbered[name], orders) for estimate in estimates])
        worst = max(worst, error_of(after[name], wanted, name))
        if relative_error(after[name], estimates).value < EXACT:
            raise FailedError(f"The estimates of '{name}' are alike for all neurons, so nothing was compared.")
    return within(worst, EXACT, "The estimate of a synapse depends on how its neurons are numbered")


def _orders(network: Network, generator: np.random.Generator) -> Orders:
    """Return new numbers of inputs, hidden layers and populations; of a layer's partners those of the layer."""
    sizes = {"inputs": network.n_inputs} | network.layer_sizes
    orders = {name: generator.permutation(size) for name, size in sizes.items()}
    orders["readout"] = np.arange(network.n_outputs)
    for item in network.all_projections:
        if item.connect.pattern == "one_to_one":
            orders[item.target] = orders[item.source]
    return orders


def _of_pairs(array: NDArray[np.float64], projection: Projection, orders: Orders) -> NDArray[np.float64]:
    """Return what synapses have under the new numbers of the neurons at their ends."""
    if projection.dense:
        return array[np.ix_(orders[projection.source], orders[projection.target])]
    if projection.connect.pattern == "one_to_one":
        return array[orders[projection.source]]
    raise DoesNotApplyError(f"not all neurons are connected by '{projection.name}'")


def _of_feedback(array: NDArray[np.float64], layer: str, orders: Orders) -> NDArray[np.float64]:
    """Return fixed feedback of a layer under the new numbers of the neurons at its ends."""
    # The sizes of all layers differ, so that a shape says which they are.
    ends = {len(order): order for order in orders.values()} | {len(orders[layer]): orders[layer]}
    rows, columns = array.shape
    return array[np.ix_(ends[rows], ends[columns])]


def _in_order(trials: Trials) -> Trials:
    """Return trials whose spikes are ordered by neuron within a step again."""
    trial = np.repeat(np.arange(len(trials)), np.diff(trials.start))
    order = np.lexsort((trials.neuron, trials.step, trial))
    return replace(trials, step=trials.step[order], neuron=trials.neuron[order])
