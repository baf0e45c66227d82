"""A term of the gradient estimate that is not of the loss."""

from dataclasses import dataclass, replace

from workbench.common.errors import RuleError
from workbench.declare.field_types import declared
from workbench.declare.rule_parts import OnStep
from workbench.text.equation_text import in_their_lines, read_equations


@declared(RuleError, "Regularizer")
@dataclass(frozen=True, kw_only=True)
class Regularizer:
    """A term of `g` besides the loss's, which costs nothing where its strength is 0.

    Attributes
    ----------
    strength : str
        The parameter of the rule that multiplies it.
    post : str
        Differential equations that each postsynaptic neuron keeps for it.
    on_step : OnStep or None
        What hidden neurons do in each step for it, before what the rule has them do.
    states : str
        Differential equations that each synapse keeps for it.
    synapse : str
        The term itself, an expression as of ``dg/dt``.
    """

    strength: str
    post: str = ""
    on_step: OnStep | None = None
    states: str = ""
    synapse: str

    @property
    def texts(self) -> tuple[str, ...]:
        """All that it says."""
        return (self.post, self.states, self.synapse, *([] if self.on_step is None else [self.on_step.code]))

    def added_to(self, post: str, synapse: str, where: str) -> tuple[str, str]:
        """Return a rule's equations with this term in them.

        Parameters
        ----------
        post, synapse : str
            The rule's, the latter with `g`.
        where : str
            What errors call the latter.

        Returns
        -------
        tuple of (str, str)
            The same two.
        """
        equations = [
            replace(item, expression=f"({item.expression}) + {self.strength} * ({self.synapse})")
            if item.name == "g"
            else item
            for item in read_equations(synapse, where, RuleError)
        ]
        return f"{post}\n{self.post}".strip(), f"{self.states}\n{in_their_lines(equations)}".strip()

    def before(self, step: OnStep | None) -> OnStep | None:
        """Return what hidden neurons do in each step with this term.

        Parameters
        ----------
        step : OnStep or None
            What the rule has them do.

        Returns
        -------
        OnStep or None
            This first, then that.
        """
        if self.on_step is None or step is None:
            return self.on_step or step
        return OnStep(
            code=f"{self.on_step.code}\n{step.code}",
            state=(*self.on_step.state, *step.state),
            writes=(*self.on_step.writes, *step.writes),
            sums=(*self.on_step.sums, *step.sums),
        )
