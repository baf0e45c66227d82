"""The arrays of trials: events in their order, and targets that are shares of classes."""

import numpy as np
from numpy.typing import NDArray

from workbench.common.errors import DataError, shown
from workbench.declare.rewards import Rewards

#: How far the sum of a trial's targets may lie from 1 where they are shares of classes.
_ROUNDING = 1e-9

#: How far it lies from 1 where they are such shares but for the rounding of numbers in half precision.
NEARLY = 1e-3

#: What to do about an array that is not what it must be.
REMEDIES = {
    "start": "Count the events of the trials before each.",
    "step": "Divide times by the length of a step, and round them.",
    "neuron": "Number the input neurons from 0.",
    "draw": "Number the trials from 0.",
}


def are_shares(target: NDArray[np.float64], rounding: float = _ROUNDING) -> NDArray[np.bool_]:
    """Return for each trial or step whether its targets are shares of classes: from 0, and with the sum 1."""
    return np.asarray((target.min(axis=-1, initial=0) >= 0) & (np.abs(target.sum(axis=-1) - 1) <= rounding))


def refuse_gaps(start: NDArray[np.signedinteger], n_steps: int, n_neurons: int, n_trials: int) -> None:
    """Refuse events that are not counted as they are there: by step, by neuron, and by trial.

    Raises
    ------
    DataError
        What there is, and what there must be.
    """
    if n_steps != n_neurons:
        raise DataError(f"Trials: each event has a `step` and a `neuron`, but there are {n_steps} and {n_neurons}.")
    if len(start) != n_trials + 1:
        raise DataError(
            f"Trials: `start` must have {n_trials + 1} numbers, one more than `target` has trials, not {len(start)}."
        )
    if start[0] != 0 or start[-1] != n_steps or (np.diff(start) < 0).any():
        raise DataError(
            f"Trials: `start` must go from 0 to the number of events, {n_steps}, and never back; it goes from "
            f"{start[0]} to {start[-1]}. {REMEDIES['start']}"
        )


def in_order(
    start: NDArray[np.signedinteger], step: NDArray[np.signedinteger], neuron: NDArray[np.signedinteger]
) -> tuple[NDArray[np.signedinteger], NDArray[np.signedinteger]]:
    """Return the steps and neurons of events in the order of trials, steps and neurons.

    Raises
    ------
    DataError
        Where there are two events of a neuron in a step.
    """
    if len(step) < 2:
        return step, neuron
    same_trial = np.ones(len(step) - 1, dtype=bool)
    border = start[1:-1]
    same_trial[border[(border > 0) & (border < len(step))] - 1] = False
    later = (step[1:] > step[:-1]) | ((step[1:] == step[:-1]) & (neuron[1:] > neuron[:-1]))
    # In order as a rule, which is seen ten times as fast as it is made.
    if (later | ~same_trial).all():
        return step, neuron
    order = np.lexsort((neuron, step, np.repeat(np.arange(len(start) - 1), np.diff(start))))
    step, neuron = step[order], neuron[order]
    twice = same_trial & (step[1:] == step[:-1]) & (neuron[1:] == neuron[:-1])
    if twice.any():
        place = int(np.argmax(twice))
        raise DataError(
            f"Trials: input neuron {neuron[place]} spikes twice in step {step[place]} of trial "
            f"{np.searchsorted(start, place, side='right') - 1}. Give each step one spike at most."
        )
    return step, neuron


def refuse_unrewarded(rewards: object, target: NDArray[np.float64]) -> None:
    """Refuse rewards that are not of the same trials and answers as the targets, or targets that are not the best.

    Raises
    ------
    DataError
        What must hold, and what is given.
    """
    if rewards is None:
        return
    if not isinstance(rewards, Rewards):
        raise DataError(f"Trials: `rewards` must be `Rewards`, not {shown(rewards)}.")
    if rewards.worth.shape != target.shape:
        raise DataError(
            f"Trials: `rewards` must say for each of {target.shape} trials and answers what they are worth, and have "
            f"shape {rewards.worth.shape}. A target of shape {rewards.worth.shape} is `Rewards.target`."
        )
    expected = rewards.expected
    lacking = (target * (expected.max(axis=1, keepdims=True) - expected) != 0).any(axis=1) | ~are_shares(target)
    if lacking.any():
        place = int(np.argmax(lacking))
        raise DataError(
            f"Trials: where answers are worth something, the target is the one that is worth most on average, which in "
            f"trial {place} it is not. Give `Rewards.target`."
        )
