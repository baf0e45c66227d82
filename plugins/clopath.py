"""Voltage-based STDP: depression by presynaptic spikes at a raised potential, potentiation by postsynaptic ones.

g = a_ltd * (h / h_ref)^2 * [u1]+ at presynaptic spikes - a_ltp * x * [u2]+ at postsynaptic ones:

    x          trace of presynaptic spikes
    u1, u2     the neuron's potential, counted from rest and filtered, to which each of its spikes adds `bump`
    h          the same over a second: where it is high, depression is stronger

Weights change at each spike and stay from 0 to w_max; filters go on from trial to trial. A learning rate of 1 is that
of the paper. `lif_conductance` has conductances for synapses, and potentials from rest.
Cost: one variable per presynaptic neuron, three per postsynaptic one; one operation per synapse of one that spikes.

Clopath, Buesing, Vasilaki and Gerstner (2010), doi:10.1038/nn.2479, equations 1 to 3; constants of Brian2's example.
"""

from collections.abc import Iterator

from workbench import Claims, Constraint, Parameter, Rule, Updates, WrittenFor, hookimpl

BOUNDS = Constraint(name="clopath_bounds", project="w = clip(w, 0.0, w_max)", parameters=(("w_max", "w_max"),))
CLOPATH = Rule(
    name="clopath",
    title="Voltage-based STDP",
    doi="10.1038/nn.2479",
    pre="dx/dt = -x / tau_x : 1",
    pre_on_spike="x += x_jump",
    post="""du1/dt = (v - u1) / tau_1 + bump * spiked / dt : volt
            du2/dt = (v - u2) / tau_2 + bump * spiked / dt : volt
            dh/dt = (v - h) / tau_h + bump_h * spiked / dt : volt""",
    synapse="""below = u1_post - bump * spiked_post : volt
               dg/dt = event * (spiked_pre * a_ltd * (h_post / h_ref)**2 * below * int(below > 0 * mV)
                                - spiked_post * a_ltp * x_pre * u2_post * int(u2_post > 0 * mV)) / mV / dt : second""",
    persistent=("x", "u1", "u2", "h"),
    updates=Updates(every="step", per="second", constraints=(BOUNDS,)),
    written_for=WrittenFor(neuron="lif_conductance"),
    claims=Claims(estimates="nothing"),
    parameters=tuple(
        Parameter(name=name, default=default, doc=doc)
        for name, default, doc in (
            ("tau_x", "15 ms", "Decay of x."), ("x_jump", 1 / 15, "Of x at a spike."), ("tau_1", "40 ms", "Of u1."),
            ("tau_2", "30 ms", "Of u2."), ("tau_h", "1 second", "Of h."), ("bump", "10 mV", "Of u1 and u2 at a spike."),
            ("bump_h", "0.1 mV", "Of h at a spike."), ("h_ref", "3.4641016 mV", "At which depression is as told."),
            ("a_ltd", 1.5e-4, "Depression."), ("a_ltp", 1.5e-2, "Potentiation."), ("w_max", 3.0, "The largest weight."),
            ("event", "1 second", "Unit of g."),
        )
    ),
)  # fmt: skip


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield voltage-based STDP."""
    yield CLOPATH
