"""A layered network and its time grid, as data."""

from dataclasses import dataclass
from numbers import Integral
from typing import Any

from workbench.common.errors import ModelError, nearest, shown
from workbench.common.plain_numbers import step_length, whole_number, whole_window
from workbench.declare.decision import MEAN, Decision
from workbench.declare.field_types import declared
from workbench.declare.loss import CROSS_ENTROPY, SQUARED_ERROR, Loss
from workbench.declare.neuron import NeuronModel
from workbench.declare.neuron_models import LEAKY_INTEGRATOR, LIF
from workbench.declare.options import Targets
from workbench.declare.surrogate import FAST_SIGMOID, Surrogate
from workbench.declare.task import TaskData
from workbench.declare.trials import TrialFormat


@dataclass(frozen=True)
class Projection:
    """The weights between two layers, all to all.

    Attributes
    ----------
    name : str
        What the weights are called: their target, or ``hidden1_recurrent`` where a layer reaches itself.
    source, target : str
        The layers at their ends: ``inputs``, ``hidden1``, ..., ``readout``.
    shape : tuple of int
        (n_pre, n_post).
    delay : int
        Steps by which spikes arrive later than they would otherwise.
    """

    name: str
    source: str
    target: str
    shape: tuple[int, int]
    delay: int = 0

    @property
    def recurrent(self) -> bool:
        """Whether the layer reaches itself."""
        return self.source == self.target

    @property
    def terminals(self) -> str:
        """The group whose spikes arrive: the source, or its terminals, which repeat its spikes after the delay."""
        return f"{self.source}_after_{self.delay}" if self.delay else self.source


@declared(ModelError, "Network")
@dataclass(frozen=True, kw_only=True)
class Network:
    """Layer sizes, equations and time.

    Attributes
    ----------
    n_inputs, n_outputs : int
        Numbers of input and readout neurons.
    hidden : tuple of int
        Sizes of the hidden layers, from the input up; there may be none.
    recurrent : bool
        Whether each hidden layer reaches itself too, every neuron each neuron; its spikes arrive as those of others do.
    delays : tuple of (str, int)
        Names of weights, and the steps by which spikes arrive there later: a spike of step n is in `I` after step
        n + delay. Others have none.
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
    """

    n_inputs: int
    hidden: tuple[int, ...]
    n_outputs: int
    recurrent: bool = False
    delays: tuple[tuple[str, int], ...] = ()
    neuron: NeuronModel = LIF
    readout: NeuronModel = LEAKY_INTEGRATOR
    surrogate: Surrogate = FAST_SIGMOID
    loss: Loss = CROSS_ENTROPY
    decision: Decision = MEAN
    n_steps: int = 100
    dt: float = 1e-3
    window: tuple[int, int] = (0, 0)
    scale_surrogate: bool = False

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
        if self.decision.refuses(self.readout):
            raise ModelError(self.decision.refuses(self.readout))
        self._refuse_delays()
        self.surrogate.refuse_scale(self.scale_surrogate)

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

    def format(self, targets: Targets) -> TrialFormat:
        """Return what the trials that it can run are made for.

        Parameters
        ----------
        targets : {"trial", "step", "spikes"}
            What is wanted of the outputs.

        Returns
        -------
        TrialFormat
            Sizes, time and loss window of the network, with these targets.
        """
        return TrialFormat(self.n_inputs, self.n_outputs, self.n_steps, self.dt, self.steps_in_window, targets)

    def _refuse_delays(self) -> None:
        known = {projection.name: projection for projection in self.projections}
        for name, delay in self.delays:
            if name not in known:
                raise ModelError(f"Delays: there are no weights '{name}'. {nearest(name, known)}")
            if isinstance(delay, bool) or not isinstance(delay, Integral) or not 0 <= delay < self.n_steps:
                raise ModelError(
                    f"The delay to '{name}' must be whole steps, 0 or more and less than the {self.n_steps} of a "
                    f"trial, not {shown(delay)}."
                )
            if delay and known[name].source != "inputs" and not self.neuron.spiking:
                raise ModelError(
                    f"The delay to '{name}' is one of spikes, and neuron '{self.neuron.name}' has none. Drop it."
                )
        self._set("delays", tuple((name, int(delay)) for name, delay in self.delays))

    @property
    def sizes(self) -> tuple[int, ...]:
        """Sizes of all layers, from the input to the readout."""
        return (self.n_inputs, *self.hidden, self.n_outputs)

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers above the input: ``hidden1``, ..., ``readout``."""
        return (*(f"hidden{index + 1}" for index in range(len(self.hidden))), "readout")

    @property
    def spiking_layers(self) -> dict[str, int]:
        """Names and sizes of the layers that spike."""
        sizes = dict(zip(self.layers, self.sizes[1:], strict=True))
        return {name: size for name, size in sizes.items() if self.model_of(name).spiking}

    def model_of(self, layer: str) -> NeuronModel:
        """Return the neuron model of a layer.

        Parameters
        ----------
        layer : str
            ``hidden1``, ..., ``readout``.

        Returns
        -------
        NeuronModel
            That of the readout, or of all hidden layers.
        """
        return self.readout if layer == "readout" else self.neuron

    @property
    def steps_in_window(self) -> tuple[int, int]:
        """First step of the loss window, and the one after its last."""
        return (0, self.n_steps) if self.window == (0, 0) else self.window

    @property
    def projections(self) -> tuple[Projection, ...]:
        """The weights, from the input up; those of a layer onto itself come after those from below."""
        found = []
        delays = dict(self.delays)
        for index, name in enumerate(self.layers):
            below, size = self.sizes[index : index + 2]
            source = ("inputs", *self.layers)[index]
            found.append(Projection(name, source, name, (below, size), delays.get(name, 0)))
            if self.recurrent and name != "readout":
                itself = f"{name}_recurrent"
                found.append(Projection(itself, name, name, (size, size), delays.get(itself, 0)))
        return tuple(found)

    def weight_shapes(self) -> dict[str, tuple[int, int]]:
        """Return the shapes of all weights.

        Returns
        -------
        dict of str to (int, int)
            (n_pre, n_post) by name: the layer that they reach, or ``hidden1_recurrent`` where it reaches itself.
        """
        return {projection.name: projection.shape for projection in self.projections}
