"""SLAYER: errors go back through the kernels of spike response neurons, whose refractory response is left alone.

g is computed by the reference, in reverse through all steps of the spikes that Brian2 recorded. Its neurons, `srm`, are

    u     sum of w * epsilon(t - t_pre), less the sum of 2 v_th * nu(t - t_post), over all spikes of both
    epsilon, nu   t / tau * exp(1 - t / tau), with `tau_syn` and with `tau_ref`: alpha functions that peak at 1
    psi   surrogate derivative by u - v_th; the paper's is `exponential`, exp(-beta |u - v_th|) / alpha

What a spike does to its own neuron is a constant, as in the authors' code: BPTT with `reset` constant on `srm`.

Cost: the state of all neurons at all steps, O(N T). Delays are not learned.

Shrestha and Orchard (2018), doi:10.48550/arXiv.1810.08646.
"""

from collections.abc import Iterator

from workbench import NeuronModel, Parameter, Rule, WrittenFor, hookimpl

SRM = NeuronModel(
    name="srm",
    doc="Spike response neuron: alpha functions of arriving spikes, less those of its own; it is not reset.",
    equations="""dv/dt = (2.718281828459045 * I - v) / tau_syn : 1
                 dI/dt = -I / tau_syn : 1
                 dr/dt = (2.718281828459045 * s - r) / tau_ref : 1
                 ds/dt = -s / tau_ref : 1""",
    drive="v - r - v_th",
    reset="s += 2 * v_th",
    parameters=(("tau_syn", "10 ms"), ("tau_ref", "10 ms"), ("v_th", 1.0)),
    doi="10.48550/arXiv.1810.08646",
)

SLAYER = Rule(
    name="slayer",
    title="SLAYER",
    doi="10.48550/arXiv.1810.08646",
    engine="bptt",
    written_for=WrittenFor(neuron="srm"),
    parameters=(
        Parameter(
            name="reset", default="constant", choices=("constant",), doc="The refractory response is a constant."
        ),
    ),
)


@hookimpl
def workbench_neurons() -> Iterator[NeuronModel]:
    """Yield the spike response neuron."""
    yield SRM


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield SLAYER."""
    yield SLAYER
