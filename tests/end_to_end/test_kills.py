"""A study whose processes are all killed, at any moment, goes on to the tables of one that nobody disturbed."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np

from tests.end_to_end.command import COMMAND, RULES, assert_same_tables, workbench, write_study
from tests.end_to_end.conftest import Whole
from workbench.study.results.checkpoints import read_checkpoint, write_checkpoint
from workbench.study.results.tables import load_results


def run_and_kill(study: Path, out: Path, now: Callable[[], bool]) -> float | None:
    """Start the study and, as soon as it is time, kill all of its processes at once.

    Return None; or, where the study ends before, how long it took [second].
    """
    command = [COMMAND, "run", str(study), "--out", str(out), "--jobs", "2"]
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        while process.poll() is None and not now():
            assert time.monotonic() - started < 300, "the moment never came"
            time.sleep(0.002)
        seconds = time.monotonic() - started
    finally:
        # Of a study that has ended nobody may be left.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        told, _ = process.communicate()
    assert process.returncode in {0, -signal.SIGKILL}, told
    return seconds if process.returncode == 0 else None


def after(seconds: float) -> Callable[[], bool]:
    """Return what says whether so many seconds have passed from now on."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def files(out: Path, pattern: str) -> list[Path]:
    """Return the finished files of a pattern; those that are being written begin with a dot."""
    return list(out.glob(pattern.replace("*", "[!.]*")))


def kill_at_random(study: Path, out: Path, generator: np.random.Generator, duration: float) -> float | None:
    """Kill the study at a random moment of its duration; return the same as `run_and_kill`, and print what was done."""
    moment = float(generator.uniform(0, duration))
    ended = run_and_kill(study, out, after(moment))
    what = "killed" if ended is None else f"ended after {ended:.3f} s, before the kill"
    print(f"{what} at {moment:.3f} of {duration:.3f} s; {len(files(out, 'runs/*.json'))} runs are stored")
    return ended


def test_study_killed_at_random_moments_has_the_same_tables(whole: Whole, tmp_path: Path) -> None:
    """Two kills; the seed that is printed brings them back, as far as a machine is as fast the next time."""
    seed = int(os.environ.get("WORKBENCH_TEST_SEED", time.time_ns() % 2**32))
    print(f"WORKBENCH_TEST_SEED={seed}")
    generator = np.random.default_rng(seed)
    duration = max(path.stat().st_mtime for path in files(whole.out, "runs/*.json")) - whole.study.stat().st_mtime
    for attempt in range(5):
        out = tmp_path / f"out{attempt}"
        ended = kill_at_random(whole.study, out, generator, duration)
        if ended is None:
            break
        # The whole study had networks to compile, or less of the machine: the next moment comes earlier.
        assert_same_tables(out, whole.out, len(RULES))
        duration = min(duration, ended) / 2
    assert ended is None, f"no kill found the study running (WORKBENCH_TEST_SEED={seed})"
    # This one may find it over: there is less to do than before.
    kill_at_random(whole.study, out, generator, duration)
    left = len(RULES) - len(files(out, "runs/*.json"))
    resumed = workbench("run", whole.study, "--out", out, "--jobs", "2")
    assert (resumed.code, resumed.err) == (0, "")
    assert (f"{left} of 4 runs to go" if left else "all 4 runs are done") in resumed.out
    assert_same_tables(out, whole.out, len(RULES))
    assert not any((out / "checkpoints").iterdir())


def test_run_goes_on_from_its_checkpoint(whole: Whole, tmp_path: Path) -> None:
    """It comes to the same numbers; but to others with other weights in the checkpoint, so it is from there."""
    killed = tmp_path / "killed"
    # The whole study has compiled the networks, so that this one is soon in training.
    ended = run_and_kill(whole.study, killed, lambda: bool(files(killed, "checkpoints/*.checkpoint")))
    assert ended is None, f"the study ended after {ended} s without a checkpoint"
    name = files(killed, "checkpoints/*.checkpoint")[0].stem
    checkpoint = read_checkpoint(killed, name)
    assert checkpoint is not None
    assert 1 <= checkpoint.meta["epoch"] <= 4
    runs = load_results(whole.out).runs.set_index("run_id")
    study = write_study(tmp_path, [runs["rule"][name]])
    same, other = (Path(shutil.copytree(killed, tmp_path / folder)) for folder in ("same", "other"))
    arrays = {key: array * (1 + 1e-6) for key, array in checkpoint.arrays.items()}
    write_checkpoint(other, name, arrays, checkpoint.meta)
    for out in (same, other):
        resumed = workbench("run", study, "--out", out, "--jobs", "2")
        assert (resumed.code, resumed.err) == (0, "")
    assert_same_tables(same, whole.out, 1)
    found = load_results(other).runs.set_index("run_id")
    assert found.index.tolist() == [name]
    assert found["loss"][name] != runs["loss"][name]
    assert abs(found["loss"][name] / runs["loss"][name] - 1) < 0.5
