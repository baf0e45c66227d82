"""Whether trials fit what is to run them."""

import numpy as np

from workbench.common.arrays import shortened
from workbench.common.errors import DataError
from workbench.declare.loss import Loss
from workbench.declare.trial_arrays import are_shares
from workbench.declare.trial_format import TrialFormat
from workbench.declare.trials import Trials


def refuse_misfit(trials: Trials, needed: TrialFormat, loss: Loss | None = None, what: str = "Trials") -> None:
    """Refuse trials that do not fit what is to run them: the one place that decides it.

    Parameters
    ----------
    trials : Trials
        Which hold together by themselves.
    needed : TrialFormat
        Of the network, or of the task's data.
    loss : Loss, optional
        That compares the targets with the readout, where there is one.
    what : str
        Whose trials they are, for the message.

    Raises
    ------
    DataError
        What must hold, and what is given.
    """
    if len(trials) == 0:
        raise DataError(f"{what}: there are none, and a network needs one at least.")
    if trials.format is not None and trials.format != needed:
        mine, others = trials.format.difference(needed)
        raise DataError(f"{what}: they are made for {mine}, and the network has {others}. Use `Network.for_task`.")
    if trials.rewards is not None and not needed.rewarded:
        raise DataError(f"{what}: they have rewards, and the network is made for none. Say so in its `rewarded`.")
    for name, events, size, kind in (
        ("step", trials.step, needed.n_steps, "steps"),
        ("neuron", trials.neuron, needed.n_inputs, "input neurons"),
    ):
        if len(events) and events.max() >= size:
            raise DataError(f"{what}: `{name}` goes up to {events.max()}, but the {kind} are 0 to {size - 1}.")
    wanted = (needed.n_outputs,) if needed.targets == "trial" else (needed.n_steps, needed.n_outputs)
    if trials.target.shape[1:] != wanted:
        raise DataError(
            f"{what}: `target` has shape {trials.target.shape[1:]} for each trial, but targets of kind "
            f"'{needed.targets}' must have {wanted}."
        )
    if needed.targets == "spikes":
        others = trials.target[(trials.target != 0) & (trials.target != 1)]
        if len(others):
            raise DataError(f"{what}: `target` must be 1 for a spike and else 0, and holds {others[0]:g}.")
    if loss is not None and loss.refuses(needed.targets):
        raise DataError(f"{what}: {loss.refuses(needed.targets)}")
    if loss is not None and loss.of_classes:
        _refuse_other_than_classes(trials, loss, what)


def _refuse_other_than_classes(trials: Trials, loss: Loss, what: str) -> None:
    """Refuse targets for which the error of a loss of classes would not be its derivative, or nothing would be lost."""
    target = trials.target
    shares = are_shares(target)
    if not shares.all():
        place = int(np.argmin(shares.reshape(len(target), -1).all(axis=1)))
        if trials.nearly_shares:
            raise DataError(
                f"{what}: for loss '{loss.name}' the `target` of each trial must have the sum 1, and that of trial "
                f"{place} has {target[place].sum():.10g}. Divide it by its sum, in double precision."
            )
        raise DataError(
            f"{what}: for loss '{loss.name}' the `target` of each trial must be shares of classes, from 0 and with the "
            f"sum 1, and that of trial {place} is {shortened(target[place])}. Make it one-hot, or take loss "
            "'squared_error'."
        )
    if target.shape[-1] == 1:
        raise DataError(
            f"{what}: loss '{loss.name}' of a single output is always 0. Give each class an output, or take loss "
            "'squared_error'."
        )
