"""The command line, run as a user runs it, on a study that takes seconds."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tests.patience import HANGS
from workbench.study.results.tables import Results, load_results

COMMAND = str(Path(sys.executable).with_name("workbench"))

RULES = ("frozen", "bptt", "eprop", "dcll")

#: Small enough to train in a second, large enough for every rule to end with numbers of its own.
STUDY = """question = "Does a study run from end to end?"
seeds = [0]
[network]
hidden = [8]
neuron_parameters = { tau_syn = "5 ms" }
weights = { hidden_mean = 12.0, hidden_std = 5.0 }
[train]
epochs = 4
batch = 8
learning_rate = 0.02
[measure]
probe = 16
[[task]]
name = "yin_yang"
parameters = { train = 96, validation = 48, test = 48 }
"""

#: Runs the command line, and then says which simulators it imported.
WATCHED = (
    sys.executable,
    "-c",
    """
import sys
from workbench.command import main as cli
sys.argv[0] = "workbench"
try:
    cli.main()
finally:
    print("imported:", *sorted({"brian2", "jax"} & sys.modules.keys()))
""",
)

#: The equations of e-prop under another name; and a task whose spikes come too late for anybody to answer.
PLUGIN = """
from dataclasses import replace

import numpy as np
from workbench_plugins.eprop import EPROP

from workbench import Task, TaskData, Trials, hookimpl


@hookimpl
def workbench_rules():
    yield replace(EPROP, name="copy", title="Copy")


def load():
    start = np.arange(0, 41 * 5, 5)
    neuron = np.tile(np.arange(5, dtype=np.int32), 40)
    late = Trials(start, np.full(200, 99, np.int32), neuron, np.eye(3)[np.arange(40) % 3])
    parts = [late.take(np.arange(first, first + 20)) for first in (0, 1, 2)]
    return TaskData(5, 3, 100, 1e-3, *parts)


@hookimpl
def workbench_tasks():
    yield Task(name="late", title="Late", load=load)
"""

#: Columns that tell of the machine and the hour, not of the result.
OF_THE_DAY = ["seconds", "compile_seconds", "versions", "commit"]


@dataclass(frozen=True)
class Ended:
    """How a command ended: exit code, output, errors, and the processor time that it took [second]."""

    code: int
    out: str
    err: str
    seconds: float


def workbench(*arguments: str | Path, command: Iterable[str] = (), env: Mapping[str, str] | None = None) -> Ended:
    """Run the command line to its end."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [*(command or (COMMAND,)), *map(str, arguments)], capture_output=True, text=True, check=False, timeout=HANGS,
        env=os.environ | dict(env or {}),
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Ended(done.returncode, done.stdout, done.stderr, seconds)


def write_study(folder: Path, rules: Iterable[str] = RULES, text: str = STUDY) -> Path:
    """Write a study file, with a table for each rule, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "tiny.toml"
    path.write_text(text + "".join(f'[[rule]]\nname = "{rule}"\n' for rule in rules))
    return path


def assert_same_tables(part: Path, whole: Path, runs: int) -> None:
    """Fail unless a folder has some of the runs of another, every number equal bit for bit."""
    assert_same_results(load_results(part), load_results(whole), runs)


def assert_same_results(first: Results, second: Results, runs: int) -> None:
    """Fail unless the first tables have so many of the runs of the second, every number equal bit for bit."""
    ids = first.runs["run_id"].tolist()
    assert len(ids) == runs
    kept = Results(_rows(second.runs, ids), _rows(second.curves, ids))
    given = Results(_rows(first.runs, ids), _rows(first.curves, ids))
    assert not given.curves.empty
    pd.testing.assert_frame_equal(
        given.runs.drop(columns=OF_THE_DAY), kept.runs.drop(columns=OF_THE_DAY), check_exact=True
    )
    pd.testing.assert_frame_equal(given.curves, kept.curves, check_exact=True)
    # Equal frames may differ in the sign of a zero; equal bytes may not.
    for one, other in ((given.runs, kept.runs), (given.curves, kept.curves)):
        for column in one.select_dtypes("float64").columns.drop(["seconds", "compile_seconds"], errors="ignore"):
            assert one[column].to_numpy().tobytes() == other[column].to_numpy().tobytes(), column


def _rows(table: pd.DataFrame, ids: list[str]) -> pd.DataFrame:
    """Return the rows of some runs, in the order of the ids."""
    chosen = table[table["run_id"].isin(ids)]
    return chosen.sort_values("run_id", key=lambda column: column.map(ids.index), kind="stable").reset_index(drop=True)
