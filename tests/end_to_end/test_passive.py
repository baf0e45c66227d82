"""A study that asks all of its rules while one trains: each says what it would have done, or why it cannot."""

import math
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from tests.end_to_end.command import STUDY, Ended, workbench
from workbench.study.results.tables import Results, load_results

TRAINERS = ("bptt", "eprop:symmetric", "eprop:random_direct", "eprop:learned", "superspike:symmetric", "frozen")
ASKED = {"eprop:symmetric", "eprop:random_direct", "frozen"}
SKIPPED = {
    "eprop:learned": "Its feedback weights come of its own training.",
    "superspike:symmetric": "It is written for readout 'lif_train', and the network has 'leaky_integrator'. "
    'Set network.readout = "lif_train".',
}
EXACT = {"bptt_constant", "bptt_differentiated"}


@dataclass(frozen=True)
class Asked:
    """The study's results, and how its command ended."""

    results: Results
    ended: Ended

    def rows(self, **where: object) -> pd.DataFrame:
        """Return the curves, with the rule and feedback of their runs, where columns have the given values."""
        runs = self.results.runs
        named = runs.assign(trainer=runs["rule"] + (":" + runs["feedback"]).where(runs["feedback"] != "none", ""))
        table = self.results.curves.merge(named[["run_id", "trainer"]], on="run_id")
        for column, value in where.items():
            table = table[table[column] == value]
        return table


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    folder = tmp_path_factory.mktemp("passive")
    text = STUDY.replace("probe = 16", "probe = 16\npassive = true\ndescent = 512")
    text = text.replace("train = 96", "train = 512").replace("epochs = 4", "epochs = 2")
    for name in TRAINERS:
        rule, _, feedback = name.partition(":")
        text += f'[[rule]]\nname = "{rule}"\n' + (f'feedback = "{feedback}"\n' if feedback else "")
    (folder / "study.toml").write_text(text)
    ended = workbench("run", folder / "study.toml", "--out", folder / "out")
    assert ended.code == 0, ended.err
    return Asked(load_results(folder / "out"), ended)


def by_layer(rows: pd.DataFrame) -> "pd.Series[float]":
    """Return the cosines with the exact gradients, by layer and variant."""
    exact = rows[rows["reference"].isin(EXACT)]
    return exact.set_index(["layer", "reference"])["value"].sort_index()


def test_every_measure_of_the_curves_is_explained(asked: Asked) -> None:
    conventions = (Path(__file__).parents[2] / "docs" / "conventions.md").read_text()
    measures = set(asked.results.curves["measure"])
    assert {name for name in measures if f"`{name}`" not in conventions} == set()
    assert {"cosine", "bias", "descent", "differing_decisions", "exact_readout"} <= measures


def test_every_trainer_asks_every_rule_that_can_share_its_network(asked: Asked) -> None:
    for trainer in set(TRAINERS) - {"superspike:symmetric"}:
        rows = asked.rows(trainer=trainer, measure="cosine", layer="readout", epoch=2)
        rows = rows[rows["estimate"] != ""]
        pairs = {frozenset(pair) for pair in zip(rows["estimate"], rows["reference"], strict=True)}
        # A rule whose feedback learns knows what it would do in its own run alone.
        names = ASKED | EXACT | {"random"} | ({trainer} - {"bptt"})
        assert len(rows) == len(pairs) == len(names) * (len(names) - 1) / 2
        assert set().union(*pairs) == names


def test_what_cannot_be_asked_says_why(asked: Asked) -> None:
    rows = asked.rows(layer="network", measure="cosine")
    assert rows["value"].isna().all()
    for trainer, own in rows.groupby("trainer"):
        told = set(zip(own["estimate"], own["reason"], strict=True))
        assert told == {(name, reason) for name, reason in SKIPPED.items() if name != trainer}


def test_what_a_rule_would_do_is_what_it_does_at_the_same_weights(asked: Asked) -> None:
    """At the start all have the same weights, so what others say of a rule is what its own run says of itself."""
    for name in ("eprop:symmetric", "eprop:random_direct"):
        own = by_layer(asked.rows(trainer=name, epoch=0, measure="cosine", estimate=""))
        for trainer in ("bptt", "frozen", name):
            told = by_layer(asked.rows(trainer=trainer, epoch=0, measure="cosine", estimate=name))
            assert len(told) == 4
            pd.testing.assert_series_equal(told, own, rtol=1e-9)


def test_what_a_rule_would_do_changes_with_the_weights_of_who_trains(asked: Asked) -> None:
    of_bptt = asked.rows(trainer="bptt", measure="cosine", estimate="eprop:random_direct", layer="hidden1", epoch=2)
    of_own = asked.rows(
        trainer="eprop:random_direct", measure="cosine", estimate="eprop:random_direct", layer="hidden1", epoch=2
    )
    both = of_bptt.merge(of_own, on="reference")
    assert (both["value_x"] - both["value_y"]).abs().max() > 1e-3


def test_eprop_is_the_gradient_with_the_reset_constant_whoever_trains(asked: Asked) -> None:
    rows = asked.rows(measure="cosine", estimate="eprop:symmetric", reference="bptt_constant", layer="hidden1")
    assert len(rows) == 5 * 3
    assert rows["value"].to_numpy() == pytest.approx(1, abs=1e-9)
    descents = asked.rows(trainer="eprop:symmetric", measure="descent", reference="bptt_constant", layer="hidden1")
    # At the start and at the end; an undefined one has its reason.
    assert list(descents["epoch"]) == [0, 2]
    for value, reason in zip(descents["value"], descents["reason"], strict=True):
        assert value == pytest.approx(1, abs=1e-6) or reason == "A step along BPTT does not lower the loss here."


def test_own_figures_and_summary_leave_others_out(asked: Asked) -> None:
    """A line of the summary is of the rule that trained; controls are told under it."""
    assert "Cosine of a random update with BPTT: " in asked.ended.out
    assert "Cosine of BPTT with itself: 1 " in asked.ended.out
    assert "Cosine of the readout's gradient in Brian2 with BPTT: 1 " in asked.ended.out
    assert "'frozen' makes no estimate" not in asked.ended.out


def test_runs_know_how_local_their_rule_is(asked: Asked) -> None:
    runs = asked.results.runs.set_index(["rule", "feedback"])["complaints"]
    assert runs["bptt", "none"] == 6
    assert runs["eprop", "symmetric"] == 4
    assert runs["eprop", "random_direct"] == 3
    assert math.isnan(runs["frozen", "none"])


@pytest.mark.parametrize(
    ("measure", "told"),
    [
        ("probe = 16\ndescent = 512", "'measure.descent' asks for 512 training trials, and task 'yin_yang' has 96."),
        (
            "descent = 100",
            "'measure.descent' must be 0, or a whole number of training trials from 512 to 10**9, not 100.",
        ),
        ("probe = 0\ndescent = 512", "'measure.descent' needs a 'measure.probe' above 0, and it is 0."),
        ("probe = 0\npassive = true", "'measure.passive' needs a 'measure.probe' above 0, and it is 0."),
    ],
)
def test_measures_that_cannot_be_taken_are_refused(tmp_path: Path, measure: str, told: str) -> None:
    (tmp_path / "study.toml").write_text(STUDY.replace("probe = 16", measure) + '[[rule]]\nname = "bptt"\n')
    ended = workbench("run", tmp_path / "study.toml", "--out", tmp_path / "out")
    assert (ended.code, ended.out) == (1, "")
    assert told in ended.err


def test_rules_of_one_name_are_not_asked(tmp_path: Path) -> None:
    text = STUDY.replace("probe = 16", "probe = 16\npassive = true")
    text += '[[rule]]\nname = "dcll"\n[[rule]]\nname = "dcll"\nparameters = { regularize = 0.1 }\n'
    (tmp_path / "study.toml").write_text(text)
    ended = workbench("run", tmp_path / "study.toml", "--out", tmp_path / "out")
    assert ended.code == 1
    assert "[[rule]] 2: 'measure.passive' needs rules that differ in name or feedback, and 'dcll:local" in ended.err
