"""The search itself: draws for each rule in each task and condition, trained and judged, round by round."""

import json
import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from workbench.catalogue.registry import Registry
from workbench.common.errors import StudyError
from workbench.study.file.condition_sections import leaves
from workbench.study.file.conditions import parameters_of
from workbench.study.file.grid import Cell, Key, cells, with_settings
from workbench.study.file.network_parameters import lacks, refuse_nobodys_key
from workbench.study.file.run_config import RunConfig
from workbench.study.file.search_section import SearchSection
from workbench.study.file.sections import MeasureSection
from workbench.study.file.space import Dimension, drawn_changes, space
from workbench.study.file.spec import StudySpec
from workbench.study.results.store import RunResult
from workbench.study.search.draws import Draw, refuse_shared, rows_of
from workbench.study.search.sampler import Sampler, sampler
from workbench.study.seeds import stream
from workbench.study.work.run_list import Planner, Run

#: Makes runs, or reads those that are stored, and returns the result of each by its id.
Make = Callable[[list[Run]], Mapping[str, RunResult]]

#: What a row has where a task has what draws are judged by, what a task lacks that has it not, and what to do then.
_KNOWN_OF = {
    "accuracy": ("validation_chance", "has no classes", "loss"),
    "reward": ("best_reward", "does not say what answers are worth", "accuracy"),
}


@dataclass(eq=False)
class Searched:
    """A rule in a task and condition, whose settings are searched.

    Attributes
    ----------
    cell : Cell
        As the study file has it.
    dimensions : tuple of Dimension
        The space.
    sampler : Sampler
        What draws.
    draws : list of Draw
        Those that were made.
    known : dict of str to value
        Columns of the table of draws that are the same for all of them.
    """

    cell: Cell
    dimensions: tuple[Dimension, ...]
    sampler: Sampler
    draws: list[Draw] = field(default_factory=list)
    known: dict[str, object] = field(default_factory=dict)


class Search:
    """The search of a study.

    Parameters
    ----------
    planner : Planner
        Of a study that has one.

    Attributes
    ----------
    searched : list of Searched
        The rules that can run, in each task and condition, in the order of the study file.

    Raises
    ------
    StudyError
        Where what it says does not hold together.
    """

    def __init__(self, planner: Planner) -> None:
        spec, registry = planner.spec, planner.registry
        if spec.search is None:
            raise StudyError(f"{spec.path} has no [search].")
        self.spec = spec
        self.section: SearchSection = spec.search
        self._registry = registry
        self._planner = planner
        self._said: dict[str, object] = {
            "sampler": self.section.sampler, "by": self.section.by, "wanted_spikes": self.section.spikes,
        }  # fmt: skip
        refuse_shared(spec.seeds, self.section.seeds, str(spec.path))
        spaces = [space(spec, number) for number in range(len(spec.rule))]
        _refuse_unfit(spec, registry, spaces)
        # Those that cannot run have nothing to search for.
        begun = (self._begun(place, cell, spaces[cell.rule]) for place, cell in enumerate(cells(spec, registry)))
        self.searched = [one for one in begun if one is not None]

    @property
    def count(self) -> int:
        """How many runs it takes."""
        return len(self.searched) * self.section.draws * len(self.section.seeds)

    def restrict(self, configs: Collection[RunConfig]) -> None:
        """Search for the settings of some runs alone.

        Parameters
        ----------
        configs : collection of RunConfig
            As the study file has them.
        """
        wanted = set(configs)
        self.searched = [one for one in self.searched if one.cell.first in wanted]

    def carried_out(self, make: Make) -> dict[Key, list[Draw]]:
        """Return all draws, each trained and judged.

        Parameters
        ----------
        make : callable
            Makes the runs of a round.
        """
        left = self.section.draws if self.searched else 0
        while left:
            count = min(left, *(one.sampler.round or left for one in self.searched))
            asked = [(one, self._drawn(one)) for one in self.searched for _ in range(count)]
            configs = [config for one, draw in asked for config in self._configs(one, draw)]
            runs = self._planner.runs(configs)
            results = make(list({run.run_id: run for run in runs}.values()))
            waiting = iter(runs)
            for one, draw in asked:
                self._judge(one, draw, [results[next(waiting).run_id] for _ in self.section.seeds])
            left -= count
        return {one.cell.key: one.draws for one in self.searched}

    def rows(self) -> list[dict[str, object]]:
        """Return the rows of the table of draws."""
        return [row for one in self.searched for row in rows_of(one.draws, one.known)]

    def _begun(self, place: int, cell: Cell, dimensions: tuple[Dimension, ...]) -> Searched | None:
        (run,) = self._planner.runs([cell.first])
        if run.skip:
            return None
        known = _KNOWN_OF.get(self.section.by)
        if known is not None and run.row[known[0]] is None:
            raise StudyError(
                f"{self.spec.path}, [search]: task '{cell.first.task}' {known[1]}, so that nothing can be chosen "
                f'by {self.section.by}. Set by = "{known[2]}".'
            )
        first = cell.first
        names = (first.task, json.dumps(dict(first.condition)), first.rule, first.feedback)
        told = (json.dumps(dict(first.task_parameters)), json.dumps(dict(first.parameters)), self.section.seed)
        columns = {name: run.row[name] for name in ("task", "task_title", "rule", "title", "feedback")}
        dimensions = tuple(item for item in dimensions if not lacks(first.network, item.key, self._registry))
        drawing = sampler(self.section.sampler, dimensions, stream("search", *names, *told))
        columns |= self._said | {"condition": run.condition, "cell": place}
        return Searched(cell, dimensions, drawing, known=columns)

    def _drawn(self, one: Searched) -> Draw:
        drawn = one.sampler.draw()
        changes = drawn_changes(one.dimensions, drawn, f"{self.spec.path}, [search]")
        values = {dimension.key: dimension.value(drawn[dimension.key]) for dimension in one.dimensions}
        edges = {dimension.key: dimension.edge(drawn[dimension.key]) for dimension in one.dimensions}
        draw = Draw(len(one.draws), changes, values, {key: edge for key, edge in edges.items() if edge})
        one.draws.append(draw)
        return draw

    def _configs(self, one: Searched, draw: Draw) -> Iterable[RunConfig]:
        """Return the runs by which a draw is judged: shorter perhaps, by other seeds, without any probe."""
        config = with_settings(one.cell, draw.changes, self.spec, self._registry).first
        epochs = self.section.epochs or config.train.epochs
        shorter = config.model_copy(update={"train": config.train.model_copy(update={"epochs": epochs})})
        changed = {
            "train": shorter.train,
            "measure": MeasureSection(probe=0, evaluate_every=max(shorter.epochs, 1)),
            "others": (),
            "condition": (*config.condition, ("draw", draw.number)),
        }
        return [config.model_copy(update=changed | {"seed": seed}) for seed in self.section.seeds]

    def _judge(self, one: Searched, draw: Draw, results: list[RunResult]) -> None:
        """Note what came of a draw, and tell the sampler."""
        draw.runs = [str(result.row["run_id"]) for result in results]
        statuses = [str(result.row["status"]) for result in results]
        draw.status = next((status for status in statuses if status != "done"), "done")
        draw.spikes = _mean(results, "spikes_per_trial") if draw.status == "done" else math.nan
        wanted = self.section.spikes
        if wanted:
            draw.apart = abs(math.log(draw.spikes / wanted)) if draw.spikes > 0 else math.inf
        fits = not wanted or abs(draw.spikes - wanted) <= self.section.spikes_within * wanted
        if draw.status == "done" and fits:
            draw.score = _mean(results, self.section.by) * (-1 if self.section.by == "loss" else 1)
        one.sampler.tell(draw.score)


def _mean(results: list[RunResult], measure: str) -> float:
    """Return the mean over some runs of what a measure says on the validation split at their ends."""
    last = []
    for result in results:
        looks = [row["value"] for row in result.curves if (row["layer"], row["measure"]) == ("network", measure)]
        last.append(looks[-1] if looks else math.nan)
    return sum(float(value) if isinstance(value, float | int) else math.nan for value in last) / len(last)


def _refuse_unfit(spec: StudySpec, registry: Registry, spaces: list[tuple[Dimension, ...]]) -> None:
    """Refuse a space with keys that are swept too, or with parameters that nobody has."""
    swept = {
        key
        for section in spec.sweep
        for key, _ in leaves({name: getattr(section, name) for name in ("network", "train", "task", "rule")})
    }
    tasks = [registry.task(task.name) for task in spec.task]
    known = {f"task.{parameter.name}" for task in tasks for parameter in task.parameters}
    if not any(spaces):
        example = "train.learning_rate = { low = 1e-3, high = 0.1, log = true }"
        raise StudyError(f"{spec.path}, [search]: there is nothing to search for. Give a key, such as {example}.")
    for number, dimensions in enumerate(spaces):
        own = {f"rule.{parameter.name}" for parameter in parameters_of(spec.rule[number], registry)}
        for dimension in dimensions:
            key = dimension.key
            if key in swept:
                raise StudyError(f"{spec.path}, [search]: '{key}' is swept, too. Drop one of the two.")
            refuse_nobodys_key(key, spec, registry, f"{spec.path}, [search]")
            if key.startswith(("task.", "rule.")) and key not in known | own:
                what = "task of the study" if key.startswith("task.") else f"rule '{spec.rule[number].name}'"
                raise StudyError(f"{spec.path}, [search]: no {what} has a parameter '{key.partition('.')[2]}'.")
    if spec.measure.passive and any(rule.search for rule in spec.rule):
        raise StudyError(
            f"{spec.path}: 'measure.passive' asks each rule with one set of parameters, and the search would choose "
            "others for each run. Set it to false, or search no parameters of rules."
        )
