"""The derivative of an expression by a name that it reads, as an expression."""

import ast

from workbench.text.syntax import identifiers, parsed, substituted

#: Function -> its derivative by its argument, written `x`.
_OF_FUNCTIONS = {
    "exp": "exp(x)",
    "log": "1 / x",
    "sqrt": "0.5 / sqrt(x)",
    "abs": "sign(x)",
    "sin": "cos(x)",
    "cos": "-sin(x)",
    "tan": "1 + tan(x)**2",
    "sinh": "cosh(x)",
    "cosh": "sinh(x)",
    "tanh": "1 - tanh(x)**2",
    "arcsin": "1 / sqrt(1 - x**2)",
    "arccos": "-1 / sqrt(1 - x**2)",
    "arctan": "1 / (1 + x**2)",
    "log10": "0.4342944819032518 / x",
    # Of what jumps, between its jumps.
    "int": "0",
    "sign": "0",
    "ceil": "0",
    "floor": "0",
}


class NoDerivativeError(Exception):
    """An expression that has no derivative here; the message says which part of it."""


def derivative(expression: str, name: str) -> str:
    """Return the derivative of an expression by a name, "0" where there is none.

    Parameters
    ----------
    expression : str
        In Brian2's syntax.
    name : str
        That it reads, or does not.

    Raises
    ------
    NoDerivativeError
        Where a function or an operator is not known here.
    """
    return _by(parsed(expression), name)


def _by(node: ast.expr, name: str) -> str:
    text = ast.unparse(node)
    if name not in identifiers(text):
        return "0"
    match node:
        case ast.Name():
            return "1"
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=inner):
            found = _by(inner, name)
            return found if isinstance(sign, ast.UAdd) else _product("-1", found)
        case ast.UnaryOp(op=ast.Not()) | ast.Compare() | ast.BoolOp():
            return "0"
        case ast.BinOp(left=left, op=operator, right=right):
            return _of_operator(operator, left, right, name)
        case ast.Call(func=ast.Name(id=function), args=arguments):
            return _of_call(function, arguments, name)
    raise NoDerivativeError(f"'{text}'")


def _of_operator(operator: ast.operator, left: ast.expr, right: ast.expr, name: str) -> str:
    a, b = f"({ast.unparse(left)})", f"({ast.unparse(right)})"
    of_left, of_right = _by(left, name), _by(right, name)
    match operator:
        case ast.Add():
            return _sum(of_left, of_right)
        case ast.Sub():
            return _sum(of_left, _product("-1", of_right))
        case ast.Mult():
            return _sum(_product(of_left, b), _product(a, of_right))
        case ast.Div():
            return _sum(_product(of_left, f"(1 / {b})"), _product(f"(-{a} / {b}**2)", of_right))
        case ast.Pow():
            below = f"{a}**({b} - 1)"
            if isinstance(right, ast.Constant) and isinstance(right.value, int | float):
                below = a if right.value == 2 else f"{a}**{right.value - 1}"
            return _sum(_product(f"({b} * {below})", of_left), _product(f"({a}**{b} * log({a}))", of_right))
    raise NoDerivativeError(f"'{a} ... {b}'")


def _of_call(function: str, arguments: list[ast.expr], name: str) -> str:
    if function == "clip":
        value, low, high = (ast.unparse(argument) for argument in arguments)
        if name in identifiers(low) | identifiers(high):
            raise NoDerivativeError(f"'clip' by its bounds in '{name}'")
        return _product(f"int(({value}) > ({low}) and ({value}) < ({high}))", _by(arguments[0], name))
    if function not in _OF_FUNCTIONS or len(arguments) != 1:
        raise NoDerivativeError(f"'{function}'")
    inner = ast.unparse(arguments[0])
    outer = _OF_FUNCTIONS[function]
    written = "0" if outer == "0" else f"({substituted(outer, {'x': inner})})"
    return _product(written, _by(arguments[0], name))


def _sum(left: str, right: str) -> str:
    if "0" in (left, right):
        return right if left == "0" else left
    return f"({left} + {right})"


def _product(left: str, right: str) -> str:
    if "0" in (left, right):
        return "0"
    if "1" in (left, right):
        return right if left == "1" else left
    return f"{left} * {right}"
