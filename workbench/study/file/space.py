"""The space in which settings are searched: what a draw of them is, and whether it lies at an edge."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from workbench.common.errors import StudyError, WorkbenchError
from workbench.study.file.condition_sections import ChangesSection
from workbench.study.file.reading import quoted, translated
from workbench.study.file.section import Value
from workbench.study.file.spec import RuleSection, StudySpec
from workbench.text.quantities import canonical, read_quantity

#: Of the length of a range: nearer to one of its ends, a value lies at the edge.
EDGE = 0.05

_RANGE = {"low", "high", "log"}
#: Significant digits of numbers that are drawn, so that they can be written down.
_DIGITS = 4


@dataclass(frozen=True)
class Dimension:
    """A key that takes a value in each draw.

    Attributes
    ----------
    key : str
        In a study file, with dots; of parameters of the rule ``rule.`` and their name.
    choices : tuple
        What it may be, where it is one of several.
    low, high : float
        Between which it lies otherwise [unit].
    log : bool
        Whether it is drawn evenly in its logarithm.
    whole : bool
        Whether it is a whole number.
    unit : str
        Of the quantity; empty for a number.
    """

    key: str
    choices: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 1.0
    log: bool = False
    whole: bool = False
    unit: str = ""

    def value(self, drawn: float) -> Any:
        """Return what stands in a study file for what was drawn: the number of a choice, or one within the range."""
        if self.choices:
            return self.choices[int(drawn)]
        if self.whole:
            return int(drawn)
        rounded = min(max(float(f"{drawn:.{_DIGITS}g}"), self.low), self.high)
        return canonical(f"{rounded!r} {self.unit}") if self.unit else rounded

    def edge(self, drawn: float) -> str:
        """Return which end of the space is so near that a better value may lie beyond; empty where none is."""
        if self.choices:
            # Of words no order is known.
            if len(self.choices) < 3 or not all(_is_number(choice) for choice in self.choices):
                return ""
            place = sorted(self.choices).index(self.choices[int(drawn)]) / (len(self.choices) - 1)
        else:
            low, high, at = (math.log(number) if self.log else number for number in (self.low, self.high, drawn))
            place = (at - low) / (high - low)
        return "low" if place <= EDGE else "high" if place >= 1 - EDGE else ""


def space(spec: StudySpec, number: int) -> tuple[Dimension, ...]:
    """Return the space in which the settings of a rule are searched: what all share, and the rule's own.

    Parameters
    ----------
    spec : StudySpec
        With a search.
    number : int
        Place of the rule in the file, from 0.

    Raises
    ------
    StudyError
        Where a range is none.
    """
    search = spec.search
    if search is None:
        return ()
    shared = {name: getattr(search, name) for name in ("network", "train", "task")}
    rule: RuleSection = spec.rule[number]
    found = [*_dimensions(shared, f"{spec.path}, [search]")]
    found += _dimensions({"rule": rule.search}, f"{spec.path}, [[rule]] {number + 1}, 'search'")
    return tuple(found)


def drawn_changes(dimensions: Iterable[Dimension], drawn: Mapping[str, float], where: str) -> ChangesSection:
    """Return what a draw changes in a study.

    Parameters
    ----------
    dimensions : iterable of Dimension
        The space.
    drawn : mapping of str to float
        A number for each key.
    where : str
        In the study file.

    Raises
    ------
    StudyError
        Where a value is not what its key must be.
    """
    data: dict[str, Any] = {}
    for dimension in dimensions:
        *path, last = dimension.key.split(".")
        table = data
        for part in path:
            table = table.setdefault(part, {})
        table[last] = dimension.value(drawn[dimension.key])
    try:
        return ChangesSection.model_validate(data)
    except ValidationError as error:
        raise StudyError(translated(error, data, ChangesSection, where)) from error


def _dimensions(table: Mapping[str, Any], where: str, prefix: str = "") -> Iterator[Dimension]:
    for name, content in table.items():
        key = f"{prefix}{name}"
        if isinstance(content, Mapping) and not _RANGE & set(content):
            yield from _dimensions(content, where, f"{key}.")
        elif isinstance(content, Mapping):
            yield _of_range(key, content, where)
        elif isinstance(content, list) and content:
            yield Dimension(key, choices=tuple(content))
        else:
            wanted = "{ low = ..., high = ... } or a list of choices"
            raise StudyError(f"{where}: '{key}' must be {wanted}, not {quoted(content)}.")


def _of_range(key: str, content: Mapping[str, Any], where: str) -> Dimension:
    odd = sorted(set(content) - _RANGE)
    log = content.get("log", False)
    if odd or not {"low", "high"} <= set(content) or not isinstance(log, bool):
        raise StudyError(
            f"{where}: '{key}' must have 'low' and 'high', and may have 'log', true or false, and nothing else, not "
            f"{quoted(dict(content))}."
        )
    (low, unit), (high, other) = (_number(content[end], f"{where}: '{key}', '{end}'") for end in ("low", "high"))
    if unit != other:
        raise StudyError(f"{where}: '{key}' must have ends of one unit, not {quoted(dict(content))}.")
    if not (low < high and (low > 0 or not log)):
        least = "above 0 and " if log else ""
        raise StudyError(f"{where}: '{key}' must have a 'low' {least}below its 'high', not {quoted(dict(content))}.")
    whole = all(isinstance(content[end], int) for end in ("low", "high"))
    return Dimension(key, low=low, high=high, log=log, whole=whole, unit=unit)


def _number(value: Value, where: str) -> tuple[float, str]:
    if _is_number(value) and math.isfinite(float(value)):
        return float(value), ""
    try:
        if isinstance(value, str):
            number, unit = read_quantity(value, where)
            return number, unit
    except WorkbenchError as error:
        raise StudyError(str(error)) from error
    raise StudyError(f"{where} must be a number or a quantity such as '20 ms', not {quoted(value)}.")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
