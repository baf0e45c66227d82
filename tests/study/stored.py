"""Runs and curves to store, as tests of results need them."""

import hashlib
from pathlib import Path

import numpy as np

from workbench.study.results.columns import RUN_COLUMNS
from workbench.study.results.mark import NO_CONDITION, Mark, write_mark
from workbench.study.results.store import RunResult, opened, write_result

STUDY = "walk"


def called(name: str) -> str:
    """Return the id of a run that a test calls so."""
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def a_row(name: str, **values: object) -> dict[str, object]:
    """Return a complete row of `runs`."""
    row = {column: "" if kind == "str" else None for column, kind in RUN_COLUMNS.items()}
    return row | {"run_id": called(name), "study": STUDY, "seed": 0, "status": "done", "epochs": 3} | values


def a_curve(value: object, reason: str = "", **values: object) -> dict[str, object]:
    """Return a complete row of `curves`, but for its run."""
    return {
        "epoch": 1,
        "trial": 32,
        "layer": "network",
        "measure": "loss",
        "estimate": "",
        "reference": "validation",
        "value": value,
        "reason": reason,
    } | values


def planned(folder: Path, *names: str) -> Path:
    """Say that the study of a folder has these runs, as `run_study` does, and return the folder."""
    write_mark(folder, Mark(STUDY, {called(name): NO_CONDITION for name in names}))
    return folder


def a_folder(folder: Path, names: str) -> Path:
    """Return a results folder with a run for each letter, with curves and weights of its own."""
    with opened(folder, STUDY):
        planned(folder, *names)
        for number, name in enumerate(names):
            generator = np.random.default_rng(number)
            curves = [a_curve(value) for value in generator.normal(size=5).tolist()]
            weights = {
                moment: {"hidden1": generator.normal(size=(3, 4)), "readout": generator.normal(size=(4, 2))}
                for moment in ("initial", "trained")
            }
            row = a_row(name, seed=number, accuracy=generator.random())
            write_result(folder, RunResult(row, curves, weights), {"seed": number})
    return folder
