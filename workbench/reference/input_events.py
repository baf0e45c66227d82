"""What inputs add to neurons, and the gradient of their weights, from the inputs' events alone.

Inputs spike in few steps, and how often is known before anything is run: what they add is a product of a sparse array
with the weights, for all steps and trials at once, and so is the gradient of the weights, from that of what they add.
"""

from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from workbench.declare.network import Network
from workbench.declare.trials import Trials
from workbench.model.program import Program
from workbench.reference.mode import Direction
from workbench.reference.synapses import INPUTS

#: Bytes that what inputs add, and the gradient by it, may take each.
_AT_ONCE = 1 << 28


def added_by_events(program: Program, direction: Direction) -> dict[int, str]:
    """Return the operations by which spikes of inputs add their weights and nothing else.

    Parameters
    ----------
    program : Program
        Whose operations they are.
    direction : {"reverse", "forward"}
        Where gradients are carried along, what is sent by each weight is asked for, and there are none.

    Returns
    -------
    dict of int to str
        Names of the weights by the number of the operation.
    """
    if direction == "forward":
        return {}
    found = {}
    for number, item in enumerate(program.operations):
        if item.kind != "transmit" or item.source != INPUTS[0] or item.owner in program.ends:
            continue
        ((target, expression), *others) = item.statements
        if not others and expression.removeprefix(f"{target} + ").strip("() ") == "w":
            found[number] = item.owner.removeprefix("w_")
    return found


def reads_inputs(program: Program, direction: Direction) -> bool:
    """Return whether anything else is done with the inputs' spikes, step by step."""
    known = added_by_events(program, direction)
    return any(item.source == INPUTS[0] for number, item in enumerate(program.operations) if number not in known)


def events_of(trials: Trials, n_steps: int, n_inputs: int) -> Any:
    """Return the spikes of inputs as a sparse array of shape (n_trials * n_steps, n_inputs)."""
    rows = np.repeat(np.arange(len(trials)), np.diff(trials.start)) * n_steps + trials.step
    shape = (len(trials) * n_steps, n_inputs)
    return sparse.csr_array((np.ones(len(rows)), (rows, trials.neuron)), shape=shape)


def arriving(events: Any, weights: NDArray[np.float64], n_steps: int) -> NDArray[np.float64]:
    """Return what inputs add in each step, of shape (n_trials, n_steps, n_post)."""
    return np.asarray((events @ weights).reshape(-1, n_steps, weights.shape[1]))


def by_weights(
    events: Any, slopes: Mapping[str, NDArray[np.float64]], names: Mapping[int, str], kind: str
) -> dict[str, NDArray[np.float64]]:
    """Return gradients by weights of inputs, from those by what these add.

    Parameters
    ----------
    events : csr_array of shape (n_trials * n_steps, n_inputs)
        As of `events_of`.
    slopes : mapping of str to ndarray
        Gradients as they were computed, those by what inputs add of shape (n_trials, n_steps, n_post).
    names : mapping of int to str
        As of `added_by_events`.
    kind : {"mean", "per_trial", "local"}
        As of `workbench.reference.compiled.compiled`.

    Returns
    -------
    dict of str to ndarray
        Of shape (n_pre, n_post), or (n_trials, n_pre, n_post) where ``per_trial``.
    """
    found = dict(slopes)
    for name in names.values():
        slope = slopes[name]
        n_trials, n_steps, n_post = slope.shape
        if kind == "per_trial":
            each = [events[trial * n_steps : (trial + 1) * n_steps].T @ slope[trial] for trial in range(n_trials)]
            found[name] = np.array(each)
        else:
            found[name] = np.asarray(events.T @ slope.reshape(-1, n_post))
    return found


def most_at_once(network: Network, program: Program, direction: Direction) -> int:
    """Return of how many trials what inputs add fits into `_AT_ONCE`, at least one."""
    names = set(added_by_events(program, direction).values())
    reached = sum(item.ends[1] for item in network.all_projections if item.name in names)
    return max(1, _AT_ONCE // max(1, network.n_steps * reached * 8))


def in_parts(
    gradient: Callable[[NDArray[np.int64], NDArray[np.float64]], tuple[Any, Any]],
    index: NDArray[np.int64],
    share: NDArray[np.float64],
    size: int,
    kind: str,
) -> tuple[dict[str, NDArray[np.float64]], dict[str, Any]]:
    """Return a gradient that is taken of some trials at a time, and what all of them told.

    Parameters
    ----------
    gradient : callable
        Of the numbers of trials and the share of each.
    index, share : ndarray of shape (n_trials,)
        Of all.
    size : int
        Trials at a time; the first of a part stands for those that are missing in the last, with a share of 0.
    kind : {"mean", "per_trial", "local"}
        As of `by_weights`.
    """
    found = []
    for first in range(0, len(index), size):
        part, own = index[first : first + size], share[first : first + size]
        missing = size - len(part)
        found.append(gradient(np.append(part, np.repeat(part[:1], missing)), np.append(own, np.zeros(missing))))
    if len(found) == 1:
        return found[0]

    def whole(*arrays: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.concatenate(arrays)[: len(index)]

    gradients, told = zip(*found, strict=True)
    joined = jax.tree.map(whole if kind == "per_trial" else lambda *arrays: np.sum(arrays, axis=0), *gradients)
    return joined, jax.tree.map(whole, *told)
