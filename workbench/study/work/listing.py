"""What a study would run: how many runs of what, which are stored, and how long the others may take."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from workbench.catalogue.registry import Registry
from workbench.common.errors import StudyError
from workbench.declare.condition import told
from workbench.declare.configuration import configuration_name
from workbench.declare.field_types import called
from workbench.study.results.folder import ids_of, refuse_links
from workbench.study.results.store import RunResult, survey
from workbench.study.work.preparing import prepared
from workbench.study.work.run_list import all_but_the_seed
from workbench.study.work.selection import Limit, Selection

_ALL = Selection()


@dataclass(frozen=True)
class Planned:
    """The runs of a rule in a task and condition.

    Attributes
    ----------
    task, condition, rule : str
        What is run; the condition in words.
    runs : int
        One for each seed.
    stored : int
        How many need not be run again.
    now : int
        How many would be run by one call.
    skip : str
        Why the rule cannot run there; empty where it can.
    seconds : float
        That those to go may take, one at a time, by what stored ones took; NaN where there are none like them.
    """

    task: str
    condition: str
    rule: str
    runs: int
    stored: int
    now: int
    skip: str
    seconds: float


@dataclass(frozen=True)
class Listing:
    """What a study would run.

    Attributes
    ----------
    planned : tuple of Planned
        In the order of the study file.
    draws : int
        Of its search, all runs of them, before the others and whose settings they take.
    """

    planned: tuple[Planned, ...]
    draws: int


@called(StudyError)
def list_study(
    study: str | Path | Mapping[str, object],
    out: str | Path | None = None,
    *,
    selection: Selection = _ALL,
    plugins: Iterable[str | Path] = (),
    registry: Registry | None = None,
) -> Listing:
    """Return what a study would run, and run nothing.

    Where it has a search, runs have the settings that it will choose, so that none of them counts as stored.

    Parameters
    ----------
    study : str, Path or mapping
        As `run_study` takes it.
    out : str or Path, optional
        Folder of its results, which need not be there; ``results/<study>`` by default.
    selection : Selection, optional
        What of it; all by default.
    plugins : iterable of str or Path, optional
        Plugin files that are not installed.
    registry : Registry, optional
        Rules, tasks and neuron models; by default what is installed and what the plugin files offer.

    Raises
    ------
    StudyError
        Where the study cannot be run.
    """
    ready = prepared(study, out, plugins, registry, selection)
    folder, search = ready.folder, ready.search
    refuse_links(folder)
    # Also runs of the study as it was before tell of the time.
    stored = survey(folder, ids_of(folder, "runs"))
    done = {name for name, result in stored.results.items() if selection.done(result.row["status"])}
    times = _times(stored.results.values())
    # Draws of a search come first.
    limit = Limit(None if selection.limit is None else max(selection.limit - (search.count if search else 0), 0))
    planned = []
    for _, group in groupby(filter(ready.is_asked, ready.own), key=lambda run: all_but_the_seed(run.config)):
        own = list(group)
        first, left = own[0], [run for run in own if run.run_id not in done]
        now = [] if first.skip else limit.within(left)
        each = next((sum(times[key]) / len(times[key]) for key in _keys(first.row) if key in times), math.nan)
        seconds = each * len(now) if now else 0.0
        names = (first.config.task, told(dict(first.config.condition)))
        rule = configuration_name(first.config.rule, first.config.feedback)
        planned.append(Planned(*names, rule, len(own), len(own) - len(left), len(now), first.skip, seconds))
    return Listing(tuple(planned), 0 if search is None else search.count)


def _times(results: Iterable[RunResult]) -> dict[object, list[float]]:
    """Return what runs took, by task, rule and sizes of the layers, and by the first two alone."""
    found: dict[object, list[float]] = {}
    for result in results:
        seconds = result.row["seconds"]
        if result.row["status"] == "done" and isinstance(seconds, int | float):
            for key in _keys(result.row):
                found.setdefault(key, []).append(float(seconds))
    return found


def _keys(row: Mapping[str, object]) -> tuple[object, ...]:
    """Return by what the time of a run is looked up, first where it is known best."""
    return (row["task"], row["rule"], row["network"]), (row["task"], row["rule"])
