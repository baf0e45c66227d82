"""A study run again from what is stored beside its results, and how far its numbers agree with those."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from workbench.common.errors import StudyError
from workbench.declare.configuration import configuration_name
from workbench.study.file.reading import read_study
from workbench.study.file.run_config import RunConfig
from workbench.study.file.spec import StudySpec
from workbench.study.results.identity import canonical
from workbench.study.results.mark import read_mark
from workbench.study.results.study_record import StudyRecord, read_record
from workbench.study.results.tables import Results, load_results
from workbench.study.results.used import Stored, stored_runs
from workbench.study.work.provenance import machine
from workbench.study.work.runner import run_study
from workbench.study.work.verdict import UnsoundError
from workbench.tables.agreement import agreement_table


@dataclass(frozen=True, eq=False)
class Reproduction:
    """A study that was run again.

    Attributes
    ----------
    folder, out : Path
        Of the first results, and of those of now.
    numbers : DataFrame
        As `agreement_table` has it.
    compared : int
        Runs that both have.
    differing : list of str
        What of them do not agree, each with its task, rule and seed.
    missing : int
        Runs of now that the first results do not have.
    same_code : bool
        Whether the workbench's code, rules and data are what they were, so that runs have the same ids.
    then, now : mapping of str to str
        Machines and versions, as far as they differ between the two.
    """

    folder: Path
    out: Path
    numbers: pd.DataFrame
    compared: int
    differing: list[str]
    missing: int
    same_code: bool
    then: Mapping[str, str]
    now: Mapping[str, str]

    @property
    def agrees(self) -> bool:
        """Whether all numbers agree within their tolerances."""
        return not self.differing and bool(self.numbers["agrees"].all())


def reproduce(
    folder: Path,
    out: Path | None = None,
    *,
    only_seeds: int | None = None,
    tolerance: float = 0.0,
    **running: Any,
) -> Reproduction:
    """Run the study of a results folder again, and compare every number that it makes.

    Parameters
    ----------
    folder : Path
        Of the results.
    out : Path, optional
        Of those of now; beside the folder, with ``_again`` at the end of its name, by default.
    only_seeds : int, optional
        How many of the study's seeds, from its first; all by default.
    tolerance : float
        Of accuracies [fraction], as `agreement_table` takes it.
    **running
        `jobs`, `train`, `registry`, `console`, as `run_study` takes them.

    Raises
    ------
    StudyError
        Where there are no results, what they were made from is not stored, or nothing can be run.
    """
    stored, record = stored_runs(folder), _record(folder)
    if out is None:
        out = folder.resolve().with_name(f"{folder.resolve().name}_again")
    if out.resolve() == folder.resolve():
        raise StudyError(f"{out} has the results that are to be compared with. Give another folder with --out.")
    spec = _limited(record, _name(folder), only_seeds)
    with TemporaryDirectory(prefix="workbench-plugins-") as place:
        files = []
        for number, (name, text) in enumerate(zip(record.plugins, record.plugin_texts or (), strict=True)):
            # Two may have the same name.
            files.append(Path(place) / str(number) / Path(name).name)
            files[-1].parent.mkdir()
            files[-1].write_text(text, encoding="utf-8")
        try:
            again = run_study(spec, out, plugins=files, **running)
        except UnsoundError as error:
            # A run that diverged or failed may have done so at first.
            again = error.results
    return _compared(folder, stored, out, again, tolerance, record)


def _record(folder: Path) -> StudyRecord:
    record = read_record(folder)
    if record is None or record.plugin_texts is None:
        raise StudyError(
            f"{folder} does not say all that its study was run from, since an earlier version of the workbench made "
            "it. Run the study file into another folder, and compare the two with 'workbench compare-studies'."
        )
    return record


def _name(folder: Path) -> str:
    mark = read_mark(folder)
    return "study" if mark is None else mark.study


def _limited(record: StudyRecord, name: str, only_seeds: int | None) -> StudySpec:
    """Return the study that is stored, of some seeds."""
    # By the folder of a `study.toml` a study may have any name.
    path, tables = Path(name) / "study.toml", record.tables()
    spec = read_study(tables, path)
    if only_seeds is None:
        spec._text = record.text
        return spec
    if only_seeds < 1:
        raise StudyError(f"--only-seeds: at least 1 seed is run, not {only_seeds}.")
    if spec.search is not None:
        raise StudyError("--only-seeds: the search of this study judges by its seeds, and needs them all. Drop it.")
    return read_study(tables | {"seeds": list(spec.seeds[:only_seeds])}, path)


def _compared(
    folder: Path, stored: Mapping[str, Stored], out: Path, again: Results, tolerance: float, record: StudyRecord
) -> Reproduction:
    known = {_content(run.config): run_id for run_id, run in stored.items()}
    now = {run_id: _content(run.config) for run_id, run in stored_runs(out).items()}
    pairs = {known[content]: run_id for run_id, content in now.items() if content in known}
    if not pairs:
        raise StudyError(f"{folder} and {out} have no run in common, so that there is nothing to compare.")
    before = load_results(folder)
    table, differing = agreement_table((before.runs, before.curves), (again.runs, again.curves), pairs, tolerance)
    versions = [json.loads(str(each.runs["versions"].iloc[0]) or "{}") for each in (before, again)]
    then, here = {"machine": ", ".join(record.machines), **versions[0]}, {"machine": machine(), **versions[1]}
    keys = [key for key in dict.fromkeys([*then, *here]) if then.get(key) != here.get(key)]
    rows = {str(row["run_id"]): row for row in before.runs.to_dict("records")}
    return Reproduction(
        folder, out, table, len(pairs), [_label(rows[run_id]) for run_id in differing], len(now) - len(pairs),
        all(one == other for one, other in pairs.items()),
        *({key: found.get(key, "unknown") for key in keys} for found in (then, here)),
    )  # fmt: skip


def _label(row: Mapping[Any, Any]) -> str:
    name = configuration_name(row["rule"], row["feedback"])
    return f"{row['task']} {name} seed {row['seed']} ({row['run_id']})"


def _content(config: RunConfig) -> str:
    """Return all that a configuration says but what the study is called."""
    return canonical(config.model_dump(mode="json", exclude={"study": True, "train": {"chunk"}}))
