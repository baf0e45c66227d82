"""The planned comparisons of a study, each between two rules that it has."""

from collections.abc import Iterable

from workbench.catalogue.registry import Registry
from workbench.common.errors import StudyError, nearest
from workbench.declare.configuration import configuration_name, split_configuration
from workbench.study.file.reading import located, quoted
from workbench.study.file.run_config import RunConfig
from workbench.study.file.spec import StudySpec


def planned_contrasts(spec: StudySpec, configs: Iterable[RunConfig], registry: Registry) -> list[dict[str, str]]:
    """Return the comparisons of a study: `of` and `minus`, each with its feedback pathway, and `measure`.

    Parameters
    ----------
    spec : StudySpec
        The study.
    configs : iterable of RunConfig
        Its runs.
    registry : Registry
        What the names of rules and pathways stand for.

    Raises
    ------
    StudyError
        Where one names a rule that is none of the study's, or several of them at once.
    """
    if not spec.contrast:
        return []
    known = dict.fromkeys(configuration_name(config.rule, config.feedback) for config in configs)
    found = []
    for number, section in enumerate(spec.contrast, 1):
        where = f"{spec.path}, [[contrast]] {number}"
        of, minus = (configuration_meant(name, list(known), registry, where) for name in (section.of, section.minus))
        if of == minus:
            raise StudyError(f"{where}: 'of' and 'minus' are both {quoted(of)}. Name two rules.")
        found.append({"of": of, "minus": minus, "measure": section.measure})
    return found


def configuration_meant(name: str, known: list[str], registry: Registry, where: str) -> str:
    """Return the one configuration of a study that a name stands for.

    Parameters
    ----------
    name : str
        A rule, or a rule and its feedback pathway.
    known : list of str
        The configurations of the study.
    registry : Registry
        What names stand for.
    where : str
        What messages begin with.

    Raises
    ------
    StudyError
        Where it stands for none, or for several.
    """
    rule, feedback = split_configuration(name)
    if feedback:
        with located(where):
            ways = {alias: way.name for way in registry.pathways_for(registry.rule(rule)) for alias in way.names}
        feedback = ways.get(feedback, feedback)
        meant = [one for one in known if one == configuration_name(rule, feedback)]
    else:
        meant = [one for one in known if split_configuration(one)[0] == rule]
    if not meant:
        raise StudyError(f"{where}: the study has no rule {quoted(name)}. {nearest(name, known)}")
    if len(meant) > 1:
        raise StudyError(f"{where}: {quoted(name)} may be {' or '.join(map(quoted, meant))}. Name one of them.")
    return meant[0]
