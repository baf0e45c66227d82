"""What the runs of a study used: rules, tasks and all else that their configurations name."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from workbench.catalogue.registry import Registry
from workbench.common.errors import PluginError, StudyError
from workbench.study.file.spec import RunConfig
from workbench.study.results.folder import MARKER, file_of, refuse_links
from workbench.study.results.hashed_content import damaged, read_sealed
from workbench.study.results.identity import offered_for, rules_beside
from workbench.study.results.mark import read_mark


def configurations(folder: Path) -> dict[str, RunConfig]:
    """Return the configurations of the stored runs of a study, by the run's id.

    Parameters
    ----------
    folder : Path
        Of the study's results.

    Raises
    ------
    StudyError
        Where there are none.
    DamageError
        Where one is not as it was written.
    """
    refuse_links(folder)
    mark = read_mark(folder)
    if mark is None:
        raise StudyError(f"{folder} holds no results of a study, since it has no '{MARKER}'. Run the study first.")
    found = {}
    for run_id in mark.runs:
        file = file_of(folder, "runs", run_id)
        record = read_sealed(file)
        if record is not None:
            try:
                found[run_id] = RunConfig.model_validate(record["config"])
            except (KeyError, ValidationError) as error:
                raise damaged(file, "it has no configuration of a run") from error
    if not found:
        raise StudyError(f"{folder} holds no results of a study. Run the study first.")
    return found


def used_in(folder: Path, registry: Registry) -> Iterator[Any]:
    """Yield what the runs of a study used, each as a plugin offers it, and each once.

    Parameters
    ----------
    folder : Path
        Of the study's results.
    registry : Registry
        With all of it.

    Raises
    ------
    StudyError
        Where there are no results, or nobody offers something that they name.
    """
    seen: set[tuple[str, str]] = set()
    for config in configurations(folder).values():
        try:
            own = [registry.task(config.task), registry.rule(config.rule)]
            items: list[Any] = [*own, *rules_beside(config, registry), *offered_for(config, registry)]
        except PluginError as error:
            raise StudyError(f"{folder}: {error} Give the plugin's file with --plugin.") from error
        for item in items:
            if (type(item).__name__, item.name) not in seen:
                seen.add((type(item).__name__, item.name))
                yield item
