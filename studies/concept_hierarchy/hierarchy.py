"""Concept hierarchies, what supports a concept, and in which order concepts are shown."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, log, sqrt

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Hierarchy:
    """Trees of concepts: `k` at the top level, each with `k` children, theirs with `k`, down to level 0.

    Children of concept c are the concepts c k, ..., c k + k - 1 of the level below.

    Attributes
    ----------
    k : int
        Children of a concept.
    depth : int
        The top level.
    """

    k: int
    depth: int

    @property
    def n(self) -> int:
        """Concepts of level 0, and neurons of each layer."""
        return self.count(0)

    @property
    def initial_weight(self) -> float:
        """Every weight before learning."""
        return float(self.k) ** -self.depth

    @property
    def learning_rate(self) -> float:
        """Oja's rule's eta."""
        return 1 / (4 * self.k)

    @property
    def largest_relevant(self) -> float:
        """The weight from a child that learning goes to, and does not exceed."""
        return 1 / sqrt(self.k)

    def largest_irrelevant(self, b: int) -> float:
        """Return what a weight from anything but a child has to come down to."""
        return float(self.k) ** -(self.depth + b)

    def count(self, level: int) -> int:
        """Return the number of concepts of a level."""
        return int(self.k ** (self.depth + 1 - level))

    def leaves(self, level: int, concept: int) -> slice:
        """Return the concepts of level 0 that a concept is made of."""
        return slice(concept * self.k**level, (concept + 1) * self.k**level)

    def supported(self, presented: Bools, r: Fraction) -> list[Bools]:
        """Return supp_r: the concepts at least r k of whose children are supported, from the presented ones upwards.

        Parameters
        ----------
        presented : ndarray of shape (n_presentations, n)
            Subsets of level 0.
        r : Fraction
            Exact, since r k is compared with whole numbers.

        Returns
        -------
        list of ndarray of shape (n_presentations, count(level))
            For each level.
        """
        supported = [presented]
        for level in range(1, self.depth + 1):
            children = supported[-1].reshape(len(presented), self.count(level), self.k)
            supported.append(children.sum(axis=2) >= ceil(r * self.k))
        return supported


@dataclass(frozen=True)
class Tolerance:
    """A concept with r2 of its children is to be recognized, one with less than r1 is not to be.

    Attributes
    ----------
    r1, r2 : Fraction
        Shares of children, 0 < r1 < r2 <= 1.
    """

    r1: Fraction
    r2: Fraction

    @property
    def epsilon(self) -> float:
        """How far relevant weights may be below the largest: by a factor of 1 + epsilon."""
        return float((self.r2 - self.r1) / (self.r1 + self.r2))

    def threshold(self, k: int) -> float:
        """Return the potential at which a neuron fires."""
        return float(self.r1 + self.r2) / 2 * sqrt(k)

    def bound(self, hierarchy: Hierarchy, b: int) -> float:
        """Return the shows of a concept that the theory asks for, constants of the order being 1."""
        k, eta = hierarchy.k, hierarchy.learning_rate
        return 1 / (eta * k) * (hierarchy.depth * log(k) + 1 / self.epsilon) + b * log(k)


@dataclass(frozen=True)
class Schedule:
    """Shows, one after the other: presentations of a concept's leaves, for its level to learn from.

    Attributes
    ----------
    level, concept : ndarray of shape (n_shows,)
        What is shown.
    """

    level: Ints
    concept: Ints

    @property
    def start(self) -> Ints:
        """Rounds at whose end leaves fire. Their level learns `level` rounds later; only then comes the next show."""
        return np.concatenate([[0], np.cumsum(self.level + 1)[:-1]])

    def presented(self, hierarchy: Hierarchy) -> Bools:
        """Return which concepts of level 0 fire, of shape (n_rounds, n)."""
        presented = np.zeros((self._n_rounds, hierarchy.n), dtype=np.bool_)
        for start, level, concept in zip(self.start, self.level, self.concept, strict=True):
            presented[start, hierarchy.leaves(level, concept)] = True
        return presented

    def taught(self) -> Ints:
        """Return the level that learns at the end of a round, or 0, of shape (n_rounds,)."""
        taught = np.zeros(self._n_rounds, dtype=np.int64)
        taught[self.start + self.level] = self.level
        return taught

    @property
    def _n_rounds(self) -> int:
        return int((self.level + 1).sum())


def bottom_up(hierarchy: Hierarchy, shows: int, seed: int = 0) -> Schedule:
    """Return a schedule that shows each concept so many times, levels one after the other, a level's in random order.

    Parameters
    ----------
    hierarchy : Hierarchy
        Of depth 1 or more.
    shows : int
        Of each concept.
    seed : int, optional
        Of the order.

    Returns
    -------
    Schedule
        In which children come before their parents.
    """
    generator = np.random.default_rng(seed)
    levels = range(1, hierarchy.depth + 1)
    concepts = [generator.permutation(np.repeat(np.arange(hierarchy.count(level)), shows)) for level in levels]
    return Schedule(np.repeat(levels, [len(part) for part in concepts]), np.concatenate(concepts))
