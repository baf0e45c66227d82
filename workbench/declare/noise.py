"""Noise as data: numbers that are drawn in each step."""

from typing import Literal

#: Names of numbers without a unit, with their kind: of mean 0 and variance 1, or between 0 and 1.
Noise = tuple[tuple[str, Literal["normal", "uniform"]], ...]
