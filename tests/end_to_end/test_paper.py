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


def test_paper_of_no_results_is_one_line(tmp_path: Path) -> None:
    ended = workbench("paper", tmp_path, "--out", tmp_path / "paper")
    assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 1)
    assert "holds no results of a study" in ended.err
    assert not (tmp_path / "paper").exists()
