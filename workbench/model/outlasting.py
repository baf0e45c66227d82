"""The variables that outlive a trial: which there are, and how they begin.

Each is kept in a second variable, with which a trial begins and which takes its value when a trial of training ends. So
trials that teach nothing all begin alike, in whatever order they come.
"""

from workbench.model.setup import Setup
from workbench.text.equation_text import read_equations

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
        Layers, inputs and terminals, and ``w_<name>`` for the weights of a name.
    """
    network, rule = setup.network, setup.rule
    found: dict[str, list[str]] = {layer: list(network.model_of(layer).persistent) for layer in network.layers}
    if rule.has_equations and rule.persistent:
        own = {
            where: {item.name for item in read_equations(getattr(rule, where), "")}
            for where in ("pre", "post", "synapse")
        }
        for layer in (*setup.network.learning_layers, "readout"):
            step = rule.output_step if layer == "readout" else rule.on_step
            trained = layer in setup.network.learning_layers or (layer == "readout" and rule.trains_readout)
            there = {*(own["post"] if trained else ()), *(() if step is None else step.state)}
            found[layer] += [name for name in rule.persistent if name in there]
        for projection in network.all_projections:
            if not setup.learns_by_rule(projection):
                continue
            traces, after = found.setdefault(projection.terminals, []), setup.traces_after(projection)
            named = [f"{name}{after}" for name in rule.persistent if name in own["pre"]]
            traces += [name for name in named if name not in traces]
            found[f"w_{projection.name}"] = [name for name in rule.persistent if name in own["synapse"]]
    return {group: tuple(names) for group, names in found.items() if names}


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
    return {f"{group}.{name}": shapes[group] for group, names in outlasting(setup).items() for name in names}


def first_value(setup: Setup, group: str, name: str) -> float:
    """Return what such a variable is before the first trial, in SI base units."""
    network = setup.network
    return network.model_of(group).first_values().get(name, 0.0) if group in network.layers else 0.0
