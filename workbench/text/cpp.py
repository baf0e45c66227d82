"""Expressions as C++ computes them in double precision."""

import ast
from collections.abc import Mapping

from workbench.text.quantities import IN_EQUATIONS, UNITS
from workbench.text.syntax import is_condition, parsed

_BINARY: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip

#: Functions that C++ calls otherwise, or that are declared beside the code that calls them.
_FUNCTIONS = {
    **{name: name for name in ("exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "ceil", "floor")},
    "abs": "fabs",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "log10": "log10",
    "log1p": "log1p",
    "sign": "workbench_sign",
    "clip": "workbench_clip",
    "expm1": "expm1",
}


#: What is declared before code that has functions which C++ does not.
HELPERS = """static inline double workbench_sign(double x) { return (double) (x > 0.0) - (double) (x < 0.0); }
static inline double workbench_clip(double x, double low, double high) { return x < low ? low : (x > high ? high : x); }
"""


class NoFormError(Exception):
    """An expression that has no form in C++ here; the message says which part of it."""


def in_cpp(expression: str, names: Mapping[str, str]) -> str:
    """Return an expression in C++.

    Parameters
    ----------
    expression : str
        In Brian2's syntax.
    names : mapping of str to str
        What C++ calls the names that it reads; units stand for their numbers.

    Raises
    ------
    NoFormError
        Where there is no such thing in C++.
    """

    def visit(node: ast.expr) -> str:
        match node:
            case ast.Constant(value=bool() as whether):
                return "true" if whether else "false"
            case ast.Constant(value=int() | float() as number):
                return repr(float(number))
            case ast.Name(id=name):
                return names[name] if name in names else _unit(name, expression)
            case ast.UnaryOp(op=operator, operand=inner):
                sign = {ast.USub: "-", ast.Not: "!"}.get(type(operator), "+")
                return f"({sign}{visit(inner)})"
            case ast.BoolOp(op=operator, values=values):
                return f"({(' && ' if isinstance(operator, ast.And) else ' || ').join(map(visit, values))})"
            case ast.Compare(left=first, ops=operators, comparators=others) if set(map(type, operators)) <= set(
                _COMPARE
            ):
                terms = [visit(first), *map(visit, others)]
                pairs = zip(operators, terms, terms[1:], strict=False)
                return f"({' && '.join(f'({a} {_COMPARE[type(op)]} {b})' for op, a, b in pairs)})"
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                base, exponent = visit(left), visit(right)
                return f"({base} * {base})" if exponent == "2.0" else f"pow({base}, {exponent})"
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _BINARY:
                return f"({visit(left)} {_BINARY[type(operator)]} {visit(right)})"
            case ast.Call(func=ast.Name(id="int"), args=[argument]):
                value = visit(argument)
                return f"({value} ? 1.0 : 0.0)" if is_condition(ast.unparse(argument)) else f"trunc({value})"
            case ast.Call(func=ast.Name(id=function), args=arguments) if function in _FUNCTIONS:
                return f"{_FUNCTIONS[function]}({', '.join(map(visit, arguments))})"
        raise NoFormError(f"'{ast.unparse(node)}' in '{expression}' has no form in C++.")

    return visit(parsed(expression))


def _unit(name: str, expression: str) -> str:
    if name not in IN_EQUATIONS:
        raise NoFormError(f"'{name}' in '{expression}' has no value.")
    return repr(float(UNITS[name][0]))
