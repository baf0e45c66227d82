"""Which rule is the best so far, while a study runs: by validation data, never by those that it is judged by."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from workbench.declare.condition import Label, told
from workbench.declare.configuration import configuration_name
from workbench.study.file.spec import RunConfig
from workbench.study.work.run_list import Run, all_but_the_seed

#: The axis of a search, along which settings differ and not what is compared.
_DRAW = "draw"


class BestSoFar:
    """The rule whose runs that are done have the highest mean validation accuracy, in a task and condition.

    Rules are compared by whichever of their seeds have ended, so that it may be another one in the end.

    Parameters
    ----------
    runs : iterable of Run
        All that are asked for.
    """

    def __init__(self, runs: Iterable[Run]) -> None:
        configs = [run.config for run in runs]
        self._planned = Counter(all_but_the_seed(config) for config in configs)
        self._many = len({_where(config) for config in configs}) > 1
        self._found: dict[tuple[object, ...], dict[tuple[object, ...], tuple[RunConfig, list[float]]]] = {}
        self._diverged: Counter[tuple[object, ...]] = Counter()

    def noted(self, run: Run, row: Mapping[str, Any]) -> str:
        """Note how a run has ended, and return which rule is the best where it was; empty where none is known."""
        key, there = all_but_the_seed(run.config), self._found.setdefault(_where(run.config), {})
        self._diverged[key] += row["status"] == "diverged"
        if row["status"] == "done" and row["validation_accuracy"] is not None:
            there.setdefault(key, (run.config, []))[1].append(float(row["validation_accuracy"]))
        if not there:
            return ""
        best = max(there, key=lambda each: sum(there[each][1]) / len(there[each][1]))
        config, values = there[best]
        count = f"mean of {len(values)} of {self._planned[best]} seeds" if self._planned[best] > 1 else "one seed"
        lost = f", {self._diverged[best]} diverged" if self._diverged[best] else ""
        place = f" in {' '.join(filter(None, _where(config)))}" if self._many else ""
        mean = 100 * sum(values) / len(values)
        return f"Best so far{place}: {_name(config)}, validation accuracy {mean:.1f} % ({count}{lost})"


def _where(config: RunConfig) -> tuple[str, str]:
    """Return in what rules are compared: a task, and a condition in words."""
    return config.task, told(_compared(config))


def _compared(config: RunConfig) -> dict[str, Label]:
    return {axis: label for axis, label in config.condition if axis != _DRAW}


def _name(config: RunConfig) -> str:
    draw = dict(config.condition).get(_DRAW)
    name = configuration_name(config.rule, config.feedback)
    return name if draw is None else f"{name} draw {draw}"
