"""The table of a study file about the search for settings, the same effort for each rule."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from workbench.study.file.section import MOST, Section, as_tuple

#: Where values are looked for: tables within tables, with a range or a list of choices at each key.
Ranges = dict[str, Any]
#: What a range must be, as error messages repeat it.
RANGES: Any = Field(
    default={}, description="a table of keys, each with { low = ..., high = ..., log = true } or a list of choices"
)
_Seed = Annotated[int, Field(ge=0, lt=2**63)]


class SearchSection(Section):
    """The search before the study: each rule, in each task and condition, is given as many draws of its settings.

    A draw is trained and judged on the validation split. That with the best mean over the seeds of the search is what
    the study is carried out with. A draw that diverges, or in which a layer is silent, has been spent.

    Attributes
    ----------
    draws : int
        For each rule in each task and condition.
    epochs : int
        Of a draw, without those of further stages; those of the study where it is not given.
    seeds : tuple of int
        By which a draw is judged; none of the study's.
    sampler : {"random", "tpe"}
        Whether draws are independent of each other, so that they also tell how much of the space is any good, or go by
        those before them (tree-structured Parzen estimators, in rounds of four).
    seed : int
        Of the draws.
    by : {"accuracy", "loss", "reward"}
        What is best on the validation split; rewards are those of tasks that say what answers are worth.
    spikes : float
        Hidden spikes per trial that a draw must have, so that rules are compared at as many; 0 for any number.
    spikes_within : float
        By which share of that number it may have more or less.
    network : table of ranges
        Keys of ``[network]``.
    train : table of ranges
        Keys of ``[train]``.
    task : table of ranges
        Parameters of tasks, of those that have one of that name.
    """

    draws: int = Field(ge=1, le=100_000, description="a whole number of draws from 1 to 100000")
    epochs: int = Field(default=0, ge=0, le=MOST, description="a whole number of epochs from 1 to 10**9")
    seeds: Annotated[tuple[_Seed, ...], BeforeValidator(as_tuple)] = Field(
        default=(1000,), min_length=1, max_length=1000, description="a list of 1 to 1000 whole numbers"
    )
    sampler: Literal["random", "tpe"] = Field(default="random", description="'random' or 'tpe'")
    seed: _Seed = Field(default=0, description="a whole number from 0 to below 2**63")
    by: Literal["accuracy", "loss", "reward"] = Field(default="accuracy", description="'accuracy', 'loss' or 'reward'")
    spikes: float = Field(default=0.0, ge=0, description="a number of spikes, or 0")
    spikes_within: float = Field(default=0.1, gt=0, lt=1, description="a number above 0 and below 1")
    network: Ranges = RANGES
    train: Ranges = RANGES
    task: Ranges = RANGES
