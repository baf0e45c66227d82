"""Small networks with random numbers, shared by the tests.

A structure costs some seconds to compile and its numbers cost nothing, so the structures here are few, and tests vary
their numbers.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.catalogue.registry import load_registry
from workbench.declare.loss import CROSS_ENTROPY, SQUARED_ERROR, Loss
from workbench.declare.network import Network
from workbench.declare.neuron import NeuronModel
from workbench.declare.neuron_models import ALIF, LIF, LINEAR_RATE, REFRACTORY, SPIKE_TRAIN
from workbench.declare.optimizer import ADAM, RMAXPROP, RMS, SGD, Optimizer
from workbench.declare.options import Targets
from workbench.declare.recording import Recording
from workbench.declare.rule import Rule
from workbench.declare.surrogate import ARCTAN, BOXCAR, EXPONENTIAL, FAST_SIGMOID, PIECEWISE_LINEAR, Surrogate
from workbench.engine.state import State
from workbench.measures.alignment import relative_error
from workbench.model.setup import Setup

REGISTRY = load_registry()
RULES: dict[str, Rule] = {name: offer.item for name, offer in REGISTRY.rules.items()}
LOSSES: dict[str, Loss] = {name: offer.item for name, offer in REGISTRY.all(Loss).items()}
OPTIMIZERS: dict[str, Optimizer] = {name: offer.item for name, offer in REGISTRY.all(Optimizer).items()}
SURROGATES: dict[str, Surrogate] = {name: offer.item for name, offer in REGISTRY.all(Surrogate).items()}

#: What shares a program must agree on.
CAPACITY: dict[str, Any] = {"trial_capacity": 32, "event_capacity": 4096}

ZERO_RESET = NeuronModel(
    name="zero_reset", equations=LIF.equations, drive="v - v_th", reset="v = 0", parameters=LIF.parameters
)

#: Not linear, so that Brian2 integrates it step by step; the threshold moves with a variable of its own.
ADAPTIVE = NeuronModel(
    name="adaptive",
    equations="""dv/dt = (I - v - 0.01 * v**3) / tau_mem : 1
dI/dt = -I / tau_syn : 1
da/dt = -a / tau_a : 1""",
    drive="v - v_th - a",
    reset="v -= v_th\na += 0.3 * v_th",
    parameters=(*LIF.parameters, ("tau_a", "30 ms")),
    method="euler",
)

#: Each spike inhibits all neurons of its layer.
POOLED = NeuronModel(
    name="pooled",
    equations="""dv/dt = (I - s - v) / tau_mem : 1
dI/dt = -I / tau_syn : 1
ds/dt = -s / tau_inh : 1""",
    drive="v - v_th",
    reset="v -= v_th",
    pooled="s += inhibition * v_th * pooled",
    parameters=(*LIF.parameters, ("tau_inh", "5 ms"), ("inhibition", 0.2)),
)


def _setup(
    rule: str,
    feedback: str,
    hidden: tuple[int, ...],
    optimizer: object = SGD,
    targets: Targets = "trial",
    **network: object,
) -> Setup:
    return Setup(
        network=Network(n_inputs=8, hidden=hidden, n_outputs=3, n_steps=40, **network),  # type: ignore[arg-type]
        rule=RULES[rule],
        feedback=feedback,
        optimizer=optimizer,  # type: ignore[arg-type]
        targets=targets,
        **CAPACITY,
    )


#: Structures by name: depth 1 to 3, both losses, every pathway and optimizer, three kinds of neuron.
SETUPS: dict[str, Setup] = {
    "eprop_1": _setup("eprop", "symmetric", (9,), SGD, surrogate=FAST_SIGMOID),
    "eprop_2": _setup("eprop", "symmetric", (8, 7), ADAM, surrogate=EXPONENTIAL, loss=SQUARED_ERROR),
    "dcll_1": _setup("dcll", "local_readout", (9,), RMS, surrogate=PIECEWISE_LINEAR, loss=SQUARED_ERROR),
    "dcll_2": _setup("dcll", "local_readout", (8, 7), surrogate=ARCTAN, loss=CROSS_ENTROPY),
    "frozen_3": _setup("frozen", "none", (7, 6, 5), surrogate=BOXCAR, neuron=ZERO_RESET),
    "direct_2": _setup("eprop", "random_direct", (8, 7), neuron=ADAPTIVE, loss=CROSS_ENTROPY),
    "sign_symmetric_2": _setup("eprop", "sign_symmetric", (8, 7), loss=SQUARED_ERROR, targets="step"),
    "uniform_2": _setup("dcll", "uniform", (8, 7), loss=SQUARED_ERROR),
    "adaptive_1": _setup("eprop_adaptive", "symmetric", (9,), neuron=ALIF),
    "recurrent_1": _setup("eprop", "symmetric", (9,), recurrent=True),
    "recurrent_2": _setup("dcll", "random_chained", (8, 7), recurrent=True, neuron=ALIF, loss=SQUARED_ERROR),
    "delayed_2": _setup(
        "eprop", "symmetric", (8, 7), recurrent=True, delays=(("hidden1", 1), ("hidden2", 2), ("hidden2_recurrent", 3))
    ),
    "delayed_1": _setup("dcll", "random_direct", (9,), delays=(("hidden1", 3), ("readout", 3)), loss=SQUARED_ERROR),
    "learned_2": _setup("eprop", "learned", (8, 7), RMS, neuron=POOLED),
    "trains_1": _setup(
        "superspike",
        "random_direct",
        (9,),
        RMAXPROP,
        "spikes",
        loss=SQUARED_ERROR,
        neuron=REFRACTORY,
        readout=SPIKE_TRAIN,
    ),
    "chained_2": _setup("eprop", "random_chained", (7, 8), neuron=ZERO_RESET, loss=SQUARED_ERROR),
}

#: Structures that claims of exactness need besides; so each surrogate is in one of them.
FURTHER = {
    "eprop_1_squared": _setup("eprop", "symmetric", (9,), surrogate=EXPONENTIAL, loss=SQUARED_ERROR),
    "dcll_1_entropy": _setup("dcll", "local_readout", (9,), surrogate=BOXCAR),
}

#: One without spikes.
RATE = _setup("eprop", "symmetric", (6, 5), neuron=LINEAR_RATE)


def setup_for(rule: Rule, feedback: str, depth: int, loss: Loss, neuron: NeuronModel | None = None) -> Setup:
    """Return a setup with a rule on the neuron that it is written for, one of those above where it fits."""
    own, readout = REGISTRY.models_for(rule)
    neuron = neuron or own
    for setup in (SETUPS | FURTHER).values():
        network = setup.network
        found = (setup.rule, setup.feedback, len(network.hidden), network.loss, network.neuron, network.readout)
        if found == (rule, feedback, depth, loss, neuron, readout) and not network.recurrent:
            return setup
    hidden = {1: (9,), 2: (8, 7), 3: (7, 6, 5)}[depth]
    return _setup(rule.name, feedback, hidden, loss=loss, neuron=neuron, readout=readout)


def with_numbers(setup: Setup, generator: np.random.Generator, n_steps: int) -> Setup:
    """Return the same structure with other numbers: dt, time constants of 3 to 30 steps, surrogate, window, ..."""
    network = setup.network
    dt = float(generator.choice([1e-4, 3e-4, 5e-4, 1e-3, 2e-3]))
    tau_syn, tau_mem, *others = dt * generator.uniform(3, 30, size=4)
    if generator.random() < 0.3:
        tau_mem = tau_syn  # The case in which the closed form of the double filter is 0/0.
    neuron: dict[str, str | float] = {"tau_mem": f"{tau_mem} second", "tau_syn": f"{tau_syn} second"}
    if network.neuron.spiking:
        neuron["v_th"] = generator.uniform(0.3, 3.0)
    readout: dict[str, str | float] = {"tau_mem": f"{others[0]} second", "tau_syn": f"{others[1]} second"}
    start, stop = generator.integers(max(n_steps // 3, 1)), generator.integers(2 * n_steps // 3, n_steps + 1)
    drawn = {"gamma": generator.uniform(0.2, 2), "beta": generator.uniform(0.3, 2)}
    return replace(
        setup,
        network=replace(
            network,
            neuron=network.neuron.with_parameters(neuron),
            readout=network.readout.with_parameters(readout),
            surrogate=network.surrogate.with_parameters(
                {name: value for name, value in drawn.items() if name in dict(network.surrogate.parameters)}
            ),
            dt=dt,
            n_steps=n_steps,
            window=(int(start), int(stop)) if generator.random() < 0.5 else (0, 0),
            scale_surrogate=bool(start % 2),
        ),
    )


def error_of(estimate: NDArray[np.float64], exact: NDArray[np.float64]) -> float:
    """Return the relative error; NaN, which is below no bound, where either of the two is zero."""
    return relative_error(estimate, exact).value


def assert_alive(recording: Recording, setup: Setup) -> None:
    """Fail where a comparison would compare nothing: silent or saturated layers, estimates of zero."""
    network = setup.network
    for layer, size in network.spiking_layers.items():
        raster = recording.spikes[layer].raster(len(recording), network.n_steps, size)
        assert 0.002 < raster.mean() < 0.5, f"{layer} fires in {raster.mean():.1%} of its steps"
        assert (raster.any(axis=(0, 1))).mean() > 0.3, f"most neurons of {layer} never fire"
    for layer, gradient in recording.gradient.items():
        assert (np.abs(gradient).max(axis=(1, 2)) > 0).sum() >= 2, f"no estimate for {layer}"


def same_recording(one: Recording, other: Recording) -> bool:
    """Return whether two recordings are equal bit for bit."""
    arrays: list[tuple[NDArray[Any], NDArray[Any]]] = [(one.loss, other.loss), (one.output, other.output)]
    for layer in one.spikes | other.spikes:
        first, second = one.spikes[layer], other.spikes[layer]
        arrays += [(first.trial, second.trial), (first.step, second.step), (first.neuron, second.neuron)]
    pairs = ((one.local_loss, other.local_loss), (one.local_output, other.local_output), (one.gradient, other.gradient))
    for left, right in pairs:
        arrays += [(left[key], right[key]) for key in left | right]
    return all(np.array_equal(left, right) for left, right in arrays)


def same_state(one: State, other: State) -> bool:
    """Return whether two states are equal bit for bit."""
    pairs = [(one.weights, other.weights), (one.memory, other.memory), (one.feedback, other.feedback)]
    same = one.n_updates == other.n_updates and all(left.keys() == right.keys() for left, right in pairs)
    return same and all(np.array_equal(left[key], right[key]) for left, right in pairs for key in left)
