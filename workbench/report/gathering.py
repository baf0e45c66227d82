"""Everything that a page says of a study, gathered from its results and from what is installed."""

from pathlib import Path

from workbench.catalogue.registry import Registry
from workbench.common.errors import DamageError, StudyError
from workbench.declare.study_figure import StudyFigure
from workbench.figures.drawings import drawings
from workbench.figures.inline import inline_svg, width_of
from workbench.figures.style import SINGLE
from workbench.report import origin, tabulated, training, verdict
from workbench.report.content import Picture
from workbench.report.endings import endings
from workbench.report.page import Page
from workbench.report.rules import rule_sections
from workbench.report.trial import Trials
from workbench.study.results.study_record import StudyRecord, read_record
from workbench.study.results.tables import Results

#: Figures that are shown; the others are to be opened.
_SHOWN = 5


def gather(results: Results, registry: Registry) -> Page:
    """Return what a page says of a study.

    Parameters
    ----------
    results : Results
        With the folder that they are stored in.
    registry : Registry
        Rules, tasks and models, for equations and example trials.

    Raises
    ------
    StudyError
        Where the study file that is stored is not as it was written, or the results have no folder.
    """
    if results.folder is None:
        raise StudyError("A report is about results in a folder. Take what load_results returns.")
    record = _record(results.folder)
    runs, curves, missing = results.runs, results.curves, results.missing
    signs = verdict.signs(runs, curves, missing)
    pictures = _pictures(results, registry)
    trials = Trials(results, registry)
    return Page(
        study=str(runs["study"].iloc[0]),
        question=record.question if record else "",
        lead=training.lead(runs, len(runs) + missing),
        trained=training.trained_table(runs),
        endpoint=tabulated.endpoint(results.contrasts),
        contrasts=tabulated.contrasts(runs, results.contrasts),
        published=tabulated.published(results),
        verdict=verdict.verdict(signs),
        signs=signs,
        searched=tabulated.searched(results.draws),
        summary=tabulated.summary(runs, curves),
        figures=pictures[:_SHOWN],
        further=pictures[_SHOWN:],
        rules=tuple(rule_sections(runs, registry, trials)),
        endings=endings(runs, missing),
        facts=origin.facts(results, record, trials.same_code()),
        commands=origin.commands(results, record),
        file=record.file if record else "",
        text=record.text if record else "",
    )


def _record(folder: Path) -> StudyRecord | None:
    try:
        return read_record(folder)
    except DamageError as error:
        raise StudyError(f"{error} Run the study again to mend it; all that is whole is kept.") from error


def _pictures(results: Results, registry: Registry) -> list[Picture]:
    """Return every figure of a study."""
    drawn = drawings(results, [offer.item for offer in registry.all(StudyFigure).values()])
    return [
        # A millimetre for rounding: widths are those of one and of two columns.
        Picture(
            inline_svg(drawing.figure, f"figure {number}", drawing.caption),
            drawing.caption,
            width_of(drawing.figure) > SINGLE + 1,
        )
        for number, drawing in enumerate(drawn, 1)
    ]
