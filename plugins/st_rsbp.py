"""ST-RSBP: backpropagation at the level of spike trains, through layers that reach themselves, without unrolling time.

g is computed by the reference, from the spikes that Brian2 recorded:

    e_ij     what a unit of the weight from j to i adds up to at the spikes of i, whose neurons are set back to 0
    a_i      sum over j of w_ij e_ij: the potential at its spikes
    o_i      number of spikes, a_i / v_th; e_ij goes in proportion to o_j, and to nothing else
    delta    derivative of the loss by a, which solves one system of linear equations for all neurons that spike
    g        delta_i e_ij

The readout filters spikes and has none, so that the loss is of its output in place of how often outputs spike. The
paper fits how e_ij depends on o_i to random trains; here it does not, which in a layer that does not reach itself is a
factor. Neurons that do not spike learn nothing.

Cost: the spikes of a trial, and N^3 operations for N neurons that reach each other, whatever its length.

Zhang and Li (2019), doi:10.48550/arXiv.1908.06378.
"""

from collections.abc import Iterator

from workbench import Rule, WrittenFor, hookimpl

ST_RSBP = Rule(
    name="st_rsbp",
    title="ST-RSBP",
    doi="10.48550/arXiv.1908.06378",
    engine="spike_trains",
    written_for=WrittenFor(neuron="lif_zero_reset", readout="leaky_integrator"),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield ST-RSBP."""
    yield ST_RSBP
