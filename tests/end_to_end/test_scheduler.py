"""Studies whose runs are made by the workers of a Dask scheduler: real ones, as processes of this machine."""

import importlib.util
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.end_to_end.cluster import DaskCluster, dask_cluster, hiding
from tests.end_to_end.command import COMMAND, PLUGIN, RULES, STUDY, assert_same_tables, workbench, write_study
from tests.end_to_end.conftest import Whole
from tests.patience import HANGS
from tests.study.search import test_search
from tests.study.work import test_runner
from tests.study.work.test_runner import a_registry, notes, wait_for
from tests.study.work.test_runner import assert_same_tables as assert_same_results
from workbench.common.errors import StudyError
from workbench.engine.compiled.cache_entry import is_whole
from workbench.engine.compiled.cache_folder import ENTRY
from workbench.study.results.collecting import collect
from workbench.study.results.tables import Results, load_results
from workbench.study.work.cluster import Cluster, address_of
from workbench.study.work.on_worker import Code, asked_here
from workbench.study.work.runner import run_study
from workbench.study.work.worker import Train

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None, reason="needs Dask's distributed, the extra 'dask'"
)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    with dask_cluster(tmp_path_factory.mktemp("dask")) as found:
        yield found


def run_fake(
    folder: Path,
    scheduler: str | None,
    behaviour: str = "well",
    train: Train = test_runner.train,
    text: str = test_runner.STUDY,
    said: io.StringIO | None = None,
) -> Results:
    """Run the study of `test_runner`, whose training is a fake one, by a scheduler."""
    folder.mkdir(exist_ok=True)
    (folder / "walk.toml").write_text(text.replace('behaviour = "well"', f'behaviour = "{behaviour}"'))
    return run_study(
        folder / "walk.toml",
        folder / "out",
        scheduler=scheduler,
        registry=a_registry(),
        train=train,
        console=Console(file=said or io.StringIO(), width=200),
    )


def test_two_workers_four_parts_and_two_processes_have_the_same_tables(
    whole: Whole, cluster: DaskCluster, tmp_path: Path
) -> None:
    there = workbench("run", whole.study, "--out", tmp_path / "there", "--scheduler", cluster.file)
    assert (there.code, there.err) == (0, "")
    assert f"4 of 4 runs to go, 2 at a time by {cluster.address}." in there.out
    assert_same_tables(tmp_path / "there", whole.out, len(RULES))
    parts = [tmp_path / f"part{number}" for number in (1, 2, 3, 4)]
    for number, part in enumerate(parts, 1):
        run_study(whole.study, part, 1, shard=f"{number}/4", console=Console(file=io.StringIO()))
    collect(tmp_path / "together", parts)
    assert_same_tables(tmp_path / "together", whole.out, len(RULES))
    # The token is gone.
    assert [path.name for path in (tmp_path / "there").rglob(".*")] == [".lock"]


def test_workers_that_do_not_see_the_folder_send_results_back(tmp_path: Path) -> None:
    """Neither the results nor the plugin file are where they are; both are as good by content."""
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    command = hiding(hidden)
    if not command:
        pytest.skip("this machine lets no process have mounts of its own")
    study = write_study(hidden / "study", ("eprop", "copy"), STUDY.replace("seeds = [0]", "seeds = [0, 1]"))
    study.with_name("copy.py").write_text(PLUGIN)
    study.write_text('plugins = ["copy.py"]\n' + study.read_text())
    # Both workers compile what they need into one cache, which is empty at first.
    cache = tmp_path / "cache"
    with dask_cluster(tmp_path / "dask", command, {"WORKBENCH_CACHE": str(cache)}) as cluster:
        there = workbench("run", study, "--out", hidden / "there", "--scheduler", cluster.address)
    assert (there.code, there.err) == (0, "")
    entries = [path for path in cache.iterdir() if ENTRY.fullmatch(path.name)]
    assert entries
    assert all(map(is_whole, entries))
    assert not [path for path in cache.iterdir() if path.name.startswith("building-") or path.suffix == ".lock"]
    here = workbench("run", study, "--out", hidden / "here", "--jobs", "2")
    assert (here.code, here.err) == (0, "")
    assert_same_tables(hidden / "there", hidden / "here", 4)
    results = load_results(hidden / "there")
    for run_id in results.runs["run_id"]:
        assert results.weights(run_id)["hidden1"].any()


def test_search_has_the_same_draws(cluster: DaskCluster, tmp_path: Path) -> None:
    search = test_search.SEARCH.replace("draws = 24", "draws = 4")
    text = test_runner.STUDY.replace("probe = 2", "probe = 0") + search
    here = run_fake(tmp_path / "here", None, train=test_search.train, text=text)
    there = run_fake(tmp_path / "there", cluster.address, train=test_search.train, text=text)
    assert_same_results(there, here)
    assert test_search.drawn(there).equals(test_search.drawn(here))


def test_run_whose_process_dies_is_tried_again_and_then_failed(cluster: DaskCluster, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"'toy still seed 1' failed: The process died: it was killed, ran out of"):
        run_fake(tmp_path, cluster.address, "die")
    assert load_results(tmp_path / "out").runs["status"].tolist() == ["done"] * 4 + ["failed", "done"]
    tries = [text for text in notes(tmp_path / "out") if text.startswith("still 1 ")]
    assert len(tries) == 3
    assert len({text.split()[2] for text in tries}) == 3
    run_fake(tmp_path / "once", cluster.address, "die once")
    assert "resumed at 4" in notes(tmp_path / "once" / "out")


def test_failed_run_says_why_and_leaves_a_log(cluster: DaskCluster, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"'toy still seed 1' failed: OSError: the compiler is gone"):
        run_fake(tmp_path, cluster.address, "fail")
    (log,) = (tmp_path / "out" / "logs").iterdir()
    assert "RuntimeError: Something went wrong somewhere" in log.read_text()


def test_interrupt_cancels_what_is_under_way(cluster: DaskCluster, tmp_path: Path) -> None:
    study = write_study(tmp_path, RULES, STUDY.replace("epochs = 4", "epochs = 100000"))
    command = [COMMAND, "run", str(study), "--out", str(tmp_path / "out"), "--scheduler", cluster.address]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: any((tmp_path / "out").glob("checkpoints/[!.]*")), "the training")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=HANGS)
    assert process.returncode == 130
    assert err == "Interrupted. The results so far are kept; the same command goes on from there.\n"

    def stamps() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / "progress").iterdir()}

    # Within a second workers look whether anybody waits for what they do, and then no training reports any more.
    time.sleep(2)
    before = stamps()
    time.sleep(2)
    assert stamps() == before
    # The workers are free for others.
    assert set(run_fake(tmp_path / "next", cluster.address).runs["status"]) == {"done"}


def test_scheduler_without_workers_is_waited_for(tmp_path: Path) -> None:
    with dask_cluster(tmp_path / "dask") as cluster:
        for name in ("worker1", "worker2"):
            cluster.kill(name)
        study = write_study(tmp_path, ["frozen"])
        command = [COMMAND, "run", str(study), "--out", str(tmp_path / "out"), "--scheduler", str(cluster.file)]
        with (tmp_path / "said").open("w") as said:
            process = subprocess.Popen(command, stdout=said, stderr=subprocess.PIPE, text=True)
        told = f"Scheduler {cluster.address} has no workers yet, and is waited for. Start one: dask worker"
        wait_for(lambda: told in (tmp_path / "said").read_text(), "the message")
        cluster.start_worker("worker3")
        _, err = process.communicate(timeout=HANGS)
    assert (process.returncode, err) == (0, "")
    assert len(load_results(tmp_path / "out").runs) == 1


def test_workers_with_other_code_are_refused(cluster: DaskCluster, tmp_path: Path) -> None:
    """A copy of the workbench with one more statement: the code here is another one than the workers'."""
    copied = tmp_path / "code"
    root = Path(test_runner.__file__).parents[3]
    for folder in ("workbench", "tests"):
        shutil.copytree(root / folder, copied / folder, ignore=shutil.ignore_patterns("__pycache__"))
    study = write_study(tmp_path, ["frozen"])
    out = tmp_path / "out"
    run = "import sys, workbench; workbench.run_study(*sys.argv[1:3], scheduler=sys.argv[3])"

    def refused() -> str:
        command = [sys.executable, "-c", run, str(study), str(out), cluster.address]
        done = subprocess.run(command, cwd=copied, capture_output=True, text=True, check=False, timeout=HANGS)
        assert done.returncode == 1
        assert not list((out / "runs").iterdir())
        return done.stderr

    with (copied / "workbench" / "study" / "seeds.py").open("a") as file:
        file.write("EDITED = 1\n")
    assert "has the workbench 0.1.0 with other code than here: results of different code are never mixed." in refused()
    init = copied / "workbench" / "__init__.py"
    init.write_text(init.read_text().replace('__version__ = "0.1.0"', '__version__ = "0.2.0"'))
    assert "has the workbench 0.1.0, and here is 0.2.0: results of different code are never mixed." in refused()


def test_worker_that_comes_later_with_other_code_is_refused(cluster: DaskCluster) -> None:
    import distributed

    connect: Any = distributed.Client
    here = asked_here()
    later = replace(here, code=replace(here.code, checksum="other"))
    with (
        connect(cluster.address, set_as_default=False) as client,
        Cluster(client, "Scheduler", later) as executor,
        pytest.raises(StudyError, match=r"^Scheduler: Worker tcp://.* with other code than here: results of different"),
    ):
        executor.submit(os.getpid).result()


def test_code_differs_in_versions_too() -> None:
    here = Code("1", "a", json.dumps({"numpy": "2.1", "jax": "1"}))
    assert here.differs(here) == ""
    assert here.differs(Code("1", "a", json.dumps({"numpy": "2.0", "jax": "1"}))) == "numpy 2.0, and here is 2.1"
    assert here.differs(Code("1", "a", json.dumps({"numpy": "2.1"}))) == "jax not at all, and here is 1"


def test_scheduler_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(
        StudyError, match=r"--scheduler: 'localhost' must be an address, such as tcp://10\.0\.0\.1:8786,"
    ):
        address_of("localhost")
    missing = tmp_path / "missing.json"
    with pytest.raises(StudyError, match=r"missing\.json cannot be read \(No such file or directory\)\. Start one: "):
        address_of(str(missing))
    for text in ("{", "[]", "{}", '{"address": 3}', '{"address": "nowhere"}'):
        missing.write_text(text)
        with pytest.raises(StudyError, match=r"missing\.json is no scheduler file: it has no 'address' such as tcp://"):
            address_of(str(missing))
    missing.write_text('{"address": "tcp://10.0.0.1:8786", "workers": {}}')
    assert address_of(str(missing)) == "tcp://10.0.0.1:8786"


def test_scheduler_that_does_not_answer_is_told(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"^Scheduler tcp://127\.0\.0\.1:1 does not answer within \d+ s\. Start it"):
        run_fake(tmp_path, "tcp://127.0.0.1:1")


def test_missing_package_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(StudyError, match=r"--scheduler needs Dask's distributed\. Install it: pip install '.*\[dask"):
        run_fake(tmp_path, "tcp://127.0.0.1:1")


def test_jobs_of_a_scheduler_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"--jobs is of this machine, .* Drop one\."):
        run_study({"seeds": [0]}, tmp_path, 2, scheduler="tcp://127.0.0.1:1")
