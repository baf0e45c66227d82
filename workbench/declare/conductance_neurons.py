"""Neuron models with excitatory and inhibitory conductances, of networks in which the two are held in balance."""

from dataclasses import replace

from workbench.declare.neuron import NeuronModel

_EQUATIONS = """
dv/dt = int(rest <= 0*second) * (g_leak*(e_leak - v) + I*unit*(e_exc - v) + gi*unit*(e_inh - v) + i_bg) / c_m : volt
dI/dt = -I / tau_syn : 1
dgi/dt = -gi / tau_inh : 1
drest/dt = -1 : second"""

#: Constants as in Brian2's example of the paper. A neuron is held for 5 ms, as `t_ref` is read before the step that
#: takes from it, and half a step keeps rounding from deciding.
TWO_CONDUCTANCES = NeuronModel(
    name="lif_two_conductances",
    doc="Excitatory (`I`) and inhibitory (`gi`) conductances in units of `unit`; held for `t_ref` and a step.",
    equations=_EQUATIONS,
    drive="(v - v_th) / mV",
    reset="v = v_reset\nrest = t_ref",
    refractory="rest > 0*second",
    initial=(("v", "e_leak"),),
    parameters=(
        *(("g_leak", "10 nS"), ("c_m", "200 pF"), ("unit", "1 nS"), ("i_bg", "200 pA")),
        *(("e_leak", "-60 mV"), ("e_exc", "0 mV"), ("e_inh", "-80 mV"), ("v_th", "-50 mV"), ("v_reset", "-60 mV")),
        *(("tau_syn", "5 ms"), ("tau_inh", "10 ms"), ("t_ref", "4.85 ms")),
    ),
    method="euler",
    doi="10.1126/science.1211095",
)

#: Constants as in the authors' program, conductances in units of the leak. `theta` is what a neuron's own spikes have
#: raised its threshold by.
TWO_CONDUCTANCES_ADAPTIVE = replace(
    TWO_CONDUCTANCES,
    name="lif_two_conductances_adaptive",
    doc="The same with a threshold that rises with each spike and outlives the trial.",
    equations=f"{_EQUATIONS}\ndtheta/dt = -theta / tau_theta : volt",
    drive="(v - v_th - theta) / mV",
    reset="v = v_reset\nrest = t_ref\ntheta += theta_plus",
    adapts=("theta",),
    persistent=("theta",),
    parameters=(
        *(("g_leak", "1 nS"), ("c_m", "100 pF"), ("unit", "1 nS"), ("i_bg", "0 pA")),
        *(("e_leak", "-65 mV"), ("e_exc", "0 mV"), ("e_inh", "-100 mV"), ("v_th", "-52 mV"), ("v_reset", "-65 mV")),
        *(("tau_syn", "1 ms"), ("tau_inh", "2 ms"), ("t_ref", "4.25 ms")),
        *(("theta_plus", "0.05 mV"), ("tau_theta", "10000 second")),
    ),
    doi="10.3389/fncom.2015.00099",
)
