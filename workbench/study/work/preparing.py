"""What is known of a study before anything of it is run: its runs, its search, the folder of its results."""

import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.catalogue.registry import Registry, load_registry
from workbench.declare.measure import Measure
from workbench.declare.published_figure import PublishedFigure
from workbench.measures.records import MEASURES
from workbench.study.file.contrasts import planned_contrasts
from workbench.study.file.published import published_figures
from workbench.study.file.reading import plugin_files, specified
from workbench.study.file.spec import StudySpec
from workbench.study.results.mark import Mark
from workbench.study.results.study_record import StudyRecord
from workbench.study.search.searching import Search
from workbench.study.work.provenance import machine
from workbench.study.work.run_list import Planner, Run, all_but_the_seed
from workbench.study.work.selection import Selection
from workbench.study.work.shard import read_shard


@dataclass(frozen=True, eq=False)
class Prepared:
    """A study, looked through.

    Attributes
    ----------
    spec : StudySpec
        As written.
    folder : Path
        Of its results.
    plugins : tuple of Path
        Files of plugins that are not installed.
    planner : Planner
        What makes runs of configurations.
    runs : list of Run
        All of it, in the order of the file, with the settings that the file has.
    places : list of int
        Which of them the tables are of: all, or a part of them.
    is_asked : callable
        Says whether one of them, whatever its settings, is to be run now.
    search : Search or None
        For the settings of these.
    contrasts : list of mapping
        The comparisons that it is made for.
    published : tuple of PublishedFigure
        What it is held to.
    from_file : bool
        Whether it is a file, and not tables.
    further : tuple of str
        Options with plugin files that the study does not name.
    """

    spec: StudySpec
    folder: Path
    plugins: tuple[Path, ...]
    planner: Planner
    runs: list[Run]
    places: list[int]
    is_asked: Callable[[Run], bool]
    search: Search | None
    contrasts: list[dict[str, Any]]
    published: tuple[PublishedFigure, ...] = ()
    from_file: bool = True
    further: tuple[str, ...] = ()

    @property
    def own(self) -> list[Run]:
        """Those of the runs that the tables are of."""
        return [self.runs[place] for place in self.places]

    def record(self, trains: bool) -> StudyRecord:
        """Return the study as it is stored beside its results, with this machine where any of it is trained here."""
        return StudyRecord(
            question=self.spec.question,
            file=str(self.spec.path) if self.from_file else "",
            text=self.spec.text,
            plugins=tuple(map(str, self.plugins)),
            plugin_texts=tuple(file.read_text(encoding="utf-8") for file in self.plugins),
            command=shlex.join(["workbench", "run", str(self.spec.path), *self.further]) if self.from_file else "",
            machines=(machine(),) if trains else (),
        )

    def mark(self, runs: Iterable[Run]) -> Mark:
        """Return what the marker of the results says, of the runs with their settings."""
        named = {run.run_id: run.condition for run in runs}
        offers = self.planner.registry.all(Measure)
        measures = tuple(offer.item for name, offer in offers.items() if name not in MEASURES)
        return Mark(self.spec.name, named, self.contrasts, tuple(self.places), len(self.runs), measures, self.published)


def prepared(
    study: str | Path | StudySpec | Mapping[str, object],
    out: str | Path | None,
    plugins: Iterable[str | Path],
    registry: Registry | None,
    selection: Selection,
) -> Prepared:
    """Look a study through, with the arguments that `run_study` takes.

    Raises
    ------
    StudyError
        Where it cannot be run.
    """
    spec = specified(study)
    given = tuple(map(Path, plugins))
    files = (*plugin_files(spec), *(file.resolve() for file in given))
    folder = Path("results") / spec.name if out is None else Path(out)
    planner = Planner(spec, load_registry(files) if registry is None else registry)
    # Also where a search is to come: what cannot be run is told before it.
    runs = planner.all_runs()
    configs = [run.config for run in runs]
    rows = (run.row | {"condition": run.condition} for run in runs)
    contrasts = planned_contrasts(spec, configs, planner.registry, rows)
    published = published_figures(spec, configs, planner.registry)
    search = None if spec.search is None else Search(planner)
    is_asked = selection.chosen(runs)
    shard = None if selection.shard is None else read_shard(selection.shard)
    places = list(range(len(runs))) if shard is None else shard.places(runs, search is not None)
    if search is not None:
        # Which runs there are of the others is known when their settings have been searched, too.
        cells = {all_but_the_seed(run.config) for run in runs if is_asked(run)}
        places = [place for place in places if all_but_the_seed(runs[place].config) in cells]
        search.restrict([runs[place].config for place in places])
    further = tuple(word for file in given for word in ("--plugin", str(file)))
    from_file = isinstance(study, str | Path)
    return Prepared(
        spec, folder, files, planner, runs, places, is_asked, search, contrasts, published, from_file, further
    )
