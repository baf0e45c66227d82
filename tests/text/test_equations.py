"""Equation text is taken apart as it stands, and what cannot be is told in the author's own words."""

import brian2
import pytest

from workbench.common.errors import ModelError, RuleError
from workbench.text.equations import linear_system, parse_differential, root_cause, unit_name
from workbench.text.linear import LinearSystem

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
    read = parse_differential(f"dx/dt = x / (1*second) : {unit_name(unit.dim)}", "test")[0].unit
    assert brian2.have_same_dimensions(eval(read, vars(brian2)), unit)
    assert unit_name(brian2.Quantity(1).dim) == "1"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x : 1", r"Rule 'r', `pre`: 'x' is not defined by a differential equation. Write 'dx/dt = ... : unit'"),
        ("dx/dt = -x / tau", r"Rule 'r', `pre`, line 1: 'dx/dt = -x / tau' has no unit. End it with ': 1'"),
        ("dx/dt = -x / tau :", r"line 1: 'dx/dt = -x / tau :' has no unit"),
        ("dx/dt = -x / tau\ndy/dt = -y / tau : 1", r"line 1: 'dx/dt = -x / tau' has no unit"),
        ("dy/dt = -y / tau : 1\nz = y", r"line 2: 'z = y' has no unit"),
        ("dx/dt = -x / tau : 1 dy/dt = -y / tau : 1", r"line 1: .* has no unit.* one equation on each line"),
        ("dx/dt = -x / : 1", r"Rule 'r', `pre`, line 1: '-x /' is not an expression \(invalid syntax\)"),
        ("\ndx/dt = -x^2 / tau : 1", r"line 2: '-x \^ 2 / tau' has '\^', which is no power. Write '\*\*'"),
        ("dx/dt = -x / tau : secnd", r"Rule 'r', `pre`, line 1: 'secnd' is not a unit. .*refers to 'secnd'"),
        ("dx/dt = -x / tau : boolean", r"line 1: 'boolean' is not a unit. Write ': 1'"),
        (
            "dx/dt = -x / tau : 1 (unless refractory)",
            r"'\(unless refractory\)' has no meaning here. Drop it. A condition",
        ),
        ("dx/dt = -x / tau : 1 (shared)", r"'\(shared\)' has no meaning here. Drop it.$"),
        ("dlambda/dt = -lambda / tau : 1", r"line 1: 'lambda' is a word of Python. Choose another name"),
        ("dx/dt = -x / tau : 1\ndx/dt = x / tau : 1", r"line 2: 'x' is defined twice. Drop one of the two"),
        ("x = y : 1\ny = x : 1", r"line 1: 'x' reads itself, through its own expression or others"),
        ("x = 2 * x : 1", r"line 1: 'x' reads itself"),
        ("v > 1 : 1", r"line 1: 'v > 1 : 1' is no equation. Write 'dx/dt = ... : unit'"),
        ("dx/dy = -x / tau : 1", r"line 1: .* is no equation"),
        ("dx/dt = x.real / tau : 1", r"'x.real' is nothing that an equation can have"),
        ("dx/dt = 1e999 * x / tau : 1", r"is no finite number"),
        ("dx/dt = 1j * x / tau : 1", r"'1j' is no finite number"),
    ],
)
def test_what_is_no_equation_is_told(text: str, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        parse_differential(text, "Rule 'r', `pre`", RuleError)
    with pytest.raises(ModelError, match=message.replace("Rule 'r', `pre`", "Neuron 'n'")):
        parse_differential(text, "Neuron 'n'")


@pytest.mark.parametrize(
    "text",
    [
        "leak = I - v : 1\ndv/dt = leak / tau : 1",
        "rate = leak / tau : hertz; leak = I - v : 1; dv/dt = rate : 1",
        "dv/dt = (I\n  - v)  # all of it\n / tau : 1",
    ],
)
def test_subexpressions_are_written_out_and_equations_may_share_lines(text: str) -> None:
    (found,) = parse_differential(text, "test")
    assert (found.name, found.expression.replace(" ", "")) == ("v", "(I-v)/tau")


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("**".join(["2"] * 9), "is a power beyond what numbers hold"),
        ("**".join(["2"] * 400), "is not an expression|nested more than 100 deep|beyond what numbers hold"),
        ("x**1001", "is a power beyond what numbers hold"),
        ("10**400 * x", "is a power beyond what numbers hold"),
        ("(x + y + 1)**400", "has more than 1000 terms when it is multiplied out"),
        ("*".join(["(x + y)"] * 40), "has more than 1000 terms when it is multiplied out"),
        ("." * 100_000, "has 100000 characters, and an expression may have 10000 at most"),
        ("(" * 190 + "x" + ")" * 190, None),
        ("(" * 4000 + "x" + ")" * 4000, "is not an expression"),
        ("-" * 4000 + "x", "is not an expression|nested more than 100 deep"),
        ("+".join(["x"] * 4000), "nested more than 100 deep"),
        ("exp(" * 99 + "x" + ")" * 99, None),
        ("(x + 2 * y)**40 + 2**0.5 * (x > 0)", None),
    ],
    ids=range(13),
)
def test_expressions_beyond_all_bounds_are_told(expression: str, message: str | None) -> None:
    text = f"dx/dt = {expression} : 1"
    if message is None:
        assert parse_differential(text, "Rule 'r', `pre`")
        return
    with pytest.raises(ModelError, match=f"^Rule 'r', `pre`, line 1: '.*({message})") as refused:
        parse_differential(text, "Rule 'r', `pre`")
    assert len(str(refused.value)) < 400


def test_subexpressions_that_multiply_are_bounded() -> None:
    lines = ["x0 = v : 1", *(f"x{k} = x{k - 1} + x{k - 1} : 1" for k in range(1, 60)), "dv/dt = x59 : 1"]
    with pytest.raises(ModelError, match=r"'v \+ v.* characters|nested|terms"):
        parse_differential("\n".join(lines), "test")


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
