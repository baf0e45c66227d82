"""Numbers with a unit, as text: ``"20 ms"``. Read without Brian2, so that data stay light."""

import decimal
import math
import re
from collections.abc import Iterable
from numbers import Integral, Real

from workbench.errors import WorkbenchError

#: Factor to the SI base unit, and the dimension as Brian2 names it.
UNITS: dict[str, tuple[float, str]] = {
    "1": (1.0, "1"),
    "second": (1.0, "second"),
    "s": (1.0, "second"),
    "ms": (1e-3, "second"),
    "us": (1e-6, "second"),
    "Hz": (1.0, "hertz"),
    "kHz": (1e3, "hertz"),
    "volt": (1.0, "volt"),
    "V": (1.0, "volt"),
    "mV": (1e-3, "volt"),
    "uV": (1e-6, "volt"),
    "amp": (1.0, "amp"),
    "nA": (1e-9, "amp"),
    "pA": (1e-12, "amp"),
    "siemens": (1.0, "siemens"),
    "nS": (1e-9, "siemens"),
    "farad": (1.0, "farad"),
    "pF": (1e-12, "farad"),
    "ohm": (1.0, "ohm"),
    "Mohm": (1e6, "ohm"),
}

#: The longest step of time [second]: far longer ones are milliseconds that were taken for seconds.
LONGEST_STEP = 0.1

_QUANTITY = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*\*?\s*([A-Za-z]*)\s*$")


#: Decimal numbers are moved between units without rounding; beyond all bounds they are infinite, not errors.
_EXACT = decimal.Context(prec=60, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN, traps=[])


def read_quantity(text: str | float, where: str) -> tuple[float, str]:
    """Return the value in SI base units and the unit of a quantity.

    Parameters
    ----------
    text : str or float
        ``"20 ms"``, ``"20*ms"`` or a plain number.
    where : str
        What is being read, for the error message.

    Returns
    -------
    value : float
        In SI base units: the number next to the decimal one, so that ``"0.3 ms"`` and ``"0.0003 s"`` are the same.
    unit : str
        As Brian2 names it: ``"1"``, ``"second"``, ``"volt"``, ...

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
    factors: dict[float, str] = {}
    for unit, (factor, of) in UNITS.items():
        if of == dimension:
            factors[factor] = min(factors.get(factor, unit), unit, key=len)
    fitting = [factor for factor in factors if factor <= abs(number)]
    factor = max(fitting) if fitting else min(factors) if number else max(factors)
    scaled = _EXACT.divide(number, decimal.Decimal(repr(factor))).normalize(_EXACT)
    text = f"{scaled:f}" if abs(scaled.adjusted()) < 6 else str(scaled)
    return text if dimension == "1" else f"{text} {factors[factor]}"


def _read(text: str, where: str) -> tuple[decimal.Decimal, str]:
    """Return a quantity as a decimal number in SI base units, and its unit."""
    match = _QUANTITY.match(text)
    unit = (match.group(2) or "1") if match else ""
    if match is None or unit not in UNITS:
        known = ", ".join(UNITS)
        raise WorkbenchError(f"{where}: '{text}' is not a quantity. Write a number and one of the units {known}.")
    factor, dimension = UNITS[unit]
    number = _EXACT.create_decimal(match.group(1))
    return _EXACT.multiply(number, decimal.Decimal(repr(factor))), dimension


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


def whole_number(value: object, where: str, least: int = 1, error: type[WorkbenchError] = WorkbenchError) -> int:
    """Return a whole number, which may be NumPy's, as Python's.

    Parameters
    ----------
    value : int
        What was given.
    where : str
        What is being read, for the error message.
    least : int
        The smallest allowed.
    error : type of WorkbenchError
        What is raised.

    Raises
    ------
    WorkbenchError
        Where it is something else.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise error(f"{where} must be a whole number from {least}, not {value!r}.")
    return int(value)


def finite_number(value: object, where: str, error: type[WorkbenchError] = WorkbenchError) -> float:
    """Return a finite number, which may be NumPy's, as Python's; see `whole_number`."""
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise error(f"{where} must be a finite number, not {value!r}.")
    return float(value)


def step_length(value: object, where: str, error: type[WorkbenchError] = WorkbenchError) -> float:
    """Return the length of a time step [second]; see `whole_number`."""
    seconds = finite_number(value, where, error)
    if not 0 < seconds <= LONGEST_STEP:
        raise error(
            f"{where}, the length of a step in seconds, must lie above 0 and not above {LONGEST_STEP}, not "
            f"{seconds:g}. Write 1e-3 for 1 ms."
        )
    return seconds


def whole_window(
    value: object, n_steps: int, where: str, error: type[WorkbenchError] = WorkbenchError
) -> tuple[int, int]:
    """Return the steps that count for a loss: the first, and the one after the last; see `whole_number`."""
    # A window in seconds would hold no step, and the loss of no step is no number.
    pair = tuple(value) if isinstance(value, tuple | list) else ()
    whole = len(pair) == 2 and all(isinstance(step, Integral) and not isinstance(step, bool) for step in pair)
    if not whole or (pair != (0, 0) and not 0 <= pair[0] < pair[1] <= n_steps):
        raise error(f"{where} {value!r} does not lie within the {n_steps} steps of a trial.")
    return int(pair[0]), int(pair[1])
