"""Write a page about a study: one HTML file, which asks for no other."""

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from workbench.catalogue.registry import load_registry
from workbench.common.errors import StorageError, StudyError
from workbench.common.files import write_atomically
from workbench.declare.field_types import called
from workbench.figures.inline import STYLE
from workbench.report.gathering import gather
from workbench.report.page import Page
from workbench.study.results.folder import PAGE
from workbench.study.results.tables import Results


def rendered(page: Page) -> str:
    """Return a page as HTML; the same page gives the same text."""
    environment = Environment(
        loader=PackageLoader("workbench.report", "."), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    own = {name: Markup(files("workbench.report").joinpath(name).read_text(encoding="utf-8"))
           for name in ("page.css", "page.js")}  # fmt: skip
    template = environment.get_template("page.html")
    return template.render(page=page, style=own["page.css"] + Markup(STYLE), script=own["page.js"])


@called(StudyError)
def write_report(results: Results, out: str | Path | None = None, plugins: Iterable[str | Path] = ()) -> Path:
    """Write a page about the results of a study, and return its path.

    Parameters
    ----------
    results : Results
        As `load_results` returns them.
    out : str or Path, optional
        The file; ``report.html`` in the folder of the results by default.
    plugins : iterable of str or Path
        Plugin files that are not installed, with rules and tasks of the study.

    Returns
    -------
    Path
        Of the page.

    Raises
    ------
    StudyError
        If an argument is not of its type, there are no results, or the file cannot be written.
    """
    if results.folder is None or results.runs.empty:
        raise StudyError("There are no stored runs, so that there is nothing to report. Run the study first.")
    place = results.folder / PAGE if out is None else Path(out)
    page = gather(results, load_registry([Path(file) for file in plugins]))
    try:
        write_atomically(place, rendered(page).encode())
    except StorageError as error:
        raise StudyError(f"The report cannot be written. {error}") from error
    return place
