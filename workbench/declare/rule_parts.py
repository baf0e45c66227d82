"""What a rule may have besides its equations: statements of each step or batch, and networks it is written for."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from workbench.common.errors import RuleError
from workbench.declare.expressions import refuse_misread, refuse_misreading
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
        of the loss, and, in the last step of the loss's window, ``answered``, 1 of the output that is the answer, and
        ``brought``, what it brings as one (where a task has no rewards, what its target says), else 0. An output may
        set its ``error``, from which its weights learn, to something else.
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


@declared(RuleError, "Pairs")
@dataclass(frozen=True, kw_only=True)
class Pairs:
    """What a rule keeps for each pair of neurons that the same weights leave, such as the correlation of their spikes.

    Each neuron makes a pair with every one of them, itself included, in either order. These are no synapses: what a
    weight learns by them is not local. It takes weights from all neurons to all.

    Attributes
    ----------
    equations : str
        Differential equations of each pair. They read presynaptic traces and the sums of either neuron, with ``_pre``
        and ``_post``, the numbers of the rule and ``dt``, and run as `synapse` does, in the same slot.
    sums : tuple of (str, str)
        Names ending in ``_post``, each the sum, over the pairs that a neuron is the second of, of an expression without
        unit of what `equations` may read; it may read the sums before it. `synapse` and its sums read one with
        ``_pre``: it is the presynaptic neuron's. They are taken right before those of `synapse`.
    diagonal : tuple of (str, str)
        Variables that do not begin at 0, but in the pair that a neuron makes with itself at a parameter of the rule.
    """

    equations: str
    sums: tuple[tuple[str, str], ...] = ()
    diagonal: tuple[tuple[str, str], ...] = ()

    @property
    def texts(self) -> list[str]:
        """All that says what is computed."""
        return [self.equations, *dict(self.sums).values()]


@declared(RuleError, "OnGradient")
@dataclass(frozen=True, kw_only=True)
class OnGradient:
    """What training makes of a batch's mean gradient before the optimizer: a cost of weights, or a bound.

    It is for a rule whose gradient the reference computes. Comparisons of gradients are of what it begins with.

    Attributes
    ----------
    code : str
        Statements that set `gradient`, each synapse's. They read it, its weight `w`, and the rule's numbers.
    sums : tuple of (str, str)
        Names that the statements may read besides, each the sum of an expression over the weights of the same name onto
        the same neuron, such as ``("weight", "w")``; an expression may read the sums before it.
    """

    code: str
    sums: tuple[tuple[str, str], ...] = ()

    def refuse(self, numbers: Iterable[str], where: str) -> None:
        """Refuse statements that read what is not there, or do not set `gradient`.

        Parameters
        ----------
        numbers : iterable of str
            The rule's.
        where : str
            The start of the message.

        Raises
        ------
        RuleError
            Which.
        """
        known = ["gradient", "w", *numbers]
        for name, text in self.sums:
            refuse_misread(text, known, f"{where}, sum '{name}'", RuleError)
            known.append(name)
        written = refuse_misreading(self.code, known, where, RuleError)
        if "gradient" not in written:
            raise RuleError(f"{where}: its statements never set 'gradient'. Add 'gradient = ...'.")
        for name in sorted(written & set(known[1:])):
            raise RuleError(f"{where}: its statements set '{name}', which they may only read.")


@declared(RuleError, "WrittenFor")
@dataclass(frozen=True, kw_only=True)
class WrittenFor:
    """The networks that a rule is written for; empty where any will do.

    Attributes
    ----------
    neuron, readout : str
        The neuron models of the hidden layers and of the readout, whose parameters the rule may read.
    neurons_like_it : tuple of str
        Further models of hidden neurons that have all that it reads of `neuron`.
    targets : {"", "trial", "step", "spikes"}
        The kind of targets, as a task has them.
    """

    neuron: str = ""
    readout: str = ""
    targets: Targets | Literal[""] = ""
    neurons_like_it: tuple[str, ...] = ()

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
            if needed not in {"", given} and not (what == "neuron" and given in self.neurons_like_it):
                has = f"and the network has '{given}'. Set network.{what} = \"{needed}\"."
                return f"It is written for {what} '{needed}', {has}"
        return ""
