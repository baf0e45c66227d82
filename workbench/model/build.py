"""From a setup to Brian2 objects."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import brian2
from brian2 import BrianObject, StateMonitor

from workbench.declare.rule import NO_RULE
from workbench.model import clock, schedule
from workbench.model import synapses as connections
from workbench.model.assembly import Parts
from workbench.model.brian2_session import SCHEDULE, floating_point
from workbench.model.checks.setup import check
from workbench.model.events import matrices as events
from workbench.model.feedback import kinds as feedback
from workbench.model.heard_reward import hears_reward
from workbench.model.outlasting import KEPT, of_neurons, outlasting
from workbench.model.pairs import add_pairs
from workbench.model.population import add_layers
from workbench.model.readout_rule import delta_rule
from workbench.model.reward import add_reward
from workbench.model.rule_text import RuleText, rule_text
from workbench.model.setup import Setup


@dataclass(frozen=True)
class Model:
    """A network as Brian2 objects.

    Attributes
    ----------
    network : brian2.Network
        All objects.
    parts : Parts
        The same by name, with gates, roles and where numbers go.
    tables : dict of str to TimedArray
        Targets, sizes of updates and what answers are worth, read by trial number.
    """

    network: brian2.Network
    parts: Parts
    tables: dict[str, brian2.TimedArray]

    @property
    def clock(self) -> brian2.Clock:
        """The clock of all objects."""
        return self.parts.groups["clock"].clock


def build_model(setup: Setup) -> Model:
    """Return a setup's Brian2 objects; no number of the setup is in their code.

    Parameters
    ----------
    setup : Setup
        Network, rule, feedback, optimizer and capacities.

    Returns
    -------
    Model
        On Brian2's current device; see `workbench.model.brian2_session`.

    Raises
    ------
    WorkbenchError
        Where equations do not hold together.
    """
    parts = begun(setup)
    setup, network = parts.setup, parts.setup.network
    tables = {"targets": clock.table((setup.target_capacity, network.n_outputs), "targets")}
    if setup.between_trials:
        tables["update_sizes"] = clock.table((setup.trial_capacity,), "update_sizes")
    if hears_reward(setup) and setup.rewarded:
        tables["rewards"] = clock.table((setup.trial_capacity, network.n_outputs), "rewards")
    built = brian2.Network()
    # It is read whenever objects are sorted, by then perhaps under a user's preferences.
    built.schedule = SCHEDULE
    with _belonging_to(built), floating_point(setup.precision):
        clock.add_clock(parts, tables.get("update_sizes"))
        add_layers(parts, tables["targets"])
        if hears_reward(setup):
            add_reward(parts, tables.get("rewards"))
        _add_connections(parts, tables["targets"])
        _record_beginnings(parts)
        built.add(parts.objects)
    return Model(built, parts, tables)


def begun(setup: Setup) -> Parts:
    """Return a network of which nothing is built yet: its texts checked and parsed, and the form that each takes.

    Raises
    ------
    WorkbenchError
        Where equations do not hold together.
    """
    check(setup)
    setup = replace(setup, network=setup.network.plain(), form=setup.resolved_form)
    rule = rule_text(setup.rule if setup.rule.has_equations else NO_RULE)
    beside = {mark: rule_text(own, mark) for mark, own in setup.rules.items() if mark}
    parts = Parts(setup, rule, _rule_of_readout(setup, rule), beside)
    parts.outlasting |= outlasting(setup)
    parts.forms |= events.event_forms(parts)
    return parts


def _rule_of_readout(setup: Setup, rule: RuleText) -> RuleText:
    """Return the rule by which the weights of the readout learn in the network."""
    if rule.rule.trains_readout:
        return rule
    taught = any(item.plastic for item in setup.network.all_projections if item.target == "readout")
    return rule_text(delta_rule(setup.network.readout) if taught and setup.teaches_readout else NO_RULE)


@contextmanager
def _belonging_to(network: brian2.Network) -> Iterator[None]:
    """Let all objects that are made meanwhile belong to a network, whatever becomes of them.

    Brian2 warns of objects that were made but never run; a model may also be made to be read, or turn out wrong.
    """
    before = set(BrianObject.__instances__())
    try:
        yield
    finally:
        for reference in BrianObject.__instances__() - before:
            item = reference()
            if getattr(item, "_network", network.id) is None:
                item._network = network.id


def _add_connections(parts: Parts, targets: brian2.TimedArray) -> None:
    network = parts.setup.network
    signal = parts.rule.rule.signal
    if signal is not None:
        feedback.add_neurons(parts, targets)
    for projection in network.all_projections:
        if projection.name in parts.forms:
            events.add_matrix(parts, projection)
        else:
            further = feedback.declared_in_forward(parts, projection) if signal is not None else ""
            connections.add_synapses(parts, projection, further)
            add_pairs(parts, projection)
        if parts.rule_of(projection).synapse:
            _record_gradient(parts, projection.name)
    if signal is not None:
        feedback.add_pathway(parts, signal)
    for layer in network.layers:
        events.add_learning(parts, layer)


def _record_beginnings(parts: Parts) -> None:
    """Record what each trial began with, of what outlives a trial, before that is told anew."""
    for layer, names in of_neurons(parts.setup).items():
        kept = [f"{KEPT}{name}" for name in names]
        monitor = StateMonitor(
            parts.groups[layer], kept, record=True, when=schedule.RECORD.when, name=f"{layer}_begun*"
        )
        parts.add(f"{layer}_begun", monitor, "record")
        parts.gates[monitor.name] = "trial_end"


def _record_gradient(parts: Parts, name: str) -> None:
    synapses = parts.groups[f"w_{name}"]
    monitor = StateMonitor(synapses, "g", record=True, when=schedule.RECORD.when, name=f"g_{name}_record*")
    parts.add(f"g_{name}", monitor, "record")
    parts.gates[monitor.name] = "record"
