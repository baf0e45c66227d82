"""Derivatives of expressions, and expressions in C++, against numbers."""

import ctypes
from pathlib import Path

import numpy as np
import pytest

from workbench.engine.compiled.compile import compile_library
from workbench.text.cpp import HELPERS, NoFormError, in_cpp
from workbench.text.derivative import NoDerivativeError, derivative
from workbench.text.expressions import evaluate

EXPRESSIONS = (
    "x * y + 3 * x - y",
    "(x + y) / (x**2 + 1)",
    "x**3 * y**x",
    "exp(-x * y) * log(x + 2) - sqrt(x + y**2)",
    "sin(x) * cos(y) + tan(x / 4) + arctan(x * y)",
    "tanh(x - y) + sinh(x) / cosh(y)",
    "abs(x - 2 * y) + sign(x) * y + int(x > y) * x",
    "clip(x * y, -1, 1) + int(not (x > 0 and y < 1)) * x",
    "arcsin(x / 9) + arccos(y / 9) + log10(x + 3)",
    "-(+x) * floor(y + 0.3) + ceil(y) * x",
)


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_derivative_is_the_slope(text: str) -> None:
    generator = np.random.default_rng(0)
    for _ in range(20):
        at = {"x": generator.uniform(0.3, 1.7), "y": generator.uniform(0.35, 1.65)}
        for name in at:
            low, high = (evaluate(text, at | {name: at[name] + step}, np) for step in (-1e-6, 1e-6))
            found = float(evaluate(derivative(text, name), at, np))
            assert abs(found - (high - low) / 2e-6) < 1e-6 * max(1, abs(found)), (name, at)


def test_what_is_not_read_has_none() -> None:
    assert derivative("x * y", "z") == "0"
    assert derivative("x", "x") == "1"
    for text in ("foo(x)", "clip(1, x, 2)", "x % 2"):
        with pytest.raises(NoDerivativeError):
            derivative(text, "x")


def test_expressions_in_cpp_are_those_of_numpy(tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    texts = [*EXPRESSIONS, *(derivative(text, "x") for text in EXPRESSIONS), "x / mV", "int(2.7 * x)", "True and x > y"]
    lines = "\n".join(f"out[{number}] = {in_cpp(text, {'x': 'x', 'y': 'y'})};" for number, text in enumerate(texts))
    function = 'extern "C" __attribute__((visibility("default"))) void run(double x, double y, double* out)'
    (tmp_path / "some.cpp").write_text(f"{HELPERS}{function} {{ {lines} }}")
    compile_library(tmp_path, "some.cpp", "some.so")
    code = ctypes.CDLL(str(tmp_path / "some.so"))
    for _ in range(10):
        x, y = (float(value) for value in generator.uniform(0.3, 1.7, size=2))
        out = np.zeros(len(texts))
        code.run(ctypes.c_double(x), ctypes.c_double(y), ctypes.c_void_p(out.ctypes.data))
        wanted = [float(evaluate(text, {"x": x, "y": y}, np)) for text in texts]
        np.testing.assert_allclose(out, wanted, rtol=1e-12, atol=1e-14)


def test_what_has_no_form_in_cpp_is_said() -> None:
    for text in ("foo(x)", "x[0]", "x % 2"):
        with pytest.raises(NoFormError, match="has no form in C"):
            in_cpp(text, {"x": "x"})
    with pytest.raises(NoFormError, match="'z' in 'z \\+ 1' has no value"):
        in_cpp("z + 1", {})
