"""A network with all that a rule brings along."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from workbench.common.errors import ModelError, RuleError
from workbench.declare.circuit import FORWARD, CircuitPopulation, CircuitProjection, number_of
from workbench.declare.claims import Claims
from workbench.declare.connectivity import Connectivity
from workbench.declare.network import Network
from workbench.declare.population import Population
from workbench.declare.projection import Projection
from workbench.declare.rule import Rule

Item = TypeVar("Item", CircuitPopulation, CircuitProjection)
Weights = Mapping[str, NDArray[np.float64]]


def completed(network: Network, rule: Rule) -> Network:
    """Return a network with the populations and projections that a rule brings along, for each of its hidden layers.

    Parameters
    ----------
    network : Network
        With them, if it has been completed before, or without.
    rule : Rule
        That trains it.

    Raises
    ------
    ModelError
        Where it has something else of one of these names, or weights are to begin like others of another shape.
    RuleError
        Where the rule is written for other neurons, which may have none of the receptors that it reaches.
    """
    circuit = rule.circuit
    if circuit is None or not network.hidden:
        return network
    unfit = rule.written_for.refuses(network.neuron.name, network.readout.name)
    if unfit:
        raise RuleError(f"Rule '{rule.name}': {unfit}")
    populations, projections = _for_each_layer(network, circuit.populations), brought(network, rule)
    there = {item.name for item in network.populations} | {item.name for item in network.projections}
    taken = sorted(there & {*populations, *projections})
    if taken and len(taken) == len(populations) + len(projections):
        return network
    if taken:
        raise ModelError(
            f"Rule '{rule.name}' brings '{taken[0]}' along, and the network has something of this name. Rename that."
        )
    sizes = {"layer": network.sizes[1:-1], "above": network.sizes[2:]}
    found = replace(
        network,
        populations=(
            *network.populations,
            *(
                Population(name=name, size=sizes[item.size][at - 1], neuron=item.neuron)
                for name, (item, at) in populations.items()
            ),
        ),
        projections=(
            *network.projections,
            *(_projection(name, item, at, network, rule) for name, (item, at) in projections.items()),
        ),
    )
    _refuse_unlike(found, rule)
    return found


def without_circuit(network: Network, rule: Rule) -> Network:
    """Return the network without what a rule brings along.

    Parameters
    ----------
    network : Network
        As of `completed`.
    rule : Rule
        That trains it.
    """
    if rule.circuit is None:
        return network
    names = {*_for_each_layer(network, rule.circuit.populations), *brought(network, rule)}
    return replace(
        network,
        populations=tuple(item for item in network.populations if item.name not in names),
        projections=tuple(item for item in network.projections if item.name not in names),
    )


def brought(network: Network, rule: Rule) -> dict[str, tuple[CircuitProjection, int]]:
    """Return the projections that a rule brings along: by name in the network what each is, and beside which layer.

    Parameters
    ----------
    network : Network
        That the rule trains.
    rule : Rule
        Which may bring none.
    """
    return {} if rule.circuit is None else _for_each_layer(network, rule.circuit.projections)


def _for_each_layer(network: Network, items: Iterable[Item]) -> dict[str, tuple[Item, int]]:
    layers = range(1, len(network.hidden) + 1)
    return {f"{item.name}{at}": (item, at) for at in layers for item in items}


def begins_forward(network: Network, rule: Rule, name: str) -> bool:
    """Return whether weights that a rule brings along begin as a copy of forward weights, be it by way of others.

    Parameters
    ----------
    network : Network
        As of `completed`.
    rule : Rule
        That trains it.
    name : str
        Of the weights.
    """
    along = brought(network, rule)
    while name in along and along[name][0].like:
        name, _ = _begins_like(network, *along[name])
    return name not in along


def _begins_like(network: Network, item: CircuitProjection, at: int) -> tuple[str, bool]:
    """Return the name of the weights that others begin like, and whether these go the other way about."""
    name = network.stack[at] if item.like == FORWARD else f"{item.like}{at}"
    model, own = network.projection(name), network.projection(f"{item.name}{at}")
    return name, (model.source, model.target) == (own.target, own.source)


def begun(network: Network, rule: Rule, drawn: Weights) -> dict[str, NDArray[np.float64]]:
    """Return weights among which those that a rule brings along begin as it says.

    Parameters
    ----------
    network : Network
        As of `completed`.
    rule : Rule
        That trains it.
    drawn : mapping of str to ndarray
        All weights, by name; what the rule lets be drawn, and what it does not bring, stays as it is.
    """
    weights = dict(drawn)
    for name, (item, at) in brought(network, rule).items():
        if item.like:
            model, turned = _begins_like(network, item, at)
            weights[name] = item.factor * (weights[model].T if turned else weights[model])
        elif item.weight is not None:
            weights[name] = np.full(network.projection(name).shape, number_of(item.weight, rule.values()))
    return weights


def rule_of(item: CircuitProjection, rule: Rule) -> Rule:
    """Return the rule by which weights learn that a rule brings along.

    Parameters
    ----------
    item : CircuitProjection
        Which, with a `synapse`.
    rule : Rule
        That brings them.
    """
    return Rule(
        name=f"{rule.name}_{item.name}",
        title=f"{rule.title}, {item.name}",
        doi=rule.doi,
        pre=item.pre,
        pre_on_spike=item.pre_on_spike,
        synapse=item.synapse,
        claims=Claims(estimates="objective"),
        parameters=tuple(one for one in rule.parameters if not one.choices),
    )


def _projection(name: str, item: CircuitProjection, at: int, network: Network, rule: Rule) -> Projection:
    stack = ("inputs", *network.stack)
    ends = {"below": stack[at - 1], "layer": stack[at], "above": stack[at + 1]}
    own = rule_of(item, rule) if item.synapse else None
    return Projection(
        name=name,
        source=ends.get(item.source, f"{item.source}{at}"),
        target=ends.get(item.target, f"{item.target}{at}"),
        connect=Connectivity(pattern=item.pattern),
        receptor=item.receptor,
        plastic=own is not None,
        rule=own,
        learning_rate=1.0 if own is None else number_of(item.learning_rate, rule.values()),
    )


def _refuse_unlike(network: Network, rule: Rule) -> None:
    """Refuse weights that are to begin like others of which there are not as many."""
    shapes = network.weight_shapes()
    for name, (item, at) in brought(network, rule).items():
        if not item.like:
            continue
        model, turned = _begins_like(network, item, at)
        wanted = shapes[model][::-1] if turned else shapes[model]
        if shapes[name] != wanted or len(wanted) != 2:
            raise ModelError(
                f"Rule '{rule.name}': weights '{name}' begin like '{model}', and have the shape {shapes[name]}, not "
                f"{wanted}. Connect '{model}' all to all, or give them a `weight`."
            )
