"""Quantities that differ between neurons, as text: ``"normal(20 ms, 5 ms)"``."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.common.errors import WorkbenchError, nearest
from workbench.text.quantities import read_quantity

_SPREAD = re.compile(r"\s*([A-Za-z_]+)\s*\((.*)\)\s*", re.DOTALL)

#: The least and the largest number of quantities in each.
_TAKES = {"uniform": (2, 2), "normal": (2, 4), "lognormal": (2, 2), "values": (1, 10**7)}

_WRITTEN = "uniform(LOW, HIGH), normal(MEAN, DEVIATION), lognormal(MEDIAN, SIGMA) or values(FIRST, SECOND, ...)"

#: Of a logarithm: beyond, values are 0 or infinite next to others.
_WIDEST = 50.0

#: Of draws of a value within bounds, before what was asked for is taken for too rare.
_ATTEMPTS = 1000


@dataclass(frozen=True)
class Spread:
    """A quantity of each neuron.

    Attributes
    ----------
    kind : str
        ``uniform`` (from the first number to the second), ``normal`` (mean and deviation, and bounds beyond which a
        value is drawn anew), ``lognormal`` (median, and the deviation of the logarithm), or ``values`` (one for each
        neuron).
    numbers : tuple of float
        In SI base units.
    unit : str
        As Brian2 names it.
    """

    kind: str
    numbers: tuple[float, ...]
    unit: str

    @property
    def middle(self) -> float:
        """The median of what is drawn, or of what is given."""
        if self.kind == "uniform":
            return (self.numbers[0] + self.numbers[1]) / 2
        return float(np.median(self.numbers)) if self.kind == "values" else self.numbers[0]

    def drawn(self, size: int, generator: np.random.Generator, where: str) -> NDArray[np.float64]:
        """Return a value for each neuron.

        Parameters
        ----------
        size : int
            How many neurons there are.
        generator : numpy.random.Generator
            Draws them; those that are given it leaves alone.
        where : str
            Of what, for the message.

        Returns
        -------
        ndarray of shape (size,)
            In SI base units.

        Raises
        ------
        WorkbenchError
            Where there are not as many values as neurons, or none lies within the bounds.
        """
        if self.kind == "values":
            if len(self.numbers) != size:
                raise WorkbenchError(f"{where}: {len(self.numbers)} values for {size} neurons. Give one for each.")
            return np.array(self.numbers)
        first, second = self.numbers[:2]
        if self.kind == "uniform":
            return generator.uniform(first, second, size)
        if self.kind == "lognormal":
            exponent = second * generator.standard_normal(size)
            if np.abs(exponent).max(initial=0.0) > _WIDEST:
                raise WorkbenchError(f"{where}: a deviation of {second:g} of the logarithm makes no numbers. Lower it.")
            return first * np.exp(exponent)
        found = generator.normal(first, second, size)
        low, high = self.numbers[2:] or (-np.inf, np.inf)
        for _ in range(_ATTEMPTS):
            outside = (found < low) | (found > high)
            if not outside.any():
                return found
            found[outside] = generator.normal(first, second, int(outside.sum()))
        raise WorkbenchError(f"{where}: next to no value lies between {low:g} and {high:g}. Widen the bounds.")


def read_spread(text: object, where: str) -> Spread | None:
    """Return what differs between neurons; None where a text is a quantity or anything else.

    Parameters
    ----------
    text : object
        Such as ``"normal(20 ms, 5 ms, 1 ms, 100 ms)"``, of mean, deviation and bounds.
    where : str
        What is being read, for the error message.

    Raises
    ------
    WorkbenchError
        Where a text is meant as one and is none.
    """
    match = _SPREAD.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    kind = match[1]
    if kind not in _TAKES:
        raise WorkbenchError(f"{where}: '{kind}' draws no values. {nearest(kind, _TAKES)} Write {_WRITTEN}.")
    given = [read_quantity(item, where) for item in match[2].split(",")]
    least, most = _TAKES[kind]
    if not least <= len(given) <= most or (kind == "normal" and len(given) == 3):
        raise WorkbenchError(f"{where}: '{text}' has {len(given)} numbers. Write {_WRITTEN}.")
    numbers, units = tuple(value for value, _ in given), [unit for _, unit in given]
    needed = units[0] if kind != "lognormal" else "1"
    if any(unit != needed for unit in units[1:]):
        raise WorkbenchError(f"{where}: '{text}' mixes units. Write {_WRITTEN}, all of one unit but SIGMA, of none.")
    bounds = numbers if kind == "uniform" else numbers[2:] if kind == "normal" else ()
    if (bounds and bounds[0] > bounds[1]) or (kind in ("normal", "lognormal") and numbers[1] < 0):
        raise WorkbenchError(f"{where}: '{text}' must have the lower bound first, and no negative deviation.")
    return Spread(kind, numbers, units[0])


def unit_of(text: str | float, where: str) -> str:
    """Return the unit of a quantity, or of a spread of it."""
    spread = read_spread(text, where)
    return read_quantity(text, where)[1] if spread is None else spread.unit


def middle_of(text: str | float, where: str) -> float:
    """Return the value of a quantity, or the middle of its spread, in SI base units."""
    spread = read_spread(text, where)
    return read_quantity(text, where)[0] if spread is None else spread.middle


def first_of(text: str) -> str:
    """Return values that are given for each neuron as those of the first alone; any other text as it is."""
    match = _SPREAD.fullmatch(text)
    return f"values({match[2].split(',')[0]})" if match is not None and match[1] == "values" else text
