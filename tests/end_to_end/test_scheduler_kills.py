"""Whatever of a study is killed, at any moment, it goes on to the tables of one that nobody disturbed."""

import importlib.util
import io
import itertools
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from tests.end_to_end.cluster import DaskCluster, dask_cluster
from tests.end_to_end.command import COMMAND, RULES, assert_same_tables
from tests.end_to_end.conftest import Whole
from tests.end_to_end.test_kills import files
from tests.patience import HANGS
from workbench.study.work.runner import run_study

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None, reason="needs Dask's distributed, the extra 'dask'"
)

#: What is killed, in turn.
VICTIMS = ("parent", "process of this machine", "process of a worker", "worker", "scheduler")

#: How many kills there are.
KILLS = int(os.environ.get("WORKBENCH_TEST_KILLS", len(VICTIMS)))


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[DaskCluster]:
    with dask_cluster(tmp_path / "dask") as found:
        yield found


def started_by(process: int, what: str) -> list[int]:
    """Return the processes that a process has started, directly or not, with something in their command."""
    import psutil

    found = []
    with suppress(psutil.NoSuchProcess):
        for child in psutil.Process(process).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                if what in " ".join(child.cmdline()):
                    found.append(child.pid)
    return found


def victims(victim: str, parent: int, cluster: DaskCluster) -> list[int]:
    """Return the processes of which one is to be killed, as far as they are there."""
    workers = [cluster.processes[name].pid for name in ("worker1", "worker2")]
    if victim == "parent":
        return [parent]
    if victim == "process of this machine":
        return started_by(parent, "popen_loky_posix")
    if victim == "process of a worker":
        return [process for worker in workers for process in started_by(worker, "popen_loky_posix")]
    if victim == "worker":
        # That of the nanny, which starts another one.
        return [process for worker in workers for process in started_by(worker, "spawn_main")]
    return [cluster.processes["scheduler"].pid]


def run_and_kill(study: Path, out: Path, victim: str, cluster: DaskCluster, draw: np.random.Generator) -> bool:
    """Start a study, kill a victim at a random moment of it, and return whether it was there and is dead."""
    where = ["--jobs", "2"] if victim == "process of this machine" else ["--scheduler", str(cluster.file)]
    process = subprocess.Popen(
        [COMMAND, "run", str(study), "--out", str(out), *where],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        # Every other moment is one in training.
        in_training = bool(draw.integers(2))
        deadline = time.monotonic() + HANGS
        while in_training and process.poll() is None and not files(out, "progress/*.json"):
            assert time.monotonic() < deadline, "no run begins"
            time.sleep(0.01)
        time.sleep(float(draw.uniform(0, 4)))
        found = victims(victim, process.pid, cluster)
        killed = bool(found) and process.poll() is None
        if killed:
            os.kill(int(draw.choice(found)), signal.SIGKILL)
        _, err = process.communicate(timeout=HANGS)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    stored = len(files(out, "runs/*.json"))
    what, moment = "killed" if killed else "missed", "in training" if in_training else "at any time"
    print(f"{victim} {what}, {moment}; exit {process.returncode}, {stored} stored. {err}")
    if killed and victim == "parent":
        assert process.returncode == -signal.SIGKILL
    elif killed and victim == "scheduler" and process.returncode:
        assert process.returncode == 1
        assert re.match("error: .*(is gone|does not answer)", err)
    else:
        # Whichever process or worker died, the others have made its run.
        assert (process.returncode, err) == (0, "")
    return killed


def test_study_is_the_same_whatever_is_killed(whole: Whole, cluster: DaskCluster, tmp_path: Path) -> None:
    """One kill of each kind; the variable WORKBENCH_TEST_KILLS asks for more, the seed that is printed for these."""
    seed = int(os.environ.get("WORKBENCH_TEST_SEED", time.time_ns() % 2**32))
    print(f"WORKBENCH_TEST_SEED={seed}")
    draw = np.random.default_rng(seed)
    folders = (tmp_path / f"out{number}" for number in itertools.count())
    out, left = next(folders), list(itertools.islice(itertools.cycle(VICTIMS), KILLS))
    for _ in range(10 * KILLS):
        if run_and_kill(whole.study, out, left[0], cluster, draw):
            if left.pop(0) == "scheduler":
                cluster.restart()
            if not left:
                break
        if len(files(out, "runs/*.json")) == len(RULES):
            finish(whole, out, cluster)
            out = next(folders)
    finish(whole, out, cluster)
    assert not left, f"these kills never found the study running: {left} (WORKBENCH_TEST_SEED={seed})"


def finish(whole: Whole, out: Path, cluster: DaskCluster) -> None:
    """Run a study to its end, and fail unless it is the one that nobody disturbed."""
    run_study(whole.study, out, scheduler=str(cluster.file), console=Console(file=io.StringIO()))
    assert_same_tables(out, whole.out, len(RULES))
    assert len(files(out, "runs/*.json")) == len(files(out, "weights/*.npz")) == len(RULES)
    assert not any((out / "checkpoints").iterdir())
