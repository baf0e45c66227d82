"""How a study ended: the line of a run, and what keeps its tables from being taken as they are."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.common.errors import StudyError
from workbench.study.results.folder import file_of
from workbench.study.work.run_list import Run

if TYPE_CHECKING:
    from workbench.study.results.tables import Results


class UnsoundError(StudyError):
    """A study that was run and stored, and whose tables may not be taken as they are.

    Parameters
    ----------
    message : str
        Why.
    results : Results
        The tables.
    """

    def __init__(self, message: str, results: "Results") -> None:
        super().__init__(message)
        self.results = results


class IncompleteError(UnsoundError):
    """Some runs failed or diverged, or none was made; what the tables have is sound."""


class ControlError(UnsoundError):
    """A control does not hold, so that the alignments mean nothing."""


def told(run: Run, row: dict[str, Any]) -> str:
    """Return the line that says how a run ended."""
    text = f"{run.label}: {row['status']}"
    if row["accuracy"] is not None:
        text += f", accuracy {100 * row['accuracy']:.1f} %"
    elif row["loss"] is not None:
        text += f", loss {row['loss']:.3g}"
    if row["seconds"] is not None:
        text += f", {row['seconds']:.0f} s"
    return f"{text}. {row['reason']}" if row["reason"] else text


def refuse_unsound(where: str, ended: list[tuple[Run, dict[str, Any]]], folder: Path, results: "Results") -> None:
    """Refuse a study whose tables may not be taken as they are.

    Parameters
    ----------
    where : str
        The study file.
    ended : list of (Run, dict)
        Every run, with its row.
    folder : Path
        Of the results.
    results : Results
        The tables.

    Raises
    ------
    ControlError
        Where a control does not hold.
    IncompleteError
        Where all controls do, and a run failed or diverged, or none was made.
    """
    unfinished, broken = _unfinished(ended, folder), _broken(results)
    if broken:
        raise ControlError(" ".join(filter(None, [f"{where}:", unfinished, broken])), results)
    unfinished = unfinished or _unmade(ended)
    if unfinished:
        raise IncompleteError(f"{where}: {unfinished}", results)


def _broken(results: "Results") -> str:
    """Return which controls do not hold; empty where all do."""
    from workbench.tables.controls import controls

    return " ".join(
        f"Alignments of this study mean nothing, since a control does not hold. {control}"
        for control in controls(results.runs, results.curves)
        if not control.holds
    )


def _unmade(ended: list[tuple[Run, dict[str, Any]]]) -> str:
    """Return why no run at all was made; empty where one was, or a part of a study has none."""
    if not ended or any(row["status"] != "skipped" for _, row in ended):
        return ""
    reasons = dict.fromkeys(f"'{run.config.rule}': {row['reason']}" for run, row in ended)
    more = f" There are {len(reasons) - 3} more reasons." if len(reasons) > 3 else ""
    return f"No run was made, all {len(ended)} are skipped. {' '.join(list(reasons)[:3])}{more}"


def _unfinished(ended: list[tuple[Run, dict[str, Any]]], folder: Path) -> str:
    """Return which runs failed or diverged; empty where none did."""
    alike: dict[tuple[str, str], list[str]] = {}
    for run, row in ended:
        if row["status"] in {"failed", "diverged"}:
            alike.setdefault((row["status"], row["reason"].rstrip(".")), []).append(run.label)
    if not alike:
        return ""
    counts = Counter(status for (status, _), labels in alike.items() for _ in labels)
    sentences = [
        f"Of {len(ended)} runs {' and '.join(f'{count} {status}' for status, count in sorted(counts.items()))}."
    ]
    for (status, reason), labels in list(alike.items())[:3]:
        others = f" and {len(labels) - 1} more" if len(labels) > 1 else ""
        sentences.append(f"'{labels[0]}'{others} {status}: {reason}.")
    if len(alike) > 3:
        more = len(alike) - 3
        sentences.append(f"There {'is' if more == 1 else 'are'} {more} other reason{'s' * (more > 1)}.")
    if counts["failed"]:
        logged = any(file_of(folder, "logs", run.run_id).exists() for run, _ in ended)
        more_is = f"More is in {folder / 'logs'}; run" if logged else "Run"
        sentences.append(f"{more_is} the study again to try the failed ones again.")
    return " ".join(sentences)
