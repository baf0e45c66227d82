"""The parts of a study, made apart from each other, as one."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from workbench.common.errors import DamageError, StudyError
from workbench.common.files import read_whole, write_atomically
from workbench.declare.field_types import called
from workbench.study.results.draws import draw_rows, write_draws
from workbench.study.results.folder import SEARCH, file_of, refuse_links
from workbench.study.results.mark import Mark, read_mark, write_mark
from workbench.study.results.store import opened, read_result, survey
from workbench.study.results.study_record import read_record, write_record
from workbench.study.results.tables import Results, compact
from workbench.study.results.weights import refuse_damaged

#: What the markers of all parts of a study say alike.
_SHARED = ("study", "contrasts", "total", "measures", "published")


@called(StudyError)
def collect(out: str | Path, folders: Sequence[str | Path]) -> Results:
    """Bring the results of a study's parts together, and return its tables; of a part that lacks runs, those it has.

    Parameters
    ----------
    out : str or Path
        Where to; may hold results of the same study already.
    folders : sequence of str or Path
        Of the parts.

    Returns
    -------
    Results
        Of all runs that are there, as if they had been made in one place.

    Raises
    ------
    StudyError
        Where the parts are not those of one study, or one is not as it was written.
    """
    out = Path(out)
    parts = [Path(folder) for folder in folders]
    if not parts:
        raise StudyError("There is nothing to collect. Give the folders of a study's parts.")
    marks = {folder: _mark(folder) for folder in parts}
    whole = _joined(marks)
    with opened(out, whole.study):
        for folder, mark in marks.items():
            _copy(folder, out, mark.runs)
        _collect_draws(out, parts, whole.study)
        for record in filter(None, map(read_record, parts)):
            write_record(out, record)
        write_mark(out, whole)
        return compact(out)


def _mark(folder: Path) -> Mark:
    refuse_links(folder)
    mark = read_mark(folder)
    if mark is None:
        raise StudyError(f"{folder} holds no results of a study. Give the folders of a study's parts.")
    return mark


def _joined(marks: Mapping[Path, Mark]) -> Mark:
    """Return what the marker of all parts together says."""
    first, one = next(iter(marks.items()))
    placed: dict[int, tuple[str, str]] = {}
    for folder, mark in marks.items():
        if any(getattr(mark, name) != getattr(one, name) for name in _SHARED):
            raise StudyError(f"{first} and {folder} are no parts of one study. Collect those of one, as it is now.")
        for place, run in zip(mark.places, mark.runs.items(), strict=True):
            if placed.setdefault(place, run) != run:
                raise StudyError(
                    f"{folder} has another run than one before it in the place {place + 1} of the study, so that it "
                    "was edited between the two. Collect the parts of one version."
                )
    order = sorted(placed)
    runs = dict(placed[place] for place in order)
    return Mark(one.study, runs, one.contrasts, tuple(order), one.total, one.measures, one.published)


def _copy(source: Path, target: Path, ids: Mapping[str, str]) -> None:
    """Bring over the runs that are finished there and not here."""
    there, here = survey(source, ids), set(survey(target, ids).finished)
    for error in there.damaged.values():
        raise StudyError(f"{error} Run that part again to mend it.") from error
    for run_id in there.results:
        if run_id in here:
            continue
        try:
            result = read_result(source, run_id)
            if result is not None and result.weights_sha256:
                refuse_damaged(source, run_id, result.weights_sha256)
                write_atomically(file_of(target, "weights", run_id), read_whole(file_of(source, "weights", run_id)))
        except DamageError as error:
            raise StudyError(f"{error} Run that part again to mend it.") from error
        # The weights first: where the run is stored, all of it is.
        write_atomically(file_of(target, "runs", run_id), read_whole(file_of(source, "runs", run_id)))


def _collect_draws(out: Path, parts: Sequence[Path], study: str) -> None:
    """Bring the draws of a search together, and the runs by which they were judged."""
    rows: dict[tuple[int, int], dict[str, object]] = {}
    for folder in parts:
        for row in draw_rows(folder):
            rows[int(str(row["cell"])), int(str(row["draw"]))] = row
        if (folder / SEARCH).is_dir():
            mark = _mark(folder / SEARCH)
            with opened(out / SEARCH, study):
                _copy(folder / SEARCH, out / SEARCH, mark.runs)
                known = read_mark(out / SEARCH)
                runs = {} if known is None else dict(known.runs)
                write_mark(out / SEARCH, Mark(study, runs | dict(mark.runs)))
    if rows:
        write_draws(out, [rows[key] for key in sorted(rows)])
