"""Whether a rule learns wherever it is put: in layers that reach themselves, populations, and between few neurons."""

from dataclasses import replace

import numpy as np

from workbench.declare.claims import Claims
from workbench.declare.connectivity import Connectivity
from workbench.declare.neuron import NeuronModel
from workbench.declare.parameter import Parameter
from workbench.declare.population import Population
from workbench.declare.projection import Projection
from workbench.declare.recording import Recording
from workbench.declare.rule import Rule
from workbench.declare.transmission import TSODYKS_MARKRAM
from workbench.engine.presentation import Plan
from workbench.testing.agreement import agreement
from workbench.testing.case import Case, random_case
from workbench.testing.subject import FailedError, Subject, refuse_dead
from workbench.text.time_constants import is_time_constant

#: Weights that learn by a rule of their own, and this rule.
_APART = "apart"
_HEBBIAN = Rule(
    name="hebbian",
    title="Hebbian",
    pre="dx/dt = -x / tau_x : 1",
    pre_on_spike="x += 1",
    synapse="dg/dt = -x_pre * spiked_post / dt * second : second",
    claims=Claims(estimates="nothing"),
    parameters=(Parameter(name="tau_x", default="20 ms", doc="Decay of the trace."),),
)


def takes_any_connections(subject: Subject) -> str:
    """See that recurrent, sparse, delayed and fixed weights do as they are told, in compiled code and NumPy alike.

    So do neurons that differ from each other, that draw noise, and whose spikes transmit less the more often they come;
    and weights that learn by a rule of their own. A rule that learns by pairs of presynaptic neurons takes weights from
    all to all alone, onto neurons that do not differ.
    """
    subject.refuse_other_engines()
    # A rule that acts on what went wrong alone may find nothing of that in a few trials.
    for seed in range(3):
        case = _case(subject, seed)
        compiled = case.record()
        if all(gradient.any() for gradient in compiled.gradient.values()):
            break
    refuse_dead(compiled, " in a network of populations")
    told = agreement(compiled.gradient, case.record("numpy").gradient, "The compiled program and NumPy differ")
    _refuse_change(case, compiled)
    return f"{', '.join(compiled.gradient)}: {told}"


def _case(subject: Subject, seed: int) -> Case:
    """Return a network with a population of other neurons beside a layer that reaches itself, and trials."""
    # Not all spikes come at once there, so that a rule also sees what is on its way.
    delays = (("hidden1_recurrent", 2),) if subject.neuron.spiking else ()
    setup = subject.setup(depth=1, recurrent=True, delays=delays)
    whole = subject.rule.pairs is not None
    beside = Population(name="beside", size=5, neuron=_unlike(subject.neuron, differing=not whole))
    some, few = Connectivity() if whole else Connectivity(fan_in=4), Connectivity(probability=1.0 if whole else 0.6)
    projections = (
        Projection(source="inputs", target="beside", connect=some, transmits=TSODYKS_MARKRAM),
        Projection(source="beside", target="hidden1", connect=few),
        Projection(source="hidden1", target="beside", connect=Connectivity(fan_in=3), plastic=False),
        Projection(source="hidden1", target="beside", name=_APART, connect=Connectivity(fan_in=2), rule=_HEBBIAN),
        Projection(source="beside", target="readout"),
    )
    network = replace(setup.network, populations=(beside,), projections=projections)
    # While trials run nothing changes, so that each does what it did when estimates were recorded.
    return random_case(replace(setup, network=network, every="batch"), seed, count=3)


def _unlike(neuron: NeuronModel, differing: bool) -> NeuronModel:
    """Return the same neurons with other time constants, which may differ between them, and thresholds drawn anew."""
    units = neuron.units()
    told: dict[str, str | float] = {
        name: f"uniform({0.8 * value!r} {units[name]}, {1.2 * value!r} {units[name]})"
        if differing
        else f"{1.2 * value!r} {units[name]}"
        for name, value in neuron.values().items()
        if is_time_constant(name)
    }
    made = replace(neuron.with_parameters(told), doc="Beside the stack.")
    if not neuron.spiking:
        return made
    return replace(made, drive=f"{neuron.drive} + 0.05 * nudge", noise=(*neuron.noise, ("nudge", "normal")))


def _refuse_change(case: Case, recorded: Recording) -> None:
    """Refuse fixed weights that training changes, and others that do not take what their own rule says."""
    before, estimates = case.state.weights, recorded.gradient[_APART]
    # One trial, that begins as it did when estimates were recorded, whatever outlives others.
    number = int(np.abs(estimates).reshape(len(estimates), -1).max(axis=1).argmax())
    plan = Plan(learning=True, learning_rate=0.1, update_after=np.array([1]))
    _, after = case.simulator().run(case.state, case.trials.take(np.array([number])), plan)
    for item in case.setup.network.all_projections:
        if not item.plastic and (after.weights[item.name] != before[item.name]).any():
            raise FailedError(f"Weights '{item.name}' change, which are fixed.")
    agreement(
        {_APART: after.weights[_APART] - before[_APART]},
        {_APART: -estimates[number]},
        "Weights do not take what a rule of their own says",
    )
