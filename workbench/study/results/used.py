"""What the runs of a study used: rules, tasks and all else that their configurations name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.catalogue.registry import Registry
from workbench.common.errors import PluginError, StudyError
from workbench.study.file.run_config import RunConfig
from workbench.study.results.folder import MARKER, file_of, refuse_links
from workbench.study.results.hashed_content import damaged, read_sealed
from workbench.study.results.identity import offered_for, rules_beside
from workbench.study.results.mark import read_mark


@dataclass(frozen=True)
class Stored:
    """What a stored run was made of.

    Attributes
    ----------
    config : RunConfig
        Its configuration.
    made_of : mapping of str to str
        Hashes of what else its id is made of, as `parts_of` has them; empty where they were not kept.
    condition : str
        What was chosen on each axis of the study, in JSON.
    """

    config: RunConfig
    made_of: Mapping[str, str]
    condition: str


def stored_runs(folder: Path) -> dict[str, Stored]:
    """Return what the stored runs of a study were made of, by the run's id.

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
    for run_id, condition in mark.runs.items():
        file = file_of(folder, "runs", run_id)
        record = read_sealed(file)
        if record is not None:
            try:
                config = RunConfig.model_validate(record["config"])
                found[run_id] = Stored(config, dict(record.get("made_of", {})), condition)
            except (KeyError, TypeError, ValueError) as error:
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
    for run in stored_runs(folder).values():
        config = run.config
        try:
            own = [registry.task(config.task), registry.rule(config.rule)]
            items: list[Any] = [*own, *rules_beside(config, registry), *offered_for(config, registry)]
        except PluginError as error:
            raise StudyError(f"{folder}: {error} Give the plugin's file with --plugin.") from error
        for item in items:
            if (type(item).__name__, item.name) not in seen:
                seen.add((type(item).__name__, item.name))
                yield item
