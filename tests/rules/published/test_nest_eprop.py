"""The losses that NEST publishes of e-prop come out of the workbench's own neurons, rule, regularizer and optimizers.

Conventions that differ, and how they are expressed here, without anything but numbers and a neuron of one's own:

- NEST's spikes act at once, those here through a synapse: with a time constant of 1 us nothing of it is left after a
  step, and a weight moves the potential by `moved_by`, to the weight's own unit.
- So the readout is a step late: trials have one step more, and window and targets lie one step later. Inputs of
  NEST's step t, which act in that step, are events of step t - 1.
- NEST subtracts the threshold after the decay, and adds to its adaptation after it: here both happen before.
- NEST's gradient is a sum over the steps, or their mean where it says so; here it is the mean.
- Adam's epsilon is added to the root before that is freed of its start at 0.
"""

from dataclasses import replace

import numpy as np
import pytest

from tests.networks import RULES
from tests.rules.published.nest_networks import (
    CLASSIFICATION,
    N_HIDDEN,
    REGRESSION,
    Array,
    Drawn,
    classification,
    regression,
)
from workbench import Connectivity, Network, NeuronModel, Optimizer, Projection, Trials, by_neuron
from workbench.declare.loss import CROSS_ENTROPY, SQUARED_ERROR
from workbench.declare.neuron_models import ADAPTIVE_REFRACTORY, LEAKY_INTEGRATOR
from workbench.declare.optimizer import SGD
from workbench.declare.surrogate import PIECEWISE_LINEAR
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.engine.state import State
from workbench.model.setup import Setup

DT, AT_ONCE = 1e-3, 1e-6

NEST_ADAM = Optimizer(
    name="nest_adam",
    code="""mean = beta1 * mean + (1 - beta1) * gradient
square = beta2 * square + (1 - beta2) * gradient**2
step = mean * sqrt(1 - beta2**n_updates) / (1 - beta1**n_updates) / (sqrt(square) + epsilon)""",
    state=("mean", "square"),
    parameters=(("beta1", 0.9), ("beta2", 0.999), ("epsilon", 1e-8)),
)

#: NEST's adaptation, 1.7 (1 - exp(-dt/tau_a)) / (1 - exp(-dt/tau_m)), of the second half of the neurons.
BETA = float(1.7 * (1 - np.exp(-1 / 2000)) / (1 - np.exp(-1 / 20)))


def moved_by(tau_mem: float, tau_syn: float = AT_ONCE) -> float:
    """Return by how much a spike of weight 1 moves a potential in the step after it."""
    return float(tau_syn / (tau_mem - tau_syn) * np.exp(-DT / tau_mem))


def neuron_of(v_th: float, tau_mem: float, t_ref: str, rise: str, late: bool = True) -> NeuronModel:
    """Return NEST's neuron; not `late`, the threshold is subtracted before the decay."""
    fall = v_th * float(np.exp(DT / tau_mem)) if late else v_th
    model = replace(
        ADAPTIVE_REFRACTORY,
        reset="v -= fall\na += rise\nrest = t_ref",
        parameters=(*ADAPTIVE_REFRACTORY.parameters, ("fall", fall)),
    )
    times = {"tau_mem": f"{tau_mem} s", "tau_syn": f"{AT_ONCE} s", "tau_a": "2 s", "t_ref": t_ref}
    return model.with_parameters({"v_th": v_th, "rise": rise, **times})


def network_of(drawn: Drawn, neuron: NeuronModel, tau_mem: float, tau_syn: float, window: int) -> Network:
    """Return a network of some neurons, the loss of which counts in the last steps."""
    n_steps, n_inputs = drawn.inputs.shape[1:]
    v_th = neuron.values()["v_th"]
    others = Connectivity(pattern="others")
    return Network(
        n_inputs=n_inputs,
        hidden=(N_HIDDEN,),
        n_outputs=drawn.target.shape[-1],
        recurrent=True,
        projections=(Projection(source="hidden1", target="hidden1", name="hidden1_recurrent", connect=others),),
        n_steps=n_steps + 1,
        window=(n_steps + 1 - window, n_steps + 1),
        neuron=neuron,
        readout=LEAKY_INTEGRATOR.with_parameters({"tau_mem": f"{tau_mem} s", "tau_syn": f"{tau_syn!r} s"}),
        surrogate=replace(PIECEWISE_LINEAR, parameters=(("gamma", 0.3 / v_th), ("beta", 1 / v_th))),
        loss=SQUARED_ERROR if drawn.target.ndim == 3 else CROSS_ENTROPY,
    )


def losses(drawn: Drawn, setup: Setup, scale: float, learning_rate: float, batch: int) -> Array:
    """Return the mean loss of each batch of five, where NEST's weights times `scale` are the workbench's."""
    count, n_steps, n_inputs = drawn.inputs.shape
    raster = np.zeros((count, n_steps + 1, n_inputs))
    raster[:, : n_steps - 1] = drawn.inputs[:, 1:]
    target = drawn.target
    if target.ndim == 3:
        target = np.concatenate([np.zeros((count, 1, target.shape[2])), target], axis=1)
    recurrent = drawn.recurrent[~np.eye(N_HIDDEN, dtype=bool)]
    weights = {"hidden1": drawn.hidden, "hidden1_recurrent": recurrent, "readout": drawn.readout}
    state = State({name: scale * w for name, w in weights.items()}, {"hidden1": scale * drawn.feedback}, {})
    after = np.where(np.arange(1, count + 1) % batch == 0, batch, 0)
    plan = Plan(learning=True, update_after=after, learning_rate=learning_rate)
    recording, _ = simulator(setup).run(state, Trials.from_raster(raster, target), plan)
    return np.asarray(recording.loss.reshape(5, batch).mean(axis=1))


def regression_losses(late: bool = True, target_rate: str = "10 Hz") -> Array:
    """Return those of the network that generates a pattern, by gradient descent."""
    drawn, tau, n_steps = regression(), 30e-3, 1000
    # Of 30 ms are neurons and readout alike, and both take a share 1 - exp(-dt/tau) of what arrives.
    scale = (1 - float(np.exp(-DT / tau))) / moved_by(tau)
    network = network_of(drawn, neuron_of(0.03, tau, "0 ms", "0", late), tau, AT_ONCE, n_steps)
    numbers = {"regularize": f"{300 * DT / n_steps} s", "target_rate": target_rate}
    setup = Setup(
        network=network, rule=RULES["eprop_adaptive"].with_parameters(numbers), feedback="random_direct",
        optimizer=SGD, targets="step", trial_capacity=8, event_capacity=1 << 15,
    )  # fmt: skip
    return losses(drawn, setup, scale, 1e-4 * n_steps * scale**2, 1) * n_steps


def classification_losses(batch: int, t_ref: str = "5 ms", optimizer: Optimizer = NEST_ADAM) -> Array:
    """Return those of the network that accumulates evidence, by Adam."""
    drawn, tau, n_steps = classification(batch), 20e-3, 2250
    scale = 1 / moved_by(tau)
    # A synapse by which the readout takes a share 1 - exp(-dt/tau) of what neurons take.
    share = (1 - float(np.exp(-DT / tau))) * moved_by(tau) * float(np.exp(DT / tau))
    rise = by_neuron(np.repeat([0.0, BETA * float(np.exp(DT / 2))], N_HIDDEN // 2))
    network = network_of(drawn, neuron_of(0.6, tau, t_ref, rise), tau, share * tau / (1 + share), 150)
    rule = RULES["eprop_adaptive"].with_parameters({"regularize": f"{300 * DT / n_steps} s"})
    numbers = dict(optimizer.parameters)
    setup = Setup(
        network=network, rule=rule, feedback="random_direct", trial_capacity=16, event_capacity=1 << 15,
        optimizer=optimizer.with_parameters({"epsilon": numbers["epsilon"] / scale}),
    )  # fmt: skip
    return losses(drawn, setup, scale, 5e-3 * scale, batch)


def test_pattern_generation_has_nests_losses() -> None:
    published = np.array(REGRESSION)
    np.testing.assert_allclose(regression_losses(), published, rtol=1e-11, atol=0)
    # The threshold taken off before the decay, and another rate to be drawn to, are other networks.
    for others in (regression_losses(late=False), regression_losses(target_rate="20 Hz")):
        assert np.abs(others / published - 1).max() > 1e-4


@pytest.mark.parametrize("batch", [1, 2])
def test_evidence_accumulation_has_nests_losses(batch: int) -> None:
    published = np.array(CLASSIFICATION[batch])
    np.testing.assert_allclose(classification_losses(batch), published, rtol=1e-11, atol=0)
    assert np.abs(classification_losses(batch, t_ref="4 ms") / published - 1).max() > 1e-4
