"""Quantities are read with their unit, and refused without one that is known."""

import brian2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench import WorkbenchError
from workbench.quantities import UNITS, read_quantity


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("20 ms", 0.02, "second"),
        ("20*ms", 0.02, "second"),
        (" 2.5e1 ms ", 0.025, "second"),
        ("-1 mV", -1e-3, "volt"),
        (".5 kHz", 500.0, "hertz"),
        ("3", 3.0, "1"),
        (3, 3.0, "1"),
        (0.25, 0.25, "1"),
    ],
)
def test_quantity_is_read_in_base_units(text: str | float, value: float, unit: str) -> None:
    assert read_quantity(text, "x")[0] == pytest.approx(value, rel=1e-15)
    assert read_quantity(text, "x")[1] == unit


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit != "1"])
def test_units_are_those_of_brian2(unit: str) -> None:
    names = {"s": "second", "V": "volt", "uV": "uvolt"}
    quantity = getattr(brian2, names.get(unit, unit))
    value, base = read_quantity(f"1 {unit}", "x")
    assert brian2.have_same_dimensions(quantity, getattr(brian2, base))
    assert float(quantity) == pytest.approx(value, rel=1e-15)


@given(st.floats(-1e300, 1e300), st.sampled_from(sorted(set(UNITS) - {"1"})))
def test_number_survives_being_written(number: float, unit: str) -> None:
    assert read_quantity(f"{number!r} {unit}", "x")[0] == number * UNITS[unit][0]


@pytest.mark.parametrize("text", ["20 parsec", "ms", "", "2 0 ms", "ms 20", "nan", "1e ms"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(WorkbenchError, match=r"lif.tau_mem: '.*' is not a quantity. Write a number and one of"):
        read_quantity(text, "lif.tau_mem")


@pytest.mark.parametrize("text", ["1e400", "1e305 Mohm", float("inf"), float("nan")])
def test_number_without_bounds_is_refused(text: str | float) -> None:
    with pytest.raises(WorkbenchError, match=rf"^lif.tau_mem: '{text}' is not a finite number.$"):
        read_quantity(text, "lif.tau_mem")


def test_truth_value_is_refused() -> None:
    with pytest.raises(WorkbenchError, match=r"x: a quantity such as '20 ms' is needed, not 'True'"):
        read_quantity(True, "x")
