"""The third factor of a rule: what outputs hand down, and how it comes."""

from dataclasses import dataclass

from workbench.common.errors import RuleError
from workbench.declare.field_types import declared


@declared(RuleError, "LearningSignal")
@dataclass(frozen=True, kw_only=True)
class LearningSignal:
    """The third factor of a rule.

    Attributes
    ----------
    name : str
        The postsynaptic variable that carries it; read in `synapse` as ``<name>_post``.
    feedback : str
        The pathway by default, the name of one that is built in; a study may choose any that a plugin offers.
    source : str
        What the outputs hand down: ``error``, the derivative of the loss, or a variable of the rule's `output_step`. By
        local readouts their own error comes, and by one scalar for all the loss, whatever the source.
    relay : str
        What a hidden neuron hands down to the layer below where feedback is layer by layer: an expression of its
        own variables; the signal times `psi` by default.
    """

    name: str = "error"
    feedback: str = "symmetric"
    source: str = "error"
    relay: str = ""

    def __post_init__(self) -> None:
        if not self.relay:
            object.__setattr__(self, "relay", f"{self.name} * psi")
