"""What draws settings: independently of each other, or by what came of those before."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from workbench.common.errors import StudyError
from workbench.study.file.space import Dimension

#: A number for each key of the space: within its range, or of one of its choices.
Drawn = Mapping[str, float]


class Sampler(Protocol):
    """Draws settings, and is told what came of them."""

    #: How many are drawn before it wants to know; 0 where it never does.
    round: int

    def draw(self) -> Drawn:
        """Return the next draw."""

    def tell(self, score: float) -> None:
        """Say how good the first draw is of which nothing was said yet; NaN where it could not be trained."""


def sampler(kind: str, dimensions: Sequence[Dimension], generator: np.random.Generator) -> Sampler:
    """Return what draws settings of a space.

    Parameters
    ----------
    kind : {"random", "tpe"}
        Whether draws are independent of each other, or go by those before them.
    dimensions : sequence of Dimension
        The space.
    generator : numpy.random.Generator
        Of the draws.

    Raises
    ------
    StudyError
        Where a package is missing that it needs.
    """
    return _Random(dimensions, generator) if kind == "random" else _Parzen(dimensions, generator)


class _Random:
    round = 0

    def __init__(self, dimensions: Sequence[Dimension], generator: np.random.Generator) -> None:
        self._dimensions = dimensions
        self._generator = generator

    def draw(self) -> Drawn:
        return {dimension.key: self._number(dimension) for dimension in self._dimensions}

    def _number(self, dimension: Dimension) -> float:
        # One number each, whatever it is made into: a space that gains a choice keeps its other draws.
        share = float(self._generator.random())
        if dimension.choices:
            return math.floor(share * len(dimension.choices))
        if dimension.log:
            low, high = math.log(dimension.low), math.log(dimension.high + dimension.whole)
            number = math.exp(low + share * (high - low))
        else:
            number = dimension.low + share * (dimension.high + dimension.whole - dimension.low)
        return math.floor(number) if dimension.whole else number

    def tell(self, score: float) -> None:
        del score


class _Parzen:
    """Tree-structured Parzen estimators, as Optuna has them (Bergstra et al. 2011; Watanabe 2023, arXiv:2304.11127)."""

    round = 4

    def __init__(self, dimensions: Sequence[Dimension], generator: np.random.Generator) -> None:
        try:
            import optuna
        except ModuleNotFoundError as error:
            raise StudyError(
                "search.sampler = 'tpe' needs optuna. Install it with `pip install optuna`, or take 'random'."
            ) from error
        # It tells of each draw, and we do.
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        seed = int(generator.integers(2**31))
        self._study: Any = optuna.create_study(
            sampler=optuna.samplers.TPESampler(seed=seed, constant_liar=True), direction="maximize"
        )
        self._failed = optuna.trial.TrialState.FAIL
        self._space = {dimension.key: _distribution(dimension) for dimension in dimensions}
        self._asked: list[Any] = []

    def draw(self) -> Drawn:
        trial = self._study.ask(self._space)
        self._asked.append(trial)
        return dict(trial.params)

    def tell(self, score: float) -> None:
        trial = self._asked.pop(0)
        if math.isnan(score):
            self._study.tell(trial, state=self._failed)
        else:
            self._study.tell(trial, score)


def _distribution(dimension: Dimension) -> Any:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if dimension.choices:
        return CategoricalDistribution(range(len(dimension.choices)))
    if dimension.whole:
        return IntDistribution(int(dimension.low), int(dimension.high), log=dimension.log)
    return FloatDistribution(dimension.low, dimension.high, log=dimension.log)
