"""What a study file says in place of defaults: of sections, and of the numbers of rules, tasks, neurons and so on."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from workbench.common.errors import StudyError, WorkbenchError, nearest
from workbench.declare.parameter import Parameter
from workbench.study.file.reading import quoted
from workbench.study.file.section import Section, Value, Values
from workbench.text.quantities import canonical, read_quantity
from workbench.text.spreads import read_spread, unit_of

AnySection = TypeVar("AnySection", bound=Section)


def merged(base: AnySection, override: AnySection) -> AnySection:
    """Return a section with the keys that another one names replaced; tables are merged key by key."""
    update = {name: getattr(override, name) for name in override.model_fields_set}
    for name in type(base).model_fields:
        if name.endswith("_parameters"):
            owner = name.removesuffix("_parameters")
            # Parameters belong to the name beside them: another name drops those of the base.
            same = owner not in type(base).model_fields or update.get(owner, getattr(base, owner)) == getattr(
                base, owner
            )
            kept = dict(getattr(base, name)) if same else {}
            update[name] = tuple(sorted((kept | dict(update.get(name, ()))).items()))
        elif isinstance(update.get(name), Section):
            update[name] = merged(getattr(base, name), update[name])
    return base.model_copy(update=update)


def filled_from(values: Values, parameters: Iterable[Parameter], owner: str) -> Values:
    """Return values for all parameters that a rule or a task declares; see `filled`."""
    for parameter in parameters:
        value = dict(values).get(parameter.name, parameter.default)
        if parameter.choices and canonical(value) not in map(canonical, parameter.choices):
            hint = nearest(str(value), parameter.choices)
            raise StudyError(f"{owner}: parameter '{parameter.name}' cannot be {quoted(value)}. {hint}")
    return filled(values, {parameter.name: parameter.default for parameter in parameters}, owner)


def filled(values: Values, defaults: Mapping[str, Value], owner: str, spread: bool = False) -> Values:
    """Return values for all parameters: those given, of the kind that the defaults are, and the other defaults.

    Where they may be spread, as those of neurons may, a value may differ between neurons.
    """
    result = {name: canonical(value) for name, value in defaults.items()}
    for name, value in values:
        if name not in defaults:
            raise StudyError(f"{owner} has no parameter {quoted(name)}. {nearest(name, defaults)}")
        needed = _kind(defaults[name])
        if spread and isinstance(value, str):
            drawn = read_spread(value, f"{owner}: parameter '{name}'")
            if drawn is not None and drawn.unit == unit_of(defaults[name], name):
                result[name] = value
                continue
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise StudyError(f"{owner}: parameter '{name}' must fit into 64 bits, unlike {quoted(value)}.")
        # A whole number may stand for a number, but not the other way about.
        if _kind(value) != needed and (needed, _kind(value)) != ("a number", "a whole number"):
            raise StudyError(f"{owner}: parameter '{name}' must be {needed}, not {quoted(value)}.")
        result[name] = float(value) if needed == "a number" else canonical(value)
    return tuple(sorted(result.items()))


def _kind(value: Value) -> str:
    if not isinstance(value, str):
        return "a whole number" if isinstance(value, int) else "a number"
    try:
        unit = read_quantity(value, "")[1]
    except WorkbenchError:
        return "a word"
    return f"a quantity in {unit}"
