"""What the answers of trials are worth: the reward of whatever a network answers, drawn by chance or for certain."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workbench.common.arrays import finite
from workbench.common.counter_noise import drawn, key_of
from workbench.common.errors import DataError
from workbench.common.plain_numbers import whole_number

Worth = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Rewards:
    """What each answer of some trials is worth; the arrays are copied, and cannot be changed.

    Attributes
    ----------
    worth : ndarray of shape (n_trials, n_answers)
        What an answer brings, if it brings anything; it may be negative.
    chance : ndarray of shape (n_trials, n_answers) or None
        With which chance it does, from 0 to 1; otherwise it brings 0. None where all do for certain.
    seed : int
        Of the draws, which follow from it, from the trial's number and from the answer.

    Raises
    ------
    DataError
        Where the arrays are not of one shape, or hold what is no worth or no chance.
    """

    worth: Worth
    chance: Worth | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        self._hold("worth", finite(self.worth, "Rewards: `worth`"))
        whole_number(self.seed, "Rewards: `seed`", 0, DataError)
        if self.worth.ndim != 2 or self.worth.shape[1] < 2:
            raise DataError(
                "Rewards: `worth` must be an array of shape (n_trials, n_answers) of two answers or more, not of shape "
                f"{self.worth.shape}."
            )
        if self.chance is None:
            return
        self._hold("chance", finite(self.chance, "Rewards: `chance`"))
        if self.chance.shape != self.worth.shape:
            raise DataError(
                f"Rewards: `chance` must have a number for each worth, {self.worth.shape}, not {self.chance.shape}."
            )
        outside = self.chance[(self.chance < 0) | (self.chance > 1)]
        if len(outside):
            raise DataError(f"Rewards: `chance` must be from 0 to 1, and holds {outside[0]:g}.")

    def _hold(self, name: str, array: Worth) -> None:
        array.flags.writeable = False
        object.__setattr__(self, name, array)

    def __len__(self) -> int:
        return len(self.worth)

    @property
    def expected(self) -> Worth:
        """What each answer is worth on average, of shape (n_trials, n_answers)."""
        return self.worth if self.chance is None else np.asarray(self.worth * self.chance)

    @property
    def target(self) -> Worth:
        """The answer that is worth most on average, the first of several: one-hot, as targets of `Trials` are."""
        expected = self.expected
        return np.asarray(np.eye(expected.shape[1])[np.argmax(expected, axis=1)])

    def of(self, answer: ArrayLike) -> Worth:
        """Return what the answers of a network are worth on average, of shape (n_trials,).

        Parameters
        ----------
        answer : array of int of shape (n_trials,)
            As of `Recording.prediction`; -1, no answer, is worth nothing.
        """
        given = np.asarray(answer)
        found = self.expected[np.arange(len(self)), np.maximum(given, 0)]
        return np.asarray(np.where(given < 0, 0.0, found))

    def take(self, numbers: NDArray[np.int64]) -> "Rewards":
        """Return those of some trials."""
        return replace(self, worth=self.worth[numbers], chance=None if self.chance is None else self.chance[numbers])

    def drawn(self, draw: NDArray[np.int64]) -> Worth:
        """Return what each answer brings in trials that draw by some numbers.

        Parameters
        ----------
        draw : ndarray of int of shape (n_trials,)
            As of `Trials`.

        Returns
        -------
        ndarray of shape (n_trials, n_answers)
            The worth, or 0 where chance has it so.
        """
        if self.chance is None:
            return self.worth
        uniform = drawn("uniform", key_of("rewards", self.seed), draw, 0, self.worth.shape[1])
        return np.where(uniform < self.chance, self.worth, 0.0)
