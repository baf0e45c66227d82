"""Two studies beside each other: which runs are the same, what differs in the others, and what comes of it."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from workbench.declare.condition import told
from workbench.declare.configuration import configuration_name
from workbench.study.results.tables import load_results
from workbench.study.results.used import Stored, stored_runs
from workbench.tables.statistics import t_interval

#: What is said where runs are made of different things.
_SAYS = {
    "test": "Their test data differ, so that accuracies are not of the same trials, and no difference is given.",
    "data": "Their task data differ.",
    "code": "They were made by different code of the workbench.",
    "declarations": "Rule, neurons or what else they name are declared differently.",
}


@dataclass(frozen=True)
class Side:
    """What a rule achieves in a task and condition of one study, over its finished seeds.

    Attributes
    ----------
    n : int
        Seeds that are done.
    runs : int
        All runs.
    mean, low, high : float
        Test accuracy [fraction] with its 95 % t interval; NaN where undefined.
    """

    n: int
    runs: int
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Shared:
    """A rule in a task and condition that both studies have.

    Attributes
    ----------
    task, condition, rule : str
        What it is; the condition in words, the rule with its feedback.
    a, b : Side
        What it achieves in either.
    same : int
        Runs that are the same, by their id.
    settings : mapping of str to tuple
        What differs between the configurations: the values in either study, by key; None where a study has none.
    n : int
        Seeds that are done in both.
    difference, low, high : float
        Accuracy in the second less that in the first, paired by seed [fraction], with its 95 % t interval.
    notes : tuple of str
        Why what is NaN is undefined, and what else the runs differ in.
    """

    task: str
    condition: str
    rule: str
    a: Side
    b: Side
    same: int
    settings: Mapping[str, tuple[Any, Any]]
    n: int
    difference: float
    low: float
    high: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class StudyComparison:
    """Two studies beside each other.

    Attributes
    ----------
    a, b : str
        The folders.
    same : int
        Runs that both have, by their id.
    runs : tuple of int
        How many each has.
    shared : list of Shared
        What both have.
    only_a, only_b : list of str
        What one of them has alone.
    """

    a: str
    b: str
    same: int
    runs: tuple[int, int]
    shared: list[Shared] = field(default_factory=list)
    only_a: list[str] = field(default_factory=list)
    only_b: list[str] = field(default_factory=list)


Key = tuple[str, str, str]


def compare_studies(first: Path, second: Path) -> StudyComparison:
    """Return two studies beside each other, by task, condition and rule with its feedback.

    Parameters
    ----------
    first, second : Path
        Folders of results.

    Raises
    ------
    StudyError
        Where one has no results.
    """
    tables = [load_results(folder).runs.set_index("run_id") for folder in (first, second)]
    stored = [stored_runs(folder) for folder in (first, second)]
    groups = [_grouped(runs) for runs in stored]
    keys = [key for key in groups[0] if key in groups[1]]
    return StudyComparison(
        str(first), str(second), len(set(stored[0]) & set(stored[1])), (len(stored[0]), len(stored[1])),
        [_shared(key, [own[key] for own in groups], stored, tables) for key in keys],
        *([_name(key) for key in own if key not in other] for own, other in (groups, groups[::-1])),
    )  # fmt: skip


def _name(key: Key) -> str:
    task, condition, rule = key
    return f"{task}{f' ({condition})' if condition else ''} {rule}"


def _grouped(runs: Mapping[str, Stored]) -> dict[Key, list[str]]:
    found: dict[Key, list[str]] = {}
    for run_id, run in runs.items():
        config = run.config
        rule = configuration_name(config.rule, config.feedback)
        found.setdefault((config.task, told(json.loads(run.condition)), rule), []).append(run_id)
    return found


def _shared(
    key: Key, ids: Sequence[list[str]], stored: Sequence[Mapping[str, Stored]], tables: Sequence[pd.DataFrame]
) -> Shared:
    own = [[runs[run_id] for run_id in each] for runs, each in zip(stored, ids, strict=True)]
    done = [_accuracies(table.loc[each]) for table, each in zip(tables, ids, strict=True)]
    sides = [_side(values, len(each)) for values, each in zip(done, ids, strict=True)]
    settings = _settings(own)
    notes, comparable = _notes(own, set(ids[0]) == set(ids[1]), settings)
    pairs = pd.concat(done, axis=1, keys=["a", "b"]).dropna() if not _repeated(done) else pd.DataFrame()
    differences = pairs["b"] - pairs["a"] if len(pairs) and comparable else pd.Series(dtype="float64")
    low, high = t_interval(differences)
    if _repeated(done):
        notes.append("A study has several runs of one seed, so that no pairs can be told.")
    elif not len(pairs):
        notes.append("No seed is done, with an accuracy, in both.")
    elif comparable and len(pairs) == 1:
        notes.append("One seed is done in both, so that there is no interval.")
    return Shared(
        *key, sides[0], sides[1], len(set(ids[0]) & set(ids[1])), settings, len(differences),
        float(differences.mean()) if len(differences) else math.nan, low, high, tuple(notes),
    )  # fmt: skip


def _accuracies(rows: pd.DataFrame) -> pd.Series:
    """Return the accuracies of what is done, by seed."""
    done = rows[rows["status"] == "done"].set_index("seed")["accuracy"]
    return pd.to_numeric(done).dropna()


def _repeated(done: Iterable[pd.Series]) -> bool:
    return any(values.index.has_duplicates for values in done)


def _side(values: pd.Series, runs: int) -> Side:
    return Side(len(values), runs, float(values.mean()) if len(values) else math.nan, *t_interval(values))


def _notes(own: Sequence[Sequence[Stored]], same: bool, settings: Mapping[str, object]) -> tuple[list[str], bool]:
    """Return in what else than settings runs differ, and whether their accuracies are of the same trials."""
    if same:
        return [], True
    found = {part: [{run.made_of.get(part, "") for run in runs} for runs in own] for part in _SAYS}
    unknown = [part for part, (a, b) in found.items() if "" in a | b]
    notes = [_SAYS[part] for part, (a, b) in found.items() if part not in unknown and a != b]
    if unknown:
        notes.append(f"Which {', '.join(unknown)} one of them was made by is not stored, and may differ.")
    if "test" not in unknown:
        return notes, found["test"][0] == found["test"][1]
    # The same parameters of a task give the same data, as long as nobody edits the task.
    loaded = any(key.startswith("task_parameters.") for key in settings)
    return [
        *notes,
        "The task's parameters differ too, so that no difference is given.",
    ] if loaded else notes, not loaded


def _settings(own: Sequence[Sequence[Stored]]) -> dict[str, tuple[Any, Any]]:
    """Return the keys of configurations that differ, with the values in either study."""
    found = [_values(runs) for runs in own]
    keys = sorted(set(found[0]) | set(found[1]))
    return {key: (found[0].get(key), found[1].get(key)) for key in keys if found[0].get(key) != found[1].get(key)}


def _values(runs: Sequence[Stored]) -> dict[str, Any]:
    """Return the values of the configurations of some runs by key; a list of those that are not the same in all."""
    each = [_flat(run.config.model_dump(mode="json", exclude={"study", "seed", "condition", "others"})) for run in runs]
    found: dict[str, Any] = {}
    for key in {key for values in each for key in values}:
        told = {json.dumps(values.get(key), sort_keys=True): values.get(key) for values in each}
        found[key] = next(iter(told.values())) if len(told) == 1 else [told[text] for text in sorted(told)]
    return found


def _flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in tree.items():
        found |= _flat(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {f"{prefix}{key}": value}
    return found
