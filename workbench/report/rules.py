"""What a page says of each rule of a study: its equations, what it needs to know, and one trial."""

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from workbench.audit.locality.complaints import COMPLAINTS
from workbench.audit.locality.requirements import Locality, locality
from workbench.audit.locality.scorecard import edges_of
from workbench.catalogue.registry import Registry
from workbench.common.errors import WorkbenchError, reason_of
from workbench.declare.configuration import NO_FEEDBACK, words
from workbench.declare.feedback import Pathway
from workbench.declare.rule import Rule
from workbench.figures.inline import inline_svg
from workbench.figures.locality import provenance_graph
from workbench.report.content import Cell, Heading, Picture, Table
from workbench.report.page import Listing, Needs, RuleSection
from workbench.report.training import listed
from workbench.report.trial import Trials
from workbench.tables.text import file_stem, plain

_SCORES = {0.0: "does not hold", 0.5: "in part", 1.0: "holds"}

#: Why a rule has no equations, by who computes its estimate.
_WITHOUT = {
    "none": "It has no equations: hidden layers never learn.",
    "bptt": "It has no equations: after each trial the exact gradient is computed from what was recorded, back through "
    "time.",
    "rtrl": "It has no equations: the exact gradient is computed from what was recorded, carried along with time.",
    "ostl": "It has no equations: after each trial the gradient is computed from what was recorded, through time "
    "within each layer and from layer to layer within a step.",
    "spike_trains": "It has no equations: after each trial the gradient is computed from how many spikes were "
    "recorded, and what each found on its neuron.",
    "eventprop": "It has no equations: after each trial the gradient by the times of spikes is computed from what was "
    "recorded.",
}


@dataclass(frozen=True)
class _Used:
    """A rule as a study has it: its rows, and what it is where it is installed."""

    name: str
    rows: pd.DataFrame
    registry: Registry


def rule_sections(runs: pd.DataFrame, registry: Registry, trials: Trials) -> Iterator[RuleSection]:
    """Yield what is said of each rule, in the order of the study.

    Parameters
    ----------
    runs : DataFrame
        As in `runs.parquet`.
    registry : Registry
        Where the rules are looked up.
    trials : Trials
        Of which one of each is shown.
    """
    for name, rows in runs.groupby("rule", sort=False):
        yield _section(_Used(str(name), rows, registry), trials)


def _section(used: _Used, trials: Trials) -> RuleSection:
    title, anchor = plain(used.rows["title"].iloc[0]), f"rule-{file_stem(used.name)}"
    offer = used.registry.rules.get(used.name)
    offered = next((str(text) for text in used.rows["distribution"] if text), "")
    if offer is None:
        about = (
            f"Rule '{used.name}' is offered by no plugin that is installed, so that neither its equations nor a trial "
            "can be shown. Name its file: --plugin FILE."
        )
        return RuleSection(anchor, used.name, title, "", offered, about=about)
    rule = offer.item
    values = _values(used)
    chosen = {name: among[0] for name, among in values.items() if len(among) == 1}
    rule = rule.with_parameters({name: value for name, value in chosen.items() if _is_of(rule, name)})
    return RuleSection(
        anchor, used.name, title, rule.doi, offered,
        listings=tuple(_listings(rule)),
        about=_about(rule, used),
        parameters=_parameters(rule, values),
        words=_words(offer.source.file),
        needs=tuple(_needs(rule, used)) if rule.engine != "none" else (),
        trial=trials.of(used.rows),
    )  # fmt: skip


def _is_of(rule: Rule, name: str) -> bool:
    return name in {item.name for item in rule.parameters}


def _values(used: _Used) -> dict[str, list[str | float]]:
    """Return the values that each parameter of a rule has in a study."""
    found: dict[str, list[str | float]] = {}
    for text in dict.fromkeys(used.rows["parameters"]):
        for name, value in json.loads(text or "{}").get("rule", {}).items():
            among = found.setdefault(str(name), [])
            among += [value] if value not in among else []
    return found


def _listings(rule: Rule) -> Iterator[Listing]:
    """Yield the parts of a rule's equations, with its regularizer where that has a strength."""
    whole, made = rule.written_out(), rule.on_gradient
    pairs = whole.pairs
    texts = {
        "Trace of each presynaptic neuron": whole.pre,
        "At each presynaptic spike": whole.pre_on_spike,
        "Each postsynaptic neuron": whole.post,
        "Each hidden neuron, in each step": "" if whole.on_step is None else whole.on_step.code,
        "Each output, in each step": "" if whole.output_step is None else whole.output_step.code,
        "Each pair of presynaptic neurons": "" if pairs is None else "\n".join([*_sums(pairs.sums), pairs.equations]),
        "Each synapse": "\n".join([*_sums(whole.sums), whole.synapse]),
        "Beside each hidden layer": "" if whole.circuit is None else "\n".join(whole.circuit.lines),
        "Mean gradient of a batch": "" if made is None else "\n".join([*_sums(made.sums), made.code]),
    }
    for title, text in texts.items():
        lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
        if lines:
            yield Listing(title, lines)


def _sums(sums: tuple[tuple[str, str], ...]) -> list[str]:
    return [f"{name} = sum({text})" for name, text in sums]


def _about(rule: Rule, used: _Used) -> str:
    if not rule.has_equations:
        return _WITHOUT[rule.engine]
    told = ["g is the estimate of the gradient; an optimizer, the same for every rule, takes the step against it."]
    signal = rule.signal
    if signal is None:
        told.append("It takes no learning signal.")
    else:
        told.append(f"Its learning signal is '{signal.name}', made of what outputs send as '{signal.source}'.")
        ways = [used.registry.pathway_for(rule, str(name)) for name in used.rows["feedback"].unique()]
        if any(isinstance(way, Pathway) and way.origin == "above" for way in ways):
            told.append(f"From layer to layer a neuron hands down '{signal.relay}'.")
    if rule.updates.every != "batch":
        told.append(f"Weights change every {rule.updates.every}.")
    if rule.updates.constraints:
        told.append(f"Of weights holds: {listed(item.name for item in rule.updates.constraints)}.")
    return " ".join(told)


def _parameters(rule: Rule, values: dict[str, list[str | float]]) -> Table | None:
    if not rule.parameters:
        return None
    headings = [Heading("parameter"), Heading("value"), Heading("meaning")]
    rows = [
        [Cell(item.name), Cell(listed(values.get(item.name, [item.default]))), Cell(item.doc)]
        for item in rule.parameters
    ]
    return Table("Parameters, with their values in this study", headings, rows)


def _words(file: str) -> str:
    """Return what a plugin's file says of itself; nothing where it cannot be read."""
    try:
        return ast.get_docstring(ast.parse(Path(file).read_text(encoding="utf-8"))) or ""
    except (OSError, ValueError, SyntaxError):
        return ""


def _needs(rule: Rule, used: _Used) -> Iterator[Needs]:
    """Yield what a rule needs to know with each pathway that the study has it with."""
    depths = [len(str(network).split(" ")[0].split("-")) - 2 for network in used.rows["network"]]
    models = used.registry.models_for(rule)
    for feedback in dict.fromkeys(used.rows["feedback"]):
        called = "" if feedback == NO_FEEDBACK else words(feedback)
        try:
            way: Pathway | str = used.registry.pathway_for(rule, str(feedback))
            found = locality(rule, way, *models, max(1, *depths))
        except WorkbenchError as error:
            yield Needs(called, f"Not known: {reason_of(error)}", ())
            continue
        complaints = [
            (called_so, _SCORES[found.scores[name].value], found.scores[name].reason)
            for name, called_so in COMPLAINTS.items()
            if name in found.scores
        ]
        yield Needs(called, found.sentence(), complaints, _graph(found, used.name))


def _graph(found: Locality, name: str) -> Picture | None:
    if found.graph is None:
        return None
    caption = f"What the estimate of a synapse depends on, {found.label}: read off the operations that Brian2 runs."
    figure = provenance_graph(edges_of(found.graph), found.label)
    return Picture(inline_svg(figure, f"graph {name} {found.feedback}", caption), caption)
