"""Pairs of neurons that are drawn at random."""

import numpy as np
from numpy.typing import NDArray

#: How many numbers are drawn at a time.
_DRAWN = 1 << 22


def pairs_with_probability(
    probability: float, n_pre: int, n_post: int, generator: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return pairs that are there with a probability, some sources at a time."""
    rows = max(1, _DRAWN // n_post)
    found = []
    for first in range(0, n_pre, rows):
        there = generator.random((min(rows, n_pre - first), n_post)) < probability
        pre, post = np.nonzero(there)
        found.append((pre + first, post))
    return np.concatenate([pre for pre, _ in found]), np.concatenate([post for _, post in found])


def pairs_of_fan_in(
    count: int, n_pre: int, n_post: int, loops: bool, generator: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return pairs in which each target has so many sources."""
    available = n_pre if loops else n_pre - 1
    drawn = np.array([generator.choice(available, count, replace=False) for _ in range(n_post)])
    if not loops:
        # Beyond a neuron's own number, the next one is meant.
        drawn = drawn + (drawn >= np.arange(n_post)[:, None])
    pre, post = drawn.ravel(), np.repeat(np.arange(n_post), count)
    order = np.lexsort((post, pre))
    return pre[order], post[order]
