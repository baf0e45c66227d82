"""Gradients of many trials, in parts that fit into memory."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import ceil

import numpy as np

from workbench.common.errors import GradientError
from workbench.declare.network import Network
from workbench.declare.recording import Recording
from workbench.declare.references import EXACT_GRADIENTS
from workbench.declare.trials import Trials
from workbench.engine.presentation import Plan
from workbench.engine.simulate import Simulator
from workbench.engine.state import State, Weights
from workbench.reference.bptt import Reference, reference
from workbench.reference.followed import followed
from workbench.reference.forward_pass import ForwardPass

#: About how much the gradients of single trials may take at a time, in each array of them [byte].
PER_TRIAL = 64_000_000


def in_blocks(network: Network, trials: Trials, block: int = 0) -> Iterator[tuple[int, Trials]]:
    """Return trials in parts, each so small that a gradient for each of its trials fits into memory.

    Parameters
    ----------
    network : Network
        Whose weights the gradients are by.
    trials : Trials
        At least one.
    block : int
        Trials of a part; 0 for as many as make `PER_TRIAL` in the largest layer.

    Yields
    ------
    int, Trials
        The number of the part's first trial, and the part.
    """
    count = len(trials)
    largest = max(item.n_synapses for item in network.all_projections)
    fitting = block or max(PER_TRIAL // (largest * np.dtype(np.float64).itemsize), 1)
    # Parts of about equal length: the reference fills up the last one.
    size = ceil(count / ceil(count / fitting))
    for first in range(0, count, size):
        yield first, trials.take(np.arange(first, min(first + size, count)))


def mean_estimate(
    simulator: Simulator, state: State, trials: Trials, block: int = 0
) -> tuple[list[Recording], Weights]:
    """Return what a network does, and what its rule estimates for the gradient of the mean loss.

    Parameters
    ----------
    simulator, state
        The network with its rule, and its weights.
    trials : Trials
        At least one.
    block : int
        Trials at a time, as of `in_blocks`.

    Returns
    -------
    recordings : list of Recording
        Of each part of `in_blocks`, without estimates.
    estimate : dict of str to ndarray of shape (n_pre, n_post)
        By layer; of a rule that follows another gradient than BPTT's, that one.
    """
    rule = simulator.setup.rule
    other = reference(simulator.setup) if rule.follows_reference and not rule.is_exact_gradient else None
    recordings: list[Recording] = []
    total: Weights = {}
    for _, part in in_blocks(simulator.setup.network, trials, block):
        recording, _ = simulator.run(state, part, Plan(learning=True, record_gradient=True))
        if other is None:
            add_sums(total, {layer: array.sum(axis=0) for layer, array in recording.gradient.items()})
        else:
            found = followed(other, ForwardPass(state.weights, state.feedback, part, recording)).mean
            plastic = simulator.setup.network.plastic_weights
            add_sums(total, {layer: found[layer] * len(part) for layer in plastic})
        recordings.append(replace(recording, gradient={}))
    return recordings, {layer: array / len(trials) for layer, array in total.items()}


def add_sums(total: Weights, part: Weights) -> None:
    """Add the sums over some trials to those over others, in place."""
    for layer, array in part.items():
        total[layer] = total.get(layer, 0.0) + array


def exact_means(
    reference: Reference, state: State, trials: Trials, recordings: Sequence[Recording], block: int = 0
) -> tuple[dict[str, Weights], dict[str, str]]:
    """Return the exact gradients of the mean loss.

    Parameters
    ----------
    reference, state, trials, block
        As of `mean_estimate`.
    recordings : sequence of Recording
        Of each part of `in_blocks`.

    Returns
    -------
    gradients : dict of str to dict of str to ndarray of shape (n_pre, n_post)
        By variant and layer.
    refused : dict of str to str
        Why a variant has none.
    """
    found: dict[str, Weights] = {}
    refused: dict[str, str] = {}
    for variant, reset in EXACT_GRADIENTS.items():
        total: Weights = {}
        try:
            for (_, part), recording in zip(in_blocks(reference.setup.network, trials, block), recordings, strict=True):
                gradients = reference.gradients(
                    ForwardPass(state.weights, state.feedback, part, recording), reset=reset, pad=len(recordings[0])
                )
                share = len(part) / len(trials)
                add_sums(total, {layer: array * share for layer, array in gradients.mean.items()})
            found[variant] = total
        except GradientError as error:
            refused[variant] = str(error)
    return found, refused
