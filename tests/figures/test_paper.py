"""The material of a paper: figures of a journal's widths, captions and tables of the study's own numbers."""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pytest

from tests.figures.test_figures import synthetic
from workbench.catalogue.literature import PUBLICATIONS
from workbench.common.errors import StudyError
from workbench.figures.paper import write_paper
from workbench.study.results.draws import DRAW_COLUMNS
from workbench.tables.citations import Cited
from workbench.tables.paper import PaperTable, in_markdown, latex, markdown

CITED = [Cited(PUBLICATIONS[0], version="1.0"), Cited(PUBLICATIONS[4], ("rule eprop", "surrogate piecewise_linear"))]

#: Millimetres of a point of PDF.
POINT = 25.4 / 72


@dataclass(frozen=True)
class Study:
    """Tables as those of a study that plans comparisons and searches."""

    runs: pd.DataFrame
    curves: pd.DataFrame
    contrasts: list[Mapping[str, str]] = field(default_factory=list)
    draws: pd.DataFrame | None = None


def draws() -> pd.DataFrame:
    """Return the draws of a search: three for each of two rules."""
    rows = []
    for cell, rule in enumerate(("eprop", "dcll")):
        for draw in range(3):
            values = json.dumps({"train.learning_rate": 0.01 * (draw + 1)})
            what = (cell, "digits", "Digits", "{}", rule, rule, "symmetric", draw, values, "{}", "random", "accuracy")
            rows.append((*what, 0.0, "done", 0.9 + 0.01 * draw, 90.0, draw == 2))
    return pd.DataFrame(rows, columns=list(DRAW_COLUMNS))


@pytest.fixture(scope="module")
def study() -> Study:
    tables = synthetic(3)
    digits = tables.runs[tables.runs["task"] == "digits"]
    planned: list[Mapping[str, str]] = [{"of": "eprop:symmetric", "minus": "dcll:symmetric", "measure": "accuracy"}]
    # Figures of other measures of alignment are made in the same way, and take their time.
    curves = tables.curves[~tables.curves["measure"].isin(["magnitude", "sign_agreement", "ceiling"])]
    return Study(digits, curves, planned, draws())


@pytest.fixture(scope="module")
def paper(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the material of a paper, which tests leave as it is."""
    folder = tmp_path_factory.mktemp("paper") / "paper"
    write_paper(study, folder, "first_look", CITED)
    return folder


def figures(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.pdf"))


def test_every_figure_comes_with_its_captions_and_every_table_twice(study: Study, paper: Path) -> None:
    drawn = figures(paper)
    assert {"accuracy", "accuracy_minus_frozen", "learning", "cosine_digits", "cosine_by_depth", "search"} <= set(drawn)
    tables = ["summary", "contrasts", "choices"]
    expected = {
        f"{name}{ending}" for name in drawn for ending in (".pdf", ".png", ".csv", ".caption.tex", ".caption.md")
    }
    expected |= {f"{name}{ending}" for name in tables for ending in (".tex", ".md")}
    expected |= {"references.bib", "paper.tex", "workbench-figures.json"}
    assert {path.name for path in paper.iterdir()} == expected
    written = (paper / "paper.tex").read_text()
    assert re.findall(r"\\includegraphics\{\{(\w+)\}\.pdf\}", written) == [*dict.fromkeys(figures_in_order(written))]
    assert set(figures_in_order(written)) == set(drawn)
    assert re.findall(r"  \\input\{(\w+)\.tex\}", written) == tables


def figures_in_order(written: str) -> list[str]:
    return re.findall(r"\\input\{(\w+)\.caption\.tex\}", written)


def test_pages_of_figures_are_as_wide_as_columns_of_a_journal(paper: Path) -> None:
    widths = {}
    for path in paper.glob("*.pdf"):
        (box,) = re.findall(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+) ?\]", path.read_bytes())
        widths[path.stem] = float(box[0]) * POINT
    assert widths["accuracy"] == pytest.approx(89, abs=1e-3)
    assert widths["cosine_digits"] == pytest.approx(183, abs=1e-3)
    for width in widths.values():
        assert min(abs(width - 89), abs(width - 183)) < 1e-3


def test_captions_say_what_is_shown_of_how_many_seeds_and_what_is_tested(paper: Path, tmp_path: Path) -> None:
    told = (paper / "accuracy.caption.tex").read_text()
    # One of the runs has diverged.
    assert told.startswith(
        "\\caption{Accuracy on the test split after training. n = 2 to 3 finished seeds per configuration"
    )
    assert "below 5 seeds no interval is drawn" in told
    assert told.endswith("and nothing else is.}\n\\label{fig:accuracy}\n")
    assert "Planned comparisons are tested in the table of comparisons," in told
    five = synthetic(5)
    write_paper(Study(five.runs, five.curves[five.curves["layer"] == "network"]), tmp_path, "five", [])
    told = (tmp_path / "learning.caption.tex").read_text()
    assert r"bands are 95 \% intervals of the mean by Student's t." in told
    assert "No comparison was planned, and none is tested.}" in told


def test_tables_have_the_same_numbers_as_latex_and_as_markdown(paper: Path) -> None:
    for name, first in (("contrasts", "e-prop, symmetric minus DCLL, symmetric"), ("choices", "learning")):
        rows = [line for line in (paper / f"{name}.md").read_text().splitlines() if line.startswith("| ")][2:]
        assert first in in_words(rows[0])
        written = (paper / f"{name}.tex").read_text()
        assert written.startswith("\\begin{tabular}{ll")
        for mark in ("\\toprule", "\\midrule", "\\bottomrule"):
            assert written.count(mark) == 1
        body = written.split("\\midrule\n")[1].split("\\bottomrule")[0]
        cells = [[in_words(cell) for cell in line.removesuffix(" \\\\").split(" & ")] for line in body.splitlines()]
        assert cells == [[in_words(cell) for cell in row.strip("| ").split(" | ")] for row in rows]
    summary = (paper / "summary.md").read_text()
    assert summary.startswith("Accuracy on the test split: mean over seeds ± half its 95 % t interval")
    assert "paired t test" in (paper / "contrasts.md").read_text()
    for value in re.findall(r"\d\d\.\d ± \d+\.\d", summary):
        assert value in (paper / "summary.tex").read_text()


def in_words(cell: str) -> str:
    """Return a cell without what Markdown or LaTeX needs."""
    return cell.replace("\\", "").replace("--", "\u2013")


def test_second_call_gives_the_same_bytes(study: Study, tmp_path: Path) -> None:
    written = []
    for folder in ("paper", "paper", "again"):
        write_paper(study, tmp_path / folder, "first_look", CITED)
        written.append({path.name: path.read_bytes() for path in (tmp_path / folder).iterdir()})
    assert written[0] == written[1] == written[2]
    assert b"CreationDate" not in written[0]["accuracy.pdf"]


def test_sources_are_cited_by_what_is_from_them(paper: Path) -> None:
    written = (paper / "paper.tex").read_text()
    key = CITED[1].publication.name
    assert (
        f"workbench~\\cite{{learning_rule_workbench}}; rule eprop, surrogate piecewise\\_linear~\\cite{{{key}}}."
        in written
    )
    assert set(re.findall(r"\\cite\{(\w+)\}", written)) == set(re.findall(r"^@\w+\{(\w+),", bib(paper), re.MULTILINE))


def bib(paper: Path) -> str:
    return (paper / "references.bib").read_text()


def test_latex_makes_a_page_of_it_where_there_is_any(paper: Path, tmp_path: Path) -> None:
    if shutil.which("pdflatex") is None or shutil.which("bibtex") is None:
        pytest.skip("there is no LaTeX here, and the command does not need it")
    copy = shutil.copytree(paper, tmp_path / "copy")
    for command in (("pdflatex", "-interaction=nonstopmode", "paper"), ("bibtex", "paper")) * 2:
        ended = subprocess.run(command, cwd=copy, capture_output=True, check=False)
        assert ended.returncode == 0, ended.stdout.decode(errors="replace")[-2000:]
    assert (copy / "paper.pdf").read_bytes().startswith(b"%PDF")


def test_begin_has_its_end_and_braces_are_balanced(paper: Path) -> None:
    for path in paper.glob("*.tex"):
        written = path.read_text()
        assert sorted(re.findall(r"\\begin\{(\w+)\}", written)) == sorted(re.findall(r"\\end\{(\w+)\}", written))
        bare = re.sub(r"\\[{}]", "", written)
        assert bare.count("{") == bare.count("}"), path


def test_study_without_runs_or_with_foreign_files_is_refused(study: Study, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="nothing to draw"):
        write_paper(Study(study.runs.iloc[:0], study.curves), tmp_path, "none", [])
    (tmp_path / "paper.tex").write_text("Mine.")
    with pytest.raises(StudyError, match=r"paper\.tex would be replaced"):
        write_paper(study, tmp_path, "first_look", CITED)
    assert [path.name for path in tmp_path.iterdir()] == ["paper.tex"]


def test_cells_of_any_text_are_letters() -> None:
    table = PaperTable("any", "50 % & more", ("a_b", "n"), (("x|y*", "\u2013"), ("{z}", "1")), 1, ("A #note.",))
    assert latex(table) == (
        "\\begin{tabular}{lr}\n\\toprule\na\\_b & n \\\\\n\\midrule\nx|y* & -- \\\\\n\\{z\\} & 1 \\\\\n"
        "\\bottomrule\n\\end{tabular}\n\\par\\smallskip{\\footnotesize A \\#note.\\par}\n"
    )
    assert markdown(table) == (
        "50 % & more\n\n| a\\_b | n |\n| --- | ---: |\n| x\\|y\\* | \u2013 |\n| \\{z\\} | 1 |\n\nA \\#note.\n"
    )
    assert in_markdown("two\nlines  <b>") == "two lines \\<b\\>"
