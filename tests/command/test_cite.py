"""`workbench cite` names the sources of rules and studies, and says where it knows none."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command.running import run
from tests.command.stored import stored

STUDY: dict[str, object] = {
    "question": "Who is to be cited?",
    "seeds": [0, 1],
    "network": {"hidden": [8], "surrogate": "piecewise_linear", "neuron": "lif_refractory_trace",
                "decision": "label_assignment"},
    "train": {"optimizer": "rmaxprop"},
    "task": [{"name": "yin_yang", "parameters": {"train": 96, "validation": 48, "test": 48}}],
    "rule": [{"name": "frozen"}, {"name": "eprop", "feedback": "random_chained"}],
}  # fmt: skip


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    printed = capsys.readouterr()
    assert printed.err == ""
    return printed.out.splitlines()


def test_alone_it_cites_the_workbench_and_brian2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "cite") == 0
    keys = [line for line in lines(capsys) if line.startswith("@")]
    assert keys == ["@misc{learning_rule_workbench,", "@article{stimberg_2019,"]


def test_rule_comes_with_the_pathway_that_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "cite", "dcll", "eprop:feedback_alignment", "frozen", "--style", "text") == 0
    told = [line.rpartition("[")[2].rstrip("]") for line in lines(capsys)[1:]]
    assert told == ["simulator", "rule dcll", "rule eprop", "pathway random_chained"]


def test_study_cites_all_that_its_runs_used(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(monkeypatch, "cite", str(stored(tmp_path / "out", STUDY)), "--style", "text") == 0
    told = {line.rpartition("[")[2].rstrip("]") for line in lines(capsys)[1:]}
    assert told == {
        "simulator",
        "task yin_yang",
        "surrogate piecewise_linear, rule eprop",
        "neuron lif_refractory_trace",
        "decision label_assignment",
        "optimizer rmaxprop",
        "pathway random_chained",
    }


def test_plugin_file_brings_its_own_publication_or_is_told_to_have_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], plugin_file: Callable[..., Path]
) -> None:
    text = """\
    from workbench import Publication, Rule, hookimpl

    @hookimpl
    def workbench_rules():
        yield Rule(name="mine", title="Mine", doi="10.1000/182", engine="none")
        yield Rule(name="other", title="Other", doi="10.1000/183", engine="none")

    @hookimpl
    def workbench_publications():
        yield Publication(name="doe_2026", title="Mine", authors=("Doe, J.",), venue="Here", doi="10.1000/182")
    """
    assert run(monkeypatch, "cite", "mine", "other", "--plugin", str(plugin_file(text))) == 0
    printed = capsys.readouterr()
    assert "% rule mine\n@article{doe_2026," in printed.out
    assert "% rule other\n@misc{source_of_other," in printed.out
    assert printed.err == "Of doi:10.1000/183 no plugin offers a publication: authors and title are to be filled in.\n"


def test_study_of_a_plugin_that_is_not_given_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], plugin_file: Callable[..., Path],
    tmp_path: Path,
) -> None:  # fmt: skip
    file = plugin_file()
    folder = stored(tmp_path / "out", STUDY | {"rule": [{"name": "mine"}]}, (file,))
    assert run(monkeypatch, "cite", str(folder)) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"error: {folder}: No installed plugin offers a rule 'mine'.")
    assert told.endswith(" Give the plugin's file with --plugin.\n")
    assert run(monkeypatch, "cite", str(folder), "--plugin", str(file)) == 0


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ("epropp", "No installed plugin offers a rule 'epropp'. Did you mean 'eprop'?"),
        ("eprop:symetric", "Rule 'eprop' does not take feedback 'symetric'. Did you mean 'symmetric'?"),
        ("results/absent", "results/absent is no folder of results. Give one, or the name of a rule."),
        (".", "holds no results of a study"),
    ],
)
def test_what_cannot_be_cited_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, subject: str, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, "cite", subject) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith("error: ")
    assert told in printed.err
    assert (printed.out, printed.err.count("\n")) == ("", 1)


def test_damaged_configuration_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = stored(tmp_path / "out", STUDY)
    (first, *_) = sorted((folder / "runs").iterdir())
    first.write_text(first.read_text().replace("rmaxprop", "rmaxprip"))
    assert run(monkeypatch, "cite", str(folder)) == 1
    assert "is damaged: its content does not fit its hash." in capsys.readouterr().err
