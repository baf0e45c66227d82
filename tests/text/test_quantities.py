"""Quantities are read with their unit, and refused without one that is known."""

import math
import re
from fractions import Fraction

import brian2
import pytest
from brian2.core.namespace import DEFAULT_UNITS
from hypothesis import given
from hypothesis import strategies as st

from workbench import WorkbenchError
from workbench.text.quantities import IN_EQUATIONS, UNITS, canonical, read_quantity


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("20 ms", 0.02, "second"),
        ("20*ms", 0.02, "second"),
        (" 2.5e1 ms ", 0.025, "second"),
        ("-1 mV", -1e-3, "volt"),
        (".5 kHz", 500.0, "hertz"),
        ("12 mV**2", 12e-6, "metre ** 4 * kilogram ** 2 * second ** -6 * amp ** -2"),
        ("2 mV/ms", 2.0, "metre ** 2 * kilogram ** 1 * second ** -4 * amp ** -1"),
        ("3/ms", 3000.0, "hertz"),
        ("2 nS*Mohm", 2e-3, "1"),
        ("4 nA * mV", 4e-12, "watt"),
        ("1 uF/cm**2", 1e-2, "metre ** -4 * kilogram ** -1 * second ** 4 * amp ** 2"),
        ("3", 3.0, "1"),
        (3, 3.0, "1"),
        (0.25, 0.25, "1"),
    ],
)
def test_quantity_is_read_in_base_units(text: str | float, value: float, unit: str) -> None:
    assert read_quantity(text, "x")[0] == pytest.approx(value, rel=1e-15)
    assert read_quantity(text, "x")[1] == unit


@pytest.mark.parametrize("unit", sorted(IN_EQUATIONS))
def test_units_are_those_of_brian2(unit: str) -> None:
    quantity = DEFAULT_UNITS[unit]
    value, base = read_quantity(f"1 {unit}", "x")
    assert brian2.have_same_dimensions(quantity, getattr(brian2, base))
    assert float(quantity) == pytest.approx(value, rel=1e-15)


def test_equations_may_read_the_units_that_brian2_has() -> None:
    assert UNITS.keys() - IN_EQUATIONS == UNITS.keys() - DEFAULT_UNITS.keys()


@given(st.floats(-1e290, 1e290), st.sampled_from(sorted(set(UNITS) - {"1"})))
def test_number_survives_being_written(number: float, unit: str) -> None:
    exact = Fraction(repr(number)) * Fraction(repr(UNITS[unit][0]))
    assert read_quantity(f"{number!r} {unit}", "x")[0] == float(exact)


@pytest.mark.parametrize(
    ("texts", "one"),
    [
        (["5 ms", "5*ms", "0.005 s", "5e-3 second", "5000 us", "+5.00 ms", " 5ms "], "5 ms"),
        (["100 ms", "0.1 s", ".1 second"], "100 ms"),
        (["0.3 ms", "0.0003 s", "300 us"], "300 us"),
        (["-70 mV", "-0.07 volt"], "-70 mV"),
        (["0 ms", "0 s", "-0 ms"], "0 s"),
        (["1500 Hz", "1.5 kHz"], "1.5 kHz"),
        (["2", "2.0", "20e-1"], "2"),
        (["1e300 V", "1e303 mV"], "1E+300 V"),
        (["1e-20 s", "1e-17 ms"], "1E-14 us"),
    ],
)
def test_texts_of_the_same_quantity_have_one_canonical_text(texts: list[str], one: str) -> None:
    assert {canonical(text) for text in texts} == {one}
    assert len({abs(read_quantity(text, "x")[0]) for text in [*texts, one]}) == 1
    # The next number is another one.
    value, unit = read_quantity(one, "x")
    assert canonical(f"{math.nextafter(value, math.inf)!r} {unit if unit != '1' else ''}") != one


@given(st.floats(-1e290, 1e290), st.sampled_from(sorted(set(UNITS))))
def test_canonical_text_is_the_same_number(number: float, unit: str) -> None:
    text = f"{number!r} {unit}" if unit != "1" else f"{number!r}"
    assert read_quantity(str(canonical(text)), "x") == read_quantity(text, "x")
    assert canonical(canonical(text)) == canonical(text)


@pytest.mark.parametrize(
    "value", [5, 5.5, "adam", "5 parsec", "", "1e400 s", "1" * 400 + " s", "1e99999999999999999999 ms"]
)
def test_other_values_have_no_canonical_text(value: str | float) -> None:
    assert canonical(value) == value


@given(st.integers(1, 99999), st.sampled_from([("ms", "0.{:08d} s"), ("mV", "0.{:08d} V"), ("us", "0.{:08d} * ms")]))
def test_same_quantity_in_another_unit_is_the_same_number(digits: int, written: tuple[str, str]) -> None:
    unit, other = written
    assert read_quantity(f"{digits}e-5 {unit}", "x") == read_quantity(other.format(digits), "x")


@pytest.mark.parametrize("text", ["ms", "", "2 0 ms", "ms 20", "nan", "20 ms ms", "20 ** ms", "20 ms**x"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(WorkbenchError, match=r"lif.tau_mem: '.*' is not a quantity. Write a number and a unit"):
        read_quantity(text, "lif.tau_mem")


@pytest.mark.parametrize(
    ("text", "remedy"),
    [("20 xyz", "Write one such as 'ms'"), ("20 msek", "Did you mean 'ms'?"), ("1e ms", "'e' is not a unit")],
)
def test_unknown_unit_is_refused(text: str, remedy: str) -> None:
    with pytest.raises(WorkbenchError, match=rf"lif.tau_mem: '{text}' is not a quantity: .*{re.escape(remedy)}"):
        read_quantity(text, "lif.tau_mem")


@pytest.mark.parametrize("text", ["1e400", "1e305 Mohm", "1e99999999999999999999 ms", float("inf"), float("nan")])
def test_number_without_bounds_is_refused(text: str | float) -> None:
    with pytest.raises(WorkbenchError, match=rf"^lif.tau_mem: '{text}' is not a finite number.$"):
        read_quantity(text, "lif.tau_mem")


def test_truth_value_is_refused() -> None:
    with pytest.raises(WorkbenchError, match=r"x: a quantity such as '20 ms' is needed, not 'True'"):
        read_quantity(True, "x")


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**400, 16**5000], ids="abcd")
def test_whole_number_that_no_machine_has_is_refused(number: int) -> None:
    with pytest.raises(WorkbenchError, match=r"^tau: a whole number must fit into 64 bits\.$"):
        read_quantity(number, "tau")
    assert read_quantity(2**63 - 1, "tau") == (float(2**63 - 1), "1")
