"""Which rule is the best so far, while a study runs: by validation data, never by those that it is judged by."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.declare.condition import Label, told
from workbench.declare.configuration import configuration_name
from workbench.study.file.run_config import RunConfig
from workbench.study.results.store import RunResult
from workbench.study.work.run_list import Run, all_but_the_seed

#: The axis of a search, along which settings differ and not what is compared.
_DRAW = "draw"


@dataclass
class _Cell:
    """A rule in a task and condition, and what its seeds have achieved so far."""

    config: RunConfig
    place: tuple[str, str]
    planned: int = 0
    done: int = 0
    total: float = 0.0
    diverged: int = 0

    @property
    def mean(self) -> float:
        """The mean validation accuracy of the seeds that are done, of which there are some."""
        return self.total / self.done


class BestSoFar:
    """The rule whose runs that are done have the highest mean validation accuracy, in a task and condition.

    Rules are compared by whichever of their seeds have ended, so that it may be another one in the end.

    Parameters
    ----------
    runs : iterable of Run
        All that are asked for.
    stored : mapping of str to RunResult
        Those that are done already, by id.
    """

    def __init__(self, runs: Iterable[Run], stored: Mapping[str, RunResult]) -> None:
        # Looked up by the ids of runs: to hash a configuration takes as long as to note a hundred runs.
        self._cells: dict[str, _Cell] = {}
        self._places: dict[tuple[str, str], list[_Cell]] = {}
        known: dict[tuple[object, ...], _Cell] = {}
        for run in runs:
            key = all_but_the_seed(run.config)
            cell = known.get(key)
            if cell is None:
                cell = known[key] = _Cell(run.config, _where(run.config))
                self._places.setdefault(cell.place, []).append(cell)
            cell.planned += 1
            self._cells[run.run_id] = cell
            if run.run_id in stored:
                self._note(run, stored[run.run_id].row)

    def noted(self, run: Run, row: Mapping[str, Any]) -> str:
        """Note how a run has ended, and return which rule is the best where it was; empty where none is known."""
        cell = self._note(run, row)
        found = [each for each in self._places[cell.place] if each.done]
        if not found:
            return ""
        best = max(found, key=lambda each: each.mean)
        count = f"mean of {best.done} of {best.planned} seeds" if best.planned > 1 else "one seed"
        lost = f", {best.diverged} diverged" if best.diverged else ""
        place = f" in {' '.join(filter(None, best.place))}" if len(self._places) > 1 else ""
        accuracy = f"validation accuracy {100 * best.mean:.1f} %"
        return f"Best so far{place}: {_name(best.config)}, {accuracy} ({count}{lost})"

    def _note(self, run: Run, row: Mapping[str, Any]) -> _Cell:
        cell = self._cells[run.run_id]
        cell.diverged += row["status"] == "diverged"
        if row["status"] == "done" and row["validation_accuracy"] is not None:
            cell.done += 1
            cell.total += float(row["validation_accuracy"])
        return cell


def _where(config: RunConfig) -> tuple[str, str]:
    """Return in what rules are compared: a task, and a condition in words."""
    return config.task, told(_compared(config))


def _compared(config: RunConfig) -> dict[str, Label]:
    return {axis: label for axis, label in config.condition if axis != _DRAW}


def _name(config: RunConfig) -> str:
    draw = dict(config.condition).get(_DRAW)
    name = configuration_name(config.rule, config.feedback)
    return name if draw is None else f"{name} draw {draw}"
