"""Which weights change at spikes only, while time runs: a visit to the synapses of the neurons that spike is enough.

The statements are those of the clock-driven form, so that a synapse that is visited has the same bits. One that is not
would have added 0 to its weight.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy
from brian2.parsing.sympytools import str_to_sympy

from workbench.declare.network import Projection
from workbench.declare.optimizer import Optimizer
from workbench.model.assembly import Parts
from workbench.model.events.lowering import changes_at_spikes
from workbench.text.syntax import statements


@dataclass(frozen=True)
class Visits:
    """Which synapses run statements in a step.

    Attributes
    ----------
    template : str
        By which they run.
    told : mapping of str to object
        What the template is told.
    """

    template: str = "stateupdate"
    told: Mapping[str, Any] = field(default_factory=dict)


#: All of them, in each step.
ALL = Visits()


def visits(parts: Parts, projection: Projection) -> Visits:
    """Return which synapses of a projection run what they learn, and their update, in a step."""
    setup = parts.setup
    spiking = setup.network.neuron.spiking or projection.source == "inputs"
    both = spiking and setup.network.model_of(projection.target).spiking
    rule = parts.rule_of(projection.target)
    if setup.form != "online" or not both or not changes_at_spikes(rule):
        return ALL
    source, target = parts.groups[projection.terminals], parts.groups[projection.target]
    told = {
        "before": source.variables["_spikespace"],
        "after": target.variables["_spikespace"],
        "step": parts.groups["clock"].variables["step"],
        "ends": parts.groups["clock"].variables["trial_end"],
        "n_pre": len(source),
        "n_post": len(target),
    }
    return Visits("at_spikes", told)


def rests_at_zero(optimizer: Optimizer) -> bool:
    """Return whether an optimizer makes no step of no estimate, and remembers nothing."""
    values: dict[str, Any] = {"gradient": sympy.Integer(0)}
    for name, expression in statements(optimizer.code):
        read = str_to_sympy(expression)
        values[name] = read.subs({symbol: values.get(str(symbol), symbol) for symbol in read.free_symbols})
    return not optimizer.state and values["step"] == 0
