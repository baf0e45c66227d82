"""A network of layers and populations with its time grid, as data."""

from dataclasses import dataclass, replace
from typing import Any

from workbench.common.errors import ModelError, shown
from workbench.common.plain_numbers import step_length, whole_number, whole_window
from workbench.declare.decision import MEAN, Decision
from workbench.declare.field_types import declared
from workbench.declare.graph import Graph
from workbench.declare.loss import CROSS_ENTROPY, SQUARED_ERROR, Loss
from workbench.declare.network_checks import joined, refuse_delays, refuse_fixed, refuse_names
from workbench.declare.neuron import NeuronModel
from workbench.declare.neuron_models import LEAKY_INTEGRATOR, LIF
from workbench.declare.options import Targets
from workbench.declare.population import Population
from workbench.declare.projection import Projection
from workbench.declare.surrogate import FAST_SIGMOID, Surrogate
from workbench.declare.task import TaskData
from workbench.declare.trial_format import TrialFormat


@declared(ModelError, "Network")
@dataclass(frozen=True, kw_only=True)
class Network(Graph):
    """Layers and what connects them, equations and time.

    Hidden layers are a stack, each of which reaches the next; populations stand beside it and are connected by
    projections alone.

    Attributes
    ----------
    n_inputs, n_outputs : int
        Numbers of input and readout neurons.
    hidden : tuple of int
        Sizes of the hidden layers, from the input up; there may be none.
    recurrent : bool
        Whether each hidden layer reaches itself too, every neuron each neuron; its spikes arrive as those of others do.
    delays : tuple of (str, int)
        Names of the stack's weights, and the steps by which spikes arrive there later: a spike of step n is in `I`
        after step n + delay. Others have none.
    populations : tuple of Population
        Neurons beside the stack.
    projections : tuple of Projection
        Weights beside those of the stack. One of the name of the stack's own stands in its place: ``hidden1``, ...,
        ``readout``, each from the layer below, and ``hidden1_recurrent``. Without hidden layers inputs reach the
        readout by themselves where no projection does.
    neuron, readout : NeuronModel
        Equations of the hidden layers and of the readout.
    surrogate : Surrogate
        The derivative of a spike by its neuron's drive, shared by rules and reference.
    loss : Loss
        Of the readout.
    decision : Decision
        Which of its outputs counts as the answer.
    n_steps : int
        Steps of a trial.
    dt : float
        Length of a step [second].
    window : tuple of int
        The loss counts from step ``window[0]`` until before ``window[1]``; (0, 0) stands for the whole trial.
    scale_surrogate : bool
        Multiply the surrogate's height by dt/(1 ms), for comparisons across dt.
    seed : int
        Of what is drawn for each neuron: parameters and first values that differ.
    fixed : tuple of str
        Names of weights that stay as they are, whatever the rule.
    """

    n_inputs: int
    hidden: tuple[int, ...]
    n_outputs: int
    recurrent: bool = False
    delays: tuple[tuple[str, int], ...] = ()
    populations: tuple[Population, ...] = ()
    projections: tuple[Projection, ...] = ()
    neuron: NeuronModel = LIF
    readout: NeuronModel = LEAKY_INTEGRATOR
    surrogate: Surrogate = FAST_SIGMOID
    loss: Loss = CROSS_ENTROPY
    decision: Decision = MEAN
    n_steps: int = 100
    dt: float = 1e-3
    window: tuple[int, int] = (0, 0)
    scale_surrogate: bool = False
    seed: int = 0
    fixed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.hidden, tuple | list):
            raise ModelError(f"Network: `hidden` must be the sizes of layers, such as (20,), not {shown(self.hidden)}.")
        sizes = [whole_number(size, "Network: each size in `hidden`", error=ModelError) for size in self.hidden]
        self._set("hidden", tuple(sizes))
        for name in ("n_inputs", "n_outputs", "n_steps"):
            self._set(name, whole_number(getattr(self, name), f"Network: `{name}`", error=ModelError))
        self._set("dt", step_length(self.dt, "Network: `dt`", ModelError))
        self._set("window", whole_window(self.window, self.n_steps, "Network: the loss window", ModelError))
        if not self.readout.output:
            raise ModelError(f"Readout '{self.readout.name}' has no `output`, which the loss needs.")
        if self.readout.plain().output != self.readout.output:
            raise ModelError(
                f"Readout '{self.readout.name}': its `output` '{self.readout.output}' is a subexpression, and the loss "
                "needs a variable."
            )
        if self.decision.refuses(self.readout):
            raise ModelError(self.decision.refuses(self.readout))
        self._set("fixed", tuple(self.fixed))
        refuse_fixed(self)
        self._set("projections", tuple(joined(self, item) for item in self.projections))
        refuse_names(self)
        refuse_delays(self)
        self.surrogate.refuse_scale(self.scale_surrogate)
        self._set("seed", whole_number(self.seed, "Network: `seed`", least=0, error=ModelError))
        for owner in (name for name, model in self.models.items() if not model.is_uniform):
            # Values that are drawn, or given for other neurons than there are, may be none that can be.
            self.parameters_of(owner)
            self.first_values_of(owner)

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    @classmethod
    def for_task(cls, task: TaskData, **chosen: Any) -> "Network":
        """Return a network whose inputs, outputs and time are those of a task.

        Parameters
        ----------
        task : TaskData
            As `Task.data` returns it.
        **chosen
            All else that a network has, such as ``hidden=(20,)``. Unless a loss is given, it is cross-entropy for
            classes, and the squared error for other targets.

        Returns
        -------
        Network
            Without hidden layers, unless `chosen` has some.

        Raises
        ------
        ModelError
            Where the task decides what is given, or there is none.
        """
        if not isinstance(task, TaskData):
            raise ModelError(
                f"Network: the task's data must be TaskData, such as `Task.data()` returns, not {shown(task)}."
            )
        given = {name: getattr(task, name) for name in ("n_inputs", "n_outputs", "n_steps", "dt", "window")}
        twice = sorted(given.keys() & chosen)
        if twice:
            raise ModelError(f"Network: `{twice[0]}` is the task's. Leave it out.")
        if "loss" not in chosen and task.train.nearly_shares:
            raise ModelError(
                "Network: the task's targets are shares of classes but for rounding, so that `loss` is no matter of "
                "course. Divide them by their sums in double precision, or give one."
            )
        loss = CROSS_ENTROPY if task.train.classified else SQUARED_ERROR
        return cls(**given | {"hidden": (), "loss": loss} | chosen)

    def plain(self) -> "Network":
        """Return the same with the subexpressions of all neuron models written out wherever they are read."""
        beside = tuple(
            item if item.neuron is None else replace(item, neuron=item.neuron.plain()) for item in self.populations
        )
        return replace(self, neuron=self.neuron.plain(), readout=self.readout.plain(), populations=beside)

    def format(self, targets: Targets, rewarded: bool = False) -> TrialFormat:
        """Return what the trials that it can run are made for.

        Parameters
        ----------
        targets : {"trial", "step", "spikes"}
            What is wanted of the outputs.
        rewarded : bool
            Whether answers are worth something.

        Returns
        -------
        TrialFormat
            Sizes, time and loss window of the network, with these targets.
        """
        sizes = (self.n_inputs, self.n_outputs, self.n_steps, self.dt)
        return TrialFormat(*sizes, self.steps_in_window, targets, rewarded)
