"""A study whose processes are all killed, at any moment, goes on to the tables of one that nobody disturbed."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.end_to_end.command import COMMAND, RULES, assert_same_tables, workbench, write_study
from tests.end_to_end.conftest import Whole
from workbench.study.checkpoints import read_checkpoint, write_checkpoint
from workbench.study.store import load_results


@dataclass(frozen=True)
class Killed:
    """What two kills left of a study.

    Attributes
    ----------
    study, out : Path
        Its file and its results.
    checkpoint : str
        The run that was under way at the second kill, with a checkpoint.
    stored : int
        How many runs had their result by then.
    """

    study: Path
    out: Path
    checkpoint: str
    stored: int


def run_and_kill(study: Path, out: Path, moment: Callable[[], bool], delay: float = 0.0) -> None:
    """Start the study, wait for a moment and then some, and kill all of its processes at once."""
    command = [COMMAND, "run", str(study), "--out", str(out), "--jobs", "2"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        deadline = time.monotonic() + 120
        while not moment():
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < deadline, "the moment never came"
            time.sleep(0.002)
        time.sleep(delay)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    assert process.returncode == -signal.SIGKILL


def files(out: Path, pattern: str) -> Iterator[Path]:
    """Yield the finished files of a pattern; those that are being written begin with a dot."""
    return out.glob(pattern.replace("*", "[!.]*"))


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory, whole: Whole) -> Killed:
    """Return what is left of the study after a kill at a random moment, and one in the middle of a training."""
    folder = tmp_path_factory.mktemp("killed")
    # The whole one has compiled the networks, so that the kills find this one in training.
    study, out = Path(shutil.copy(whole.study, folder)), folder / "out"
    seed = int(os.environ.get("WORKBENCH_TEST_SEED", time.time_ns() % 2**32))
    delay = 3 * float(np.random.default_rng(seed).random())
    print(f"WORKBENCH_TEST_SEED={seed}: killed {delay:.3f} s after the start of the first training")
    run_and_kill(study, out, lambda: any(files(out, "progress/*.json")), delay)
    # A checkpoint may be left from before; one that is newer belongs to a training that is under way.
    old = {path: path.stat().st_mtime_ns for path in files(out, "checkpoints/*.npz")}

    def newer() -> list[Path]:
        return [path for path in files(out, "checkpoints/*.npz") if path.stat().st_mtime_ns != old.get(path)]

    run_and_kill(study, out, lambda: bool(newer()))
    checkpoints = newer()
    assert checkpoints, "no training was under way"
    return Killed(study, out, checkpoints[0].stem, len(list(files(out, "runs/*.json"))))


def test_resumed_study_has_the_same_tables(killed: Killed, whole: Whole, tmp_path: Path) -> None:
    assert killed.stored < len(RULES)
    out = tmp_path / "out"
    shutil.copytree(killed.out, out)
    ended = workbench("run", killed.study, "--out", out, "--jobs", "2")
    assert (ended.code, ended.err) == (0, "")
    assert f"{len(RULES) - killed.stored} of 4 runs to go" in ended.out
    assert_same_tables(out, whole.out, len(RULES))
    assert not any((out / "checkpoints").iterdir())


def test_resumed_run_goes_on_from_its_checkpoint(killed: Killed, whole: Whole, tmp_path: Path) -> None:
    """With other weights in the checkpoint the run ends with other numbers, so it is from there that it goes on."""
    out = tmp_path / "out"
    shutil.copytree(killed.out, out)
    checkpoint = read_checkpoint(out, killed.checkpoint)
    assert checkpoint is not None
    assert 1 <= checkpoint.meta["epoch"] <= 4
    arrays = {name: array * (1 + 1e-6) for name, array in checkpoint.arrays.items()}
    write_checkpoint(out, killed.checkpoint, arrays, checkpoint.meta)
    runs = load_results(whole.out).runs.set_index("run_id")
    study = write_study(tmp_path, [runs["rule"][killed.checkpoint]])
    ended = workbench("run", study, "--out", out, "--jobs", "2")
    assert (ended.code, ended.err) == (0, "")
    other = load_results(out).runs.set_index("run_id")
    assert other.index.tolist() == [killed.checkpoint]
    assert other["loss"][killed.checkpoint] != runs["loss"][killed.checkpoint]
    assert abs(other["loss"][killed.checkpoint] / runs["loss"][killed.checkpoint] - 1) < 0.5
