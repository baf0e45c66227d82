"""`workbench list` says of each thing that plugins offer what a study file needs to name it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.command.running import run
from workbench.catalogue.nouns import description, meaning, nouns, settings
from workbench.catalogue.registry import KINDS, load_registry
from workbench.command.offers import TITLE
from workbench.declare.rule import Rule

REGISTRY = load_registry()
NOUNS = sorted(nouns(REGISTRY))

DESCRIBED = '''"""What it does.

And how."""
from workbench import Rule, hookimpl


@hookimpl
def workbench_rules():
    yield Rule(name="mine", title="Mine", engine="none")
'''


def listed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """Return what the command prints as JSON."""
    assert run(monkeypatch, "list", *arguments, "--json") == 0
    return json.loads(capsys.readouterr().out)


def test_every_hook_has_its_noun() -> None:
    kinds = {type(offer.item) for offers in nouns(REGISTRY).values() for offer in offers.values()}
    assert kinds == set(KINDS.values())
    assert len(NOUNS) == len(KINDS) + 1
    assert set(nouns(REGISTRY)["rules"]) == set(REGISTRY.rules)
    assert set(nouns(REGISTRY)["readouts"]) < set(nouns(REGISTRY)["neurons"])


def test_nouns_come_with_their_counts(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    counts = listed(monkeypatch, capsys)
    assert counts == {noun: len(offers) for noun, offers in nouns(REGISTRY).items()}
    assert run(monkeypatch, "list") == 0
    lines = [line.strip().split(maxsplit=2) for line in capsys.readouterr().out.splitlines()[1:]]
    assert lines == [[noun, str(count), meaning(noun)] for noun, count in counts.items()]


@pytest.mark.parametrize("noun", NOUNS)
def test_each_thing_is_told_with_parameters_source_and_doi(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], noun: str
) -> None:
    entries = listed(monkeypatch, capsys, noun)
    assert run(monkeypatch, "list", noun) == 0
    printed = " ".join(capsys.readouterr().out.split())
    offers = nouns(REGISTRY)[noun]
    assert [entry["name"] for entry in entries] == list(offers)
    for entry, offer in zip(entries, offers.values(), strict=True):
        assert entry["description"] == description(offer) != ""
        assert (entry["distribution"], entry["version"]) == (offer.source.distribution, offer.source.version)
        assert [setting["name"] for setting in entry["parameters"]] == [each.name for each in settings(offer.item)]
        told = [entry["name"], entry["title"][:TITLE], entry["doi"], f"from {offer.source.distribution}"]
        for text in [*told, *(each.name for each in settings(offer.item)), *entry["description"].split()]:
            assert text in printed


@pytest.mark.parametrize("noun", [noun for noun in NOUNS if noun not in {"rules", "readouts"}])
def test_descriptions_of_what_is_built_in_tell_things_apart(noun: str) -> None:
    told = [description(offer) for offer in nouns(REGISTRY)[noun].values()]
    assert len(set(told)) == len(told)


def test_rules_come_with_what_they_are_chosen_by(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for entry in listed(monkeypatch, capsys, "rules"):
        rule = REGISTRY.rules[entry["name"]].item
        assert (entry["engine"], entry["estimates"]) == (rule.engine, rule.claims.estimates)
        assert entry["feedback_choices"][0] == rule.default_feedback
        assert sorted(entry["feedback_choices"]) == sorted(way.name for way in REGISTRY.pathways_for(rule))
    assert run(monkeypatch, "list", "rules") == 0
    printed = capsys.readouterr().out
    assert "synapses cost: every step: 'r' in `pre` changes without spikes" in printed
    assert "reset = differentiated" in printed


def test_units_and_choices_of_parameters_are_told() -> None:
    def told(item: object) -> dict[str, tuple[str, tuple[str, ...]]]:
        return {each.name: (each.unit, each.choices) for each in settings(item)}

    assert told(REGISTRY.rule("eprop")) == {
        "regularize": ("second", ()),
        "target_rate": ("hertz", ()),
        "tau_rate": ("second", ()),
    }
    assert told(REGISTRY.rule("bptt")) == {"reset": ("", ("differentiated", "constant"))}
    assert told(REGISTRY.neuron("lif"))["v_th"] == ("1", ())
    assert told(REGISTRY.task("mnist"))["folder"] == ("", ())
    # Of the rule by which its weights learn.
    assert told(REGISTRY.pathway("weight_mirror")).keys() == {"tau_syn", "tau_mem", "tau_mean", "gain", "decay"}


def test_what_a_plugin_file_offers_is_listed_where_it_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], plugin_file: Callable[..., Path]
) -> None:
    path = plugin_file(DESCRIBED)
    before = {entry["name"] for entry in listed(monkeypatch, capsys, "rules")}
    after = {entry["name"]: entry for entry in listed(monkeypatch, capsys, "rules", "--plugin", str(path))}
    assert set(after) - before == {"mine"}
    assert (after["mine"]["file"], after["mine"]["description"]) == (str(path), "What it does.")
    monkeypatch.setenv("COLUMNS", "400")
    assert run(monkeypatch, "list", "rules", "--plugin", str(path)) == 0
    assert f"from {path}" in capsys.readouterr().out
    assert isinstance(load_registry([path]).rules["mine"].item, Rule)


def test_wrong_noun_is_answered_with_the_nearest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "list", "surogates") == 1
    told = capsys.readouterr().err
    assert told == "error: 'surogates' is not what plugins offer. Did you mean 'surrogates'?\n"
