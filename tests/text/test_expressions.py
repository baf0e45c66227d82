"""Expressions and statements mean for NumPy and JAX what they mean for Brian2."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.common.errors import ModelError
from workbench.text.expressions import evaluate, execute
from workbench.text.syntax import identifiers, statements

X = np.array([-2.5, -0.5, 0.0, 0.5, 3.0])
Y = np.array([1.0, 2.0, -1.0, 0.5, 2.5])

EXPRESSIONS = {
    "x + y * 2 - 1": X + Y * 2 - 1,
    "-x / (y + 3)": -X / (Y + 3),
    "+x": X,
    "x**2 % 2": X**2 % 2,
    "x // 2": X // 2,
    "x > y": X > Y,
    "x >= 0 and y < 2": (X >= 0) & (Y < 2),
    "x < 0 or not (y > 1)": (X < 0) | ~(Y > 1),
    "0 < x < y": (X > 0) & (X < Y),
    "x == 0": X == 0,
    "x != 0": X != 0,
    "exp(-abs(x))": np.exp(-np.abs(X)),
    "clip(x, -1, y)": np.clip(X, -1, Y),
    "int(x > 0) * y": (X > 0) * Y,
    "int(x)": np.trunc(X),
    "sign(x) * sqrt(y**2)": np.sign(X) * np.abs(Y),
    "1e-3 * x": 1e-3 * X,
}


@pytest.mark.parametrize("library", [np, jnp], ids=["numpy", "jax"])
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expression_has_its_value(expression: str, library: Any) -> None:
    found = np.asarray(evaluate(expression, {"x": library.asarray(X), "y": library.asarray(Y)}, library))
    np.testing.assert_allclose(found, EXPRESSIONS[expression], rtol=1e-6 if library is jnp else 1e-15)


def test_broadcasting_gives_synapses() -> None:
    found = evaluate("pre * post", {"pre": X[:, None], "post": Y[None, :]}, np)
    assert np.array_equal(found, np.outer(X, Y))


@given(st.floats(-5, 5), st.floats(0.1, 5), st.booleans())
def test_random_numbers(x: float, y: float, flag: bool) -> None:
    names = {"x": np.float64(x), "y": np.float64(y), "flag": np.bool_(flag)}
    assert evaluate("x / y + x * y", names, np) == x / y + x * y
    assert evaluate("flag and x > 0", names, np) == (flag and x > 0)


def test_identifiers_are_not_functions() -> None:
    assert identifiers("exp(-v / tau) * clip(w_pre, 0, w_max) + int(x > 0)") == {"v", "tau", "w_pre", "w_max", "x"}
    assert identifiers("1 + 2") == set()


def test_statements_are_split() -> None:
    code = """x = 1 + y  # why
    z += x*2

    z -= 1
    z *= y + 1
    z /= 3"""
    assert statements(code) == [
        ("x", "1 + y"),
        ("z", "z + (x * 2)"),
        ("z", "z - (1)"),
        ("z", "z * (y + 1)"),
        ("z", "z / (3)"),
    ]


def test_statements_may_share_a_line() -> None:
    assert statements("x = 1; y += x\nz = y;") == [("x", "1"), ("y", "y + (x)"), ("z", "y")]


def test_statements_run_in_order() -> None:
    names = {"y": Y, "z": X}
    written = execute("x = 1 + y\nz += x * 2\nx = z", names, np)
    assert written.keys() == {"x", "z"}
    np.testing.assert_array_equal(written["z"], X + (1 + Y) * 2)
    np.testing.assert_array_equal(written["x"], written["z"])
    assert names["z"] is X, "the values given are changed"


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("x + missing", r"'missing' in 'x \+ missing' has no value"),
        ("no_such(x)", r"Function 'no_such' in 'no_such\(x\)' cannot be evaluated"),
        ("x.real", r"'x.real' in 'x.real' cannot be evaluated"),
        ("x[0]", r"'x\[0\]' in 'x\[0\]' cannot be evaluated"),
        ("x @ x", r"'x @ x' in 'x @ x' cannot be evaluated"),
        ("[x]", r"'\[x\]' in '\[x\]' cannot be evaluated"),
    ],
)
def test_what_cannot_be_evaluated_is_told(expression: str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        evaluate(expression, {"x": X}, np)


@pytest.mark.parametrize(
    "line", ["x", "f(x)", "x == 1", "if x: y = 1", "x[0] = 1", "x = y = 1", "x = 1; f(x)", "x **= 2", "x =", "x ++ 1"]
)
def test_what_is_no_statement_is_told(line: str) -> None:
    with pytest.raises(ModelError, match=r"is not a statement of the form 'x = ...' or 'x \+= ...'"):
        statements(line)
