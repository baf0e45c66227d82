"""Where results come from: versions, machines, code, seeds, and the commands that make them again."""

import json
import shlex
from collections.abc import Iterable

from workbench.engine.compiled.code_hash import code_that_makes_results
from workbench.report.training import listed
from workbench.study.results.study_record import StudyRecord
from workbench.study.results.tables import Results

#: What is said where nothing was stored.
UNKNOWN = "not stored"


def facts(results: Results, record: StudyRecord | None, same_code: bool | None) -> list[tuple[str, str]]:
    """Return what one must know to make results again, by what it is called.

    Parameters
    ----------
    results : Results
        Of the study.
    record : StudyRecord or None
        The study file that led to them.
    same_code : bool or None
        Whether the code that is installed gives the runs the names that they have; None where nobody can tell.
    """
    runs = results.runs
    known: dict[str, list[str]] = {}
    for text in dict.fromkeys(runs["versions"].dropna()):
        for name, version in json.loads(text or "{}").items():
            versions = known.setdefault(str(name), [])
            versions += [str(version)] if str(version) not in versions else []
    found = [("versions", "; ".join(f"{name} {', '.join(versions)}" for name, versions in known.items()))]
    found += [("machine", "; ".join(record.machines) if record and record.machines else UNKNOWN)]
    found += [("code", _code(same_code)), ("commit of the study's folder", _texts(runs["commit"]))]
    found += [("rules from", _texts(runs["distribution"])), ("seeds", listed(sorted(set(runs["seed"]))))]
    found += [("time of all runs", _duration(float(runs["seconds"].fillna(0).sum())))]
    return found


def _code(same: bool | None) -> str:
    digest = code_that_makes_results()[:16]
    if same is None:
        return "cannot be compared: no run's rule and task are installed here"
    if same:
        return f"{digest} (SHA-256 of the code that makes results; that of these runs and the one installed here)"
    return f"not that of these runs: the code that is installed here, {digest}, gives them other names"


def _texts(values: Iterable[object]) -> str:
    return ", ".join(dict.fromkeys(str(value) for value in values if isinstance(value, str) and value)) or UNKNOWN


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def commands(results: Results, record: StudyRecord | None) -> list[str]:
    """Return the commands that make the results and this page again; none where the study was not stored.

    Parameters
    ----------
    results : Results
        With their folder.
    record : StudyRecord or None
        The study file that led to them.
    """
    if record is None or not record.command or results.folder is None:
        return []
    folder = str(results.folder)
    return [f"{record.command} --out {shlex.quote(folder)}", shlex.join(["workbench", "report", folder])]
