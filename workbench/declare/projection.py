"""Weights from one population of a network to another, as data."""

import re
from dataclasses import dataclass, replace

from workbench.common.errors import ModelError, shown
from workbench.common.plain_numbers import finite_number, whole_number
from workbench.declare.connectivity import ALL_TO_ALL, Connectivity
from workbench.declare.field_types import declared
from workbench.declare.rule import Rule
from workbench.declare.synapse_ends import Between, Indices
from workbench.declare.transmission import Transmission

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*")


@declared(ModelError, "Projection")
@dataclass(frozen=True, kw_only=True)
class Projection:
    """The weights between two populations.

    Attributes
    ----------
    source, target : str
        Where spikes come from and where they arrive: ``inputs``, ``hidden1``, ..., ``readout``, or the name of a
        population.
    name : str
        What the weights are called; ``<source>_to_<target>`` where it is empty. In the stack of layers it is their
        target, and ``hidden1_recurrent`` where a layer reaches itself.
    connect : Connectivity
        Which neurons are connected.
    receptor : str
        The variable of the target to which a spike adds its weight.
    delay : int
        Steps by which spikes arrive later than they would otherwise: a spike of step n is there after step n + delay.
    plastic : bool
        Whether they learn: by `rule`, or by the rule that trains the network; onto the readout by the delta rule.
    rule : Rule or None
        By which these weights learn, whatever trains the others: one without a learning signal. None stands for the
        rule that trains the network.
    learning_rate : float
        By what the estimate of a `rule` of their own is multiplied at each of its updates, without an optimizer.
    transmits : Transmission or None
        What a spike transmits of the weights; all of them where it is None.
    ends : tuple of int
        (n_pre, n_post): the network's, whatever is given.
    """

    source: str
    target: str
    name: str = ""
    connect: Connectivity = ALL_TO_ALL
    receptor: str = "I"
    delay: int = 0
    plastic: bool = True
    rule: Rule | None = None
    learning_rate: float = 1.0
    transmits: Transmission | None = None
    ends: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        if not self.name:
            object.__setattr__(self, "name", f"{self.source}_to_{self.target}")
        if not _NAME.fullmatch(self.name):
            raise ModelError(
                f"Projection: `name` must be letters, digits and single underscores, not {shown(self.name)}."
            )
        whole_number(self.delay, f"Projection '{self.name}': `delay` in steps", 0, ModelError)
        finite_number(self.learning_rate, f"Projection '{self.name}': `learning_rate`", ModelError)
        self._refuse_rule()

    def _refuse_rule(self) -> None:
        """Refuse a rule that these weights cannot have by themselves."""
        if self.rule is None:
            if self.learning_rate != 1:
                raise ModelError(
                    f"Projection '{self.name}': `learning_rate` is of a rule of these weights' own, and there is none. "
                    "Give them one, or leave it out."
                )
            return
        where = f"Projection '{self.name}': rule '{self.rule.name}'"
        if not self.plastic:
            raise ModelError(f"{where} is for weights that learn, and `plastic` is false. Leave one of the two out.")
        if not self.rule.has_equations:
            raise ModelError(f"{where} has no equations that could run beside another rule. Name one that has.")
        if self.rule.signal is not None:
            raise ModelError(
                f"{where} takes a learning signal, which the rule that trains the network alone has. Name one without."
            )
        if self.rule.intervenes:
            raise ModelError(f"{where} changes what the network does, which one rule may. Name one that does not.")
        if self.target == "readout":
            raise ModelError(f"{where} trains no weights onto the readout. Leave it out, or set `plastic` to False.")

    def with_ends(self, n_pre: int, n_post: int) -> "Projection":
        """Return the same between populations of some sizes.

        Parameters
        ----------
        n_pre, n_post : int
            Numbers of neurons.

        Returns
        -------
        Projection
            With these `ends`.
        """
        return replace(self, ends=(n_pre, n_post))

    @property
    def recurrent(self) -> bool:
        """Whether a population reaches itself."""
        return self.source == self.target

    @property
    def terminals(self) -> str:
        """The group whose spikes arrive: the source, or its terminals, which repeat its spikes after the delay."""
        return f"{self.source}_after_{self.delay}" if self.delay else self.source

    @property
    def pairs(self) -> str:
        """The group of the pairs of presynaptic neurons, where the rule of these weights has any."""
        return f"pairs_{self.name}"

    @property
    def between(self) -> Between:
        """The populations at its ends."""
        return Between(*self.ends, self.recurrent, self.name)

    @property
    def dense(self) -> bool:
        """Whether every neuron reaches each, so that weights are a matrix."""
        return self.connect.connects_all(self.between)

    @property
    def indices(self) -> Indices:
        """The ends of all synapses, in the order of the weights where these are no matrix."""
        return self.connect.indices(self.between)

    @property
    def connected(self) -> str:
        """What tells its synapses from any others; empty where every neuron reaches each."""
        return "" if self.dense else self.connect.digest(self.between)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the weights: (n_pre, n_post), or (n_synapses,) where not all neurons are connected."""
        return self.ends if self.dense else (len(self.indices.pre),)

    @property
    def n_synapses(self) -> int:
        """How many weights there are."""
        return self.ends[0] * self.ends[1] if self.dense else self.shape[0]
