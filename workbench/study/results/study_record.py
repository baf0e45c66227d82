"""The study file, stored beside the results that it led to, and how it was run."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workbench.common.errors import DamageError
from workbench.study.results.folder import STUDY
from workbench.study.results.hashed_content import damaged, read_sealed, write_sealed


@dataclass(frozen=True)
class StudyRecord:
    """A study as it was carried out last.

    Attributes
    ----------
    question : str
        What it is to find out.
    file : str
        The study file, as it was named; empty for a study that was given as tables.
    text : str
        What stands in it; of tables, the same as JSON.
    plugins : tuple of str
        Files of plugins that are not installed.
    command : str
        That runs it again; empty for a study that was given as tables.
    machines : tuple of str
        What ran it, in the order in which they came.
    """

    question: str
    file: str
    text: str
    plugins: tuple[str, ...] = ()
    command: str = ""
    machines: tuple[str, ...] = ()


def write_record(folder: Path, record: StudyRecord) -> None:
    """Store a study beside its results, with the machines that ran it before; nothing where it is stored already.

    Raises
    ------
    StorageError
        Where it cannot be written.
    """
    try:
        before = read_record(folder)
    except DamageError:
        before = None
    machines = dict.fromkeys((*(before.machines if before else ()), *record.machines))
    write_sealed(folder / STUDY, asdict(record) | {"machines": list(machines)})


def read_record(folder: Path) -> StudyRecord | None:
    """Return the study whose results a folder has, or None where it was not stored.

    Raises
    ------
    DamageError
        Where it is not as it was written.
    """
    content = read_sealed(folder / STUDY)
    if content is None:
        return None
    try:
        return _record(content)
    except (KeyError, TypeError) as error:
        raise damaged(folder / STUDY, "it is no study") from error


def _record(content: Mapping[str, Any]) -> StudyRecord:
    return StudyRecord(
        question=str(content["question"]),
        file=str(content["file"]),
        text=str(content["text"]),
        plugins=tuple(map(str, content["plugins"])),
        command=str(content["command"]),
        machines=tuple(map(str, content["machines"])),
    )
