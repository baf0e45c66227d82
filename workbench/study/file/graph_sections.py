"""The tables of a study file about populations and projections beside the stack of layers."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from workbench.study.file.section import HEAVIEST, TABLE, Name, Parameters, Section, Size, as_tuple

_Weight = Annotated[float, Field(ge=-HEAVIEST, le=HEAVIEST)]


class PopulationSection(Section):
    """Neurons beside the stack of hidden layers.

    Attributes
    ----------
    name : str
        What projections call it.
    size : int
        Number of neurons.
    neuron : str
        Their model; that of the hidden layers where it is not given.
    neuron_parameters : pairs of str and quantity
        Parameters of it that are other than by default.
    """

    name: Name = Field(description="a name of letters and digits")
    size: Size = Field(description="a whole number from 1 to 10**6")
    neuron: Name = Field(default="", description="the name of a neuron model")
    neuron_parameters: Parameters = TABLE


class ProjectionSection(Section):
    """Weights from one population to another.

    Attributes
    ----------
    source, target : str
        ``inputs``, ``hidden1``, ..., ``readout``, or the name of a population.
    name : str
        What the weights are called: one of the stack's own, in the place of which they stand, or another.
    pattern : str
        Whether every neuron reaches each, the one of its own number, or each but that one.
    probability : float
        With which each pair is connected, independently of others.
    fan_in : int
        From how many sources each target is reached; 0 for as many as there are.
    itself : bool
        Whether a neuron may reach itself.
    receptor : str
        The variable of the target to which a spike adds its weight.
    delay : str
        By which time spikes arrive later, in whole steps; empty for none.
    delays : tuple of str
        Of several synapses from each neuron to each, one for each delay: weights of their own, of which the first have
        the name and the next that with ``_2``, ``_3``, ...
    plastic : bool
        Whether they learn.
    rule : str
        By which they learn, whatever trains the others; the rule of the row where it is not given.
    rule_parameters : pairs of str and quantity
        Parameters of it that are other than by default.
    learning_rate : float
        By what its estimate is multiplied at each of its updates.
    transmits : str
        What a spike transmits of them; all where it is not given.
    transmits_parameters : pairs of str and quantity
        Parameters of it that are other than by default.
    weight : float
        What each is at the start; by `mean` and `std` where it is not given.
    mean, std : float
        Mean, divided by the number of sources of a neuron, and deviation, divided by its root.
    sign : str
        Whether weights that are drawn lose their sign (``positive``) or all have the other one (``negative``).
    constraint : str
        What holds of them after each update; the study's or rule's own where it is not given.
    constraint_parameters : pairs of str and number
        Parameters of it that are other than by default.
    """

    source: Name = Field(description="the name of a layer or population")
    target: Name = Field(description="the name of a layer or population")
    name: Name = Field(default="", description="a name of letters, digits and underscores")
    pattern: Literal["all", "one_to_one", "others"] = Field(
        default="all", description="'all', 'one_to_one' or 'others'"
    )
    probability: float = Field(default=1.0, gt=0, le=1, description="a number above 0 and up to 1")
    fan_in: int = Field(default=0, ge=0, le=1_000_000, description="a whole number from 0 to 10**6")
    itself: bool = Field(default=True, description="true or false")
    receptor: Name = Field(default="I", description="the name of a variable of the target's neurons")
    delay: Name = Field(default="", description="a time such as '2 ms'")
    delays: Annotated[tuple[Name, ...], BeforeValidator(as_tuple)] = Field(
        default=(), max_length=1000, description="a list of times such as ['1 ms', '2 ms']"
    )
    plastic: bool = Field(default=True, description="true or false")
    rule: Name = Field(default="", description="the name of a rule")
    rule_parameters: Parameters = TABLE
    learning_rate: _Weight = Field(default=1.0, description="a number from -1e9 to 1e9")
    transmits: Name = Field(default="", description="the name of a transmission")
    transmits_parameters: Parameters = TABLE
    weight: _Weight | None = Field(default=None, description="a number from -1e9 to 1e9")
    mean: _Weight = Field(default=0.0, description="a number from -1e9 to 1e9")
    std: float = Field(default=1.0, ge=0, le=HEAVIEST, description="a number from 0 to 1e9")
    sign: Literal["any", "positive", "negative"] = Field(default="any", description="'any', 'positive' or 'negative'")
    constraint: Name = Field(default="", description="the name of a constraint")
    constraint_parameters: Parameters = TABLE
