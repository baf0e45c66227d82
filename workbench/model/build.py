"""From a setup to Brian2 objects."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import brian2
from brian2 import BrianObject, StateMonitor

from workbench.declare.feedback import FEEDBACK
from workbench.declare.learning_signal import LearningSignal
from workbench.declare.network import Projection
from workbench.model import clock, readout, schedule
from workbench.model import renaming as names
from workbench.model import synapses as connections
from workbench.model.assembly import Parts
from workbench.model.brian2_session import SCHEDULE, floating_point
from workbench.model.checks.equations import check
from workbench.model.events import matrices as events
from workbench.model.feedback import clock_driven, event_driven
from workbench.model.population import add_layers, hidden_rule
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
        Targets and sizes of updates, read by trial number.
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
    check(setup)
    network = setup.network
    network = replace(network, neuron=network.neuron.plain(), readout=network.readout.plain())
    rule = names.as_held(setup.rule.written_out())
    setup = replace(setup, network=network, rule=rule, form=setup.resolved_form)
    parts = Parts(setup)
    parts.forms |= events.event_forms(setup, hidden_rule(setup))
    tables = {
        "update_sizes": clock.table((setup.trial_capacity,), "update_sizes"),
        "targets": clock.table((setup.target_capacity, network.n_outputs), "targets"),
    }
    built = brian2.Network()
    # It is read whenever objects are sorted, by then perhaps under a user's preferences.
    built.schedule = SCHEDULE
    with _belonging_to(built), floating_point(setup.precision):
        clock.add_clock(parts, tables["update_sizes"])
        add_layers(parts, tables["targets"])
        _add_connections(parts)
        built.add(parts.objects)
    return Model(built, parts, tables)


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


def _add_connections(parts: Parts) -> None:
    setup = parts.setup
    network = setup.network
    rule = hidden_rule(setup)
    learns = rule.signal is not None and setup.feedback in FEEDBACK
    for projection in network.projections:
        last = projection.target == "readout"
        learnt_by = readout.learnt_by(setup, rule) if last else rule
        target = (network.readout, "readout") if last else (network.neuron, "neuron")
        upwards = projection.source != "inputs" and not projection.recurrent
        carries_back = learns and setup.feedback == "symmetric" and upwards
        if projection.name in parts.forms:
            events.add_matrix(parts, projection)
            if carries_back:
                ends = projection.source, projection.target
                event_driven.carry_back(parts, f"w_{projection.name}", "w", ends, *_handed_down(parts, projection))
        else:
            # Synapses that begin at terminals do not end at the neurons that learn.
            from_terminals = carries_back and projection.delay > 0
            connections.add_synapses(parts, projection, learnt_by, target, carries_back and not from_terminals)
            if from_terminals:
                variable, distance = _handed_down(parts, projection)
                clock_driven.add_mirrored_feedback(parts, projection.source, projection.target, distance, variable)
        if last or rule.has_equations:
            _record_gradient(parts, projection.name)
    if learns and rule.signal is not None:
        _add_feedback(parts, rule.signal)
    for layer in network.layers:
        events.add_learning(parts, layer, rule)


def _handed_down(parts: Parts, projection: Projection) -> tuple[str, int]:
    """Return what the target of a projection hands down, and how far the layer below is from the readout."""
    distance = parts.setup.network.layers[::-1].index(projection.target) + 1
    return (connections.source_of(parts.setup.rule) if projection.target == "readout" else "relay"), distance


def _record_gradient(parts: Parts, name: str) -> None:
    synapses = parts.groups[f"w_{name}"]
    monitor = StateMonitor(synapses, "g", record=True, when=schedule.RECORD.when, name=f"g_{name}_record*")
    parts.add(f"g_{name}", monitor, "record")
    parts.gates[monitor.name] = "record"


def _add_feedback(parts: Parts, signal: LearningSignal) -> None:
    setup = parts.setup
    pathway = FEEDBACK[setup.feedback]
    hidden = setup.network.layers[:-1]
    ways = clock_driven if setup.form == "clock" else event_driven
    for index, layer in enumerate(hidden):
        distance = len(hidden) - index
        above = setup.network.layers[index + 1]
        variable = signal.source if above == "readout" else "relay"
        if pathway.origin == "output":
            carried = signal.source if pathway.carries == "error" else pathway.carries
            ways.add_feedback(parts, layer, "readout", distance, carried)
        elif pathway.origin == "layer":
            ways.add_local_readout(parts, layer, f"{layer}_readout", distance)
        elif pathway.weights == "sign":
            ways.add_sign_feedback(parts, layer, above, distance, variable)
        elif pathway.weights == "learned":
            ways.add_learned_feedback(parts, layer, above, distance, variable)
        elif pathway.weights == "random":
            ways.add_feedback(parts, layer, above, distance, variable)
        if index > 0 and pathway.origin == "above":
            parts.run_code(
                layer, "relay", f"relay = {signal.relay}", schedule.relay(distance), "learning", gate="learning"
            )
