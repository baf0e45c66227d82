"""A term of the gradient estimate that is not of the loss."""

from dataclasses import dataclass, replace

from workbench.common.errors import RuleError
from workbench.declare.field_types import declared
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
    synapse : str
        The term itself, an expression as of ``dg/dt``.
    """

    strength: str
    post: str = ""
    synapse: str

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
        return f"{post}\n{self.post}".strip(), in_their_lines(equations)
