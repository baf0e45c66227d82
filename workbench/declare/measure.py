"""A measure as data: what it is of, how it is computed, and how tables and figures show it."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from workbench.common.errors import PluginError
from workbench.declare.field_types import declared
from workbench.declare.measured import Measured
from workbench.declare.network import Network
from workbench.declare.recording import Recording
from workbench.declare.trials import Trials

Array = NDArray[np.float64]

#: What a measure is of, which decides about what its function is handed.
Of = Literal["network", "layer", "gradient", "estimate"]


@dataclass(frozen=True, eq=False)
class Looked:
    """What a look at the validation split sees.

    Attributes
    ----------
    network : Network
        With its layers and time.
    trials : Trials
        Of the split.
    recording : Recording
        What the network did on them: spikes by layer, outputs, losses.
    weights, feedback : mapping of str to ndarray of shape (n_pre, n_post)
        Now, by name.
    """

    network: Network
    trials: Trials
    recording: Recording
    weights: Mapping[str, Array]
    feedback: Mapping[str, Array]


@dataclass(frozen=True, eq=False)
class ExactGradient:
    """An exact gradient on the trials of a probe, by the weights of one name.

    Attributes
    ----------
    layer : str
        The name of the weights.
    reference : str
        Which gradient: ``bptt_constant`` or ``bptt_differentiated``.
    gradient : ndarray of shape (n_pre, n_post)
        Of the mean loss.
    n_trials : int
        Of the probe.
    even, odd : ndarray of shape (n_pre, n_post)
        Sums over the trials 0, 2, 4, ... and 1, 3, 5, ...
    squares : float
        The sum over trials of the squared norm.
    """

    layer: str
    reference: str
    gradient: Array
    n_trials: int
    even: Array
    odd: Array
    squares: float


@dataclass(frozen=True, eq=False)
class EstimatedGradient(ExactGradient):
    """The same beside what a rule estimates.

    Attributes
    ----------
    layer : str
        As of `ExactGradient`, and so are those up to `squares`.
    reference : str
        Which gradient.
    gradient : ndarray of shape (n_pre, n_post)
        Of the mean loss.
    n_trials : int
        Of the probe.
    even, odd : ndarray of shape (n_pre, n_post)
        Sums over every second trial.
    squares : float
        The sum over trials of the squared norm.
    estimate : ndarray of shape (n_pre, n_post)
        Of the rule, for the gradient of the mean loss.
    step : ndarray of shape (n_pre, n_post)
        What the optimizer, with its memory, would make of it.
    cosines : sequence of Measured
        Of each trial's estimate with its gradient.
    squared_estimates, squared_errors : float
        Sums over trials of the squared norms of the estimates, and of what these differ by from the gradients.
    """

    estimate: Array
    step: Array
    cosines: Sequence[Measured]
    squared_estimates: float
    squared_errors: float


@declared(PluginError, "Measure")
@dataclass(frozen=True, kw_only=True)
class Measure:
    """Something that is measured along training.

    Attributes
    ----------
    name : str
        In the column `measure` of curves.
    title : str
        What axes and columns call it.
    doc : str
        What it is, in a sentence.
    of : {"network", "layer", "gradient", "estimate"}
        Of what: the network's answers on the validation split or its layers there (the function is handed a `Looked`),
        an exact gradient on the trials of a probe (`ExactGradient`), or a rule's estimate of it (`EstimatedGradient`).
    function : callable or None
        Returns a `Measured`; of layers a mapping of them by name; None where it does not apply. A measure without one
        is noted by the study itself.
    unit : str
        As axes show it; of ``"%"`` the values are fractions all the same.
    better : {"higher", "lower", "neither"}
        What counts as better.
    scale : {"linear", "log", "error"}
        Of the axis: ``"error"`` spaces fractions by the logarithm of what they lack of 1.
    least, most : float
        What it can be at least and at most.
    neutral : float
        A value to compare with, drawn as a grey line; NaN where there is none.
    neutral_title : str
        What that is.
    doi : str
        Where it is from.
    """

    name: str
    title: str
    doc: str
    of: Of
    function: Callable[[Any], Any] | None = field(default=None, compare=False)
    unit: str = ""
    better: Literal["higher", "lower", "neither"] = "neither"
    scale: Literal["linear", "log", "error"] = "linear"
    least: float = -math.inf
    most: float = math.inf
    neutral: float = math.nan
    neutral_title: str = ""
    doi: str = ""

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise PluginError(f"Measure: `name` must be letters, digits and underscores, not '{self.name}'.")
        if not self.title or not self.doc:
            raise PluginError(f"Measure '{self.name}': `title` and `doc` say what it is, and one is empty.")

    @property
    def factor(self) -> float:
        """By what values are multiplied where they are shown."""
        return 100.0 if self.unit == "%" else 1.0

    @property
    def label(self) -> str:
        """What axes call it, with the unit."""
        return f"{self.title} ({self.unit})" if self.unit else self.title

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the largest number that it can be, as figures show it."""
        return self.factor * self.least, self.factor * self.most
