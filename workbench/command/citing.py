"""What is to be cited for rules and for the results of studies."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.catalogue.literature import WORKBENCH
from workbench.catalogue.registry import Registry
from workbench.catalogue.sources import is_unknown, sources_of
from workbench.common.errors import StudyError, nearest
from workbench.declare.configuration import split_configuration
from workbench.declare.feedback import Pathway
from workbench.declare.publication import Publication
from workbench.study.results.used import used_in
from workbench.tables.citations import Cited


def cited(subjects: Sequence[str], registry: Registry) -> tuple[list[Cited], list[str]]:
    """Return what is to be cited for some subjects, and the DOIs of which nothing else is known.

    Parameters
    ----------
    subjects : sequence of str
        Rules, with a pathway or without, and folders of results.
    registry : Registry
        With all that they name.

    Raises
    ------
    PluginError, StudyError
        Where there is no such rule, pathway or study.
    """
    items: list[Any] = []
    for subject in subjects:
        folder = Path(subject)
        if folder.is_dir():
            items += used_in(folder, registry)
        elif folder.name != subject:
            raise StudyError(f"{folder} is no folder of results. Give one, or the name of a rule.")
        else:
            items += _of_rule(subject, registry)
    found = sources_of(items, registry)
    version = registry.all(Publication)[WORKBENCH.name].source.version
    entries = [Cited(each, of, version if each == WORKBENCH else "") for each, of in found.items()]
    return entries, [each.doi for each in found if is_unknown(each)]


def _of_rule(name: str, registry: Registry) -> list[Any]:
    """Return a rule, and the pathway that is named with it."""
    rule, feedback = split_configuration(name)
    item = registry.rule(rule)
    if not feedback:
        return [item]
    way = registry.pathway_for(item, feedback)
    if not isinstance(way, Pathway):
        known = sorted(one.name for one in registry.pathways_for(item))
        raise StudyError(f"Rule '{rule}' does not take feedback '{feedback}'. {nearest(feedback, known)}")
    return [item, way]
