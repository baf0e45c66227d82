"""What is checked, and how a check says what it found."""

from dataclasses import dataclass

from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.network import Network
from workbench.declare.neuron import NeuronModel
from workbench.declare.options import Targets
from workbench.declare.recording import Recording
from workbench.declare.rule import Rule
from workbench.model.setup import Setup
from workbench.testing.case import Case, random_case

#: Spikes that a layer may be given in all trials.
FORCED_CAPACITY = 1 << 14


class FailedError(Exception):
    """Something does not hold; the message says what was found."""


class DoesNotApplyError(Exception):
    """A check says nothing about a rule; the message says why."""


@dataclass(frozen=True)
class Subject:
    """What is checked.

    Attributes
    ----------
    rule : Rule
        The rule.
    neuron, readout : NeuronModel
        Of the hidden layers in which it runs, and of the readout; one that spikes is taught spike trains.
    """

    rule: Rule
    neuron: NeuronModel
    readout: NeuronModel

    def setup(
        self,
        feedback: str = "",
        depth: int = 2,
        scale_surrogate: bool = False,
        recurrent: bool = False,
        delays: tuple[tuple[str, int], ...] = (),
    ) -> Setup:
        """Return a small network with the rule; sizes differ from layer to layer, and by them layers are told apart."""
        return Setup(
            network=Network(
                n_inputs=8,
                hidden=(7, 6)[:depth],
                n_outputs=3,
                recurrent=recurrent,
                delays=delays,
                # What is given for each neuron is for other numbers of them.
                neuron=self.neuron.alike(),
                readout=self.readout.alike(),
                n_steps=40,
                loss=SQUARED_ERROR,
                scale_surrogate=scale_surrogate,
            ),
            rule=self.rule,
            feedback=feedback or self.rule.default_feedback,
            trial_capacity=32,
            event_capacity=1 << 12,
            targets=self.targets,
        )

    @property
    def targets(self) -> Targets:
        """What the readout is taught: what the rule is for."""
        return self.rule.targets_with(self.readout.spiking)

    def alive(self, seed: int = 0) -> Case:
        """Return a network in which every layer spikes and learns, or say that there is none."""
        self.refuse_other_engines()
        case = random_case(self.setup(), seed)
        refuse_dead(case.record())
        return case

    def refuse_without_spikes(self) -> None:
        """Say so where no spikes can be given, so that whatever a neuron does acts on all others."""
        if not self.neuron.spiking:
            raise DoesNotApplyError(
                f"neurons '{self.neuron.name}' act on others in each step, so that none can be changed alone"
            )

    def refuse_other_engines(self) -> None:
        """Say so where the rule has no equations to check."""
        if self.rule.engine == "none":
            raise DoesNotApplyError("its hidden layers never learn")
        if self.rule.follows_reference:
            raise DoesNotApplyError("the reference computes it, not equations of its own")


def refuse_dead(recording: Recording, where: str = "") -> None:
    """Raise where a layer is silent or has no estimate."""
    for layer, spikes in recording.spikes.items():
        if not len(spikes.trial):
            raise FailedError(f"Layer '{layer}' is silent{where}, so nothing could be compared.")
    for layer, gradient in recording.gradient.items():
        if not gradient.any():
            raise FailedError(f"The estimate of '{layer}' is zero{where}.")
