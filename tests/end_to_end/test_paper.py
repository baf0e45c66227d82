"""`workbench paper` makes of real results what a paper shows."""

from pathlib import Path

from tests.end_to_end.command import workbench
from tests.end_to_end.conftest import Whole


def test_paper_of_a_real_study(whole: Whole, tmp_path: Path) -> None:
    ended = workbench("paper", whole.out, "--out", tmp_path / "paper")
    assert (ended.code, ended.err) == (0, "")
    written = {Path(line).name for line in ended.out.splitlines()}
    assert {"accuracy.pdf", "accuracy.caption.tex", "summary.md", "references.bib", "paper.tex"} <= written
    assert written | {"workbench-figures.json"} == {path.name for path in (tmp_path / "paper").iterdir()}
    bib = (tmp_path / "paper" / "references.bib").read_text()
    for told in ("% task yin_yang\n", "% rule dcll\n", "@misc{learning_rule_workbench,"):
        assert told in bib


#: Draws the losses of a study, without an interval.
FIGURE = """
from matplotlib.figure import Figure

from workbench import StudyFigure, hookimpl


def losses(results):
    figure = Figure(figsize=(3.5, 2.5))
    figure.subplots().plot(results.runs["seed"], results.runs["loss"], "o")
    return figure, results.runs[["seed", "loss"]].assign(panel="a")


@hookimpl
def workbench_figures():
    yield StudyFigure(name="losses", caption="Losses of all runs.", function=losses)
"""


def test_figure_of_a_plugin_file_is_part_of_the_paper(whole: Whole, tmp_path: Path) -> None:
    plugin = tmp_path / "losses.py"
    plugin.write_text(FIGURE)
    ended = workbench("paper", whole.out, "--out", tmp_path / "paper", "--plugin", plugin)
    assert (ended.code, ended.err) == (0, "")
    assert "Losses of all runs." in (tmp_path / "paper" / "losses.caption.tex").read_text()
    assert "\\includegraphics{{losses}.pdf}" in (tmp_path / "paper" / "paper.tex").read_text()


def test_paper_of_no_results_is_one_line(tmp_path: Path) -> None:
    ended = workbench("paper", tmp_path, "--out", tmp_path / "paper")
    assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 1)
    assert "holds no results of a study" in ended.err
    assert not (tmp_path / "paper").exists()
