"""What a rule claims of its estimate, which its checks confirm or refute."""

from dataclasses import dataclass
from typing import Literal

from workbench.common.errors import RuleError
from workbench.declare.field_types import declared


@declared(RuleError, "ExactFor")
@dataclass(frozen=True, kw_only=True)
class ExactFor:
    """A case in which the rule's `g` is the gradient itself.

    The checks of the rule build it and compare.

    Attributes
    ----------
    loss : {"network", "local_readout"}
        Of which loss: that of the network's readout, or each layer's own.
    depth : int or None
        The number of hidden layers for which it holds; None for any.
    feedback : str
        The pathway for which it holds.
    reset : {"constant", "differentiated"}
        The reference's treatment of the reset.
    neurons, readouts : tuple of str
        The neuron models of hidden layers and readouts for which it holds; of any, where there are none.
    delays : {"none", "inputs", "any"}
        Which spikes may be delayed: none, those of inputs, or any.
    recurrent : bool
        Whether it holds in layers that reach themselves, too.
    """

    loss: Literal["network", "local_readout"]
    depth: int | None
    feedback: str
    reset: Literal["constant", "differentiated"] = "constant"
    neurons: tuple[str, ...] = ()
    readouts: tuple[str, ...] = ()
    delays: Literal["none", "inputs", "any"] = "none"
    recurrent: bool = False

    def covers(self, neuron: str, readout: str) -> bool:
        """Return whether it holds in some networks.

        Parameters
        ----------
        neuron, readout : str
            Names of their neuron models.

        Returns
        -------
        bool
            Whether both are among those that it names, where it names some.
        """
        return all(name in names for name, names in ((neuron, self.neurons), (readout, self.readouts)) if names)


@declared(RuleError, "Claims")
@dataclass(frozen=True, kw_only=True)
class Claims:
    """What a rule says of its estimate, which its checks hold it to.

    Attributes
    ----------
    estimates : {"gradient", "objective", "nothing"}
        What `g` stands for: the gradient of a loss, that of the rule's own objective, or nothing.
    exact_for : tuple of ExactFor
        The cases in which `g` is exact.
    by_steps : str
        Why the estimate does not converge as time steps get shorter; empty where it does.
    """

    estimates: Literal["gradient", "objective", "nothing"] = "gradient"
    exact_for: tuple[ExactFor, ...] = ()
    by_steps: str = ""
