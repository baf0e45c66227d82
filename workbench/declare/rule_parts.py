"""What a rule may have besides its equations: statements of each step, and networks it is written for."""

from dataclasses import dataclass
from typing import Literal

from workbench.common.errors import RuleError
from workbench.declare.field_types import declared
from workbench.declare.options import Targets


@declared(RuleError, "OnStep")
@dataclass(frozen=True, kw_only=True)
class OnStep:
    """What neurons do in each step while they learn, besides their equations: units of their own, as statements.

    Attributes
    ----------
    code : str
        Statements, run when the learning signal has come. They read the variables and parameters of their neuron and of
        the rule, ``spiked``, ``psi``, the signal, ``dt``, ``elapsed`` (the share of the trial that is over in the
        middle of this step), ``ends`` (1 in its last step) and, of an output, ``target`` and ``error``, the derivative
        of the loss. An output may set its ``error``, from which its weights learn, to something else.
    state : tuple of str
        Variables of theirs, without unit and 0 at the start of a trial, which other equations of the rule may read.
    writes : tuple of str
        Variables of the neuron model that they set. A rule that has any changes what the network does.
    sums : tuple of (str, str)
        Names that the statements may read besides, each the sum over all neurons of the layer of an expression of what
        they may read of one, without unit, such as ``("active", "spiked")``; taken before the statements run.
    """

    code: str
    state: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    sums: tuple[tuple[str, str], ...] = ()


@declared(RuleError, "WrittenFor")
@dataclass(frozen=True, kw_only=True)
class WrittenFor:
    """The networks that a rule is written for; empty where any will do.

    Attributes
    ----------
    neuron, readout : str
        The neuron models of the hidden layers and of the readout, whose parameters the rule may read.
    targets : {"", "trial", "step", "spikes"}
        The kind of targets, as a task has them.
    """

    neuron: str = ""
    readout: str = ""
    targets: Targets | Literal[""] = ""

    def refuses(self, neuron: str, readout: str, targets: Targets | Literal[""] = "") -> str:
        """Return why a rule cannot run in some networks.

        Parameters
        ----------
        neuron, readout : str
            Names of the neuron models of hidden layers and readout.
        targets : {"", "trial", "step", "spikes"}
            What the task wants of the outputs; empty where that is not known.

        Returns
        -------
        str
            What it needs and what there is; empty where it can.
        """
        if targets and self.targets not in {"", targets}:
            return f"It is written for targets of kind '{self.targets}', and the task has '{targets}'."
        for what, needed, given in (("neuron", self.neuron, neuron), ("readout", self.readout, readout)):
            if needed not in {"", given}:
                has = f"and the network has '{given}'. Set network.{what} = \"{needed}\"."
                return f"It is written for {what} '{needed}', {has}"
        return ""
