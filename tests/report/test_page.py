"""What a page says, read as a browser reads it; it is the same each time, and asks for nothing."""

import html.parser
import re
import shutil
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from tests.end_to_end.command import workbench
from tests.report.conftest import STUDY, TITLE, Reported
from workbench import load_results, write_report
from workbench.common.errors import StudyError
from workbench.study.results.study_record import read_record
from workbench.study.results.tables import Results
from workbench.tables.contrasts import contrasts_table
from workbench.tables.controls import controls
from workbench.tables.summary import summary_table
from workbench.tables.summary_columns import SUMMARY_COLUMNS

#: Elements that are never closed.
VOID = {"meta", "link", "img", "br", "hr", "input"}

#: Attributes by which a page asks for something, or runs something.
ASKS = {"src", "srcset", "action", "formaction", "poster", "data", "background", "ping"}


class Read(html.parser.HTMLParser):
    """A page as it is read: its elements with their attributes, and the text within each kind."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[tuple[str, ...], str]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        self.texts.append((tuple(self.open), data))

    def said(self, within: str = "body") -> str:
        """Return the text within a kind of element, words apart by one space."""
        return " ".join(" ".join(text for path, text in self.texts if within in path).split())


@pytest.fixture(scope="module")
def page(reported: Reported) -> Read:
    return Read(reported.text)


def rows_of(text: str, caption: str) -> list[list[str]]:
    """Return the cells of the table that a caption names, its headings first."""
    (table,) = re.findall(rf'<table aria-label="{re.escape(caption)}[^"]*".*?</table>', text, re.DOTALL)
    return [
        [" ".join(Read(f"<i>{cell}</i>").said("i").split()) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
        for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    ]


def test_command_writes_the_page_and_says_where(reported: Reported) -> None:
    assert reported.ended.code == 0, reported.ended.err
    assert reported.ended.out == f"{reported.page}\n"
    assert reported.ended.err == ""


def test_second_call_gives_the_same_bytes(reported: Reported, tmp_path: Path) -> None:
    again = write_report(load_results(reported.out), tmp_path / "again.html", [reported.study.with_name("wild.py")])
    assert again.read_bytes() == reported.page.read_bytes()


def test_elements_are_closed_and_ids_stand_once(page: Read) -> None:
    assert page.open == []
    ids = Counter(attributes["id"] for _, attributes in page.elements if "id" in attributes)
    assert [name for name, count in ids.items() if count > 1] == []
    links = [str(attributes["href"]) for tag, attributes in page.elements if tag in {"a", "use"}]
    assert [link for link in links if link.startswith("#") and link[1:] not in ids] == []
    clips = re.findall(r"url\(#([^)]+)\)", "".join(map(str, page.elements)))
    assert clips
    assert set(clips) <= set(ids)


def test_nothing_is_asked_for(page: Read, reported: Reported) -> None:
    for tag, attributes in page.elements:
        assert tag not in {"link", "iframe", "object", "embed", "img", "base"}
        assert not ASKS & set(attributes), (tag, attributes)
        target = str(attributes.get("href", ""))
        assert not target.startswith("http") or (tag == "a" and target.startswith("https://doi.org/"))
    # Anything else that is loaded from elsewhere would name where from.
    addresses = re.findall(r"(?:https?:)?//[\w.-]+", re.sub(r'<a href="https://doi.org/', "<a ", reported.text))
    assert addresses == []
    assert "@import" not in reported.text


def test_what_others_wrote_is_text(page: Read) -> None:
    scripts = [attributes for tag, attributes in page.elements if tag == "script"]
    assert scripts == [{}]
    assert not [tag for tag, attributes in page.elements if any(name.startswith("on") for name in attributes)]
    said = page.said()
    for text in ("<script>alert('question')</script> & co.", TITLE, "</pre><script>alert('words')</script>",
                 "<b>Bold</b>."):  # fmt: skip
        assert text in said
    assert "alert" not in page.said("script")


def test_question_and_planned_comparisons_come_first(page: Read, reported: Reported) -> None:
    results = load_results(reported.out)
    expected = contrasts_table(results.runs, results.contrasts).iloc[0]
    head, row = rows_of(reported.text, "Planned comparisons")
    cells = dict(zip(head, row, strict=True))
    assert cells["comparison"] == "e-prop, symmetric minus Frozen"
    assert cells["seeds"] == "2"
    assert float(cells["difference"].replace("\u2212", "-")) == pytest.approx(expected["difference"], rel=0.01)
    assert float(cells["p (Holm)"]) == pytest.approx(expected["p_holm"], rel=0.1)
    assert float(cells["resolved"]) == pytest.approx(expected["resolves"], rel=0.01)
    said = page.said()
    assert "Primary endpoint: loss on the test split" in said
    assert said.index("question") < said.index("Planned comparisons") < said.index("Verdict of the controls")


def test_controls_are_those_that_a_run_prints(page: Read, reported: Reported) -> None:
    results = load_results(reported.out)
    found = controls(results.runs, results.curves)
    assert [control.holds for control in found] == [True] * 4
    for control in found:
        title, _, told = str(control).partition(": ")
        assert title in page.said("dt")
        assert told.casefold() in page.said("dd").casefold()
    assert "Of 12 runs: 8 done, 2 diverged, 2 skipped." in page.said()
    # Words and shapes, whatever the colour.
    assert "\u25b2 not all done" in page.said("span")
    assert "\u2713 holds" in page.said("span")


def test_summary_has_every_configuration_and_says_what_columns_mean(page: Read, reported: Reported) -> None:
    results = load_results(reported.out)
    table = summary_table(results.runs, results.curves)
    head, *rows = rows_of(reported.text, "Means over 2 seeds")
    assert len(rows) == len(table) == 6
    for cells, (_, expected) in zip(rows, table.iterrows(), strict=True):
        own = dict(zip(head, cells, strict=True))
        assert own["rule"] == expected["rule"]
        assert own["runs"] == expected["status"]
        if expected["n"]:
            assert own["accuracy (%)"].startswith(f"{expected['accuracy']:.1f} \u00b1")
            assert own["spikes per trial"] == f"{expected['spikes_per_trial']:.0f}"
    tips = [str(attributes["title"]) for tag, attributes in page.elements if tag == "th" and "title" in attributes]
    for name in ("accuracy", "spikes_per_trial", "complaints", "seconds"):
        assert any(tip.startswith(SUMMARY_COLUMNS[name].meaning) for tip in tips), name


def test_cells_are_sorted_by_their_numbers(reported: Reported) -> None:
    (table,) = re.findall(r"<table[^>]*Means over.*?</table>", reported.text, re.DOTALL)
    cells = re.findall(r'<td class="number" data-order="([^"]*)">([^<]*)</td>', table)
    assert len(cells) > 30
    for order, text in cells:
        assert (order == "") == (text == "\u2013")
        if order:
            written = text.split(" ")[0].replace("\u2212", "-")
            assert float(order) == pytest.approx(float(written), abs=0.51)


def test_each_rule_has_its_equations_what_it_needs_and_a_trial(page: Read, reported: Reported) -> None:
    code = page.said("code")
    for equation in ("dh/dt = -h / tau_syn_readout + psi_post * p_pre / dt : 1", "dg/dt = error_post * k : second",
                     "dg/dt = strength * error_post * q_pre : second"):  # fmt: skip
        assert equation in code
    said = page.said()
    assert "its presynaptic neuron's p, q and spikes" in said
    assert 'href="https://doi.org/10.1038/s41467-020-17236-y"' in reported.text
    assert "seed 0, trained weights. Simulated again by Brian2 step by step" in said
    assert "the estimate is computed after the trial from what was recorded" in said
    assert "hidden layers never learn, and no synapse has any" in said
    assert "initial weights, since the run was not trained to its end" in said
    assert "No trial: the rule was skipped. It is written for neuron 'alif'" in said
    assert "was changed since this run" not in said


def test_runs_that_did_not_end_well_are_told_with_their_reasons(page: Read) -> None:
    said = page.said()
    assert f"Yin-Yang: {TITLE}, random direct, seeds 0, 1" in said
    assert "skipped It is written for neuron 'alif'" in said
    assert said.index("6 Runs that did not end well") < said.rindex("diverged ") < said.rindex("skipped ")


def test_origin_is_told_with_the_study_file(page: Read, reported: Reported) -> None:
    record = read_record(reported.out)
    assert record is not None
    assert record.text == STUDY
    said = page.said()
    assert f"workbench run {reported.study} --out {reported.out}" in said
    assert record.machines[0] in said
    assert "that of these runs and the one installed here" in said
    assert " ".join(STUDY.split()) in said


def test_page_without_the_plugin_says_which_rule_is_missing(reported: Reported, tmp_path: Path) -> None:
    ended = workbench("report", reported.out, "--out", tmp_path / "page.html")
    assert ended.code == 0, ended.err
    said = Read((tmp_path / "page.html").read_text()).said()
    assert "Rule 'wild' is offered by no plugin that is installed" in said
    assert "dg/dt = strength" not in said


def test_missing_runs_are_counted(reported: Reported, tmp_path: Path) -> None:
    shutil.copytree(reported.out, tmp_path / "part")
    gone = load_results(reported.out).runs.query("rule == 'bptt'")["run_id"]
    for run_id in gone:
        (tmp_path / "part" / "runs" / f"{run_id}.json").unlink()
    ended = workbench("report", tmp_path / "part")
    assert ended.code == 0
    assert "2 of 12 runs of the study are not stored, and missing from the report." in ended.err
    assert "missing 2 runs of the study not stored yet" in Read((tmp_path / "part" / "report.html").read_text()).said()


def test_folder_that_is_no_study_is_refused(tmp_path: Path) -> None:
    ended = workbench("report", tmp_path)
    assert ended.code == 1
    told = "holds no results of a study, since it has no 'workbench-results.json'. Run the study first."
    assert ended.err == f"error: {tmp_path} {told}\n"
    with pytest.raises(StudyError, match="There are no stored runs, so that there is nothing to report"):
        write_report(Results(pd.DataFrame(), pd.DataFrame()))


def test_page_that_cannot_be_written_is_told(reported: Reported, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"The report cannot be written\. .* cannot be written"):
        write_report(load_results(reported.out), tmp_path / "absent" / "page.html")


def test_study_that_was_not_stored_is_told(reported: Reported, tmp_path: Path) -> None:
    shutil.copytree(reported.out, tmp_path / "old")
    (tmp_path / "old" / "study.json").unlink()
    said = Read(write_report(load_results(tmp_path / "old")).read_text()).said()
    assert "The study file was not stored with these results." in said
    assert "The command was not stored with these results." in said
    (tmp_path / "old" / "study.json").write_text("{}")
    with pytest.raises(StudyError, match=r"study\.json is damaged.*Run the study again to mend it"):
        write_report(load_results(tmp_path / "old"))
