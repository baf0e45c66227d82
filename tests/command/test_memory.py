"""What memory the tables of a thousand runs take, beside what a study takes until its last run is done."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.command.stored import stored
from tests.patience import HANGS
from tests.study.stored import a_curve
from workbench.study.work.run_list import Run

STUDY = f"""question = "Which rate?"
seeds = {list(range(10))}
[network]
hidden = [8]
[train]
epochs = 1
[measure]
probe = 0
[[task]]
name = "yin_yang"
parameters = {{ train = 32, validation = 32, test = 32 }}
[[rule]]
name = "eprop"
[[rule]]
name = "frozen"
[[sweep]]
train.learning_rate = {[round(1e-4 * 1.05**place, 8) for place in range(50)]}
"""

#: Runs the command on a study of which all is stored; prints the memory [kB] before tables, and the most that it took.
SCRIPT = """
import json, sys
from pathlib import Path
from workbench.__main__ import main
from workbench.study.results import tables

def memory(name):
    return int(Path("/proc/self/status").read_text().partition(name + ":")[2].split()[0])

before, compact = [], tables.compact

def noted(*arguments):
    before.append(memory("VmRSS"))
    return compact(*arguments)

tables.compact = noted
try:
    main()
finally:
    print(json.dumps([*before, memory("VmHWM")]), file=sys.stderr)
"""


def growth(folder: Path, **environment: str) -> float:
    """Return by which factor the memory of the command grows from when the last run is done."""
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, "run", str(folder / "thousand.toml"), "--out", str(folder / "out")],
        env=os.environ | environment, capture_output=True, text=True, timeout=HANGS, check=False,
    )  # fmt: skip
    assert "all 1000 runs are done" in ended.stdout, ended.stderr
    before, most = json.loads(ended.stderr.splitlines()[-1])
    return float(most / before)


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="The memory of a process is read from /proc.")
def test_tables_of_a_thousand_runs_take_less_than_a_fifth_of_the_memory_before(tmp_path: Path) -> None:
    def row(run: Run) -> dict[str, object]:
        accuracy = (run.config.seed + 1) / 20
        return {"status": "done", "accuracy": accuracy, "loss": 1 - accuracy, "validation_accuracy": accuracy}

    curves = [a_curve(0.5, measure=name, epoch=epoch) for epoch in (0, 1) for name in ("accuracy", "loss", "spikes")]
    (tmp_path / "thousand.toml").write_text(STUDY)
    stored(tmp_path / "out", {"name": "thousand"} | tomllib.loads(STUDY), row=row, curves=curves)
    found = growth(tmp_path)
    assert found < 1.2
    # Arrow's own allocator, which the command does without unless it is asked for.
    assert found < growth(tmp_path, ARROW_DEFAULT_MEMORY_POOL="mimalloc") - 0.05
