"""The expressions and statements of what users declare: that they can be read, and read only what there is."""

from collections.abc import Iterable

from workbench.common.errors import ModelError, WorkbenchError, nearest
from workbench.text.syntax import calls, changes, identifiers
from workbench.text.well_formed import legible

#: Functions that a network and arrays have alike.
FUNCTIONS = frozenset(
    {"abs", "arccos", "arcsin", "arctan", "ceil", "clip", "cos", "cosh", "exp", "expm1", "floor", "int", "log"}
    | {"log10", "log1p", "sign", "sin", "sinh", "sqrt", "tan", "tanh"}
)


def refuse_misread(text: str, names: Iterable[str], where: str, error: type[WorkbenchError]) -> None:
    """Refuse an expression that cannot be read, or reads a name or calls a function that is not there.

    Parameters
    ----------
    text : str
        The expression.
    names : iterable of str
        What it may read.
    where : str
        The start of the error message.
    error : type
        What to raise.
    """
    known = set(names)
    try:
        legible(text)
    except ModelError as reason:
        raise error(f"{where}: {reason}") from reason
    for name in sorted(identifiers(text) - known):
        raise error(f"{where} reads '{name}', which nothing defines. {nearest(name, known)}")
    for name in sorted(calls(text) - FUNCTIONS):
        raise error(f"{where} calls '{name}', which is no function here. {nearest(name, FUNCTIONS)}")


def refuse_misreading(code: str, names: Iterable[str], where: str, error: type[WorkbenchError]) -> set[str]:
    """Refuse statements with such an expression; each may read what those before it set.

    Returns
    -------
    set of str
        The names that they set.
    """
    try:
        found = changes(code)
    except ModelError as reason:
        raise error(f"{where}: {reason}") from reason
    known, written = set(names), set[str]()
    for target, sign, text in found:
        refuse_misread(f"{target} {sign} ({text})" if sign else text, known, where, error)
        known.add(target)
        written.add(target)
    return written
