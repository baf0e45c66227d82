"""The network of Diehl and Cook (2015): neurons that compete by way of interneurons, with thresholds that rise."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from workbench import Connectivity, Network, NeuronModel, Population, Projection
from workbench.declare.loss import SQUARED_ERROR

_CONDUCTANCES = """
dv/dt = int(rest <= 0*second) * (v_rest - v - ge*v + gi*(e_inh - v)) / tau_mem : volt
dge/dt = -ge / tau_ge : 1
dgi/dt = -gi / tau_gi : 1
drest/dt = -1 : second
dI/dt = -I / tau_ge : 1
"""

#: Constants as in the authors' program. `theta` is what a neuron's own spikes have raised its threshold by.
EXCITATORY = NeuronModel(
    name="diehl_cook_excitatory",
    doc="Conductances, and a threshold that rises with each spike and outlives the trial.",
    equations=f"{_CONDUCTANCES}dtheta/dt = -theta / tau_theta : volt",
    drive="(v - v_th - theta) / millivolts",
    reset="v = v_reset\nrest = t_ref\ntheta += theta_plus",
    refractory="rest > 0*second",
    adapts=("theta",),
    initial=(("v", "v_rest"),),
    persistent=("theta",),
    parameters=(
        ("v_rest", "-65 mV"),
        ("v_reset", "-65 mV"),
        ("v_th", "-52 mV"),
        ("e_inh", "-100 mV"),
        ("tau_mem", "100 ms"),
        ("tau_ge", "1 ms"),
        ("tau_gi", "2 ms"),
        ("t_ref", "4.25 ms"),
        ("theta_plus", "0.05 mV"),
        ("tau_theta", "10000 second"),
        ("millivolts", "1 mV"),
    ),
    method="euler",
)

INHIBITORY = replace(
    EXCITATORY,
    name="diehl_cook_inhibitory",
    doc="An interneuron of the same kind, without a threshold that rises.",
    equations=_CONDUCTANCES,
    drive="(v - v_th) / millivolts",
    reset="v = v_reset\nrest = t_ref",
    adapts=(),
    persistent=(),
    parameters=(
        ("v_rest", "-60 mV"),
        ("v_reset", "-45 mV"),
        ("v_th", "-40 mV"),
        ("e_inh", "-85 mV"),
        ("tau_mem", "10 ms"),
        ("tau_ge", "1 ms"),
        ("tau_gi", "2 ms"),
        ("t_ref", "1.25 ms"),
        ("millivolts", "1 mV"),
    ),
)

DT = 0.5e-3


def network_of(n_inputs: int, size: int, n_steps: int) -> Network:
    """Return the network: excitatory neurons are layer `hidden1`, each with an interneuron that inhibits all others."""
    return Network(
        n_inputs=n_inputs,
        hidden=(size,),
        n_outputs=10,
        populations=(Population(name="inter", size=size, neuron=INHIBITORY),),
        projections=(
            Projection(name="hidden1", source="inputs", target="hidden1", receptor="ge"),
            Projection(
                source="hidden1",
                target="inter",
                connect=Connectivity(pattern="one_to_one"),
                receptor="ge",
                plastic=False,
            ),
            Projection(
                source="inter", target="hidden1", connect=Connectivity(pattern="others"), receptor="gi", plastic=False
            ),
            # Nobody reads it: classes are assigned to neurons.
            Projection(name="readout", source="hidden1", target="readout", plastic=False),
        ),
        neuron=EXCITATORY,
        loss=SQUARED_ERROR,
        n_steps=n_steps,
        dt=DT,
    )


def first_weights(network: Network, sum_to: float, generator: np.random.Generator) -> dict[str, NDArray[np.float64]]:
    """Return random weights of the inputs, scaled onto each neuron, and the authors' fixed ones."""
    drawn = generator.random(network.weight_shapes()["hidden1"])
    weights = {name: np.zeros(shape) for name, shape in network.weight_shapes().items()}
    weights["hidden1"] = sum_to * drawn / drawn.sum(axis=0)
    weights["hidden1_to_inter"] += 10.4
    weights["inter_to_hidden1"] += 17.0
    return weights
