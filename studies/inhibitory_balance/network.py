"""The network of Vogels et al. (2011): excitatory and inhibitory neurons with conductances, sparsely connected."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench import Connectivity, Network, NeuronModel, Population, Projection
from workbench.declare.loss import SQUARED_ERROR

#: Membrane and conductances as in Brian2's example of the paper; weights are in units of 1 nS. A neuron is held for
#: 5 ms, as `t_ref` is read before the step that takes from it, and half a step keeps rounding from deciding.
CONDUCTANCES = NeuronModel(
    name="conductance_lif",
    doc="Excitatory and inhibitory conductances; held at rest for some time after a spike.",
    equations="""
    dv/dt = int(rest <= 0*second) * (g_leak*(e_leak - v) - ge*unit*v + gi*unit*(e_gaba - v) + i_bg) / c_m : volt
    dge/dt = -ge / tau_ampa : 1
    dgi/dt = -gi / tau_gaba : 1
    drest/dt = -1 : second
    dI/dt = -I / tau_ampa : 1
    """,
    drive="(v - v_th) / millivolts",
    reset="v = e_leak\nrest = t_ref",
    refractory="rest > 0*second",
    initial=(("v", "e_leak"),),
    parameters=(
        ("g_leak", "10 nS"),
        ("e_leak", "-60 mV"),
        ("e_gaba", "-80 mV"),
        ("v_th", "-50 mV"),
        ("c_m", "200 pF"),
        ("i_bg", "200 pA"),
        ("tau_ampa", "5 ms"),
        ("tau_gaba", "10 ms"),
        ("t_ref", "4.85 ms"),
        ("unit", "1 nS"),
        ("millivolts", "1 mV"),
    ),
    method="euler",
)


@dataclass(frozen=True)
class Sizes:
    """How large the network is, and for how long it runs.

    Attributes
    ----------
    excitatory, inhibitory : int
        Numbers of neurons.
    probability : float
        With which a pair is connected.
    n_steps : int
        Of 0.1 ms.
    """

    excitatory: int = 8000
    inhibitory: int = 2000
    probability: float = 0.02
    n_steps: int = 100_000


#: Weights [nS] by projection: the paper's, and next to nothing where they are plastic.
WEIGHTS = {
    "exc_to_exc": 0.3,
    "exc_to_inh": 0.3,
    "inh_to_inh": 3.0,
    "inh_to_exc": 1e-10,
}


def network_of(sizes: Sizes, connected: dict[str, Connectivity] | None = None) -> Network:
    """Return the network, drawn with a probability or connected as given by name of the projection."""
    chosen = connected or dict.fromkeys(WEIGHTS, Connectivity(probability=sizes.probability))
    ends = {name: name.split("_to_") for name in WEIGHTS}
    return Network(
        n_inputs=1,
        hidden=(),
        n_outputs=1,
        populations=(
            Population(name="exc", size=sizes.excitatory),
            Population(name="inh", size=sizes.inhibitory),
        ),
        projections=tuple(
            Projection(
                source=source,
                target=target,
                connect=chosen[name],
                receptor="ge" if source == "exc" else "gi",
                plastic=name == "inh_to_exc",
            )
            for name, (source, target) in ends.items()
        ),
        neuron=CONDUCTANCES,
        loss=SQUARED_ERROR,
        n_steps=sizes.n_steps,
        dt=1e-4,
    )


def weights_of(network: Network) -> dict[str, NDArray[np.float64]]:
    """Return the weights at the start [nS]."""
    return {name: np.full(shape, WEIGHTS.get(name, 0.0)) for name, shape in network.weight_shapes().items()}
