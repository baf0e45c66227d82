"""Numbers with a unit, as text: ``"20 ms"``. Read without Brian2, so that data stay light."""

import decimal
import math
import re
from collections.abc import Iterable
from numbers import Integral, Real

from workbench.common.errors import WorkbenchError, nearest

#: Powers of metre, kilogram, second, ampere, kelvin and mole in each dimension, by the name that Brian2 gives it.
_DIMENSIONS: dict[str, tuple[int, ...]] = {
    "1": (0, 0, 0, 0, 0, 0),
    "metre": (1, 0, 0, 0, 0, 0),
    "kilogram": (0, 1, 0, 0, 0, 0),
    "second": (0, 0, 1, 0, 0, 0),
    "amp": (0, 0, 0, 1, 0, 0),
    "kelvin": (0, 0, 0, 0, 1, 0),
    "mole": (0, 0, 0, 0, 0, 1),
    "hertz": (0, 0, -1, 0, 0, 0),
    "volt": (2, 1, -3, -1, 0, 0),
    "siemens": (-2, -1, 3, 2, 0, 0),
    "ohm": (2, 1, -3, -2, 0, 0),
    "farad": (-2, -1, 4, 2, 0, 0),
    "coulomb": (0, 0, 1, 1, 0, 0),
    "watt": (2, 1, -3, 0, 0, 0),
    "joule": (2, 1, -2, 0, 0, 0),
}

_PREFIXES = {"": 1.0, "f": 1e-15, "p": 1e-12, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9}

_LONG = {name: name for name in _DIMENSIONS if name not in {"1", "kilogram", "kelvin"}}
_LONG |= {"meter": "metre", "ampere": "amp", "mol": "mole"}

_SHORT = {
    "second": ("ns", "us", "ms"),
    "volt": ("nV", "uV", "mV"),
    "amp": ("pA", "nA", "uA", "mA"),
    "siemens": ("nS", "uS", "mS"),
    "farad": ("pF", "nF", "uF"),
    "metre": ("um", "mm"),
}

#: Factor to the SI base unit, and the dimension as Brian2 names it.
UNITS: dict[str, tuple[float, str]] = {
    "1": (1.0, "1"),
    "s": (1.0, "second"),
    "V": (1.0, "volt"),
    **{f"{prefix}{name}": (factor, base) for name, base in _LONG.items() for prefix, factor in _PREFIXES.items()},
    **{short: (_PREFIXES[short[0]], base) for base, names in _SHORT.items() for short in names},
    "Hz": (1.0, "hertz"),
    "kHz": (1e3, "hertz"),
    "MHz": (1e6, "hertz"),
    "cm": (1e-2, "metre"),
    "kilogram": (1.0, "kilogram"),
    "kelvin": (1.0, "kelvin"),
}

#: Units in which a quantity is written where there is a choice.
_WRITTEN = (
    *("1", "s", "ms", "us", "Hz", "kHz", "V", "mV", "uV", "amp", "nA", "pA", "siemens", "nS", "farad", "pF"),
    *("ohm", "Mohm", "metre", "kilogram", "kelvin", "mole", "coulomb", "watt", "joule"),
)

#: Decimal numbers are moved between units without rounding; beyond all bounds they are infinite, not errors.
_EXACT = decimal.Context(prec=60, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN, traps=[])

#: Units that equations may read: those that have the same name in Brian2.
IN_EQUATIONS = frozenset(UNITS) - {"1", "s", "V", "ns", "nV", "uV", "mS"}

_QUANTITY = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(?:\*(?!\*))?\s*(.*?)\s*$", re.DOTALL)

_FACTOR = re.compile(r"\s*([*/]?)\s*([A-Za-z]\w*|1)\s*(?:\*\*\s*(-?\d{1,2})|\*\*\s*\(\s*(-?\d{1,2})\s*\))?\s*")


def read_quantity(text: str | float, where: str) -> tuple[float, str]:
    """Return the value in SI base units and the unit of a quantity.

    Parameters
    ----------
    text : str or float
        ``"20 ms"``, ``"20*ms"``, ``"12 mV**2"``, ``"0.5 nS/um**2"`` or a plain number.
    where : str
        What is being read, for the error message.

    Returns
    -------
    value : float
        In SI base units: the number next to the decimal one, so that ``"0.3 ms"`` and ``"0.0003 s"`` are the same.
    unit : str
        As Brian2 names it: ``"1"``, ``"second"``, ``"volt"``, ``"kilogram ** 2 * second ** -1"``, ... The same quantity
        has the same value and unit, whatever it is written in.

    Raises
    ------
    WorkbenchError
        Where the text is no finite number with a known unit.
    """
    if isinstance(text, bool) or not isinstance(text, Real | str):
        raise WorkbenchError(f"{where}: a quantity such as '20 ms' is needed, not '{text}'.")
    if isinstance(text, Integral) and not -(2**63) <= text < 2**63:
        raise WorkbenchError(f"{where}: a whole number must fit into 64 bits.")
    if isinstance(text, Real):
        return _finite(float(text), text, where), "1"
    value, dimension = _read(text, where)
    return _finite(float(value), text, where), dimension


def canonical(value: str | float) -> str | float:
    """Return the one text for all that write the same quantity: ``"5 ms"`` for ``"5*ms"`` and for ``"0.005 s"``.

    Parameters
    ----------
    value : str or float
        A quantity; or a number or other text, which is returned as it is.
    """
    if not isinstance(value, str):
        return value
    try:
        number, dimension = _read(value, "")
        _finite(float(number), value, "")
    except WorkbenchError:
        return value
    if not number:
        number = abs(number)  # There is one 0.
    factors = {UNITS[unit][0]: unit for unit in _WRITTEN if UNITS[unit][1] == dimension} or {1.0: dimension}
    fitting = [factor for factor in factors if factor <= abs(number)]
    factor = max(fitting) if fitting else min(factors) if number else max(factors)
    scaled = _EXACT.divide(number, decimal.Decimal(repr(factor))).normalize(_EXACT)
    text = f"{scaled:f}" if abs(scaled.adjusted()) < 6 else str(scaled)
    return text if dimension == "1" else f"{text} {factors[factor]}"


def _read(text: str, where: str) -> tuple[decimal.Decimal, str]:
    """Return a quantity as a decimal number in SI base units, and its unit."""
    match = _QUANTITY.match(text) if isinstance(text, str) else None
    if match is None:
        raise WorkbenchError(f"{where}: '{text}' is not a quantity. Write a number and a unit, such as '20 ms'.")
    value, powers, place = _EXACT.create_decimal(match[1]), _DIMENSIONS["1"], 0
    units = match[2] or "1"
    while place < len(units):
        found = _FACTOR.match(units, place)
        # All but the first are multiplied or divided by.
        if found is None or (place > 0 and not found[1]) or (place == 0 and found[1] == "*"):
            raise WorkbenchError(f"{where}: '{text}' is not a quantity. Write a number and a unit, such as '20 ms'.")
        if found[2] not in UNITS:
            raise WorkbenchError(
                f"{where}: '{text}' is not a quantity: '{found[2]}' is not a unit. {_nearest_unit(found[2])}"
            )
        power = int(found[3] or found[4] or 1) * (-1 if found[1] == "/" else 1)
        factor, base = UNITS[found[2]]
        value = _EXACT.multiply(value, _EXACT.power(decimal.Decimal(repr(factor)), power))
        powers = tuple(before + power * own for before, own in zip(powers, _DIMENSIONS[base], strict=True))
        place = found.end()
    return value, _dimension_name(powers)


def _nearest_unit(name: str) -> str:
    close = nearest(name, UNITS)
    return close if close.startswith("Did") else "Write one such as 'ms', 'mV', 'nA', 'nS', 'pF' or 'Hz'."


def _dimension_name(powers: tuple[int, ...]) -> str:
    named = next((name for name, own in _DIMENSIONS.items() if own == powers), "")
    bases = ("metre", "kilogram", "second", "amp", "kelvin", "mole")
    return named or " * ".join(f"{base} ** {power}" for base, power in zip(bases, powers, strict=True) if power)


def _finite(value: float, text: str | float, where: str) -> float:
    if not math.isfinite(value):
        raise WorkbenchError(f"{where}: '{text}' is not a finite number.")
    return value


def values_of(parameters: Iterable[tuple[str, str | float]], owner: str) -> dict[str, float]:
    """Return the values of quantities by name, in SI base units."""
    return {name: read_quantity(value, f"{owner}.{name}")[0] for name, value in parameters}


def units_of(parameters: Iterable[tuple[str, str | float]], owner: str) -> dict[str, str]:
    """Return the units of quantities by name."""
    return {name: read_quantity(value, f"{owner}.{name}")[1] for name, value in parameters}
