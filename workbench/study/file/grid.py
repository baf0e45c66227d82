"""The grid of a study: from the file to the frozen configuration of each run, every name and parameter resolved."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.catalogue.registry import Registry
from workbench.common.errors import StudyError
from workbench.declare.condition import told
from workbench.declare.configuration import configuration_name
from workbench.study.file.condition_sections import ChangesSection
from workbench.study.file.conditions import Choice, conditions, parameters_of
from workbench.study.file.overrides import merged
from workbench.study.file.reading import located
from workbench.study.file.resolved import resolved_network, resolved_train
from workbench.study.file.run_config import Other, RunConfig, Stage
from workbench.study.file.section import Value
from workbench.study.file.sections import MeasureSection
from workbench.study.file.settings import changed, changed_network, names, rule_settings, task_parameters
from workbench.study.file.spec import RuleSection, StudySpec

#: What tells a cell from the others of its study: what was chosen on each axis, and the places of task and rule.
Key = tuple[tuple[tuple[str, Value], ...], int, int]
#: Settings that a search has found.
Chosen = Mapping[Key, ChangesSection]


@dataclass(frozen=True)
class Cell:
    """A task with a rule in a condition: what is trained from each seed.

    Attributes
    ----------
    condition : tuple of Choice
        What holds on each axis, also on those that change nothing of it.
    task, rule : int
        Places in the study file, from 0.
    first : RunConfig
        Its run of the first seed.
    """

    condition: tuple[Choice, ...]
    task: int
    rule: int
    first: RunConfig

    @property
    def key(self) -> Key:
        """What tells it from the others of its study."""
        return self.first.condition, self.task, self.rule


def expand(spec: StudySpec, registry: Registry, chosen: Chosen | None = None) -> tuple[RunConfig, ...]:
    """Return the runs of a study: in each condition each task with each rule and each seed, in the order of the file.

    Parameters
    ----------
    spec : StudySpec
        As read by `load_study`.
    registry : Registry
        What the names of tasks, rules and neuron models stand for.
    chosen : mapping of tuple to ChangesSection, optional
        The settings that a search has found, by `Cell.key`.

    Raises
    ------
    StudyError
        As `cells` does.
    """
    chosen = chosen or {}
    found: list[RunConfig] = []
    for cell in cells(spec, registry):
        changes = chosen.get(cell.key)
        settled = cell if changes is None else with_settings(cell, changes, spec, registry)
        found += [settled.first.model_copy(update={"seed": seed}) for seed in spec.seeds]
    return tuple(found)


def with_settings(cell: Cell, changes: ChangesSection, spec: StudySpec, registry: Registry) -> Cell:
    """Return a cell with settings that go before all else that is said of it.

    Raises
    ------
    StudyError
        Where they do not fit it.
    """
    settings = Choice("", "", changes, first=True, where=f"{spec.path}, [search]")
    (found,) = _of_condition(spec, registry, (*cell.condition, settings), only=(cell.task, cell.rule))
    return found


def cells(spec: StudySpec, registry: Registry) -> Iterator[Cell]:
    """Yield each task with each rule in each condition.

    An axis of parameters that a task or rule does not have is none of its: it is there once, not once for each value.

    Raises
    ------
    StudyError
        Where a name or a parameter is unknown, a value does not fit its parameter, a rule cannot take a feedback, or a
        task or rule is listed twice.
    """
    resolved_network(spec.network, registry, str(spec.path))
    # Of which neurons the parameters of a phase are, each task says.
    resolved_train(spec.train, registry, str(spec.path), "")
    for choices in conditions(spec, registry):
        yield from _of_condition(spec, registry, choices)


def _of_condition(
    spec: StudySpec, registry: Registry, choices: tuple[Choice, ...], only: tuple[int, int] | None = None
) -> Iterator[Cell]:
    seen: dict[object, str] = {}
    shared: dict[str, Any] = {key: getattr(spec, key) for key in ("target", "form", "precision")}
    shared["measure"] = changed(spec.measure, choices, "measure")
    shared["others"] = _others(spec, shared["measure"], choices, registry)
    of_variant, of_sweeps = _split(choices)
    named = [(choice.axis, choice.label) for choice in choices if choice.axis]
    words = f", {told(dict(named))}" if named else ""
    for number, task in enumerate(spec.task, 1):
        if only and number - 1 != only[0]:
            continue
        at_task = f"{spec.path}, [[task]] {number}{words}"
        network = changed_network(merged(spec.network, task.network), choices, registry)
        chosen_task: dict[str, Any] = {
            "task": task.name,
            "task_parameters": task_parameters(task, choices, registry, at_task),
            "network": resolved_network(network, registry, at_task),
        }
        train = changed(merged(spec.train, task.train), of_variant, "train")
        neuron = chosen_task["network"].neuron
        entry = (*chosen_task.values(), resolved_train(train, registry, at_task, neuron))
        _once(seen, entry, f"task '{task.name}' with this network, training", at_task)
        task_names = names(registry.task(task.name).parameters)
        for index, rule in enumerate(spec.rule, 1):
            if only and index - 1 != only[1]:
                continue
            at_rule = f"{spec.path}, [[rule]] {index}{words}"
            with located(at_rule):
                own_names = names(parameters_of(rule, registry))
            own = tuple(choice for choice in choices if choice.applies(task_names, own_names, network, registry))
            if not _is_trained(rule, choices, own):
                continue
            chosen_rule = rule_settings(rule, choices, registry, at_rule)
            whole = changed(merged(train, rule.train), of_sweeps, "train")
            resolved = resolved_train(whole, registry, at_rule, neuron)
            stages = _stages(spec, chosen_rule | {"train": resolved}, choices, registry, neuron)
            _refuse_missed(shared["measure"], resolved.epochs + sum(item.train.epochs for item in stages), at_rule)
            what = f"rule '{rule.name}' with this feedback, training"
            # The size of the chunks changes no number.
            _once(seen, (number, *chosen_rule.values(), resolved.model_copy(update={"chunk": 1})), what, at_rule)
            chosen = chosen_task | chosen_rule | {"train": resolved, "stages": stages}
            condition = tuple((choice.axis, choice.label) for choice in own if choice.axis)
            first = RunConfig(study=spec.name, seed=spec.seeds[0], condition=condition, **chosen, **shared)
            yield Cell(choices, number - 1, index - 1, first)


def _stages(
    spec: StudySpec, first: dict[str, Any], choices: tuple[Choice, ...], registry: Registry, neuron: str
) -> tuple[Stage, ...]:
    """Return the stages after the first one, each with what that has where it says nothing else."""
    found = []
    for number, section in enumerate(spec.stage, 1):
        where = f"{spec.path}, [[stage]] {number}"
        own = first
        if section.rule:
            rule = RuleSection(name=section.rule, feedback=section.feedback, parameters=section.parameters)
            own = rule_settings(rule, choices, registry, where)
        elif section.feedback or section.parameters:
            raise StudyError(f"{where}: 'feedback' and 'parameters' are of a 'rule', and none is given. Name one.")
        train = resolved_train(merged(first["train"], section.train), registry, where, neuron)
        found.append(Stage.model_validate({**own, "train": train}))
    return tuple(found)


def _refuse_missed(measure: MeasureSection, epochs: int, where: str) -> None:
    """Refuse probes at epochs that never come, or without those at which descent is looked at."""
    beyond = [epoch for epoch in measure.probe_at if epoch > epochs]
    if beyond:
        raise StudyError(
            f"{where}: 'measure.probe_at' has epoch {beyond[0]:g}, and there are {epochs}. Drop it, or train longer."
        )
    if measure.descent and measure.probe_at and not {0, epochs} <= set(measure.probe_at):
        raise StudyError(
            f"{where}: 'measure.descent' is looked at after epochs 0 and {epochs}, and 'measure.probe_at' lacks one of "
            "them. Add it, or set 'measure.descent' to 0."
        )


def _split(choices: tuple[Choice, ...]) -> tuple[tuple[Choice, ...], tuple[Choice, ...]]:
    """Return the choice of a variant, before what rules say, and those of sweeps, which go before all else."""
    of_variant = tuple(choice for choice in choices if choice.is_variant)
    return of_variant, tuple(choice for choice in choices if not choice.is_variant)


def _is_trained(rule: RuleSection, choices: tuple[Choice, ...], own: Sequence[Choice]) -> bool:
    """Return whether a rule has a run: not in variants that it leaves out, nor anew for what it does not have."""
    if rule.variants and not any(choice.is_variant and choice.label in rule.variants for choice in choices):
        return False
    return all(choice.first for choice in choices if choice not in own)


def _others(
    spec: StudySpec, measure: MeasureSection, choices: tuple[Choice, ...], registry: Registry
) -> tuple[Other, ...]:
    """Return the rules that each run asks, if any; exact gradients are there by themselves."""
    measured = "passive" if measure.passive else "descent" if measure.descent else ""
    if measured and not measure.probe:
        raise StudyError(f"{spec.path}: 'measure.{measured}' needs a 'measure.probe' above 0, and it is 0.")
    if not measure.passive:
        return ()
    found: dict[str, Other] = {}
    for index, section in enumerate(spec.rule, 1):
        where = f"{spec.path}, [[rule]] {index}"
        if not _is_trained(section, choices, choices):
            continue
        other = Other.model_validate(rule_settings(section, choices, registry, where))
        if registry.rule(other.rule).is_exact_gradient:
            continue
        name = configuration_name(other.rule, other.feedback)
        if name in found:
            raise StudyError(
                f"{where}: 'measure.passive' needs rules that differ in name or feedback, and '{name}' is there twice. "
                "Drop one, or set it to false."
            )
        found[name] = other
    return tuple(found.values())


def _once(seen: dict[object, str], entry: object, what: str, where: str) -> None:
    if entry in seen:
        raise StudyError(f"{where}: {what} and these parameters is listed before, in {seen[entry]}. Drop one.")
    seen[entry] = where.rpartition(", ")[2]
