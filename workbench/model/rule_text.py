"""A rule's equations as a network has them: parsed once, whole, and with names that nothing else bears."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from workbench.common.errors import RuleError
from workbench.declare.neuron import NeuronModel
from workbench.declare.rule import Rule
from workbench.declare.rule_parts import OnStep
from workbench.model.renaming import IN_SYNAPSE, OWN, Held
from workbench.text.equation_text import Differential, read_equations
from workbench.text.equations import linear_system, parse_differential
from workbench.text.syntax import identifiers, renamed, statements, substituted


@dataclass(frozen=True)
class RuleText:
    """A rule whose equations are parsed, with subexpressions and regularizer written out and its numbers renamed.

    Attributes
    ----------
    rule : Rule
        As it was declared.
    pre, post, synapse : tuple of Differential
        Its equations.
    pre_on_spike, on_step, output_step : str
        Its statements, one on each line.
    synapse_sums : tuple of (str, str)
        What is summed up over a neuron's synapses, by name.
    pairs, pair_sums : tuple of Differential, tuple of (str, str)
        The same of pairs of presynaptic neurons; both empty where it keeps nothing of these.
    relay : str
        What hidden neurons hand down, as an expression; empty where it takes no signal.
    mark : str
        What follows the names of all that neurons keep for it, since they may keep other rules' too.
    after : str
        What follows the names of its presynaptic traces besides; see `with_traces`.
    """

    rule: Rule
    pre: tuple[Differential, ...]
    post: tuple[Differential, ...]
    synapse: tuple[Differential, ...]
    pre_on_spike: str
    on_step: str
    output_step: str
    synapse_sums: tuple[tuple[str, str], ...]
    pairs: tuple[Differential, ...]
    pair_sums: tuple[tuple[str, str], ...]
    relay: str
    mark: str = ""
    after: str = ""

    def with_traces(self, after: str) -> "RuleText":
        """Return the same with something after the name of each presynaptic trace."""
        if not after:
            return self
        new = {item.name: f"{item.name}{after}" for item in self.pre}
        read = {f"{name}_pre": f"{other}_pre" for name, other in new.items()}
        either = read | {f"{name}_post": f"{other}_post" for name, other in new.items()}
        return replace(
            self,
            after=after,
            pre=tuple(
                replace(item, name=new[item.name], expression=substituted(item.expression, new)) for item in self.pre
            ),
            pre_on_spike=renamed(self.pre_on_spike, new),
            synapse=tuple(replace(item, expression=substituted(item.expression, read)) for item in self.synapse),
            synapse_sums=tuple((name, substituted(text, read)) for name, text in self.synapse_sums),
            pairs=tuple(replace(item, expression=substituted(item.expression, either)) for item in self.pairs),
            pair_sums=tuple((name, substituted(text, either)) for name, text in self.pair_sums),
        )

    def method_of_traces(self, target: NeuronModel) -> str:
        """Return how presynaptic traces are integrated.

        Those that filter spikes as the neuron does that they reach, with its time constants, take its method; those of
        the rule's own are exact, unless they are not linear.
        """
        read = {name for item in self.pre for name in identifiers(item.expression)}
        if read & {f"{name}_post" for name, _ in target.parameters}:
            return target.method
        system = linear_system(self.pre, self.held().numbers)
        linear = not any(identifiers(system.rest[name]) & set(system.states) for name in system.states)
        return "exact" if linear else target.method

    def traces_differ(self, target: NeuronModel) -> bool:
        """Return whether presynaptic traces hang on what differs between the neurons that they reach."""
        read = {name for item in self.pre for name in identifiers(item.expression)}
        return bool(read & {f"{name}_post" for name in target.differing})

    @property
    def signal(self) -> str:
        """The variable that carries the learning signal: that of outputs where the rule takes none."""
        return "error" if self.rule.signal is None else self.rule.signal.name

    @property
    def handed_down(self) -> str:
        """The variable of outputs from which the learning signal comes."""
        return "error" if self.rule.signal is None else self.rule.signal.source

    def held(self, prefix: str = "") -> Held:
        """Return the rule's numbers as a group holds them; a synapse does so under the prefix `IN_SYNAPSE`."""
        numbers = {f"{prefix}{OWN}{name}{self.mark}": f"rule{self.mark}.{name}" for name, _ in self.rule.numbers}
        return Held(numbers, {f"{prefix}{OWN}{name}{self.mark}": unit for name, unit in self.rule.units().items()})

    @property
    def outlasting(self) -> tuple[str, ...]:
        """The variables that outlive a trial, those of synapses and pairs, and those of neurons as these call them."""
        own = {item.name for item in (*self.synapse, *self.pairs)}
        traces = {f"{name}{self.mark}": item.name for item in self.pre if (name := self._declared(item.name))}
        names = [name if name in own else f"{name}{self.mark}" for name in self.rule.persistent]
        return tuple(traces.get(name, name) for name in names)

    def _declared(self, trace: str) -> str:
        """Return the name by which the rule declares a presynaptic trace."""
        return trace.removesuffix(self.after).removesuffix(self.mark)

    def states(self, where: Literal["on_step", "output_step"]) -> tuple[str, ...]:
        """Return the variables of the statements of its steps."""
        step: OnStep | None = getattr(self.rule.written_out(), where)
        return () if step is None else tuple(f"{name}{self.mark}" for name in step.state)

    def sums(self, where: Literal["on_step", "output_step"]) -> dict[str, str]:
        """Return what is summed over a layer for the statements of its steps, by name."""
        whole = self.rule.written_out()
        step: OnStep | None = getattr(whole, where)
        names = _names(whole, self.mark)
        return {} if step is None else {f"{name}{self.mark}": substituted(text, names) for name, text in step.sums}

    def reads(self, name: str, where: Literal["post", "synapse", "on_step", "output_step", "relay"]) -> bool:
        """Return whether one of its texts reads a name."""
        text = getattr(self, where)
        if where in ("on_step", "output_step") and any(name in identifiers(item) for item in self.sums(where).values()):
            return True
        if where == "relay":
            return bool(text) and name in identifiers(text)
        expressions = [item.expression for item in text] if where in {"post", "synapse"} else _right_sides(text)
        expressions += [item for _, item in self.synapse_sums] if where == "synapse" else []
        return any(name in identifiers(expression) for expression in expressions)


def _right_sides(code: str) -> list[str]:
    return [expression for _, expression in statements(code)]


def _names(rule: Rule, mark: str) -> dict[str, str]:
    """Return what neurons call the numbers of a rule, and the variables that they keep for it."""
    numbers = {name: f"{OWN}{name}{mark}" for name, _ in rule.numbers}
    if not mark:
        return numbers
    steps = [step for step in (rule.on_step, rule.output_step) if step is not None]
    kept = {name for step in steps for name in (*step.state, *dict(step.sums))}
    kept |= {item.name for text in (rule.pre, rule.post) for item in read_equations(text, "")}
    return {name: f"{name}{mark}" for name in kept} | numbers


@lru_cache(maxsize=64)
def rule_text(rule: Rule, mark: str = "") -> RuleText:
    """Return a rule's text, as it runs in a network.

    Parameters
    ----------
    rule : Rule
        With its subexpressions and regularizer.
    mark : str
        What follows the names of all that neurons keep for it.

    Raises
    ------
    RuleError
        With the line of what is no equation.
    """
    whole = rule.written_out()
    names = _names(whole, mark)
    own = {name for name, _ in whole.numbers}
    of_synapse = {name: f"{IN_SYNAPSE}{names[name]}" for name in own}
    of_synapse |= {f"{name}{end}": f"{names[name]}{end}" for name in names.keys() - own for end in ("_pre", "_post")}

    def equations(where: str, text: str, read: dict[str, str]) -> tuple[Differential, ...]:
        written = parse_differential(text, f"Rule '{rule.name}', `{where}`", RuleError)
        kept = {} if read is of_synapse else read
        return tuple(
            replace(item, name=kept.get(item.name, item.name), expression=substituted(item.expression, read))
            for item in written
        )

    def sums(declared: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        return tuple((name.removesuffix("_post"), substituted(text, of_synapse)) for name, text in declared)

    def code(step: OnStep | None) -> str:
        return "" if step is None else renamed(step.code, names)

    return RuleText(
        rule,
        equations("pre", whole.pre, names),
        equations("post", whole.post, names),
        equations("synapse", whole.synapse, of_synapse),
        renamed(whole.pre_on_spike, names),
        code(whole.on_step),
        code(whole.output_step),
        sums(whole.sums),
        () if whole.pairs is None else equations("pairs", whole.pairs.equations, of_synapse),
        () if whole.pairs is None else sums(whole.pairs.sums),
        "" if whole.signal is None else substituted(whole.signal.relay, names),
        mark,
    )
