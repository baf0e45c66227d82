"""Read a study file, and tell its mistakes in sentences."""

import errno
import json
import os
import stat
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import numpy as np
from pydantic import ValidationError

from workbench.common.errors import StudyError, WorkbenchError, nearest
from workbench.common.output import printable
from workbench.study.file.section import Section
from workbench.study.file.spec import StudySpec

#: A study file is written by a person; what is larger is another file.
_MOST_BYTES = 2**20

#: Tables and lists within each other; a study has four.
_MOST_LEVELS = 16


@contextmanager
def located(where: str) -> Iterator[None]:
    """Let whatever goes wrong meanwhile say where in a study file."""
    try:
        yield
    except WorkbenchError as error:
        raise StudyError(f"{where}: {error}") from error


def load_study(path: str | Path) -> StudySpec:
    """Return the study that a file describes.

    Parameters
    ----------
    path : str or Path
        Of the TOML file.

    Raises
    ------
    StudyError
        Where it cannot be read, a key is unknown or missing, or a value is not what it must be.
    """
    path = Path(path)
    text = _text(path)
    try:
        data = tomllib.loads(text)
    except RecursionError as error:
        raise StudyError(f"{path} is not a study: it is nested deeper than {_MOST_LEVELS} levels.") from error
    except ValueError as error:
        raise StudyError(f"{path} is not TOML: {printable(str(error), 300)}.") from error
    if _levels(data) > _MOST_LEVELS:
        raise StudyError(f"{path} is not a study: it is nested deeper than {_MOST_LEVELS} levels.")
    return read_study(data, path, text)


def read_study(data: Mapping[str, object], path: Path, text: str = "") -> StudySpec:
    """Return the study of some tables; in messages `path` is where they come from, and `text` is what is there.

    Raises
    ------
    StudyError
        Where a key is unknown or missing, or a value is not what it must be.
    """
    try:
        spec = StudySpec.model_validate(data)
    except ValidationError as error:
        raise StudyError(translated(error, data, StudySpec, str(path))) from error
    spec._path, spec._text = path, text or _json(data)
    return spec


def _json(data: Mapping[str, object]) -> str:
    try:
        return json.dumps(data, indent=2, default=_as_json)
    # Python writes no number of thousands of digits; a study that has one is refused where that is looked at.
    except ValueError:
        return ""


def specified(study: str | Path | StudySpec | Mapping[str, object]) -> StudySpec:
    """Return a study as it is read from a file, given as tables, or read before.

    Raises
    ------
    StudyError
        Where it is none.
    """
    if isinstance(study, StudySpec):
        return study
    if not isinstance(study, Mapping):
        return load_study(study)
    name = study.get("name", "study")
    if not isinstance(name, str) or not name.isidentifier():
        raise StudyError(f"A study's 'name' must be one of letters, digits and underscores, not {quoted(name)}.")
    spec = read_study({key: value for key, value in study.items() if key != "name"}, Path(f"{name}.toml"))
    spec._text = _json(study)
    return spec


def _as_json(value: object) -> object:
    """Return what JSON writes for tables and lists of other types than its own."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    return str(value)


def plugin_files(spec: StudySpec) -> tuple[Path, ...]:
    """Return the files of plugins that a study names, as seen from where it is."""
    return tuple((spec.path.resolve().parent / name).resolve() for name in spec.plugins)


def _text(path: Path) -> str:
    """Return the text of a study file, and never wait for one that is no file."""
    try:
        # A pipe would keep us waiting until somebody writes into it.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            kind = os.fstat(file.fileno()).st_mode
            if stat.S_ISDIR(kind):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            if not stat.S_ISREG(kind):
                raise StudyError(f"{path}: the study file is a device or a pipe. Give a regular file.")
            content = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise StudyError(f"{path}: the study file cannot be read ({reason}).") from error
    if len(content) > _MOST_BYTES:
        raise StudyError(f"{path} is larger than a study file may be, {_MOST_BYTES // 2**20} MiB. Give the study file.")
    try:
        # Some editors begin UTF-8 with a byte-order mark.
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise StudyError(f"{path}, line {line}: the study file is not UTF-8 text. Save it as UTF-8.") from error


def _levels(data: object) -> int:
    """Return how deep tables and lists lie within each other, up to one more than is allowed."""
    level = [data]
    for depth in range(_MOST_LEVELS + 1):
        inner: list[object] = []
        for value in level:
            inner += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        if not inner:
            return depth
        level = inner
    return _MOST_LEVELS + 1


def translated(error: ValidationError, data: Any, section: type[Section], where: str) -> str:
    """Return the first of Pydantic's errors as a sentence: where, what must hold, what was given.

    Parameters
    ----------
    error : ValidationError
        Of reading `data` as a section.
    data : mapping
        What was read.
    section : type of Section
        What it was read as.
    where : str
        Where it comes from.
    """
    # A misspelt key is also a missing one; its spelling is the better news.
    first = min(error.errors(), key=lambda item: item["type"] != "extra_forbidden")
    keys, must_be = [""], ""
    model: type[Section] | None = section
    for part in first["loc"]:
        # Deeper parts lie within a value, and it is the value as a whole that the description is about.
        if model is None or (isinstance(part, int) and not isinstance(data[part], dict)):
            break
        if isinstance(part, int):
            listed = ".".join(key for key in keys if isinstance(key, str))
            where, keys, data = f"{where}, [[{listed}]] {part + 1}", [], data[part]
            continue
        keys = [*filter(None, keys), part]
        if part not in model.model_fields:
            return f"{where}: {quoted('.'.join(keys))} is not a key. {nearest(part, model.model_fields)}"
        field = model.model_fields[part]
        must_be, data = str(field.description), data.get(part)
        kinds = (field.annotation, *get_args(field.annotation))
        model = next((each for each in kinds if isinstance(each, type) and issubclass(each, Section)), None)
    if first["type"] == "missing":
        return f"{where}: '{'.'.join(keys)}' is missing; it must be {must_be}."
    return f"{where}: '{'.'.join(keys)}' must be {must_be}, not {quoted(data)}."


def quoted(value: object) -> str:
    """Return a value of a study file as error messages show it."""
    try:
        text = f"'{value}'" if isinstance(value, str) else json.dumps(value, default=str)
    # Python writes no number of more than 4300 digits.
    except ValueError:
        text = "a number of thousands of digits"
    return printable(text, 57) if len(text) > 60 else printable(text)
