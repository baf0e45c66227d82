"""Which weights change at spikes only, while time runs: a visit to the synapses of the neurons that spike is enough.

The statements are those of the clock-driven form, so that a synapse that is visited has the same bits. One that is not
would have added 0 to its weight: where that is not sure, all are visited.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sympy
from brian2.parsing.sympytools import str_to_sympy

from workbench.declare.constraint import Constraint
from workbench.declare.projection import Projection
from workbench.model.assembly import Parts
from workbench.model.events.lowering import (
    changes_at_spikes,
    grows_at_postsynaptic_spikes,
    grows_at_presynaptic_spikes,
)
from workbench.model.events.places import add_places, add_places_by_target
from workbench.model.setup import Setup
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

    def settling(self) -> "Visits":
        """Return the same, and all of them in the first and last step of a trial."""
        return replace(self, told={**self.told, "settles": True}) if self.told else self


#: All of them, in each step.
ALL = Visits()

#: Of projections, those of this form alone are known to change nothing the second time.
_CLIPPED = re.compile(r"w\s*=\s*clip\(\s*w\s*,\s*(?!w\b)[\w.+-]+\s*,\s*(?!w\b)[\w.+-]+\s*\)")


def visits(parts: Parts, projection: Projection) -> Visits:
    """Return which synapses of a projection run what they learn, and their update, in a step."""
    setup = parts.setup
    both = setup.network.spikes(projection.source) and setup.network.spikes(projection.target)
    rule = parts.rule_of(projection)
    if setup.form != "online" or not both or not changes_at_spikes(rule) or parts.traces_in_synapses(projection):
        return ALL
    source, target = parts.groups[projection.terminals], parts.groups[projection.target]
    told = {
        "before": source.variables["_spikespace"],
        "after": target.variables["_spikespace"],
        "step": parts.groups["clock"].variables["step"],
        "ends": parts.groups["clock"].variables["trial_end"],
        "n_pre": len(source),
        "n_post": len(target),
        "settles": False,
        "at_before": grows_at_presynaptic_spikes(rule),
        "at_after": grows_at_postsynaptic_spikes(rule),
    }
    synapses = parts.groups[f"w_{projection.name}"]
    told |= add_places(synapses, projection) | add_places_by_target(synapses, projection)
    return Visits("at_spikes", told)


def rests(setup: Setup, name: str) -> bool:
    """Return whether an update leaves a weight alone whose estimate has not grown, and remembers nothing of it."""
    constraints = setup.constraints_on(name)
    if setup.memory_of_optimizer(name) or any(one.state for one in constraints) or name in setup.followed:
        return False
    own = setup.network.projection(name).rule is not None
    made = own or _of_nothing(setup.optimizer.code, "gradient", "step")
    return made and all(_of_nothing(one.soften, "change", "change") for one in constraints if one.soften)


def _of_nothing(code: str, given: str, made: str) -> bool:
    """Return whether statements make 0 of 0."""
    values: dict[str, Any] = {given: sympy.Integer(0)}
    for name, expression in statements(code):
        read = str_to_sympy(expression)
        values[name] = read.subs({symbol: values.get(str(symbol), symbol) for symbol in read.free_symbols})
    return bool(values[made] == 0)


def is_done_once(constraint: Constraint) -> bool:
    """Return whether a weight that was projected stays what it is if it is projected again."""
    return _CLIPPED.fullmatch(constraint.project.strip()) is not None
