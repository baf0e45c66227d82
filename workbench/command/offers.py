"""What plugins offer, as the command line tells of it."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from workbench.catalogue.nouns import Setting, description, doi_of, meaning, settings
from workbench.common.output import printable
from workbench.declare.neuron import NeuronModel
from workbench.declare.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from workbench.catalogue.registry import Offer, Registry
    from workbench.declare.feedback import Pathway

#: Letters of a title that are printed.
TITLE = 60


def described(offer: "Offer[Any]", registry: "Registry") -> dict[str, Any]:
    """Return what is known of something that a plugin offers, for programs.

    Parameters
    ----------
    offer : Offer
        Of anything.
    registry : Registry
        With what it may need.

    Returns
    -------
    dict
        Its name, description and parameters, where it is from, and of some kinds what they are chosen by.
    """
    item, source = offer.item, offer.source
    known = {"name": item.name, "title": getattr(item, "title", ""), "description": description(offer)}
    if isinstance(item, Rule):
        known |= _of_rule(item, registry)
    if isinstance(item, NeuronModel):
        known |= {"spikes": item.spiking, "readout": bool(item.output)}
    if names := getattr(item, "known_as", ()):
        known["also_called"] = names
    origin = {"distribution": source.distribution, "version": source.version, "plugin": source.plugin}
    return known | {
        "parameters": [asdict(setting) for setting in settings(item)],
        **origin,
        "file": source.file,
        "doi": doi_of(item),
    }


def _of_rule(rule: Rule, registry: "Registry") -> dict[str, Any]:
    from workbench.audit.cost import synapses_cost

    return {
        "feedback": rule.default_feedback,
        "feedback_choices": [way.name for way in _pathways(rule, registry)],
        "engine": rule.engine,
        "neuron": rule.written_for.neuron,
        "synapses_cost": synapses_cost(rule, *registry.models_for(rule)),
        "estimates": rule.claims.estimates,
    }


def _pathways(rule: Rule, registry: "Registry") -> "list[Pathway]":
    """Return the feedback pathways that a rule takes, its own first."""
    return sorted(registry.pathways_for(rule), key=lambda way: way.name != rule.default_feedback)


def print_nouns(counts: "Mapping[str, int]", terminal: "Console") -> None:
    """Print how many things there are of each noun, and what these are."""
    from rich.table import Table

    table = Table("noun", box=None)
    table.add_column("offers", justify="right")
    table.add_column("")
    for noun, count in counts.items():
        table.add_row(noun, str(count), meaning(noun))
    terminal.print(table)


def print_offers(entries: "Sequence[Mapping[str, Any]]", terminal: "Console") -> None:
    """Print each thing that plugins offer: what it is, where it is from, and its parameters.

    Parameters
    ----------
    entries : sequence of mapping
        Of `described`.
    terminal : Console
        Where to.
    """
    from rich.markup import escape
    from rich.padding import Padding

    for entry in entries:
        title = f"  {escape(printable(entry['title'], TITLE))}" if entry["title"] else ""
        terminal.print(f"[bold]{entry['name']}[/]{title}", highlight=False)
        lines = [entry["description"]] if entry["description"] != entry["title"] else []
        for line in [*lines, *_further(entry), _origin(entry)]:
            terminal.print(Padding(escape(printable(line)), (0, 0, 0, 4), expand=False), highlight=False)
        _print_settings([Setting(**setting) for setting in entry["parameters"]], terminal)


def _further(entry: "Mapping[str, Any]") -> "list[str]":
    """Return what is told of some kinds alone."""
    told = []
    if "feedback_choices" in entry:
        told += [f"feedback (default first): {', '.join(entry['feedback_choices'])}", f"computed by: {entry['engine']}"]
        told += [f"synapses cost: {entry['synapses_cost']}"] if entry["synapses_cost"] else []
        told += [f"written for neuron: {entry['neuron']}"] if entry["neuron"] else []
    if "also_called" in entry:
        told.append(f"also called: {', '.join(entry['also_called'])}")
    return told


def _origin(entry: "Mapping[str, Any]") -> str:
    distribution = f"{entry['distribution']} {entry['version']}".strip()
    return f"from {distribution or entry['file']}" + (f", doi:{entry['doi']}" if entry["doi"] else "")


def _print_settings(parameters: "Sequence[Setting]", terminal: "Console") -> None:
    from rich.markup import escape
    from rich.padding import Padding
    from rich.table import Table

    if not parameters:
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    for setting in parameters:
        shown = f"{setting.default}" if setting.unit or setting.choices else f'"{setting.default}"'
        choices = f" One of {', '.join(setting.choices)}." if setting.choices else ""
        table.add_row(f"{setting.name} = {escape(printable(shown))}", escape(printable(setting.meaning + choices)))
    terminal.print(Padding(table, (0, 0, 0, 4), expand=False))
