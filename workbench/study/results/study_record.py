"""The study file, stored beside the results that it led to, and how it was run."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workbench.common.errors import DamageError, StudyError
from workbench.study.results.folder import STUDY
from workbench.study.results.hashed_content import damaged, read_sealed, write_sealed

#: The first had no format, and no texts of plugins.
_FORMAT = 2


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
    plugin_texts : tuple of str or None
        What stands in the plugin files, in their order; None where an earlier version of the workbench did not keep it.
    """

    question: str
    file: str
    text: str
    plugins: tuple[str, ...] = ()
    command: str = ""
    machines: tuple[str, ...] = ()
    plugin_texts: tuple[str, ...] | None = ()

    def tables(self) -> dict[str, Any]:
        """Return the study as tables within tables, without its name and the files of plugins that it names."""
        tables = json.loads(self.text) if self.text.startswith("{") else tomllib.loads(self.text)
        return {key: value for key, value in tables.items() if key not in {"plugins", "name"}}


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
    write_sealed(folder / STUDY, {"format": _FORMAT, **asdict(record), "machines": list(machines)})


def read_record(folder: Path) -> StudyRecord | None:
    """Return the study whose results a folder has, or None where it was not stored.

    Raises
    ------
    DamageError
        Where it is not as it was written.
    StudyError
        Where a later version of the workbench wrote it.
    """
    content = read_sealed(folder / STUDY)
    if content is None:
        return None
    if content.get("format", 1) not in (1, _FORMAT):
        raise StudyError(
            f"{folder / STUDY} is in format {content['format']}, and this version of the workbench reads format "
            f"{_FORMAT}. Take the version that wrote it."
        )
    try:
        record = _record(content)
        record.tables()
        return record
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise damaged(folder / STUDY, "it is no study") from error


def _record(content: Mapping[str, Any]) -> StudyRecord:
    return StudyRecord(
        question=str(content["question"]),
        file=str(content["file"]),
        text=str(content["text"]),
        plugins=tuple(map(str, content["plugins"])),
        command=str(content["command"]),
        machines=tuple(map(str, content["machines"])),
        plugin_texts=tuple(map(str, content["plugin_texts"])) if "format" in content else None,
    )
