"""Whether an estimate depends on how neurons are numbered."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from workbench.declare.network import Network
from workbench.declare.trials import Trials
from workbench.engine.state import State
from workbench.measures.alignment import relative_error
from workbench.testing.agreement import EXACT, error_of, within
from workbench.testing.case import Case
from workbench.testing.subject import DoesNotApplyError, FailedError, Subject


def follows_relabelling(subject: Subject) -> str:
    """See that other numbers for the same neurons give the same estimates under these numbers."""
    if subject.neuron.noise or subject.rule.noise:
        raise DoesNotApplyError("what is drawn follows from the numbers of neurons")
    case = subject.alive()
    network = case.setup.network
    generator = np.random.default_rng(5)
    inputs = generator.permutation(network.n_inputs)
    hidden = [generator.permutation(size) for size in network.hidden]
    orders = [inputs, *hidden, np.arange(network.n_outputs)]
    weights = {
        layer: case.state.weights[layer][np.ix_(orders[index], orders[index + 1])]
        for index, layer in enumerate(network.layers)
    }
    feedback = {layer: _relabelled(array, layer, network, orders) for layer, array in case.state.feedback.items()}
    # Input k is now called by the place at which k stands in the new order.
    neuron = np.argsort(inputs)[case.trials.neuron].astype(np.int32)
    other = Case(case.setup, State(weights, feedback, {}), _in_order(replace(case.trials, neuron=neuron)))
    before, after = case.record().gradient, other.record().gradient
    worst = 0.0
    for index, layer in enumerate(network.layers):
        if layer in before:
            wanted = before[layer][:, orders[index]][:, :, orders[index + 1]]
            worst = max(worst, error_of(after[layer], wanted, layer))
            if relative_error(after[layer], before[layer]).value < EXACT:
                raise FailedError(f"The estimates of '{layer}' are alike for all neurons, so nothing was compared.")
    return within(worst, EXACT, "The estimate of a synapse depends on how its neurons are numbered")


def _relabelled(
    array: NDArray[np.float64], layer: str, network: Network, orders: list[NDArray[np.int64]]
) -> NDArray[np.float64]:
    """Return fixed feedback of a layer under the new numbers of the neurons at its ends."""
    own = orders[network.layers.index(layer) + 1]
    ends = {len(order): order for order in orders}
    # The sizes of all layers differ, so that a shape says which they are.
    rows, columns = array.shape
    return array[np.ix_(own if rows == len(own) else ends[rows], own if columns == len(own) else ends[columns])]


def _in_order(trials: Trials) -> Trials:
    """Return trials whose spikes are ordered by neuron within a step again."""
    trial = np.repeat(np.arange(len(trials)), np.diff(trials.start))
    order = np.lexsort((trials.neuron, trials.step, trial))
    return replace(trials, step=trials.step[order], neuron=trials.neuron[order])
