"""The marker of a results folder: of which study these are results, and of which of its runs."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from workbench.common.errors import PluginError, StudyError
from workbench.declare.measure import Measure
from workbench.declare.published_figure import PublishedFigure
from workbench.study.results.folder import MARKER
from workbench.study.results.hashed_content import damaged, read_sealed, write_sealed

#: The condition of a run of a study without axes.
NO_CONDITION = "{}"

_FORMAT = 1

#: What may be said of a planned comparison, by what it is read.
_CONTRAST: dict[str, Callable[[Any], object]] = (
    dict.fromkeys(("of", "minus", "measure"), str)
    | dict.fromkeys(("of_at", "minus_at"), lambda labels: list(map(str, labels)))
    | dict.fromkeys(("of_places", "minus_places"), lambda places: list(map(int, places)))
)


@dataclass(frozen=True)
class Mark:
    """What the marker of a results folder says.

    Attributes
    ----------
    study : str
        Whose results these are.
    runs : mapping of str to str
        The ids of the runs of the study as it was carried out last, in its order, each with its condition: a table of
        the axes of the study, in JSON.
    contrasts : list of mapping
        The comparisons that the study is made for, as `planned_contrasts` has them.
    places : tuple of int
        Where each run stands in the list of the study, of which this may be a part.
    total : int
        How many runs the study has.
    measures : tuple of Measure
        Those of plugins, without their functions: how tables and figures show them.
    published : tuple of PublishedFigure
        What it is held to.
    """

    study: str
    runs: Mapping[str, str] = field(default_factory=dict)
    contrasts: list[dict[str, Any]] = field(default_factory=list)
    places: tuple[int, ...] = ()
    total: int = 0
    measures: tuple[Measure, ...] = ()
    published: tuple[PublishedFigure, ...] = ()

    def __post_init__(self) -> None:
        # All of them, where nothing else is said.
        if not self.places:
            object.__setattr__(self, "places", tuple(range(len(self.runs))))
        object.__setattr__(self, "total", max(self.total, len(self.runs)))


def read_mark(folder: Path) -> Mark | None:
    """Return what the marker of a folder says, or None where there is none.

    Raises
    ------
    DamageError
        Where it is not as it was written.
    StudyError
        Where another version of the workbench wrote it.
    """
    content = read_sealed(folder / MARKER)
    if content is None:
        return None
    try:
        if content["format"] != _FORMAT:
            raise StudyError(
                f"{folder} has results in format {content['format']}, and this version of the workbench reads format "
                f"{_FORMAT}. Take the version that wrote them, or give another folder."
            )
        ids = list(map(str, content["runs"]))
        # A study without axes need not say that its runs have no condition.
        conditions = list(map(str, content.get("conditions") or [NO_CONDITION] * len(ids)))
        contrasts = [{key: _CONTRAST[key](value) for key, value in one.items()} for one in content.get("contrasts", [])]
        if not all({"of", "minus", "measure"} <= set(one) for one in contrasts):
            raise ValueError("of, minus and measure for each comparison")
        places = tuple(map(int, content.get("places", range(len(ids)))))
        if len(places) != len(ids):
            raise ValueError("a place for each run")
        runs = dict(zip(ids, conditions, strict=True))
        measures = tuple(
            Measure(**{str(key): value for key, value in one.items()}) for one in content.get("measures", [])
        )
        published = tuple(
            PublishedFigure(**{str(key): value for key, value in one.items()} | {"at": tuple(one["at"])})
            for one in content.get("published", [])
        )
        total = int(content.get("total", len(ids)))
        return Mark(str(content["study"]), runs, contrasts, places, total, measures, published)
    except (KeyError, TypeError, ValueError, AttributeError, PluginError) as error:
        raise damaged(folder / MARKER, "it is no marker") from error


def write_mark(folder: Path, mark: Mark) -> None:
    """Mark a folder as results of a study, and say which are its runs, and in what condition each is."""
    content: dict[str, object] = {"format": _FORMAT, "study": mark.study, "runs": list(mark.runs)}
    if set(mark.runs.values()) - {NO_CONDITION}:
        content["conditions"] = list(mark.runs.values())
    if mark.contrasts:
        content["contrasts"] = mark.contrasts
    if mark.total > len(mark.runs):
        content |= {"places": list(mark.places), "total": mark.total}
    if mark.measures:
        content["measures"] = [_said(measure) for measure in mark.measures]
    if mark.published:
        content["published"] = [asdict(figure) for figure in mark.published]
    write_sealed(folder / MARKER, content)


def _said(measure: Measure) -> dict[str, object]:
    """Return what a measure says of itself, other than by default."""
    usual = {item.name: item.default for item in fields(Measure)}
    given = {name: getattr(measure, name) for name in usual if name != "function"}
    # What is no number by default is equal to nothing.
    return {name: value for name, value in given.items() if value != usual[name] and value == value}
