"""The variables that outlive a trial: which there are, and how they begin.

Each is kept in a second variable, with which a trial begins and which takes its value when a trial of training ends. So
trials that teach nothing all begin alike, in whatever order they come.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from workbench.model.setup import Setup

if TYPE_CHECKING:
    from workbench.model.rule_text import RuleText

#: Before the name of such a variable: where its value is between trials.
KEPT = "kept__"


def outlasting(setup: Setup) -> dict[str, tuple[str, ...]]:
    """Return the names of the variables that outlive a trial, by group.

    Parameters
    ----------
    setup : Setup
        Whose neuron models and rule say so.

    Returns
    -------
    dict of str to tuple of str
        Layers, inputs and terminals; ``w_<name>`` for the weights of a name, ``pairs_<name>`` for pairs of who sends by
        them.
    """
    network = setup.network
    found: dict[str, list[str]] = {layer: list(network.model_of(layer).persistent) for layer in network.layers}
    for mark, rule in setup.rules.items():
        if rule.has_equations and rule.persistent:
            # It takes Brian2, which whoever runs other rules does without.
            from workbench.model.rule_text import rule_text

            _add_of_rule(setup, rule_text(rule, mark), found)
    return {group: tuple(names) for group, names in found.items() if names}


def _add_of_rule(setup: Setup, rule: "RuleText", found: dict[str, list[str]]) -> None:
    """Add the variables of a rule that outlive a trial."""
    network = setup.network
    reached = [item for item in network.all_projections if setup.mark_of(item) == rule.mark]
    taught = dict.fromkeys(item.target for item in reached if setup.learns_by_rule(item))
    layers = list(taught) if rule.mark else [*network.learning_layers, "readout"]
    for layer in layers:
        post = rule.post if layer != "readout" or rule.rule.trains_readout else ()
        there = {*(item.name for item in post), *rule.states("output_step" if layer == "readout" else "on_step")}
        found[layer] += [name for name in rule.outlasting if name in there]
    for projection in reached:
        if not setup.learns_by_rule(projection):
            continue
        # What outlives a trial has no form of events, so that its traces are where each synapse has its own.
        apart = rule.traces_differ(network.model_of(projection.target))
        traces, after = found.setdefault(projection.terminals, []), setup.traces_after(projection)
        of_source = {item.name for item in rule.pre}
        named = [f"{name}{after}" for name in rule.outlasting if name in of_source and not apart]
        traces += [name for name in named if name not in traces]
        of_synapses = {*(item.name for item in rule.synapse), *(of_source if apart else ())}
        of_pairs = {item.name for item in rule.pairs}
        found[projection.pairs] = [name for name in rule.outlasting if name in of_pairs]
        found[f"w_{projection.name}"] = [name for name in rule.outlasting if name in of_synapses]


def of_neurons(setup: Setup) -> dict[str, tuple[str, ...]]:
    """Return those of them that are of the neuron models, on which what a network does depends."""
    found = {layer: setup.network.model_of(layer).persistent for layer in setup.network.layers}
    return {layer: names for layer, names in found.items() if names}


def sizes_of(setup: Setup) -> dict[str, tuple[int, ...]]:
    """Return the shape of the variables that outlive a trial, by ``<group>.<variable>``."""
    network = setup.network
    shapes: dict[str, tuple[int, ...]] = {"inputs": (network.n_inputs,)}
    shapes |= {layer: (size,) for layer, size in network.layer_sizes.items()}
    shapes |= {item.terminals: (item.ends[0],) for item in network.all_projections}
    shapes |= {f"w_{item.name}": item.shape for item in network.all_projections}
    shapes |= {item.pairs: (item.ends[0], item.ends[0]) for item in network.all_projections}
    return {f"{group}.{name}": shapes[group] for group, names in outlasting(setup).items() for name in names}


def first_value(setup: Setup, group: str, name: str) -> float | NDArray[np.float64]:
    """Return what such a variable is before the first trial, in SI base units; of each neuron where they differ."""
    network = setup.network
    for projection in network.all_projections:
        pairs = setup.rule_of(projection).pairs
        if pairs is not None and group == projection.pairs and name in dict(pairs.diagonal):
            value = setup.rule_of(projection).values()[dict(pairs.diagonal)[name]]
            return value * np.eye(projection.ends[0])
    return network.first_values_of(network.owner_of(group)).get(name, 0.0) if group in network.layers else 0.0
