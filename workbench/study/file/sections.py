"""The tables of a study file about network, training and measuring."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from workbench.study.file.graph_sections import PopulationSection, ProjectionSection
from workbench.study.file.section import HEAVIEST, MOST, TABLE, Name, Parameters, Section, Size, as_tuple


def _enough(value: int) -> int:
    # The loss of few spiking trials changes in jumps.
    if 0 < value < 512:
        raise ValueError("too few")
    return value


_Epochs = Annotated[float, Field(ge=0, le=MOST)]


class WeightsSection(Section):
    """Initial weights and fixed feedback: each mean is divided by the fan-in, each deviation by its square root.

    Attributes
    ----------
    hidden_mean, hidden_std : float
        Mean and deviation of weights onto hidden layers.
    recurrent_mean, recurrent_std : float
        The same of weights of hidden layers onto themselves.
    readout_mean, readout_std : float
        The same of weights onto the readout.
    feedback_std : float
        Deviation of fixed feedback weights, and of those that learn, before they do.
    """

    hidden_mean: float = Field(default=0.0, ge=-HEAVIEST, le=HEAVIEST, description="a number from -1e9 to 1e9")
    hidden_std: float = Field(default=9.0, ge=0, le=HEAVIEST, description="a number from 0 to 1e9")
    recurrent_mean: float = Field(default=0.0, ge=-HEAVIEST, le=HEAVIEST, description="a number from -1e9 to 1e9")
    recurrent_std: float = Field(default=1.0, ge=0, le=HEAVIEST, description="a number from 0 to 1e9")
    readout_mean: float = Field(default=0.0, ge=-HEAVIEST, le=HEAVIEST, description="a number from -1e9 to 1e9")
    readout_std: float = Field(default=1.0, ge=0, le=HEAVIEST, description="a number from 0 to 1e9")
    feedback_std: float = Field(default=1.0, ge=0, le=HEAVIEST, description="a number from 0 to 1e9")


class NetworkSection(Section):
    """The network between a task's inputs and outputs.

    Attributes
    ----------
    hidden : tuple of int
        Sizes of the hidden layers, from the input up; an empty list leaves the readout alone.
    recurrent : bool
        Every neuron of a hidden layer reaches every neuron of the same layer too.
    delays : pairs of str and quantity
        Times by which spikes arrive later, whole steps, by the name of the weights: ``hidden1``, ``hidden1_recurrent``,
        ``readout``.
    populations : tuple of PopulationSection
        Neurons beside the stack of hidden layers.
    projections : tuple of ProjectionSection
        Weights beside those of the stack, or in place of them where they have their names.
    neuron : str
        Model of the hidden layers' neurons.
    neuron_parameters : pairs of str and quantity
        Parameters of it that are other than by default.
    readout : str
        Model of the readout's neurons.
    readout_parameters : pairs of str and quantity
        Parameters of it that are other than by default.
    surrogate : str
        What stands for the derivative of a spike, for rules and exact gradient alike.
    surrogate_parameters : pairs of str and number
        Parameters of it that are other than by default.
    scale_surrogate : bool
        For comparisons of networks with steps of different lengths.
    loss : str
        Of the readout.
    decision : str
        Which output counts as the answer, for accuracy and for the guard against divergence alike.
    weights : WeightsSection
        How initial weights and feedback weights are drawn.
    """

    hidden: Annotated[tuple[Size, ...], BeforeValidator(as_tuple)] = Field(
        default=(60, 60),
        max_length=100,
        description="a list of at most 100 layer sizes, whole numbers from 1 to 10**6",
    )
    recurrent: bool = Field(default=False, description="true or false: whether each hidden layer reaches itself")
    delays: Parameters = Field(default=(), description="a table of weights and times such as '2 ms'")
    populations: Annotated[tuple[PopulationSection, ...], BeforeValidator(as_tuple)] = Field(
        default=(), max_length=100, description="tables [[network.populations]], at most 100"
    )
    projections: Annotated[tuple[ProjectionSection, ...], BeforeValidator(as_tuple)] = Field(
        default=(), max_length=1000, description="tables [[network.projections]], at most 1000"
    )
    neuron: Name = Field(default="lif", description="the name of a neuron model")
    neuron_parameters: Parameters = TABLE
    readout: Name = Field(default="leaky_integrator", description="the name of a neuron model")
    readout_parameters: Parameters = TABLE
    surrogate: Name = Field(default="fast_sigmoid", description="the name of a surrogate")
    surrogate_parameters: Parameters = TABLE
    scale_surrogate: bool = Field(default=False, description="true or false: whether to multiply it by dt/(1 ms)")
    loss: Name = Field(default="cross_entropy", description="the name of a loss")
    decision: Name = Field(default="mean", description="the name of a decision")
    weights: WeightsSection = Field(default=WeightsSection(), description="a table")


class MirrorSection(Section):
    """The phase without a task before each epoch, in which feedback weights learn that have a rule of their own.

    Attributes
    ----------
    trials : int
        Of noise, with silent inputs; 0 for no such phase.
    learning_rate : float
        Of the feedback weights.
    neuron_parameters : pairs of str and quantity
        Parameters of the neurons of the stack that are other than in the network, such as more noise.
    """

    trials: int = Field(default=0, ge=0, le=MOST, description="a whole number of trials from 0 to 10**9")
    learning_rate: float = Field(default=0.1, gt=0, description="a number above 0")
    neuron_parameters: Parameters = TABLE


class TrainSection(Section):
    """How the weights are updated.

    Attributes
    ----------
    epochs : int
        How often all training trials are presented; 0 to measure at the initial weights.
    batch : int
        Trials from one update of the weights to the next; an epoch's last batch may be smaller.
    optimizer : str
        What makes a step of a gradient estimate, the same for all weights.
    optimizer_parameters : pairs of str and number
        Parameters of it that are other than by default.
    every : str
        What is between updates: a batch, a trial, a step or a time such as '10 ms'; the rule's own where it is not
        given.
    constraint : str
        What holds of the weights that the rule trains, after each update; the rule's own where it is not given.
    constraint_parameters : pairs of str and number
        Parameters of it that are other than by default.
    fixed : tuple of str
        Names of weights that stay as they are: ``hidden1``, ``hidden1_recurrent``, ``readout``, those of projections.
    learning_rate : float
        By what the step is multiplied.
    learning_rate_decay : float
        By what the learning rate is multiplied after each epoch.
    feedback_decay : float
        Share by which feedback weights that learn, and the forward weights that they follow, decay at each update.
    feedback_noise : float
        Standard deviation of the noise that feedback weights which learn get at each of their updates.
    mirror : MirrorSection
        The phase in which feedback weights learn, where they have a rule of their own.
    chunk : int
        Trials of one call of the compiled network; no number depends on it.
    """

    epochs: int = Field(default=10, ge=0, le=MOST, description="a whole number from 0 to 10**9")
    batch: int = Field(default=32, ge=1, le=MOST, description="a whole number of trials from 1 to 10**9")
    optimizer: Name = Field(default="adam", description="the name of an optimizer")
    optimizer_parameters: Parameters = TABLE
    every: Name = Field(default="", description="'batch', 'trial', 'step' or a time such as '10 ms'")
    constraint: Name = Field(default="", description="the name of a constraint")
    constraint_parameters: Parameters = TABLE
    fixed: Annotated[tuple[Name, ...], BeforeValidator(as_tuple)] = Field(
        default=(), max_length=1000, description="a list of names of weights, such as ['readout']"
    )
    learning_rate: float = Field(default=0.005, gt=0, description="a number above 0")
    learning_rate_decay: float = Field(
        default=1.0, gt=0, le=10, description="a number above 0 and up to 10, the factor per epoch"
    )
    feedback_decay: float = Field(
        default=0.001, ge=0, lt=1, description="a number from 0 to below 1: what learned feedback loses at an update"
    )
    feedback_noise: float = Field(default=0.0, ge=0, le=HEAVIEST, description="a number from 0 to 1e9, as of weights")
    mirror: MirrorSection = Field(default=MirrorSection(), description="a table")
    chunk: int = Field(default=1024, ge=1, le=MOST, description="a whole number of trials from 1 to 10**9")


class MeasureSection(Section):
    """What is looked at along the way.

    Attributes
    ----------
    probe : int
        Validation trials on which estimates are compared with exact gradients; 0 for no comparison.
    passive : bool
        Needs a probe.
    probe_at : tuple of float
        Epochs after which estimates are compared, among them 0, before training; after 0, 1, 2, 4, 8, ... and the last
        where none is given. With a fraction it is the nearest update: 0.3 is the third of ten in an epoch.
    descent : int
        Training trials on which a step along each estimate is tried out, at the start and at the end; needs a probe.
    evaluate_every : int
        Epochs from one look at the validation split to the next; the last epoch is looked at in any case.
    """

    probe: int = Field(default=128, ge=0, le=MOST, description="a whole number of trials from 0 to 10**9")
    passive: bool = Field(
        default=False,
        description="true or false: whether each run asks the study's other rules, too, what they would do",
    )
    probe_at: Annotated[tuple[_Epochs, ...], BeforeValidator(as_tuple)] = Field(
        default=(), max_length=10_000, description="a list of at most 10000 numbers of epochs from 0 to 10**9"
    )
    descent: Annotated[int, AfterValidator(_enough)] = Field(
        default=0, ge=0, le=MOST, description="0, or a whole number of training trials from 512 to 10**9"
    )
    evaluate_every: int = Field(default=1, ge=1, le=MOST, description="a whole number of epochs from 1 to 10**9")
