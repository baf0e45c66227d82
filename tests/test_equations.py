"""Equation text is taken apart as it stands, and what cannot be is told in the author's own words."""

import brian2
import pytest

from workbench.equations import linear_system, parse_differential, root_cause, unit_name
from workbench.errors import ModelError, RuleError
from workbench.linear import LinearSystem

DOUBLE = """dv/dt = (I - v) / tau_mem : 1
dI/dt = -I / tau_syn      : 1"""


def system(text: str, *constants: str) -> LinearSystem:
    return linear_system(parse_differential(text, "test"), constants)


def test_equations_keep_name_unit_and_line() -> None:
    found = parse_differential("\n" + DOUBLE + "\ndx/dt = -x / tau_mem : volt", "test")
    assert [(item.name, item.unit, item.line) for item in found] == [("v", "1", 2), ("I", "1", 3), ("x", "volt", 4)]
    assert found[0].expression == "(I - v) / tau_mem"
    assert parse_differential("  \n", "test") == ()


@pytest.mark.parametrize("unit", [brian2.second, brian2.volt, brian2.hertz, brian2.amp])
def test_units_are_read_back(unit: brian2.Unit) -> None:
    read = parse_differential(f"dx/dt = x / (1*second) : {unit_name(unit)}", "test")[0].unit
    assert brian2.have_same_dimensions(eval(read, vars(brian2)), unit)
    assert unit_name(brian2.Quantity(1)) == "1"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1 : 1", r"Rule 'r', `pre`: 'x' is not defined by a differential equation. Write 'dx/dt = ... : unit'"),
        ("x : 1", r"'x' is not defined by a differential equation"),
        ("de/dt = -e / tau : 1", r"Rule 'r', `pre`: 'e' is the name of a constant, cannot be used as a variable name"),
        ("dt/dt = -t / tau : 1", r"Rule 'r', `pre`: 't' has a special meaning in equations"),
        ("dN/dt = -N / tau : 1", r"Rule 'r', `pre`: 'N' "),
        ("dlastspike/dt = -lastspike / tau : 1", r"Rule 'r', `pre`: 'lastspike' "),
        ("dx/dt = -x / tau", r"Rule 'r', `pre`: Expected end of text"),
        ("dx/dt = -x / : 1", r"Rule 'r', `pre`: '-x /' is not an expression \(invalid syntax\)"),
        ("dx/dt = -x / tau : secnd", r"Rule 'r', `pre`: Unit specification refers to 'secnd'"),
    ],
)
def test_what_is_no_equation_is_told(text: str, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        parse_differential(text, "Rule 'r', `pre`", RuleError)
    with pytest.raises(ModelError):
        parse_differential(text, "Neuron 'n'")


def test_linear_part_is_split_off() -> None:
    found = system(DOUBLE, "tau_mem", "tau_syn")
    assert found.states == ("v", "I")
    assert [[bool(entry != "0") for entry in row] for row in found.matrix] == [[True, True], [False, True]]
    assert found.rest == {"v": "0", "I": "0"}
    values = {"tau_mem": 0.02, "tau_syn": 0.005}
    numbers = [[float(eval(entry, values.copy())) for entry in row] for row in found.matrix]
    assert numbers == [[-50.0, 50.0], [0.0, -200.0]]


def test_the_rest_is_what_is_not_linear_in_the_states() -> None:
    found = system("dh/dt = -h / tau + psi * p : 1\ndg/dt = error * h : second", "tau")
    assert found.matrix[0][0] != "0"
    assert found.matrix[1] == ("0", "0")
    assert found.rest == {"h": "p*psi", "g": "error*h"}


@pytest.mark.parametrize(
    "expression", ["(I - v**2) / tau_mem", "(I - v * u) / tau_mem", "-v / tau_other", "exp(v) / tau_mem"]
)
def test_states_remain_in_the_rest_of_what_is_not_linear(expression: str) -> None:
    found = system(f"dv/dt = {expression} : 1\ndu/dt = -u / tau_mem : 1", "tau_mem")
    assert "v" in found.rest["v"]
    assert found.rest["u"] == "0"


def test_reach_is_the_pattern_of_the_exponential() -> None:
    chain = "da/dt = -a/t1 : 1\ndb/dt = (a - b)/t1 : 1\ndc/dt = (b - c)/t1 : 1\ndx/dt = -x/t1 : 1"
    found = system(chain, "t1").reaches()
    assert found == [
        [True, False, False, False],
        [True, True, False, False],
        [True, True, True, False],
        [False, False, False, True],
    ]


def test_root_cause_is_the_first_error() -> None:
    deep, middle, outer = KeyError("deep"), ValueError("Error encountered with object"), RuntimeError("outer")
    outer.__cause__, middle.__context__ = middle, deep
    assert root_cause(outer) == "'deep'"
    assert root_cause(ValueError("two\n  lines")) == "two lines"
