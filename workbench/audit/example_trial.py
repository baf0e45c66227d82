"""One trial of a network as it learns: spikes, and the course of all that one synapse's estimate is made of.

Nothing is computed here: each course is a variable of the network that Brian2 runs, read after each step.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from workbench.audit.rule_variables import RuleVariable, rule_variables
from workbench.declare.example_trial import Array, Course, Events, ExampleTrial
from workbench.declare.neuron import NeuronModel
from workbench.declare.projection import Projection
from workbench.declare.trials import Trials
from workbench.engine.interpreted.network import InterpretedNetwork
from workbench.engine.interpreted.stepwise import stepwise
from workbench.engine.presentation import Plan
from workbench.engine.state import State
from workbench.model.neuron_text import states_of
from workbench.model.setup import Setup
from workbench.text.expressions import evaluate
from workbench.text.quantities import IN_EQUATIONS
from workbench.text.syntax import identifiers


def example_trial(setup: Setup, state: State, trial: Trials) -> ExampleTrial:
    """Return what a network does in a trial while its rule runs, at weights that stay as they are.

    The synapse is the one, among the weights that the rule trains first, whose estimate is the largest when the trial
    is over; the same trial is then run again, and its variables are read after each step. Where no such weights learn
    by equations, or all estimates are 0, it is the neuron that spikes most.

    Parameters
    ----------
    setup : Setup
        The network and its rule.
    state : State
        With which to begin; what outlives a trial has the values that the state says, or else its first ones.
    trial : Trials
        One of them.

    Raises
    ------
    WorkbenchError
        Where the network cannot be built or run.
    """
    # The estimate is of the whole trial: an update before its end would begin it anew.
    room = max(2, len(trial.step) + 1)
    plain = replace(setup, form="clock", forced_capacity=0, every="batch", trial_capacity=1, event_capacity=room)
    projection = _shown(plain)
    learns = plain.learns_by_rule(projection)
    with stepwise(plain, state, trial, Plan(learning=True, record_spikes=False)) as network:
        begun = network.keep()
        spikes = {"inputs": (trial.step.astype(np.int64), trial.neuron.astype(np.int64))} | _spikes(plain, network)
        ends = _largest(network, projection) if learns else None
        pre, post = ends or (-1, _busiest(spikes, projection.target, plain))
        network.go_back(begun)
        courses, states = _courses(plain, network, projection, (pre, post))
    potential, threshold = _threshold(plain.network.model_of(projection.target), states)
    return ExampleTrial(
        dt=plain.network.dt, n_steps=plain.network.n_steps, window=plain.network.steps_in_window, spikes=spikes,
        sizes={"inputs": plain.network.n_inputs} | dict(plain.network.layer_sizes),
        weights=projection.name, source=projection.source, target=projection.target, pre=pre, post=post,
        potential=potential, v=states[potential], threshold=threshold, courses=courses,
    )  # fmt: skip


def _shown(setup: Setup) -> Projection:
    """Return the weights of which a synapse is shown: the first that learn by a rule, the network's own before others.

    Where none do, the first onto neurons that spike, or just the first.
    """
    among = setup.network.all_projections
    learning = [item for item in among if setup.learns_by_rule(item)]
    own = [item for item in learning if item.rule is None]
    spiking = [item for item in among if setup.network.spikes(item.target)]
    return [*own, *learning, *spiking, *among][0]


def _spikes(setup: Setup, network: InterpretedNetwork) -> dict[str, Events]:
    """Run a trial to its end, and return its spikes."""
    found: dict[str, list[tuple[int, int]]] = {layer: [] for layer in setup.network.spiking_layers}
    for step in range(setup.network.n_steps):
        network.step()
        for layer, own in found.items():
            *numbers, length = network.get(layer, "_spikespace")
            own += [(step, int(number)) for number in numbers[:length]]
    arrays = {layer: np.array(own, dtype=np.int64).reshape(-1, 2) for layer, own in found.items()}
    return {layer: (array[:, 0], array[:, 1]) for layer, array in arrays.items()}


def _largest(network: InterpretedNetwork, projection: Projection) -> tuple[int, int] | None:
    """Return the ends of the synapse whose estimate is the largest; None where all are 0 or not finite."""
    g = np.abs(network.get(f"w_{projection.name}", "g"))
    place = int(np.argmax(np.where(np.isfinite(g), g, -1.0)))
    if not g[place] > 0:
        return None
    if projection.dense:
        return place // projection.ends[1], place % projection.ends[1]
    return int(projection.indices.pre[place]), int(projection.indices.post[place])


def _busiest(spikes: Mapping[str, Events], layer: str, setup: Setup) -> int:
    """Return the neuron of a layer that spikes most, the first of several."""
    _, neurons = spikes.get(layer, (None, np.zeros(0, dtype=np.int64)))
    return int(np.bincount(neurons, minlength=setup.network.layer_sizes[layer]).argmax())


def _courses(
    setup: Setup, network: InterpretedNetwork, projection: Projection, ends: tuple[int, int]
) -> tuple[tuple[Course, ...], dict[str, Array]]:
    """Run a trial once more, and return the courses of a synapse's variables, and those of its neuron's model."""
    pre, post = ends
    groups = network.model.parts.groups
    there = {f"{name}.{variable}" for name, group in groups.items() for variable in getattr(group, "variables", ())}
    chosen = list(rule_variables(setup, projection, there)) if pre >= 0 else []
    places = {"pre": pre, "post": post, "synapse": _place(projection, pre, post)}
    model = setup.network.model_of(projection.target)
    own = [*states_of(model), *(name for name in (*dict(model.parameters), *dict(model.noise))
                                if f"{projection.target}.{name}" in there)]  # fmt: skip
    values = np.zeros((len(chosen), setup.network.n_steps))
    states = {name: np.zeros(setup.network.n_steps) for name in own}
    for step in range(setup.network.n_steps):
        network.step()
        for row, item in zip(values, chosen, strict=True):
            row[step] = _value(network, item, places[item.end])
        for name, array in states.items():
            found = network.get(projection.target, name).ravel()
            array[step] = found[post] if len(found) > 1 else found[0]
    return tuple(Course(item.part, item.name, item.unit, row) for item, row in zip(chosen, values, strict=True)), states


def _place(projection: Projection, pre: int, post: int) -> int:
    """Return the place of a synapse among those of its weights."""
    if projection.dense:
        return pre * projection.ends[1] + post
    return (
        int(np.flatnonzero((projection.indices.pre == pre) & (projection.indices.post == post))[0]) if pre >= 0 else 0
    )


def _value(network: InterpretedNetwork, item: RuleVariable, place: int) -> float:
    return float(network.get(item.group, item.variable)[place])


def _threshold(model: NeuronModel, states: Mapping[str, Array]) -> tuple[str, Array]:
    """Return the variable that is compared with a threshold, and the threshold where the drive is linear in it.

    The threshold is where the drive would be 0, all else being as it is.
    """
    read = identifiers(model.plain().drive) if model.spiking else set()
    potential = next((name for name in states_of(model) if name in read), states_of(model)[0])
    unknown = np.full_like(states[potential], np.nan)
    if not read or read - set(states) - IN_EQUATIONS:
        return potential, unknown

    def drive(at: float) -> Array:
        return np.asarray(evaluate(model.plain().drive, {**states, potential: np.full_like(unknown, at)}, np))

    slope = drive(1.0) - drive(0.0)
    linear = np.allclose(drive(2.0) - drive(1.0), slope) and (slope != 0).all()
    return potential, -drive(0.0) / slope if linear else unknown
