"""A paper's material in one folder: figures, captions, tables, and a LaTeX file that includes all of it."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from workbench.common.errors import StudyError
from workbench.declare.study_figure import StudyFigure
from workbench.figures.drawing import Drawing, Results, chosen, draws_of, published_of
from workbench.figures.drawings import drawings
from workbench.figures.folder import whole
from workbench.figures.saving import save
from workbench.tables.citations import Cited, bibtex
from workbench.tables.contrasts import contrasts_paper, contrasts_table
from workbench.tables.paper import PaperTable, in_markdown, latex, markdown
from workbench.tables.printed import escaped, latex_table, summary_cells, summary_heads, summary_notes, summary_title
from workbench.tables.published import published_paper
from workbench.tables.search import choice_cells, choices_title
from workbench.tables.summary import summary_table

#: Figures before a page must end: LaTeX keeps no more than 18 in mind.
_FLOATS = 4

_HEAD = r"""\documentclass[10pt]{article}
% A figure is as wide as a column of a journal, 89 mm, or as two, 183 mm: it is not to be scaled.
\usepackage[a4paper,textwidth=183mm,textheight=257mm]{geometry}
\usepackage[utf8]{inputenc}
\usepackage{textcomp}
\usepackage{graphicx}
\usepackage{booktabs}
\begin{document}
"""


def write_paper(
    results: Results,
    folder: str | Path,
    name: str,
    cited: Sequence[Cited],
    where: Sequence[str] = (),
    figures: Iterable[StudyFigure] = (),
) -> list[Path]:
    """Write the material of a paper about a study; return the paths.

    Parameters
    ----------
    results : Results
        The study's tables.
    folder : str or Path
        Is made where it does not exist.
    name : str
        Of the study.
    cited : sequence of Cited
        What the study is to cite.
    where : sequence of str
        Axes with one of their labels, such as ``depth=2``: only these conditions are shown.
    figures : iterable of StudyFigure
        Those of plugins, as wide as they are drawn.

    Returns
    -------
    list of Path
        Each figure as PDF and PNG with its data and its caption as LaTeX and Markdown, each table as LaTeX and
        Markdown, ``references.bib``, and ``paper.tex``, which includes all of it. The same results give the same bytes.

    Raises
    ------
    StudyError
        If there is nothing to draw, or the folder cannot be written or has a file of that name drawn by others.
    """
    if results.runs.empty:
        raise StudyError("The study has no runs, so there is nothing to draw.")
    folder, shown = Path(folder), chosen(results, where)
    with whole(folder) as place:
        drawn, names = list[Path](), list[str]()
        tables = list(_tables(results, shown))
        for drawing in drawings(shown, figures):
            names.append(drawing.name)
            drawn += _save(drawing, _tested(results), place)
        for table in tables:
            drawn += _written(place, {f"{table.name}.tex": latex(table), f"{table.name}.md": markdown(table)})
        own = {"references.bib": bibtex(cited), "paper.tex": _paper(name, names, tables, cited)}
        drawn += _written(place, own)
    return [folder / path.name for path in drawn]


def _save(drawing: Drawing, tested: str, place: Path) -> list[Path]:
    """Write a figure with its data, and its caption as LaTeX and Markdown; return the paths."""
    caption = f"{drawing.caption} {tested}"
    told = f"\\caption{{{escaped(caption)}}}\n\\label{{fig:{drawing.name}}}\n"
    texts = {f"{drawing.name}.caption.tex": told, f"{drawing.name}.caption.md": f"{in_markdown(caption)}\n"}
    return [*save(drawing.figure, drawing.data, place / drawing.name), *_written(place, texts)]


def _written(place: Path, texts: dict[str, str]) -> list[Path]:
    for name, text in texts.items():
        (place / name).write_text(text, encoding="utf-8")
    return [place / name for name in texts]


def _tested(results: Results) -> str:
    """Return what a caption says of tests."""
    if getattr(results, "contrasts", []):
        return "Planned comparisons are tested in the table of comparisons, and nothing else is."
    return "No comparison was planned, and none is tested."


def _tables(results: Results, shown: Results) -> Iterator[PaperTable]:
    """Yield the tables of what is shown, but for planned comparisons, which are of all conditions."""
    table = summary_table(shown.runs, results.curves)
    head, rows, notes = summary_heads(table), summary_cells(table), summary_notes(table)
    yield PaperTable("summary", summary_title(table), tuple(head), _tuples(rows), 3, tuple(notes), latex_table(table))
    contrasts = getattr(results, "contrasts", [])
    if contrasts:
        yield contrasts_paper(contrasts_table(results.runs, contrasts))
    published = published_of(results)
    if published is not None:
        yield published_paper(published)
    draws = draws_of(shown)
    if draws is not None:
        head, rows, notes = choice_cells(draws)
        yield PaperTable("choices", choices_title(draws), tuple(head), _tuples(rows), 3, tuple(notes))


def _tuples(rows: Iterable[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(map(tuple, rows))


def _paper(name: str, figures: Sequence[str], tables: Sequence[PaperTable], cited: Sequence[Cited]) -> str:
    """Return a LaTeX file that includes figures and tables with their captions, and cites what was used."""
    parts = [_HEAD, f"\\title{{{escaped(name)}}}\n\\author{{}}\n\\date{{}}\n\\maketitle\n"]
    used = [f"{escaped(', '.join(each.of)) or 'workbench'}~\\cite{{{each.publication.name}}}" for each in cited]
    parts.append(f"\\section*{{What was used}}\n{'; '.join(used)}.\n" if used else "")
    for place, figure in enumerate(figures):
        parts.append(
            f"\\begin{{figure}}[htbp]\n  \\centering\n  \\includegraphics{{{{{figure}}}.pdf}}\n"
            f"  \\input{{{figure}.caption.tex}}\n\\end{{figure}}\n"
            + ("\\clearpage\n" if place % _FLOATS == _FLOATS - 1 else "")
        )
    for table in tables:
        parts.append(
            f"\\begin{{table}}[htbp]\n  \\centering\n  \\caption{{{escaped(table.caption)}}}\n"
            f"  \\label{{tab:{table.name}}}\n  \\scriptsize\\setlength{{\\tabcolsep}}{{3pt}}\n"
            f"  \\input{{{table.name}.tex}}\n\\end{{table}}\n"
        )
    parts.append("\\clearpage\n\\bibliographystyle{unsrt}\n\\bibliography{references}\n\\end{document}\n")
    return "\n".join(filter(None, parts))
