"""Every command and every piece of code in the README is run as written."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import workbench
from tests.patience import HANGS
from workbench.catalogue.registry import load_registry
from workbench.study.file.grid import expand
from workbench.study.file.reading import load_study
from workbench.study.run.assemble import assemble

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
CODE = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
COMMANDS = re.findall(r"^    ((?:workbench (?!/)|make |python -c )[^#\n]*)", README, re.MULTILINE)
COMMANDS = [command.strip() for command in COMMANDS if not re.match(r"workbench/", command)]

#: What keeps the first look's study short enough for a test; the command stays as written.
SHORT = [
    (r"^seeds = .*$", "seeds = [0]"),
    (r"^epochs = .*$", "epochs = 1"),
    (r"^hidden = .*$", "hidden = [12, 12]"),
    (r"train = \d+, validation = \d+", "train = 64, validation = 64"),
    # Each rule and pathway is a program to compile, and all of them are trained elsewhere.
    (r'\[\[rule\]\]\nname = "(bptt|dcll)"\n', ""),
    (r'\[\[rule\]\]\nname = "eprop"\nfeedback = "\w+"\n', ""),
]


def code(language: str, index: int = 0) -> str:
    texts: list[str] = [text for found, text in CODE if found == language]
    return texts[index]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's folder: the README's files, the Makefile, and a short first look."""
    place = tmp_path_factory.mktemp("readme")
    (place / "gated_hebb.py").write_text(code("python", 0))
    (place / "my_study.toml").write_text(code("toml", 1))
    shutil.copy(ROOT / "Makefile", place)
    shutil.copy(ROOT / "pyproject.toml", place)
    study = (ROOT / "studies/first_look/study.toml").read_text()
    for pattern, text in SHORT:
        study, count = re.subn(pattern, text, study, flags=re.MULTILINE)
        assert count, pattern
    target = place / "studies/first_look/study.toml"
    target.parent.mkdir(parents=True)
    target.write_text(study)
    return place


#: Stands for the command line: takes notes, leaves the tables that it is told to leave, and ends as it is told to end.
STAND_IN = """#!/bin/sh
echo $1 >> notes
case $1 in
run) [ -z "$TABLE" ] || { mkdir -p results/first_look; echo "$TABLE" > results/first_look/runs.parquet; }; exit $CODE;;
figures) mkdir -p $2/figures; sleep 0.02; cp $2/runs.parquet $2/figures/summary.txt;;
report) cp $2/runs.parquet $2/report.html;;
esac
"""


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        command, cwd=folder, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False, timeout=HANGS
    )


def test_commands_are_found() -> None:
    assert "make study" in COMMANDS
    assert "make test" in COMMANDS
    assert sum(command.startswith("workbench run") for command in COMMANDS) == 2
    assert sum(command.startswith(("python -c", "workbench list")) for command in COMMANDS) == 9


def test_what_is_to_be_found_is_there(folder: Path) -> None:
    asked = [command for command in COMMANDS if command.startswith(("python -c", "workbench list"))]
    told = "".join(run(shlex.split(command), folder).stdout for command in asked)
    for name in ("pre_on_spike", "drive_post", "workbench_neurons", "delayed_xor", "lif_refractory", "evaluate_every"):
        assert name in told


def test_every_command_runs(folder: Path) -> None:
    for command in COMMANDS:
        words = shlex.split(command)
        if command == "make test":
            # The suite would run itself; what it would do is looked at instead.
            words = ["make", "--dry-run", "--assume-old=install", "test"]
        elif words[0] == "make":
            words = ["make", "--assume-old=install", f"BIN={Path(sys.executable).parent}", *words[1:]]
        done = run(words, folder)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        assert done.stdout.strip(), command
        if command == "make test":
            assert all(tool in done.stdout for tool in ("ruff check", "ruff format", "mypy", "pytest"))
    assert (folder / "results/first_look/runs.parquet").exists()
    assert (folder / "results/first_look/figures/accuracy.pdf").exists()
    assert (folder / "results/first_look/report.html").exists()


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., tuple[int, list[str]]]:
    """Return a function that makes the study with a stand-in, and returns the exit code and what was called."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    stand_in = tmp_path / "bin" / "workbench"
    stand_in.parent.mkdir()
    stand_in.write_text(STAND_IN)
    stand_in.chmod(0o755)

    def call(code: int, table: str, *options: str) -> tuple[int, list[str]]:
        (tmp_path / "notes").write_text("")
        variables = ["BIN=bin", f"CODE={code}", f"TABLE={table}"]
        done = run(["make", "--assume-old=install", *variables, *options, "study"], tmp_path)
        return done.returncode, (tmp_path / "notes").read_text().split()

    return call


def test_figures_are_drawn_where_a_run_failed(make: Callable[..., tuple[int, list[str]]], tmp_path: Path) -> None:
    assert make(1, "two of three") == (2, ["run", "figures", "report"])
    assert (tmp_path / "results/first_look/figures/summary.txt").read_text() == "two of three\n"
    assert make(1, "") == (2, ["run"])
    assert make(0, "three of three") == (0, ["run", "figures", "report"])
    assert make(0, "") == (0, ["run"])


def test_nothing_is_drawn_after_an_interruption_or_without_tables(make: Callable[..., tuple[int, list[str]]]) -> None:
    assert make(1, "") == (2, ["run"])
    assert make(130, "one of three") == (2, ["run"])
    assert make(0, "") == (0, ["run", "figures", "report"])


def test_rehearsal_of_the_study_runs_nothing(make: Callable[..., tuple[int, list[str]]]) -> None:
    assert make(0, "three of three", "--dry-run") == (0, [])


def test_python_example_prints_an_identity(folder: Path) -> None:
    done = run([sys.executable, "-c", code("python", 1)], folder)
    assert done.returncode == 0, done.stderr
    assert 0 < float(done.stdout) < 1e-12


def test_examples_are_as_short_as_they_say() -> None:
    assert len(code("python", 0).splitlines()) <= 30
    assert len([line for line in code("toml", 1).splitlines() if line]) <= 20


def test_populations_of_the_example_are_built(tmp_path: Path) -> None:
    study = tmp_path / "study.toml"
    study.write_text(code("toml", 1).replace('[[rule]]\nname = "gated_hebb"\n', "") + "\n" + code("toml", 2))
    registry = load_registry()
    config = expand(load_study(study), registry)[-1]
    assert config.rule == "frozen"
    network = assemble(config, registry).setup.network
    assert network.layer_sizes["inhibitory"] == 20
    assert not any(item.dense for item in network.projections)


def test_code_within_the_text_can_be_run() -> None:
    written = [text for text in re.findall(r"`([A-Z]\w+\(.*?\))`", README) if "=" in text]
    assert written
    for text in written:
        assert eval(text, {name: getattr(workbench, name) for name in workbench.__all__})


def test_picture_exists() -> None:
    paths = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)
    assert len(paths) == README.count("![") > 0
    for path in paths:
        assert (ROOT / path).stat().st_size > 10_000
