"""Read a study file, and tell its mistakes in sentences."""

import json
import tomllib
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from workbench.errors import StudyError, nearest
from workbench.study.spec import Section, StudySpec


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
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StudyError(f"{path}: the study file cannot be read ({error.strerror}).") from error
    except ValueError as error:
        raise StudyError(f"{path} is not TOML: {error}.") from error
    try:
        spec = StudySpec.model_validate(data)
    except ValidationError as error:
        # A misspelt key is also a missing one; its spelling is the better news.
        first = min(error.errors(), key=lambda item: item["type"] != "extra_forbidden")
        raise StudyError(_translated(first["type"], first["loc"], data, str(path))) from error
    spec._path = path
    return spec


def _translated(kind: str, loc: tuple[int | str, ...], data: Any, path: str) -> str:
    """Return one of Pydantic's errors as a sentence: where, what must hold, what was given."""
    where, keys, must_be = path, [""], ""
    model: type[Section] | None = StudySpec
    for part in loc:
        # Deeper parts lie within a value, and it is the value as a whole that the description is about.
        if model is None or (isinstance(part, int) and not isinstance(data[part], dict)):
            break
        if isinstance(part, int):
            where, keys, data = f"{path}, [[{keys[0]}]] {part + 1}", [], data[part]
            continue
        keys = [*filter(None, keys), part]
        if part not in model.model_fields:
            return f"{where}: '{'.'.join(keys)}' is not a key. {nearest(part, model.model_fields)}"
        field = model.model_fields[part]
        must_be, data = str(field.description), data.get(part)
        kinds = (field.annotation, *get_args(field.annotation))
        model = next((each for each in kinds if isinstance(each, type) and issubclass(each, Section)), None)
    if kind == "missing":
        return f"{where}: '{'.'.join(keys)}' is missing; it must be {must_be}."
    return f"{where}: '{'.'.join(keys)}' must be {must_be}, not {quoted(data)}."


def quoted(value: object) -> str:
    """Return a value of a study file as error messages show it."""
    text = f"'{value}'" if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."
