"""A rule's equations as a network has them: parsed once, whole, and with names that nothing else bears."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from workbench.common.errors import RuleError
from workbench.declare.neuron import NeuronModel
from workbench.declare.rule import Rule
from workbench.declare.rule_parts import OnStep
from workbench.model.renaming import IN_SYNAPSE, OWN, Held
from workbench.text.equations import Differential, linear_system, parse_differential
from workbench.text.syntax import identifiers, statements, substituted, with_substituted


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
    relay : str
        What hidden neurons hand down, as an expression; empty where it takes no signal.
    """

    rule: Rule
    pre: tuple[Differential, ...]
    post: tuple[Differential, ...]
    synapse: tuple[Differential, ...]
    pre_on_spike: str
    on_step: str
    output_step: str
    relay: str

    def with_traces(self, after: str) -> "RuleText":
        """Return the same with something after the name of each presynaptic trace."""
        if not after:
            return self
        new = {item.name: f"{item.name}{after}" for item in self.pre}
        read = {f"{name}_pre": f"{other}_pre" for name, other in new.items()}
        return replace(
            self,
            pre=tuple(
                replace(item, name=new[item.name], expression=substituted(item.expression, new)) for item in self.pre
            ),
            pre_on_spike="\n".join(
                f"{new.get(target, target)} = {substituted(text, new)}"
                for target, text in statements(self.pre_on_spike)
            ),
            synapse=tuple(replace(item, expression=substituted(item.expression, read)) for item in self.synapse),
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
        numbers = {f"{prefix}{OWN}{name}": f"rule.{name}" for name, _ in self.rule.numbers}
        return Held(numbers, {f"{prefix}{OWN}{name}": unit for name, unit in self.rule.units().items()})

    def sums(self, where: Literal["on_step", "output_step"]) -> dict[str, str]:
        """Return what is summed over a layer for the statements of its steps, by name."""
        step: OnStep | None = getattr(self.rule, where)
        names = {name: f"{OWN}{name}" for name, _ in self.rule.numbers}
        return {} if step is None else {name: substituted(text, names) for name, text in step.sums}

    def reads(self, name: str, where: Literal["post", "synapse", "on_step", "output_step", "relay"]) -> bool:
        """Return whether one of its texts reads a name."""
        text = getattr(self, where)
        if where in ("on_step", "output_step") and any(name in identifiers(item) for item in self.sums(where).values()):
            return True
        if where == "relay":
            return bool(text) and name in identifiers(text)
        expressions = [item.expression for item in text] if where in {"post", "synapse"} else _right_sides(text)
        return any(name in identifiers(expression) for expression in expressions)


def _right_sides(code: str) -> list[str]:
    return [expression for _, expression in statements(code)]


@lru_cache(maxsize=64)
def rule_text(rule: Rule) -> RuleText:
    """Return a rule's text, as it runs in a network.

    Raises
    ------
    RuleError
        With the line of what is no equation.
    """
    whole = rule.written_out()
    names = {name: f"{OWN}{name}" for name, _ in rule.numbers}

    def equations(where: Literal["pre", "post", "synapse"], prefix: str = "") -> tuple[Differential, ...]:
        held = {name: f"{prefix}{text}" for name, text in names.items()}
        written = parse_differential(getattr(whole, where), f"Rule '{rule.name}', `{where}`", RuleError)
        return tuple(replace(item, expression=substituted(item.expression, held)) for item in written)

    def code(step: OnStep | None) -> str:
        return "" if step is None else with_substituted(step.code, names)

    return RuleText(
        rule,
        equations("pre"),
        equations("post"),
        equations("synapse", IN_SYNAPSE),
        with_substituted(whole.pre_on_spike, names),
        code(whole.on_step),
        code(whole.output_step),
        "" if whole.signal is None else substituted(whole.signal.relay, names),
    )
