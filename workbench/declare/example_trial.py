"""What one trial of a network looked like while it learned: spikes, and the course of one synapse's variables."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Steps and neurons of spikes.
Events = tuple[NDArray[np.int64], NDArray[np.int64]]

#: What a variable is to a synapse: a trace of its presynaptic neuron, a variable of its postsynaptic one, the learning
#: signal of the latter, a variable of the synapse's own, or its estimate `g`.
Part = Literal["trace", "neuron", "signal", "eligibility", "estimate"]


@dataclass(frozen=True, eq=False)
class Course:
    """The course of one variable over a trial.

    Attributes
    ----------
    part : {"trace", "neuron", "signal", "eligibility", "estimate"}
        What it is to the synapse.
    name, unit : str
        As in the rule's equations, without `_pre` or `_post`; an SI unit, ``1`` for none.
    values : ndarray of shape (n_steps,)
        At the end of each step.
    """

    part: Part
    name: str
    unit: str
    values: Array


@dataclass(frozen=True, eq=False)
class ExampleTrial:
    """What a network did in one trial, and what became of one synapse's estimate.

    Attributes
    ----------
    dt : float
        Length of a step [second].
    n_steps : int
        Of the trial.
    window : tuple of (int, int)
        The steps in which the loss counts.
    spikes : dict of str to (ndarray of int, ndarray of int)
        Steps and neurons, of the inputs and of each population that spikes.
    sizes : dict of str to int
        Numbers of their neurons.
    weights, source, target : str
        The weights to which the synapse belongs, and the populations that it joins.
    pre, post : int
        The neurons that it joins; `pre` is -1 where there is no synapse that learns, and only a neuron is shown.
    potential : str
        The variable that is compared with the threshold.
    v, threshold : ndarray of shape (n_steps,)
        Of the postsynaptic neuron, at the end of each step, after a reset; the threshold is NaN where nobody can tell.
    courses : tuple of Course
        All that the estimate is made of; `g` last.
    """

    dt: float
    n_steps: int
    window: tuple[int, int]
    spikes: dict[str, Events]
    sizes: dict[str, int]
    weights: str
    source: str
    target: str
    pre: int
    post: int
    potential: str
    v: Array
    threshold: Array
    courses: tuple[Course, ...]
