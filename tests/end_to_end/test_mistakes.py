"""What a user gets wrong ends with one clear message or a recorded status, and costs no result that was there."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.end_to_end.command import RULES, STUDY, Ended, workbench, write_study
from tests.end_to_end.conftest import Whole
from workbench.study.results.tables import load_results

LOOSE_UNIT = """
from workbench import LearningSignal, Rule, hookimpl


@hookimpl
def workbench_rules():
    yield Rule(
        name="loose",
        title="Loose",
        pre="dp/dt = -p / tau_mem_post : 1",
        pre_on_spike="p += 1",
        synapse="dg/dt = error_post * psi_post * p_pre : 1",
        signal=LearningSignal(feedback="random_direct"),
    )
"""

SECOND_EPROP = """
from workbench import Rule, hookimpl


@hookimpl
def workbench_rules():
    yield Rule(name="eprop", title="Another", synapse="dg/dt = v_post : second")
"""

NO_TRIALS = """
import numpy as np

from workbench import Task, TaskData, Trials, hookimpl


def load():
    none = Trials(np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros((0, 3)))
    return TaskData(5, 3, 100, 1e-3, none, none, none)


@hookimpl
def workbench_tasks():
    yield Task(name="empty", title="Empty", load=load)
"""


@dataclass(frozen=True)
class Mistake:
    """A mistake, and what is said about it.

    Attributes
    ----------
    message : str
        On standard error, after ``error: `` and with FOLDER for the folder of the study.
    study : str
        Text of the study file before its rules.
    rules : tuple of str
        Its rules.
    plugin : str
        Text of a plugin file.
    out : str
        Where the results are to go, in the folder of the study.
    env : mapping
        What is different around the command.
    """

    message: str
    study: str = STUDY
    rules: tuple[str, ...] = RULES
    plugin: str = ""
    out: str = "out"
    env: Mapping[str, str] = field(default_factory=dict)


def with_task(name: str) -> str:
    return STUDY[: STUDY.index("[[task]]")] + f'[[task]]\nname = "{name}"\n'


#: Each is seen before anything is run.
REFUSED = {
    "unknown key": Mistake(
        "FOLDER/tiny.toml: 'train.optimiser' is not a key. Did you mean 'optimizer'?",
        STUDY.replace("batch = 8", 'batch = 8\noptimiser = "adam"'),
    ),
    "wrong unit in a rule": Mistake(
        "FOLDER/tiny.toml: Rule 'loose', line 1 of `synapse`: 'error_post * psi_post * p_pre' has unit 1, but 'dg/dt' "
        "with 'g : 1' needs hertz. Declare 'g : second', or mend the expression.",
        rules=("frozen", "loose"),
        plugin=LOOSE_UNIT,
    ),
    "rule missing": Mistake(
        "FOLDER/tiny.toml, [[rule]] 2: No installed plugin offers a rule 'e_prop'. Did you mean 'eprop'?",
        rules=("frozen", "e_prop"),
    ),
    "no rule": Mistake("FOLDER/tiny.toml: 'rule' is missing; it must be one or more tables [[rule]].", rules=()),
    "duplicate rule in the study": Mistake(
        "FOLDER/tiny.toml, [[rule]] 2: rule 'eprop' with this feedback, training and these parameters is listed "
        "before, in [[rule]] 1. Drop one.",
        rules=("eprop", "eprop"),
    ),
    "duplicate rule in a plugin": Mistake(
        "Rule 'eprop' is offered twice: by plugin 'eprop' of 'learning-rule-workbench VERSION' and by plugin "
        "'mistake.py'. Rename one of the two, or uninstall its plugin.",
        plugin=SECOND_EPROP,
    ),
    "negative time constant": Mistake(
        "FOLDER/tiny.toml: Neuron 'lif': time constant 'tau_syn' must be positive, not -0.005 s.",
        STUDY.replace('"5 ms"', '"-5 ms"'),
    ),
    "delay between steps": Mistake(
        "FOLDER/tiny.toml: task 'yin_yang': The delay to 'hidden1' must be a time of whole steps of 1 ms, such as "
        "'2 ms', not '2.5 ms'.",
        STUDY.replace("hidden = [8]", 'hidden = [8]\ndelays = { hidden1 = "2.5 ms" }'),
    ),
    "delay of no weights": Mistake(
        "FOLDER/tiny.toml: task 'yin_yang': Delays: there are no weights 'hiden1'. Did you mean 'hidden1'?",
        STUDY.replace("hidden = [8]", 'hidden = [8]\ndelays = { hiden1 = "2 ms" }'),
    ),
    "empty task": Mistake(
        "FOLDER/tiny.toml: task 'empty': Split 'train' of the task has no trials; each split needs at least one.",
        with_task("empty"),
        plugin=NO_TRIALS,
    ),
    "unwritable output folder": Mistake(
        "FOLDER/tiny.toml/out: results cannot be written there (Not a directory). Give another folder.",
        out="tiny.toml/out",
    ),
    "no compiler": Mistake(
        "No C++ compiler: 'no-such-compiler' is not on the PATH. Install g++, name another in the variable CXX, or "
        "choose the target 'numpy', which needs none and is slow.",
        STUDY.replace("seeds = [0]", "seeds = [1]"),
        env={"CXX": "no-such-compiler"},
    ),
    "a compiler that does not answer": Mistake(
        "The C++ compiler '/bin/false' does not answer to '--version'. Name another in the variable CXX, or choose the "
        "target 'numpy', which needs none and is slow.",
        STUDY.replace("seeds = [0]", "seeds = [1]"),
        env={"CXX": "/bin/false"},
    ),
    "unwritable build cache": Mistake(
        "/dev/null/cache: the build cache cannot be written ([Errno 20] Not a directory: '/dev/null/cache'). "
        "Set WORKBENCH_CACHE.",
        STUDY.replace("seeds = [0]", "seeds = [1]"),
        env={"WORKBENCH_CACHE": "/dev/null/cache"},
    ),
    "nothing on the path": Mistake(
        "No C++ compiler: 'g++' is not on the PATH. Install g++, name another in the variable CXX, or choose the "
        "target 'numpy', which needs none and is slow.",
        STUDY.replace("seeds = [0]", "seeds = [1]"),
        env={"PATH": "/nowhere", "CXX": ""},
    ),
}


def run(mistake: Mistake, folder: Path, whole: Whole) -> Ended:
    """Run a study with a mistake on results that are there; fail unless it ends with one line and they are kept."""
    study = write_study(folder, mistake.rules, mistake.study)
    shutil.copytree(whole.out, folder / "out")
    before = {path: path.read_bytes() for path in (folder / "out" / "runs").iterdir()}
    plugin: list[str | Path] = []
    if mistake.plugin:
        (folder / "mistake.py").write_text(mistake.plugin)
        plugin = ["--plugin", folder / "mistake.py"]
    # Nothing compiled is at hand, so that a missing compiler is missed.
    env = {"WORKBENCH_CACHE": str(folder / "cache"), **mistake.env} if mistake.env else {}
    ended = workbench("run", study, "--out", folder / mistake.out, *plugin, env=env)
    assert ended.code == 1
    assert ended.err.startswith("error: ")
    assert ended.err.count("\n") == 1
    assert "Traceback" not in ended.out + ended.err
    after = {path: path.read_bytes() for path in (folder / "out" / "runs").iterdir()}
    assert before.items() <= after.items()
    return ended


@pytest.mark.parametrize("name", REFUSED)
def test_mistake_is_refused_before_anything_is_run(name: str, whole: Whole, tmp_path: Path) -> None:
    ended = run(REFUSED[name], tmp_path, whole)
    version = json.loads(load_results(whole.out).runs["versions"][0])["workbench"]
    message = REFUSED[name].message.replace("FOLDER", str(tmp_path)).replace("VERSION", version)
    assert ended.err == f"error: {message}\n"
    for table in ("runs.parquet", "curves.parquet"):
        assert (tmp_path / "out" / table).read_bytes() == (whole.out / table).read_bytes()
    assert len(list((tmp_path / "out" / "runs").iterdir())) == len(RULES)


#: The same task three times: in order, without a spike, and with steps beyond all numbers; without gradients to compare
#: with, which take most of the time and no part in this.
THREE = (
    STUDY.replace("probe = 16", "probe = 0")
    + """
[[task]]
name = "yin_yang"
parameters = { train = 96, validation = 48, test = 48 }
network = { weights = { hidden_mean = 0.0, hidden_std = 0.1 } }
[[task]]
name = "yin_yang"
parameters = { train = 96, validation = 48, test = 48 }
train = { learning_rate = 1.7e308 }
"""
)

SILENT = (
    "No neuron of 'hidden1' ever spikes on the 48 validation trials, so nothing can be learned or compared. "
    "Raise network.weights.hidden_std or hidden_mean."
)
DIVERGED = "Epoch 1, learning rate 1.7e+308: The loss is not finite any more. Lower the learning rate."


def test_silence_and_divergence_are_recorded_and_cost_no_other_run(whole: Whole, tmp_path: Path) -> None:
    first = "'yin_yang frozen seed 0' and 3 more"
    mistake = Mistake(
        f"FOLDER/tiny.toml: Of 12 runs 4 diverged and 4 failed. {first} failed: {SILENT} {first} diverged: {DIVERGED} "
        "More is in FOLDER/out/logs; run the study again to try the failed ones again.",
        THREE,
    )
    ended = run(mistake, tmp_path, whole)
    assert ended.err == f"error: {mistake.message.replace('FOLDER', str(tmp_path))}\n"
    runs = load_results(tmp_path / "out").runs
    assert runs["status"].tolist() == ["done"] * 4 + ["failed"] * 4 + ["diverged"] * 4
    assert runs["reason"].tolist() == [""] * 4 + [SILENT] * 4 + [DIVERGED] * 4
    assert runs["accuracy"].notna().tolist() == [True] * 4 + [False] * 8
    # What is measured changes nothing of what is trained.
    assert runs["loss"].tolist()[:4] == load_results(whole.out).runs["loss"].tolist()
    for text in ("1 done", "1 failed", "1 diverged", "Lower the learning rate."):
        assert text in " ".join(ended.out.split())
    assert len(list((tmp_path / "out" / "logs").iterdir())) == 4
    assert len(list((tmp_path / "out" / "runs").iterdir())) == len(RULES) + 12
