"""The C++ of what spikes set, and of the way back through it."""

from collections.abc import Mapping

from workbench.exact_time.solution import Solution, displacements
from workbench.text.cpp import in_cpp
from workbench.text.derivative import derivative


def resets(name: str, solution: Solution) -> str:
    """Return the functions ``reset_<name>`` and ``reset_back_<name>`` of a layer, and ``refractory_<name>`` if any.

    Parameters
    ----------
    name : str
        Of the layer.
    solution : Solution
        Of its neurons; both functions have its variables in the order of its names.

    Raises
    ------
    NoFormError, NoDerivativeError
        Where an expression has no form in C++, or no derivative.
    """
    set_to = displacements(solution)
    called = {name: f"before[{place}]" for place, name in enumerate(solution.names) if name}
    called |= {name: f"numbers[{place}]" for place, name in enumerate(solution.model.values())}
    count = len(solution.names)
    forth = [f"for (int k = 0; k < {count}; ++k) after[k] = before[k];"]
    forth += [f"after[{solution.names.index(name)}] = {in_cpp(text, called)};" for name, text in set_to.items()]
    back = [
        f"back[{place}] = {_slope(name, place, solution, set_to, called)};" for place, name in enumerate(solution.names)
    ]
    return "\n".join(
        [
            *_refractory(name, solution.model.refractory, called),
            f"EXPORTED void reset_{name}(const double* before, const double* numbers, double* after) {{",
            *forth,
            "}",
            f"EXPORTED void reset_back_{name}(",
            "    const double* before, const double* numbers, const double* slopes, double* back) {",
            *back,
            "}",
        ]
    )


def _refractory(name: str, condition: str, called: Mapping[str, str]) -> list[str]:
    if not condition:
        return []
    return [
        f"EXPORTED bool refractory_{name}(const double* before, const double* numbers) {{",
        f"return {in_cpp(condition, called)};",
        "}",
    ]


def _slope(name: str, place: int, solution: Solution, set_to: Mapping[str, str], called: Mapping[str, str]) -> str:
    """Return the slope by a variable before a spike, made of those by all after it."""
    terms = [] if name in set_to else [f"slopes[{place}]"]
    for other, text in set_to.items():
        factor = derivative(text, name) if name else "0"
        if factor != "0":
            terms.append(f"slopes[{solution.names.index(other)}] * ({in_cpp(factor, called)})")
    return " + ".join(terms) or "0.0"
