"""What a task, a rule and a section are in a condition: with its choices, and with every parameter filled in."""

from collections.abc import Iterable
from typing import Any

from workbench.catalogue.registry import Registry
from workbench.common.errors import StudyError, nearest
from workbench.declare.feedback import Pathway
from workbench.declare.parameter import Parameter
from workbench.declare.rule import Rule
from workbench.study.file.conditions import Choice, declared
from workbench.study.file.network_parameters import NAMED, fitting
from workbench.study.file.overrides import AnySection, filled_from, merged
from workbench.study.file.reading import located, quoted
from workbench.study.file.section import Values
from workbench.study.file.sections import NetworkSection
from workbench.study.file.spec import RuleSection, TaskSection


def names(parameters: Iterable[Parameter]) -> list[str]:
    """Return what parameters are called."""
    return [parameter.name for parameter in parameters]


def changed(section: AnySection, choices: Iterable[Choice], table: str) -> AnySection:
    """Return a section as the choices of a condition have it; `table` is what it is called."""
    for choice in choices:
        section = merged(section, getattr(choice.changes, table))
    return section


def changed_network(section: NetworkSection, choices: Iterable[Choice], registry: Registry) -> NetworkSection:
    """Return a network as the choices of a condition have it: what axes name comes before its parameters."""

    def late(choice: Choice) -> bool:
        return not (choice.is_variant or choice.changes.network.model_fields_set & set(NAMED))

    for choice in sorted(choices, key=late):
        changes = choice.changes.network
        section = merged(section, changes if choice.is_variant else fitting(changes, section, registry))
    return section


def task_parameters(section: TaskSection, choices: Iterable[Choice], registry: Registry, where: str) -> Values:
    """Return all parameters of a task in a condition.

    Raises
    ------
    StudyError
        Where there is no such task or parameter.
    """
    with located(where):
        task = registry.task(section.name)
    given = dict(section.parameters)
    for choice in choices:
        given |= dict(declared(choice.changes.task, names(task.parameters)))
    return filled_from(tuple(given.items()), task.parameters, f"{where}: '{task.name}'")


def rule_settings(section: RuleSection, choices: Iterable[Choice], registry: Registry, where: str) -> dict[str, Any]:
    """Return a rule in a condition, its pathway and all its parameters, as fields of a `RunConfig`.

    Raises
    ------
    StudyError
        Where there is no such rule or parameter, or it does not take the feedback.
    """
    with located(where):
        rule = registry.rule(section.name)
    ways = {name: way.name for way in registry.pathways_for(rule) for name in way.names}
    feedback = ways.get(section.feedback or rule.default_feedback, "")
    if not feedback:
        hint = nearest(section.feedback, ways)
        raise StudyError(f"{where}: rule '{rule.name}' does not take feedback {quoted(section.feedback)}. {hint}")
    pathway = registry.pathway(feedback)
    parameters = of_both(rule, pathway, where)
    given = dict(section.parameters)
    for choice in choices:
        given |= dict(declared(choice.changes.rule, names(parameters)))
    with_feedback = f" with feedback '{feedback}'" if pathway.parameters else ""
    values = filled_from(tuple(given.items()), parameters, f"{where}: '{rule.name}'{with_feedback}")
    with located(where):
        rule.with_parameters(dict(values))
        pathway.with_parameters(dict(values))
    return {"rule": rule.name, "feedback": feedback, "parameters": values}


def of_both(rule: Rule, pathway: Pathway, where: str) -> tuple[Parameter, ...]:
    """Return the parameters of a rule and of that of its feedback weights, or raise where one name is of both."""
    both = sorted({*names(rule.parameters)} & {*names(pathway.parameters)})
    if both:
        raise StudyError(
            f"{where}: rule '{rule.name}' and feedback '{pathway.name}' both have a parameter '{both[0]}', so that it "
            "is not plain which is meant. Take another feedback, or rename one."
        )
    return (*rule.parameters, *pathway.parameters)
