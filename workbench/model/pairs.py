"""What a rule keeps for each pair of presynaptic neurons: a group of its own beside the weights that these send by."""

from dataclasses import replace

from brian2 import Synapses

from workbench.declare.projection import Projection
from workbench.model import schedule
from workbench.model.assembly import Parts
from workbench.model.bindings import Binding
from workbench.model.learning_slot import learning_code
from workbench.model.neurons import add_keeping
from workbench.model.outlasting import KEPT
from workbench.model.renaming import IN_SYNAPSE, OWN, summed_over
from workbench.model.synapses import all_to_all, pin_summed
from workbench.text.syntax import substituted


def add_pairs(parts: Parts, projection: Projection) -> None:
    """Add the group ``pairs_<projection>``, if the rule of these weights keeps anything of pairs.

    Parameters
    ----------
    parts : Parts
        Gets the group, whose two ends both are the neurons that send.
    projection : Projection
        The weights.
    """
    rule, name = parts.rule_of(projection), projection.pairs
    if not rule.pairs:
        return
    held = rule.held(IN_SYNAPSE)
    sums = {summed: summed_over(projection.name, summed) for summed, _ in rule.pair_sums}
    seen = {f"{summed}{end}": f"{variable}{end}" for summed, variable in sums.items() for end in ("_pre", "_post")}
    equations = [replace(item, expression=substituted(item.expression, seen)) for item in rule.pairs]
    code, declared = learning_code(parts, name, equations, held)
    declared += held.declarations()
    outlasting = parts.outlasting.get(name, ())
    declared += [f"{KEPT}{item.name} : {item.unit}" for item in equations if item.name in outlasting]
    declared += [f"{sums[summed]}_post = {substituted(text, seen)} : 1 (summed)" for summed, text in rule.pair_sums]
    neurons = parts.groups[projection.terminals]
    pairs = Synapses(neurons, neurons, "\n".join(declared), name=f"{name}*", namespace={})
    all_to_all(pairs, neurons.N, neurons.N)
    parts.add(name, pairs, "learning")
    parts.bindings.extend(Binding(f"{name}.{key}", number) for key, number in held.numbers.items())
    for number, variable in enumerate(sums.values()):
        parts.tag(pin_summed(pairs, f"{variable}_post", schedule.pair_sum(number)), "learning", "learning")
    parts.run_code(name, "learn", code, schedule.LEARN, "learning", gate="learning")
    begins = _beginnings(parts, projection) | {state: f"{KEPT}{state}" for state in outlasting}
    clear = "\n".join(f"{item.name} = {begins.get(item.name, '0')}" for item in equations)
    parts.run_code(name, "clear", clear, schedule.TRIAL_START, "clock", gate="trial_start")
    add_keeping(parts, name)


def _beginnings(parts: Parts, projection: Projection) -> dict[str, str]:
    """Return what the variables of pairs begin a trial with, where that is not 0."""
    rule = parts.rule_of(projection)
    diagonal = () if rule.rule.pairs is None else rule.rule.pairs.diagonal
    return {name: f"int(i == j) * {IN_SYNAPSE}{OWN}{value}{rule.mark}" for name, value in diagonal}
