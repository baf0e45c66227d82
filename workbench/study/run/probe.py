"""The probe: at which epochs, and on which trials, a rule and the exact gradient are looked at."""

from collections.abc import Collection

import numpy as np

from workbench.declare.trials import Trials


def is_probed(update: int, in_epoch: int, epochs: int, stated: Collection[float] = ()) -> bool:
    """Return whether gradients are looked at after so many updates.

    Parameters
    ----------
    update : int
        Updates that are behind us.
    in_epoch, epochs : int
        Updates in an epoch, and how many epochs there are.
    stated : collection of float
        Epochs after which to look, by the nearest update; after 0, 1, 2, 4, 8, ... and the last where none is given.
    """
    if stated:
        return update in {round(epoch * in_epoch) for epoch in stated}
    epoch, within = divmod(update, in_epoch)
    return not within and (epoch == epochs or epoch & (epoch - 1) == 0)


def balanced(trials: Trials, count: int, generator: np.random.Generator) -> Trials:
    """Return trials of a split, drawn so that classes are there equally often, and so in each half of them.

    Parameters
    ----------
    trials : Trials
        Of the split.
    count : int
        How many to draw; all where the split has no more.
    generator : numpy.random.Generator
        Of the draw.

    Returns
    -------
    Trials
        Sorted by class, so that every second trial is a half in which each class has its share too. Where the split
        has too few of a class, all of them are there, and more of the others. Targets that are no classes are drawn
        without regard to what they are.
    """
    label = trials.label if trials.classified else np.zeros(len(trials), dtype=np.int64)
    order = generator.permutation(len(trials))
    # The number that each trial is of its class: the first of every class come first, then the second ones.
    place = np.empty(len(trials), dtype=np.int64)
    for kind in np.unique(label):
        own = order[label[order] == kind]
        place[own] = np.arange(len(own))
    drawn = order[np.argsort(place[order], kind="stable")][:count]
    return trials.take(drawn[np.argsort(label[drawn], kind="stable")])
