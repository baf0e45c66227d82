"""The variables that a rule keeps around a synapse: what they are to it, and where the network has them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from workbench.declare.example_trial import Part
from workbench.declare.projection import Projection
from workbench.model.rule_text import RuleText, rule_text
from workbench.model.setup import Setup


@dataclass(frozen=True)
class RuleVariable:
    """A variable that a rule keeps, or reads of the postsynaptic neuron.

    Attributes
    ----------
    part : {"trace", "neuron", "signal", "eligibility", "estimate"}
        What it is to the synapse.
    name, unit : str
        As in the rule's equations, without an ending; ``1`` for no unit.
    end : {"pre", "post", "synapse"}
        Of what the network has one.
    group, variable : str
        Where the network has it.
    """

    part: Part
    name: str
    unit: str
    end: Literal["pre", "post", "synapse"]
    group: str
    variable: str


def rule_variables(setup: Setup, projection: Projection, there: Collection[str]) -> Iterator[RuleVariable]:
    """Yield the variables around the synapses of some weights, from the presynaptic traces to `g`.

    Parameters
    ----------
    setup : Setup
        Clock-driven.
    projection : Projection
        Weights that learn by equations of a rule.
    there : collection of str
        What the network has, by ``<group>.<variable>``; others are left out.
    """
    rule = setup.rule_of(projection)
    mark = setup.mark_of(projection)
    text = rule_text(rule, mark).with_traces(setup.traces_after(projection))
    weights = f"w_{projection.name}"

    def called(variable: str, after: str = "") -> str:
        return variable.removesuffix(after).removesuffix(mark)

    found = []
    for item in text.pre:
        # Where time constants differ between the targets, each synapse has the trace for itself.
        apart = f"{weights}.{item.name}" in there and f"{projection.terminals}.{item.name}" not in there
        end: Literal["pre", "synapse"] = "synapse" if apart else "pre"
        group = weights if apart else projection.terminals
        found.append(RuleVariable("trace", called(item.name, text.after), item.unit, end, group, item.name))
    found += [
        RuleVariable("neuron", called(item.name), item.unit, "post", projection.target, item.name) for item in text.post
    ]
    for name in (*text.states("on_step"), *_read_of_neuron(text)):
        found.append(RuleVariable("neuron", called(name), "1", "post", projection.target, name))
    if rule.signal is not None:
        found.append(RuleVariable("signal", text.signal, "1", "post", projection.target, text.signal))
    for item in text.synapse:
        part: Part = "estimate" if item.name == "g" else "eligibility"
        found.append(RuleVariable(part, called(item.name), item.unit, "synapse", weights, item.name))
    order = ("trace", "neuron", "signal", "eligibility", "estimate")
    found = [item for item in found if f"{item.group}.{item.variable}" in there]
    yield from sorted(found, key=lambda item: order.index(item.part))


def _read_of_neuron(text: RuleText) -> Iterator[str]:
    """Yield what a rule reads of the network's own dynamics of the postsynaptic neuron."""
    if text.reads("psi_post", "synapse") or text.reads("psi", "post") or text.reads("psi", "on_step"):
        yield "psi"
