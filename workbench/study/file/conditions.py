"""The conditions of a study: each variant with each value of each axis that is swept."""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from workbench.catalogue.registry import Registry
from workbench.common.errors import StudyError, nearest
from workbench.declare.condition import REPLICATE, VARIANT
from workbench.declare.parameter import Parameter
from workbench.study.file.condition_sections import ChangesSection, SweepSection, VariantSection, leaves
from workbench.study.file.network_parameters import changes_something, refuse_nobodys
from workbench.study.file.reading import quoted, translated
from workbench.study.file.section import Value
from workbench.study.file.sections import NetworkSection
from workbench.study.file.spec import RuleSection, StudySpec

#: More conditions than this are a slip of the pen.
_MOST = 100_000

_TABLES = ("network", "train", "measure", "task", "rule")


@dataclass(frozen=True)
class Choice:
    """A value of one axis.

    Attributes
    ----------
    axis : str
        Its name.
    label : str or number
        What the value is called.
    changes : ChangesSection
        What is other with it.
    first : bool
        Whether it is the first of its axis.
    where : str
        In the study file.
    """

    axis: str
    label: Value
    changes: ChangesSection
    first: bool
    where: str

    @property
    def is_variant(self) -> bool:
        """Whether its axis is that of the variants."""
        return isinstance(self.changes, VariantSection)

    def applies(self, task: Iterable[str], rule: Iterable[str], network: NetworkSection, registry: Registry) -> bool:
        """Return whether it changes anything of a task and a rule that have parameters of these names, or a network."""
        named = self.changes.model_fields_set
        if self.is_variant or {"train", "measure"} & named:
            return True
        if "network" in named and changes_something(self.changes.network, network, registry):
            return True
        return bool(declared(self.changes.task, task) or declared(self.changes.rule, rule))


def conditions(spec: StudySpec, registry: Registry) -> list[tuple[Choice, ...]]:
    """Return the conditions of a study, each a choice on each axis; one without choices where nothing is varied.

    Parameters
    ----------
    spec : StudySpec
        The study.
    registry : Registry
        Of its tasks and rules.

    Raises
    ------
    StudyError
        Where an axis changes nothing, two have one name, or a value is not what its key must be.
    """
    axes = [variants] if (variants := _of_variants(spec)) else []
    axes += [_of_sweep(section, number, spec.path) for number, section in enumerate(spec.sweep, 1)]
    seen: dict[str, str] = {}
    count = 1
    for axis in axes:
        name, where = axis[0].axis, axis[0].where
        if name in seen:
            raise StudyError(f"{where}: an axis '{name}' is there before, in {seen[name]}. Give it another 'name'.")
        seen[name] = where.rpartition(", ")[2]
        count *= len(axis)
        for choice in axis:
            _refuse_unknown(choice, spec, registry)
    if count > _MOST:
        raise StudyError(f"{spec.path}: the axes have {count} conditions, and a study may have {_MOST}. Shorten one.")
    return list(itertools.product(*axes))


def _of_variants(spec: StudySpec) -> list[Choice]:
    choices: list[Choice] = []
    for number, section in enumerate(spec.variant, 1):
        where = f"{spec.path}, [[variant]] {number}"
        if any(section.name == choice.label for choice in choices):
            raise StudyError(f"{where}: a variant '{section.name}' is there before. Give it another name.")
        choices.append(Choice(VARIANT, section.name, section, not choices, where))
    for number, rule in enumerate(spec.rule, 1):
        for name in rule.variants:
            if name not in [choice.label for choice in choices]:
                hint = nearest(name, [section.name for section in spec.variant])
                raise StudyError(f"{spec.path}, [[rule]] {number}: there is no variant {quoted(name)}. {hint}")
    return choices


def _of_sweep(section: SweepSection, number: int, path: Path) -> list[Choice]:
    where = f"{path}, [[sweep]] {number}"
    tables: dict[str, Any] = {name: getattr(section, name) for name in _TABLES if getattr(section, name)}
    keys = dict(leaves(tables))
    if not keys:
        example = "network.hidden = [[60], [60, 60]]"
        raise StudyError(f"{where}: there is no key to sweep over. Give one with a list of values, such as {example}.")
    sizes = {len(values) for values in keys.values()} | ({len(section.labels)} if section.labels else set())
    if len(sizes) > 1:
        told_ = ", ".join(f"{key} {len(values)}" for key, values in keys.items())
        told_ += f", labels {len(section.labels)}" if section.labels else ""
        raise StudyError(
            f"{where}: keys of one axis change together, so each needs as many values, and they have: {told_}. "
            "Give each as many, or an axis of its own."
        )
    if section.replicate and section.name:
        raise StudyError(f"{where}: repetitions are not told apart in tables, so that they have no 'name'. Drop it.")
    if section.name.endswith(REPLICATE):
        raise StudyError(f"{where}: a 'name' may not end in '{REPLICATE}', as {quoted(section.name)} does. Change it.")
    first = next(iter(keys))
    name = "+".join(keys) + REPLICATE if section.replicate else section.name or first.rpartition(".")[2]
    labels = section.labels or tuple(map(_label, keys[first]))
    if len({str(label) for label in labels}) < len(labels):
        raise StudyError(f"{where}: two values are called alike ({', '.join(map(str, labels))}). Give 'labels'.")
    return [
        Choice(name, label, _changes(tables, index, path, f"[[sweep]] {number}, value {index + 1}"), index == 0, where)
        for index, label in enumerate(labels)
    ]


def _label(value: object) -> Value:
    """Return what a value is called where nobody has said: layer sizes as ``60-60``."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "-".join(map(str, value)) or "none"
    return value if isinstance(value, int | float) else str(value)


def _changes(tables: Mapping[str, Any], index: int, path: Path, where: str) -> ChangesSection:
    data = _taken(tables, index)
    try:
        return ChangesSection.model_validate(data)
    except ValidationError as error:
        raise StudyError(translated(error, data, ChangesSection, f"{path}, {where}")) from error


def _taken(table: Mapping[str, Any], index: int) -> dict[str, Any]:
    return {key: _taken(value, index) if isinstance(value, Mapping) else value[index] for key, value in table.items()}


def _refuse_unknown(choice: Choice, spec: StudySpec, registry: Registry) -> None:
    """Refuse parameters that no task, rule or network of the study has."""
    if not choice.is_variant:
        refuse_nobodys(choice.changes.network, spec, registry, choice.where)
    # What is misspelt of tasks and rules is told where these are.
    tasks = [registry.task(task.name) for task in spec.task if task.name in registry.tasks]
    rules = [rule for rule in spec.rule if rule.name in registry.rules]
    owned = (
        ("task", choice.changes.task, [item for task in tasks for item in task.parameters]),
        ("rule", choice.changes.rule, [item for rule in rules for item in parameters_of(rule, registry)]),
    )
    for what, values, parameters in owned:
        known = {parameter.name for parameter in parameters}
        for name, _ in values:
            if name not in known:
                raise StudyError(
                    f"{choice.where}: no {what} of the study has a parameter {quoted(name)}. {nearest(name, known)}"
                )


def parameters_of(section: RuleSection, registry: Registry) -> tuple[Parameter, ...]:
    """Return the parameters of a rule of the study, with those by which its feedback weights learn, if they do."""
    rule = registry.rule(section.name)
    chosen = section.feedback or rule.default_feedback
    ways = [way for way in registry.pathways_for(rule) if chosen in way.names]
    return (*rule.parameters, *(item for way in ways for item in way.parameters))


def declared(values: Iterable[tuple[str, Value]], names: Iterable[str]) -> tuple[tuple[str, Value], ...]:
    """Return those of some values that are of given names."""
    known = set(names)
    return tuple((name, value) for name, value in values if name in known)
