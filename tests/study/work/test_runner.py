"""Running studies: nothing is lost, nothing is done twice, and no run is silent about its end.

The training is a fake one. This file is also a program, `python test_runner.py STUDY OUT`, that tests start and kill.
"""

import gc
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from tests.networks import REGISTRY
from tests.patience import HANGS
from workbench.catalogue.loading import Source
from workbench.catalogue.registry import Offer, Registry
from workbench.common.errors import SimulationError, StudyError
from workbench.declare.feedback import Pathway
from workbench.declare.learning_signal import LearningSignal
from workbench.declare.loss import Loss
from workbench.declare.neuron import NeuronModel
from workbench.declare.optimizer import Optimizer
from workbench.declare.parameter import Parameter
from workbench.declare.rule import Rule
from workbench.declare.surrogate import Surrogate
from workbench.declare.task import Task, TaskData
from workbench.declare.trials import Trials
from workbench.study.file.reading import load_study
from workbench.study.file.run_config import RunConfig
from workbench.study.results.store import RunResult, opened
from workbench.study.results.tables import Results, load_results
from workbench.study.seeds import stream
from workbench.study.work import own_process
from workbench.study.work.progress import RunProgress, UnseenProgress, shown
from workbench.study.work.run_list import Planner
from workbench.study.work.runner import run_study
from workbench.study.work.verdict import ControlError, IncompleteError
from workbench.tables.summary import summary_table

#: Columns that tell of the machine and the hour, not of the result.
OF_THE_DAY = ["seconds", "compile_seconds", "versions", "commit"]


NO_TRIALS = Trials(np.zeros(1, int), np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros((0, 2)))


def toy_data(how: str = "well") -> TaskData:
    if how == "empty":
        return TaskData(3, 2, 10, 1e-3, NO_TRIALS, NO_TRIALS, NO_TRIALS)
    if how == "badly":
        raise KeyError("file of the task")
    trials = Trials(np.array([0, 1, 1]), np.array([2], np.int32), np.array([0], np.int32), np.eye(2))
    first, second, third = (trials.take(np.array(index)) for index in ([0, 1], [1, 0], [0, 1, 0]))
    return TaskData(3, 2, 10, 1e-3, first, second, third)


def a_registry() -> Registry:
    source = Source("fakes", "my-rules", "1.2")
    how = Parameter(name="how", default="well", choices=("well", "badly", "empty"), doc="How the fake behaves.")
    behaviour = Parameter(name="behaviour", default="well", doc="How the fake behaves.")
    rules = [
        Rule(name="eprop", title="e-prop", engine="none", signal=LearningSignal(), parameters=(behaviour,)),
        Rule(name="still", title="Still", engine="none", parameters=(behaviour,)),
    ]
    toy = Task(name="toy", title="Toy", load=toy_data, parameters=(how,))
    return Registry(
        {
            **REGISTRY.offers,
            Rule: {rule.name: Offer(rule, source) for rule in rules},
            Task: {"toy": Offer(toy, source)},
        }
    )


def train(config: RunConfig, progress: RunProgress) -> RunResult:
    """Walk at random for some epochs, resuming from a checkpoint, and misbehave where the rule's parameter says so."""
    behaviour = str(dict(config.parameters)["behaviour"])
    note(progress, f"{config.rule} {config.seed} {os.getpid()} {os.environ.get('OMP_NUM_THREADS')}")
    if config.seed == 1:
        misbehave(behaviour, progress)
    if config.seed == 2 and behaviour in {"die", "die once"}:
        time.sleep(1.5)  # So as to be under way when the other one dies.
    checkpoint = progress.restore()
    weights = np.zeros(5)
    meta: dict[str, Any] = {"epoch": 0, "curves": []}
    if checkpoint is not None:
        weights, meta = checkpoint.arrays["weights"], checkpoint.meta
        note(progress, f"resumed at {meta['epoch']}")
    for epoch in range(meta["epoch"], config.train.epochs):
        progress(epoch, config.train.epochs, f"epoch {epoch + 1}/{config.train.epochs}")
        weights = weights * 0.9 + stream("controls", config.seed, epoch).normal(size=5)
        where = {"epoch": epoch, "trial": 2 * epoch, "layer": "network", "estimate": "", "reference": "validation"}
        value = float(weights.sum()) if epoch else float("nan")
        meta["curves"].append(
            {**where, "measure": "loss", "value": value, "reason": "" if epoch else "not trained yet"}
        )
        progress.save({"weights": weights}, {"epoch": epoch + 1, "curves": meta["curves"]})
        time.sleep(0.02)
        if behaviour == "die once" and config.seed == 1 and checkpoint is None and epoch == 3:
            die_beside_another(progress)
    if behaviour == "misaligned":
        meta["curves"].append(
            {**where, "measure": "cosine", "layer": "readout", "reference": "random", "value": 0.99, "reason": ""}
        )
    if behaviour == "diverge" and config.seed == 1:
        told: dict[str, object] = {"status": "diverged", "reason": "The loss is not finite after 3 batches."}
        return RunResult(told, meta["curves"])
    row: dict[str, object] = {"accuracy": np.abs(weights).sum() / 50, "loss": weights[0], "epochs": config.train.epochs}
    kept = {"initial": {"hidden1": np.zeros((1, 5))}, "trained": {"hidden1": weights[None]}}
    return RunResult(row if behaviour != "misspelt" else {"acuracy": 1.0}, meta["curves"], kept)


def misbehave(behaviour: str, progress: RunProgress) -> None:
    if behaviour == "fail":
        try:
            raise OSError("the compiler\nis gone")
        except OSError as error:
            raise RuntimeError("Something went wrong somewhere") from error
    if behaviour == "fail once" and (progress.folder / "notes").read_text().count("still 1 ") == 1:
        raise SimulationError("The network is silent. Raise the weights.")
    if behaviour == "die":
        die_beside_another(progress)


def die_beside_another(progress: RunProgress) -> None:
    wait_for(lambda: any(text.startswith("still 2 ") for text in notes(progress.folder)), "the other run")
    os.kill(os.getpid(), signal.SIGKILL)


def note(progress: RunProgress, text: str) -> None:
    # A run that is left behind by its study has no folder any more.
    if isinstance(progress, UnseenProgress):
        return
    with (progress.folder / "notes").open("a") as file:
        file.write(f"{text}\n")


def notes(folder: Path) -> list[str]:
    file = folder / "notes"
    return file.read_text().splitlines() if file.exists() else []


STUDY = """question = "Which rule?"
seeds = [0, 1, 2]
[network]
hidden = [4]
[train]
epochs = 5
[measure]
probe = 2
[[task]]
name = "toy"
parameters = { how = "well" }
[[rule]]
name = "eprop"
[[rule]]
name = "still"
parameters = { behaviour = "well" }
"""

Run = Callable[..., Results]


@pytest.fixture
def study(tmp_path: Path) -> Path:
    (tmp_path / "walk").mkdir()
    (tmp_path / "walk" / "study.toml").write_text(STUDY)
    return tmp_path / "walk" / "study.toml"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def said() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def run(study: Path, out: Path, said: io.StringIO) -> Run:
    def run(behaviour: str = "well", how: str = "well", jobs: int = 2, train: object = train) -> Results:
        study.write_text(
            STUDY.replace('behaviour = "well"', f'behaviour = "{behaviour}"').replace('"well"', f'"{how}"')
        )
        console = Console(file=said, width=200)
        return run_study(study, out, jobs, registry=a_registry(), train=train, console=console)  # type: ignore[arg-type]

    return run


def statuses(out: Path) -> list[str]:
    return load_results(out).runs["status"].tolist()


def assert_same_tables(first: Results, second: Results) -> None:
    pd.testing.assert_frame_equal(
        first.runs.drop(columns=OF_THE_DAY), second.runs.drop(columns=OF_THE_DAY), check_exact=True
    )
    pd.testing.assert_frame_equal(first.curves, second.curves, check_exact=True)
    assert first.curves["value"].to_numpy().tobytes() == second.curves["value"].to_numpy().tobytes()


def test_every_run_has_its_row_and_its_curves(run: Run, out: Path, said: io.StringIO) -> None:
    results = run()
    assert_same_tables(results, load_results(out))
    runs = results.runs
    assert runs["rule"].tolist() == ["eprop"] * 3 + ["still"] * 3
    assert runs["seed"].tolist() == [0, 1, 2] * 2
    assert set(runs["status"]) == {"done"}
    for column, value in {
        "study": "walk",
        "task": "toy",
        "network": "3-4-2",
        "reason": "",
        "distribution": "my-rules 1.2",
        "epochs": 5,
    }.items():
        assert set(runs[column]) == {value}
    assert runs["title"].tolist()[2:4] == ["e-prop", "Still"]
    assert runs["feedback"].tolist()[2:4] == ["symmetric", "none"]
    assert runs["seconds"].between(0.09, 60).all()
    assert json.loads(runs["versions"][0]).keys() >= {"workbench", "python", "brian2", "numpy"}
    parameters = json.loads(runs["parameters"][0])
    assert parameters["rule"] == {"behaviour": "well"}
    assert parameters["task"] == {"how": "well"}
    assert parameters["train"]["epochs"] == 5
    assert "chunk" not in parameters["train"]
    assert results.curves["run_id"].tolist() == runs["run_id"].repeat(5).tolist()
    assert runs["run_id"].is_unique
    # The fake training reads the seed alone, so that a seed must give the same to both rules, and another to others.
    assert runs["accuracy"].tolist()[:3] == runs["accuracy"].tolist()[3:]
    assert runs["accuracy"].nunique() == 3
    own = {".lock", "checkpoints", "curves.parquet", "logs", "notes", "progress", "runs", "runs.parquet", "weights"}
    assert {path.name for path in out.iterdir()} == own | {"workbench-results.json", "study.json"}
    for folder in ("checkpoints", "progress", "logs"):
        assert not any((out / folder).iterdir())
    for run_id, loss in zip(runs["run_id"], runs["loss"], strict=True):
        assert results.weights(run_id)["hidden1"][0, 0] == loss != 0
        assert not results.weights(run_id, "initial")["hidden1"].any()
    lines = said.getvalue().splitlines()
    assert lines[0].endswith(f"study.toml: 6 of 6 runs to go, 2 at a time. Results: {out}")
    assert [line.split()[0] for line in lines[1:]] == [f"[{k}/6]" for k in range(1, 7)]
    assert sum("toy eprop:symmetric seed 2: done, accuracy " in line for line in lines) == 1


def test_finished_study_is_not_run_again(run: Run, out: Path, said: io.StringIO) -> None:
    first = run()
    before = notes(out)
    assert len(before) == 6
    assert_same_tables(first, run())
    assert notes(out) == before
    assert said.getvalue().splitlines()[-1].endswith("study.toml: all 6 runs are done.")


def test_added_rule_runs_alone(run: Run, study: Path, out: Path) -> None:
    first = run()
    extended = STUDY.replace("seeds = [0, 1, 2]", "seeds = [2, 1, 0, 3]")
    study.write_text(extended)
    second = run_study(study, out, 2, registry=a_registry(), train=train, console=Console(file=io.StringIO()))
    assert len(notes(out)) == 8
    assert second.runs["seed"].tolist() == [2, 1, 0, 3] * 2
    again = second.runs[second.runs["seed"] < 3].sort_values(["rule", "seed"]).reset_index(drop=True)
    pd.testing.assert_frame_equal(again, first.runs, check_exact=True)


def test_tables_hold_the_study_as_it_is_written_now(run: Run, study: Path, out: Path) -> None:
    run()
    run(behaviour="other")
    assert len(load_results(out).runs) == 6
    assert len(list((out / "runs").glob("*.json"))) == 9


@pytest.mark.parametrize(("kind", "suffix"), [("runs", "json"), ("weights", "npz")])
def test_damaged_run_is_told_and_made_again_alone(
    run: Run, out: Path, said: io.StringIO, kind: str, suffix: str
) -> None:
    first = run()
    file = out / kind / f"{first.runs['run_id'][4]}.{suffix}"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    again = run()
    assert_same_tables(again, first)
    assert [text.split()[:2] for text in notes(out)[6:]] == [["still", "1"]]
    lines = said.getvalue().splitlines()[7:]
    assert lines[0].endswith("study.toml: 1 of 6 runs to go, 1 at a time. Results: " + str(out))
    assert lines[1] == f"{file} is damaged: its content does not fit its hash. The run is made again."


def test_runs_of_an_earlier_study_file_are_told_and_kept(run: Run, out: Path, said: io.StringIO) -> None:
    first = run()
    run(behaviour="other")
    told = "Runs of the study as it was before: 3. They stay stored, and out of the tables."
    assert told in said.getvalue().splitlines()
    assert_same_tables(run(), first)
    assert len(notes(out)) == 9


def test_folder_of_another_study_or_of_somebody_else_is_an_error_before_any_run(
    run: Run, study: Path, out: Path, tmp_path: Path
) -> None:
    first = run()
    other = study.rename(study.with_name("stroll.toml"))
    with pytest.raises(
        StudyError, match=rf"^{out} has results of study 'walk', and this is study 'stroll'\. Give another"
    ):
        run_study(other, out, 2, registry=a_registry(), train=train, console=Console(quiet=True))
    assert_same_tables(load_results(out), first)
    mine = tmp_path / "mine"
    (mine / "progress").mkdir(parents=True)
    (mine / "progress" / "week1.json").write_text("{}")
    with pytest.raises(StudyError, match=rf"^{mine} is not empty, and no 'workbench-results.json' marks it as results"):
        run_study(other, mine, 2, registry=a_registry(), train=train, console=Console(quiet=True))
    assert [str(path.relative_to(mine)) for path in sorted(mine.rglob("*"))] == ["progress", "progress/week1.json"]


def test_diverged_run_is_recorded_and_not_tried_again(run: Run, out: Path) -> None:
    message = (
        r"study.toml: Of 6 runs 1 diverged\. 'toy still seed 1' diverged: The loss is not finite after 3 batches\.$"
    )
    for _ in range(2):
        with pytest.raises(StudyError, match=message):
            run("diverge")
        assert statuses(out) == ["done"] * 4 + ["diverged", "done"]
    assert len(notes(out)) == 6
    row = load_results(out).runs.iloc[4]
    assert row["reason"] == "The loss is not finite after 3 batches."
    assert pd.isna(row["accuracy"])
    assert pd.isna(row["epochs"])


def test_failed_run_names_its_root_cause_and_its_log(run: Run, out: Path) -> None:
    with pytest.raises(StudyError, match=r"Of 6 runs 1 failed\. .* More is in .*logs; run the study again"):
        run("fail")
    runs = load_results(out).runs
    assert runs["status"].tolist() == ["done"] * 4 + ["failed", "done"]
    assert runs["reason"][4] == "OSError: the compiler is gone"
    log = (out / "logs" / f"{runs['run_id'][4]}.txt").read_text()
    assert log.startswith("toy still seed 1\n")
    assert "Traceback (most recent call last)" in log
    assert "RuntimeError: Something went wrong somewhere" in log


def test_failed_run_is_tried_again_and_the_others_are_not(run: Run, out: Path) -> None:
    with pytest.raises(StudyError, match=r"'toy still seed 1' failed: The network is silent. Raise the weights\."):
        run("fail once")
    assert len(notes(out)) == 6
    assert set(run("fail once").runs["status"]) == {"done"}
    assert [text.split()[:2] for text in notes(out)[6:]] == [["still", "1"]]
    assert not any((out / "logs").iterdir())


def test_result_that_does_not_fit_the_tables_fails_the_run(run: Run, out: Path) -> None:
    message = r"Of 6 runs 3 failed\. 'toy still seed 0' and 2 more failed: .* these differ: acuracy"
    with pytest.raises(StudyError, match=message):
        run("misspelt")
    assert statuses(out) == ["done"] * 3 + ["failed"] * 3


def test_error_of_an_incomplete_study_holds_its_tables(run: Run, out: Path) -> None:
    with pytest.raises(IncompleteError, match=r"Of 6 runs") as caught:
        run("fail")
    assert_same_tables(caught.value.results, load_results(out))


def test_reasons_are_told_once_and_not_all_of_many(run: Run) -> None:
    def failing(config: RunConfig, progress: RunProgress) -> RunResult:
        raise SimulationError("Always." if config.rule == "eprop" else f"For the seed {config.seed}.")

    with pytest.raises(StudyError) as caught:
        run(train=failing)
    assert (
        "study.toml: Of 6 runs 6 failed. 'toy eprop:symmetric seed 0' and 2 more failed: Always. "
        "'toy still seed 0' failed: For the seed 0. 'toy still seed 1' failed: For the seed 1. "
        "There is 1 other reason. More is in "
    ) in str(caught.value)


def test_dead_process_fails_its_run_and_no_other(run: Run, out: Path) -> None:
    with pytest.raises(
        StudyError, match=r"'toy still seed 1' failed: The process died: it was killed, ran out of memory"
    ):
        run("die")
    assert statuses(out) == ["done"] * 4 + ["failed", "done"]


def test_run_whose_process_died_resumes_from_its_checkpoint(run: Run, out: Path) -> None:
    # Its first process dies with another run under way, so that nobody knows which it was: both are tried again.
    results = run("die once")
    assert "resumed at 4" in notes(out)
    assert set(results.runs["status"]) == {"done"}
    assert results.runs["accuracy"].tolist()[:3] == results.runs["accuracy"].tolist()[3:]


def test_rule_that_cannot_run_in_a_network_is_skipped_with_its_reason(study: Path, out: Path) -> None:
    text = STUDY.replace("[network]", '[network]\nneuron = "linear_rate"')
    study.write_text(text.replace('name = "eprop"', 'name = "eprop"\nfeedback = "local_readout"'))
    console = Console(file=io.StringIO())
    for _ in range(2):
        results = run_study(study, out, 2, registry=a_registry(), train=train, console=console)
        assert results.runs["status"].tolist() == ["skipped"] * 3 + ["done"] * 3
        reason = "Feedback 'local_readout' reads spikes, and neuron 'linear_rate' has none."
        assert results.runs["reason"].tolist() == [reason] * 3 + [""] * 3
        assert len(notes(out)) == 3


def test_study_of_which_no_run_can_be_made_is_told(study: Path, out: Path) -> None:
    text = STUDY[: STUDY.index('[[rule]]\nname = "still"')].replace("[network]", '[network]\nneuron = "linear_rate"')
    study.write_text(text.replace('name = "eprop"', 'name = "eprop"\nfeedback = "local_readout"'))
    told = (
        r"study.toml: No run was made, all 3 are skipped\. 'eprop': Feedback 'local_readout' reads spikes, and neuron "
        r"'linear_rate' has none\.$"
    )
    for _ in range(2):
        with pytest.raises(IncompleteError, match=told):
            run_study(study, out, 2, registry=a_registry(), train=train, console=Console(file=io.StringIO()))
    assert statuses(out) == ["skipped"] * 3


@pytest.mark.parametrize(("probe", "told"), [(2, False), (3, True), (100000, True)])
def test_probe_that_is_larger_than_the_validation_split_is_said(
    study: Path, out: Path, said: io.StringIO, probe: int, told: bool
) -> None:
    study.write_text(STUDY.replace("probe = 2", f"probe = {probe}"))
    console = Console(file=said, width=200)
    run_study(study, out, 2, registry=a_registry(), train=train, console=console)
    line = f"'measure.probe' asks for {probe} validation trials, and task 'toy' has 2: these are probed."
    assert said.getvalue().count(line) == told


def test_rule_with_two_learning_rates_has_two_rows_and_labels(study: Path, out: Path) -> None:
    study.write_text(STUDY + '[[rule]]\nname = "still"\ntrain = { learning_rate = 0.02 }\n')
    results = run_study(study, out, 2, registry=a_registry(), train=train, console=Console(file=io.StringIO()))
    assert set(results.runs["status"]) == {"done"}
    table = summary_table(results.runs, results.curves)
    assert table["n"].tolist() == [3, 3, 3]
    labels = table["rule"].tolist()
    assert len(set(labels)) == 3
    assert sum("learning_rate = 0.005" in label for label in labels) == 1
    assert sum("learning_rate = 0.02" in label for label in labels) == 1


def calls(function: Callable[[], object]) -> int:
    """Return how many calls of functions a function leads to.

    What the collector of garbage calls is left out: it finalises what other tests left behind.
    """
    count = 0

    def counted(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    gc.collect()
    gc.disable()
    sys.setprofile(counted)
    try:
        function()
    finally:
        sys.setprofile(None)
        gc.enable()
    return count


def test_planning_takes_calls_in_proportion_to_the_runs(study: Path) -> None:
    def planned(seeds: int) -> int:
        study.write_text(STUDY.replace("[0, 1, 2]", str(list(range(seeds)))))
        spec, registry = load_study(study), a_registry()
        return calls(lambda: Planner(spec, registry).all_runs())

    # What is done once, such as to import and to read the code, is left out.
    planned(1)
    few, more, most = (planned(seeds) for seeds in (100, 200, 400))
    assert most - more == pytest.approx(2 * (more - few), rel=0.05)
    # A few dozen calls for each of 2 * 200 runs: of all that a run is, little is worked out anew.
    assert most - more < 2 * 200 * 60

    def quadratic(seeds: int) -> int:
        return calls(lambda: [max(0, other) for run in range(seeds) for other in range(run)])

    few, more, most = (quadratic(seeds) for seeds in (100, 200, 400))
    assert most - more > 3 * (more - few)


def test_runs_are_made_in_other_processes_with_one_thread_each(run: Run, out: Path) -> None:
    run(jobs=1)
    _, _, processes, threads = zip(*(text.split() for text in notes(out)), strict=True)
    assert str(os.getpid()) not in processes
    assert set(threads) == {"1"}


def test_one_job_is_one_run_at_a_time_and_two_are_two(run: Run, out: Path) -> None:
    def timed(config: RunConfig, progress: RunProgress) -> RunResult:
        started = time.monotonic()
        time.sleep(0.02)
        note(progress, f"{started} {time.monotonic()}")
        return RunResult({})

    def together(config: RunConfig, progress: RunProgress) -> RunResult:
        note(progress, "begun")
        wait_for(lambda: len(notes(progress.folder)) >= 2, "another run")
        return RunResult({})

    run(jobs=1, train=timed)
    spans = sorted(tuple(map(float, text.split())) for text in notes(out))
    assert len(spans) == 6
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    (out / "notes").unlink()
    for path in (out / "runs").iterdir():
        path.unlink()
    run(jobs=2, train=together)
    assert statuses(out) == ["done"] * 6


@pytest.mark.parametrize("jobs", [1, 16])
def test_no_more_processes_are_started_than_runs_are_to_be_made(
    run: Run, jobs: int, said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    from joblib.externals.loky import ProcessPoolExecutor

    asked: list[int] = []

    def counted(max_workers: int, **more: Any) -> Any:
        asked.append(max_workers)
        return ProcessPoolExecutor(max_workers=max_workers, **more)

    monkeypatch.setattr("joblib.externals.loky.ProcessPoolExecutor", counted)
    monkeypatch.setattr(own_process, "_KEPT", {})
    run(jobs=jobs)
    assert asked == [1] * min(jobs, 6)
    assert f"{min(jobs, 6)} at a time" in said.getvalue()
    run(jobs=jobs)
    assert asked == [1] * min(jobs, 6)


def test_processes_of_whoever_uses_joblib_are_left_to_them(run: Run, out: Path) -> None:
    import joblib
    from joblib.externals.loky import get_reusable_executor

    # By itself it ends after ten seconds in which nobody makes a call.
    theirs = get_reusable_executor(max_workers=1, timeout=HANGS)
    before = theirs.submit(os.getpid).result()
    run(jobs=1)
    assert theirs.submit(os.getpid).result() == before
    assert before not in {int(text.split()[2]) for text in notes(out)}
    theirs.shutdown()
    used = joblib.Parallel(n_jobs=2, backend="loky")(joblib.delayed(os.getpid)() for _ in range(2))
    assert not set(used) & {int(text.split()[2]) for text in notes(out)}


def test_processes_that_died_between_two_studies_are_started_again(run: Run, out: Path) -> None:
    run(jobs=1)
    died = {int(text.split()[2]) for text in notes(out)}
    for process in died:
        os.kill(process, signal.SIGKILL)
    ((kept,),) = own_process._KEPT.values()
    wait_for(lambda: kept._executor._flags.broken is not None, "the end of the process to be noticed")
    run(behaviour="other", jobs=1)
    assert len(notes(out)) == 9
    assert {int(text.split()[2]) for text in notes(out)[6:]}.isdisjoint(died)


def test_what_processes_read_once_is_that_of_each_study(run: Run, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def told(config: RunConfig, progress: RunProgress) -> RunResult:
        note(progress, os.environ["WORKBENCH_DATA"])
        return RunResult({})

    for folder in ("one", "other"):
        monkeypatch.setenv("WORKBENCH_DATA", folder)
        run(behaviour=folder, jobs=1, train=told)
    assert sorted(notes(out)) == ["one"] * 6 + ["other"] * 3


def test_task_that_exits_in_a_process_fails_its_run(run: Run, out: Path) -> None:
    def leaving(config: RunConfig, progress: RunProgress) -> RunResult:
        raise SystemExit(0) if config.seed == 1 else KeyboardInterrupt

    with pytest.raises(StudyError, match="Of 6 runs 6 failed"):
        run(train=leaving)
    assert (
        load_results(out).runs["reason"].str.partition(":")[0].tolist()
        == [
            "KeyboardInterrupt",
            "SystemExit",
            "KeyboardInterrupt",
        ]
        * 2
    )


def test_output_that_nobody_takes_costs_no_study(study: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = io.StringIO()
    gone.close()
    monkeypatch.setattr(sys, "stdout", gone)
    run_study(study, out, 2, registry=a_registry(), train=train)
    assert statuses(out) == ["done"] * 6
    with pytest.raises(ValueError, match="closed file"):
        print("The control: nobody else may print.")


def test_number_of_jobs_must_be_positive(run: Run) -> None:
    with pytest.raises(StudyError, match=r"A study runs at least 1 job at a time, not 0\."):
        run(jobs=0)


@pytest.mark.parametrize("plugins", ["x.py", Path("x.py")])
def test_one_plugin_is_a_list_of_one(study: Path, out: Path, plugins: Any) -> None:
    given = re.escape(repr(plugins))
    with pytest.raises(StudyError, match=rf"`plugins` must be a list, .*, not {given} \(\w+\)\. Write \[{given}\]\."):
        run_study(study, out, plugins=plugins)


def test_run_that_is_another_one_is_an_error_before_any_run(study: Path, out: Path) -> None:
    twice = STUDY + 'train = { learning_rate = 0.1 }\n[[task]]\nname = "toy"\ntrain = { learning_rate = 0.2 }\n'
    study.write_text(twice)
    with pytest.raises(StudyError, match=r"'toy still seed 0' is there twice, since a \[\[rule\]\] or \[\[sweep"):
        run_study(study, out, 2, registry=a_registry(), train=train, console=Console(file=io.StringIO()))
    assert not out.exists()


def test_task_without_trials_is_an_error_before_any_run(run: Run, out: Path) -> None:
    with pytest.raises(StudyError, match=r"study.toml: task 'toy': Split 'train' of the task has no trials"):
        run(how="empty")
    assert not out.exists()


def test_task_that_cannot_be_loaded_is_an_error_before_any_run(run: Run, out: Path) -> None:
    with pytest.raises(
        StudyError,
        match=rf"study.toml: Task 'toy' cannot be loaded: KeyError: 'file of the task' \({__file__}, line \d+\)\.$",
    ):
        run(how="badly")
    assert not out.exists()


def test_unwritable_folder_is_an_error_before_any_run(study: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StudyError, match="results cannot be written there"):
        run_study(study, tmp_path / "file" / "out", 2, registry=a_registry(), train=train, console=Console(quiet=True))


def test_results_go_to_a_folder_named_after_the_study(run: Run, study: Path, tmp_path: Path) -> None:
    inside = study.parent
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        run_study(study, registry=a_registry(), train=train, console=Console(file=io.StringIO()))
    assert len(load_results(tmp_path / "results" / "walk").runs) == 6
    assert [path.name for path in inside.iterdir()] == ["study.toml"]


def with_edited(registry: Registry, kind: type[Any], name: str, **changes: str) -> Registry:
    """Return a registry in which one thing of a name is another."""
    offer: Offer[Any] = registry.all(kind)[name]
    edited = Offer(replace(offer.item, **changes), offer.source)
    return Registry({**registry.offers, kind: {**registry.all(kind), name: edited}})


@pytest.mark.parametrize(
    ("kind", "name", "changes"),
    [
        (NeuronModel, "lif", {"reset": "v = 0"}),
        (Loss, "cross_entropy", {"value": "2 * target * (log(total) + greatest - y)"}),
        (Optimizer, "adam", {"code": "mean = gradient\nsquare = mean\nstep = gradient"}),
        (Pathway, "symmetric", {"weights": "random"}),
        (Surrogate, "fast_sigmoid", {"derivative": "gamma + 0 * beta"}),
    ],
)
def test_what_was_edited_is_run_anew(
    run: Run, study: Path, out: Path, kind: type[Any], name: str, changes: dict[str, str]
) -> None:
    run()
    assert len(notes(out)) == 6
    edited = with_edited(a_registry(), kind, name, **changes)
    run_study(study, out, 2, registry=edited, train=train, console=Console(file=io.StringIO()))
    # Of the two rules, one has no feedback.
    assert len(notes(out)) == (9 if kind is Pathway else 12)


def test_terminal_shows_what_is_under_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = io.StringIO()
    console = Console(file=said, force_terminal=True, width=120)
    with opened(tmp_path, "walk"), shown(tmp_path, 4, console) as end:
        progress = RunProgress(tmp_path, "0123456789abcdef", "toy eprop seed 0")
        progress(50, 200, "epoch 3/10")
        time.sleep(1.2)
        progress.close()
        end("toy eprop seed 0: done", "Best so far: eprop, validation accuracy 91.0 % (one seed)")
        time.sleep(0.6)
    assert "toy eprop seed 0" in said.getvalue()
    assert "50/200" in said.getvalue()
    assert "epoch 3/10" in said.getvalue()
    assert "[1/4] toy eprop seed 0: done" in said.getvalue()
    assert "Best so far: eprop" in said.getvalue()


def test_progress_that_cannot_be_written_disturbs_nothing(tmp_path: Path) -> None:
    progress = RunProgress(tmp_path / "nowhere", "0123456789abcdef", "a run")
    progress(1, 2)
    progress.close()
    assert not (tmp_path / "nowhere").exists()


# Kills. The program at the end of this file is what is killed.

LONG = STUDY.replace("epochs = 5", "epochs = 60")


def started(study: Path, out: Path) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, str(study), str(out)]
    where = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=where)


def completed(study: Path, out: Path) -> list[str]:
    """Run the program to its end and return the lines that it printed."""
    process = started(study, out)
    text, _ = process.communicate(timeout=HANGS)
    assert process.returncode == 0, text
    return text.splitlines()


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + HANGS
    while not condition():
        assert time.monotonic() < deadline, f"{what} never came"
        time.sleep(0.02)


def alive(folder: Path) -> Iterator[int]:
    """Yield the processes that trained and are still there, not counting dead ones that nobody has buried."""
    for process in {int(text.split()[2]) for text in notes(folder) if "resumed" not in text}:
        status = Path(f"/proc/{process}/stat")
        if status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z":
            yield process


def test_killed_study_resumes_to_the_same_tables(study: Path, tmp_path: Path) -> None:
    study.write_text(LONG)
    whole, out = tmp_path / "whole", tmp_path / "out"
    completed(study, whole)
    generator = np.random.default_rng()
    for number in (1, 2):
        process = started(study, out)
        wait_for(lambda n=number: sum("resumed" not in text for text in notes(out)) >= 2 * n, "the start")  # type: ignore[misc]
        time.sleep(0.6 * generator.random())
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        wait_for(lambda: not list(alive(out)), "the end of the orphans")
    assert len(list((out / "runs").glob("[!.]*.json"))) < 6
    completed(study, out)
    results = load_results(out)
    assert len(results.curves) == 6 * 60
    assert_same_tables(results, load_results(whole))
    assert any("resumed" in text for text in notes(out))
    # The comparison sees the last bit of one number.
    curves = results.curves.copy()
    curves.loc[100, "value"] = np.nextafter(curves["value"][100], np.inf)
    with pytest.raises(AssertionError):
        assert_same_tables(results, Results(results.runs, curves))


def test_interrupted_study_keeps_its_tables_and_ends_its_processes(study: Path, out: Path) -> None:
    # So many runs that it is under way whenever the signal comes.
    study.write_text(LONG.replace("[0, 1, 2]", str(list(range(40)))))
    process = started(study, out)
    wait_for(lambda: any((out / "runs").glob("[!.]*.json")), "the first result")
    process.send_signal(signal.SIGINT)
    text, _ = process.communicate(timeout=HANGS)
    assert process.returncode != 0
    assert "KeyboardInterrupt" in text
    wait_for(lambda: not list(alive(out)), "the end of the processes")
    assert 1 <= len(pd.read_parquet(out / "runs.parquet")) < 80


def test_finished_study_imports_no_simulator(study: Path, out: Path) -> None:
    completed(study, out)
    lines = completed(study, out)
    assert lines[0].endswith("all 6 runs are done.")
    assert lines[-1] == "heavy modules: []"


def test_a_control_that_does_not_hold_is_told_when_all_is_stored(run: Run, out: Path) -> None:
    """Random updates with a cosine of 0.99 in each seed: whatever measured that measured nothing."""
    told = r"Alignments of this study mean nothing, since a control does not hold\. Cosine of a random .* BPTT: 0\.99"
    with pytest.raises(ControlError, match=told) as caught:
        run("misaligned")
    assert set(caught.value.results.runs["status"]) == {"done"}
    assert statuses(out) == ["done"] * 6


if __name__ == "__main__":
    # A shell in the background would let it be deaf.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    run_study(sys.argv[1], sys.argv[2], 2, registry=a_registry(), train=train)
    print("heavy modules:", sorted({"brian2", "jax", "joblib", "matplotlib", "scipy", "sympy"} & sys.modules.keys()))
