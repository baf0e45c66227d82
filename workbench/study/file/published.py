"""The figures of the literature that a study is held to, each with its counterpart among the study's numbers."""

from collections.abc import Sequence

from workbench.catalogue.registry import Registry
from workbench.common.errors import StudyError, nearest
from workbench.declare.configuration import configuration_name
from workbench.declare.measure import Measure
from workbench.declare.published_figure import PublishedFigure
from workbench.study.file.contrasts import axes_of, configuration_meant
from workbench.study.file.reading import located, quoted
from workbench.study.file.run_config import RunConfig
from workbench.study.file.spec import StudySpec
from workbench.tables.selection import choices

#: What is noted of a run on the test split, and what of it is better.
_OF_TEST = {"accuracy": "higher", "loss": "lower", "reward": "higher", "spikes_per_trial": "neither"}


def published_figures(spec: StudySpec, configs: Sequence[RunConfig], registry: Registry) -> tuple[PublishedFigure, ...]:
    """Return the published figures of a study.

    Parameters
    ----------
    spec : StudySpec
        The study.
    configs : sequence of RunConfig
        Its runs.
    registry : Registry
        What the names of rules, pathways and measures stand for.

    Raises
    ------
    StudyError
        Where one names a rule, task, measure or condition that the study does not have.
    """
    if not spec.published:
        return ()
    known = list(dict.fromkeys(configuration_name(config.rule, config.feedback) for config in configs))
    tasks = list(dict.fromkeys(config.task for config in configs))
    better = {name: offer.item.better for name, offer in registry.all(Measure).items()} | _OF_TEST
    axes = axes_of(configs)
    found = []
    for number, section in enumerate(spec.published, 1):
        where = f"{spec.path}, [[published]] {number}"
        of = configuration_meant(section.of, known, registry, where)
        if section.task and section.task not in tasks:
            raise StudyError(f"{where}: the study has no task {quoted(section.task)}. {nearest(section.task, tasks)}")
        if section.measure not in better:
            raise StudyError(
                f"{where}: there is no measure {quoted(section.measure)}. {nearest(section.measure, better)}"
            )
        with located(where):
            choices(section.at, axes, "'at'")
        said = section.model_dump(exclude={"of"})
        found.append(PublishedFigure(of=of, better=better[section.measure], **said))
    return tuple(found)
