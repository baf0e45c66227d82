"""The network of Vogels et al. (2011) as a script of Brian2's own, which knows nothing of the workbench.

python -m tests.rules.published.inhibitory_balance_script --pairs pairs.npz --out plain.npz
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import brian2 as b2
import numpy as np
import typer
from numpy.typing import NDArray

Pairs = tuple[NDArray[np.integer], NDArray[np.integer]]

NAMES = ("exc_to_exc", "exc_to_inh", "inh_to_inh", "inh_to_exc")

EQUATIONS = """
dv/dt = (-gl*(v - el) - (g_ampa*v + g_gaba*(v - er)) + bgcurrent)/memc : volt (unless refractory)
dg_ampa/dt = -g_ampa/tau_ampa : siemens
dg_gaba/dt = -g_gaba/tau_gaba : siemens
"""


DT = 0.1 * b2.ms

CONSTANTS = {
    "gl": 10.0 * b2.nS,
    "el": -60 * b2.mV,
    "er": -80 * b2.mV,
    "vt": -50.0 * b2.mV,
    "memc": 200.0 * b2.pfarad,
    "bgcurrent": 200 * b2.pA,
    "tau_ampa": 5.0 * b2.ms,
    "tau_gaba": 10.0 * b2.ms,
    "tau_stdp": 20 * b2.ms,
    "alpha": 3 * b2.Hz * 20 * b2.ms * 2,
    "gmax": 100,
    "nS": b2.nS,
}


def run(
    n_excitatory: int, n_inhibitory: int, n_steps: int, pairs: Mapping[str, Pairs], eta: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Run the network.

    Parameters
    ----------
    n_excitatory, n_inhibitory, n_steps : int
        Neurons, and steps of 0.1 ms.
    pairs : mapping of str to (ndarray, ndarray)
        The ends of each synapse: ``exc_to_exc``, ``exc_to_inh``, ``inh_to_inh``, ``inh_to_exc``.
    eta : float
        Learning rate of the inhibitory synapses onto excitatory neurons.

    Returns
    -------
    step, neuron : ndarray of int of shape (n_spikes,)
        In the order of time; inhibitory neurons come after the excitatory ones.
    weights : ndarray of shape (n_synapses,)
        Of the plastic synapses afterwards [nS].
    """
    neurons = b2.NeuronGroup(
        n_excitatory + n_inhibitory,
        EQUATIONS,
        threshold="v > vt",
        reset="v = el",
        refractory=5 * b2.ms,
        method="euler",
        dt=DT,
        namespace=CONSTANTS,
    )
    neurons.v = -60 * b2.mV
    plastic = _plastic(neurons, pairs["inh_to_exc"], n_excitatory, eta)
    spikes = b2.SpikeMonitor(neurons)
    b2.Network(neurons, *_fixed(neurons, pairs, n_excitatory), plastic, spikes).run(n_steps * DT, namespace={})
    step = np.rint(np.asarray(spikes.t / DT)).astype(np.int64)
    return step, np.asarray(spikes.i, dtype=np.int64), np.array(plastic.w)


def _fixed(neurons: b2.NeuronGroup, pairs: Mapping[str, Pairs], n_excitatory: int) -> list[b2.Synapses]:
    first = {"exc": 0, "inh": n_excitatory}
    found = []
    for name, weight in (("exc_to_exc", 0.3), ("exc_to_inh", 0.3), ("inh_to_inh", 3.0)):
        source, target = name.split("_to_")
        receptor = "g_ampa" if source == "exc" else "g_gaba"
        fixed = b2.Synapses(neurons, neurons, on_pre=f"{receptor} += {weight}*nS", dt=DT, namespace=CONSTANTS)
        fixed.connect(i=pairs[name][0] + first[source], j=pairs[name][1] + first[target])
        found.append(fixed)
    return found


def _plastic(neurons: b2.NeuronGroup, pairs: Pairs, n_excitatory: int, eta: float) -> b2.Synapses:
    synapses = b2.Synapses(
        neurons,
        neurons,
        """w : 1
        change : 1
        dx/dt = -x / tau_stdp : 1 (event-driven)
        dy/dt = -y / tau_stdp : 1 (event-driven)""",
        on_pre={"transmit": "g_gaba += w*nS", "before": "change += eta*(y - alpha)\nx += 1"},
        on_post={"after": "change += eta*x\ny += 1"},
        dt=DT,
        namespace=CONSTANTS | {"eta": eta},
    )
    synapses.connect(i=pairs[0] + n_excitatory, j=pairs[1])
    synapses.w = 1e-10
    # What a step adds is bounded once, when it is over.
    synapses.transmit.order, synapses.before.order, synapses.after.order = 0, 1, 2
    synapses.run_regularly("w = clip(w + change, 0, gmax)\nchange = 0", when="end")
    return synapses


def main(
    pairs: Annotated[Path, typer.Option(help="Ends of the synapses, sizes, steps and learning rate.")],
    out: Annotated[Path, typer.Option(help="Where spikes and weights go.")],
) -> None:
    """Run the network of a file, compiled by Brian2: its device is that of a whole process."""
    with np.load(pairs) as given, tempfile.TemporaryDirectory() as folder:
        b2.set_device("cpp_standalone", directory=folder)
        ends = {name: (given[f"{name}.pre"], given[f"{name}.post"]) for name in NAMES}
        n_excitatory, n_inhibitory, n_steps = (int(given[key]) for key in ("n_excitatory", "n_inhibitory", "n_steps"))
        step, neuron, weights = run(n_excitatory, n_inhibitory, n_steps, ends, float(given["eta"]))
    np.savez(out, step=step, neuron=neuron, weights=weights)


if __name__ == "__main__":
    typer.run(main)
