"""The configuration of a run, stored beside its numbers."""

from pathlib import Path

from pydantic import ValidationError

from workbench.common.errors import StudyError
from workbench.study.file.run_config import RunConfig
from workbench.study.results.folder import file_of
from workbench.study.results.hashed_content import read_sealed


def stored_config(folder: Path, run_id: str) -> RunConfig:
    """Return the configuration that a stored run was made with.

    Parameters
    ----------
    folder : Path
        Of the study's results.
    run_id : str
        Of the run.

    Raises
    ------
    DamageError
        Where the run is not as it was written.
    StudyError
        Where it has none, or that of another version of the workbench.
    """
    record = read_sealed(file_of(folder, "runs", run_id)) or {}
    try:
        return RunConfig.model_validate(record.get("config"))
    except ValidationError as error:
        raise StudyError(f"Run '{run_id}' has no configuration that this version of the workbench reads.") from error
