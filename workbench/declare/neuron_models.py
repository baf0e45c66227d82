"""The neuron models that are built in."""

from workbench.declare.neuron import NeuronModel

_SYNAPSE = "dI/dt = -I / tau_syn : 1"
_LEAKY = f"dv/dt = (I - v) / tau_mem : 1\n{_SYNAPSE}"

_TAUS: tuple[tuple[str, str | float], ...] = (("tau_mem", "20 ms"), ("tau_syn", "10 ms"))

LIF = NeuronModel(
    name="lif",
    doc="Leaky integrate-and-fire, current-based exponential synapses, reset by subtraction, no refractory period.",
    equations=_LEAKY,
    drive="v - v_th",
    reset="v -= v_th",
    parameters=(*_TAUS, ("v_th", 1.0)),
)

ZERO_RESET = NeuronModel(
    name="lif_zero_reset",
    doc="The default neuron, whose potential each spike sets back to 0.",
    equations=_LEAKY,
    drive="v - v_th",
    reset="v = 0",
    parameters=(*_TAUS, ("v_th", 1.0)),
)

ALIF = NeuronModel(
    name="alif",
    doc="The default neuron with a threshold that rises at each spike and falls back slowly.",
    equations=f"{_LEAKY}\nda/dt = -a / tau_a : 1",
    drive="v - v_th - a",
    reset="v -= v_th\na += rise",
    adapts=("a",),
    parameters=(*_TAUS, ("v_th", 1.0), ("tau_a", "200 ms"), ("rise", 0.2)),
)

LEAKY_INTEGRATOR = NeuronModel(
    name="leaky_integrator",
    doc="A readout: a double filter of its input.",
    equations=_LEAKY,
    output="v",
    parameters=_TAUS,
)

LINEAR_RATE = NeuronModel(
    name="linear_rate", doc="A hidden neuron that sends its potential.", equations=_LEAKY, output="v", parameters=_TAUS
)

REFRACTORY = NeuronModel(
    name="lif_refractory",
    doc="The default neuron with an absolute refractory period, in which it goes on to integrate.",
    equations=f"{_LEAKY}\ndrest/dt = -1 : second",
    drive="v - v_th",
    reset="v -= v_th\nrest = t_ref",
    refractory="rest > 0.5 * dt",
    parameters=(*_TAUS, ("v_th", 1.0), ("t_ref", "5 ms")),
)

ADAPTIVE_REFRACTORY = NeuronModel(
    name="alif_refractory",
    doc="The adaptive neuron with the refractory period of `lif_refractory`: of networks that remember (LSNNs).",
    equations=f"{_LEAKY}\nda/dt = -a / tau_a : 1\ndrest/dt = -1 : second",
    drive="v - v_th - a",
    reset="v -= v_th\na += rise\nrest = t_ref",
    refractory="rest > 0.5 * dt",
    adapts=("a",),
    parameters=(*_TAUS, ("v_th", 1.0), ("tau_a", "200 ms"), ("rise", 0.2), ("t_ref", "5 ms")),
    doi="10.1038/s41467-020-17236-y",
)

#: As DECOLLE's: over a step of 1 ms the trace keeps exp(-1 / 2.32) = 0.65 of itself, and
#: of a spike 0.65 * 0.54 = 0.35 is left where the next step reads it, as R <- 0.65 R - 0.35 S has it.
REFRACTORY_TRACE = NeuronModel(
    name="lif_refractory_trace",
    doc="Without reset: each spike adds to a refractory trace, which keeps the neuron from threshold.",
    equations=f"{_LEAKY}\ndr/dt = -r / tau_ref : 1",
    drive="v - r - v_th",
    reset="r += jump",
    parameters=(*_TAUS, ("v_th", 1.0), ("tau_ref", "2.32 ms"), ("jump", 0.54)),
    doi="10.3389/fnins.2020.00424",
)

INHIBITED = NeuronModel(
    name="lif_inhibited",
    doc="Neurons that compete: each spike inhibits all of its layer, by way of an interneuron that is not modelled.",
    equations=f"dv/dt = (I - s - v) / tau_mem : 1\n{_SYNAPSE}\nds/dt = -s / tau_inh : 1",
    drive="v - v_th",
    reset="v -= v_th",
    pooled="s += inhibition * pooled",
    parameters=(*_TAUS, ("v_th", 1.0), ("tau_inh", "10 ms"), ("inhibition", 1.0)),
)

NOISY = NeuronModel(
    name="lif_noisy",
    doc="The default neuron with white noise in its potential, which by itself has the standard deviation `sigma`.",
    equations=f"dv/dt = (I - v) / tau_mem + sigma * sqrt(2 / tau_mem / dt) * eta : 1\n{_SYNAPSE}",
    drive="v - v_th",
    reset="v -= v_th",
    parameters=(*_TAUS, ("v_th", 1.0), ("sigma", 0.1)),
    noise=(("eta", "normal"),),
)

#: The logistic distribution of the threshold, at whose quantile the potential is.
ESCAPE = NeuronModel(
    name="lif_escape",
    doc="Spikes in a step with the probability 1 / (1 + exp((v_th - v) / width)), and resets by subtraction.",
    equations=_LEAKY,
    drive="v - v_th + width * log(u / (1 - u))",
    reset="v -= v_th",
    parameters=(*_TAUS, ("v_th", 1.0), ("width", 0.1)),
    noise=(("u", "uniform"),),
)

#: As in Brian2's example of Clopath et al. (2010), with potentials from rest.
CONDUCTANCE = NeuronModel(
    name="lif_conductance",
    doc="Leaky integrate-and-fire with excitatory conductances in units of `g_max`; potentials count from rest.",
    equations="""dv/dt = (-g_leak * v + g_max * I * (e_ampa - v)) / c_m : volt
dI/dt = -I / tau_syn : 1""",
    drive="(v - v_spike) / mV",
    reset="v = 0 * v_spike",
    method="euler",
    parameters=(
        *(("g_leak", "30 nS"), ("c_m", "300 pF"), ("g_max", "50 nS"), ("e_ampa", "70 mV"), ("tau_syn", "5 ms")),
        ("v_spike", "15 mV"),
    ),
    doi="10.1038/nn.2479",
)

#: As in the authors' code, with potentials and currents without unit.
BIASED = NeuronModel(
    name="lif_biased",
    doc="At threshold without input, with a synapse that rises and decays, another input `z`, and a reset to E_L.",
    equations="""dv/dt = (bias + x + z - v) / tau_mem : 1
dx/dt = (I - x) / tau_rise : 1
dI/dt = -I / tau_syn : 1
dz/dt = -z / tau_z : 1
drest/dt = -1 : second""",
    drive="v - v_th",
    reset="v = E_L\nrest = t_ref",
    refractory="rest > 0.5 * dt",
    parameters=(
        *(("tau_mem", "10 ms"), ("tau_rise", "2 ms"), ("tau_syn", "20 ms"), ("tau_z", "1 ms"), ("t_ref", "2 ms")),
        *(("bias", -40.0), ("v_th", -40.0), ("E_L", -65.0)),
    ),
    initial=(("v", "uniform(-65, -41)"),),
    doi="10.1038/s41467-017-01827-3",
)

SPIKE_TRAIN = NeuronModel(
    name="lif_train",
    doc="A readout of spiking neurons, whose output are their spikes through a double exponential filter [1/ms].",
    equations=f"{_LEAKY}\nds/dt = -s / tau_rise : 1\ndy/dt = (s - y) / tau_decay : 1",
    drive="v - v_th",
    reset="v -= v_th\ns += 1",
    adapts=("s",),
    output="y",
    parameters=(*_TAUS, ("v_th", 1.0), ("tau_rise", "5 ms"), ("tau_decay", "10 ms")),
)

ESCAPE_TRAIN = NeuronModel(
    name="lif_escape_train",
    doc="A readout of neurons that spike by chance as `lif_escape`, with the filter of `lif_train`.",
    equations=f"{_LEAKY}\nds/dt = -s / tau_rise : 1\ndy/dt = (s - y) / tau_decay : 1",
    drive="v - v_th + width * log(u / (1 - u))",
    reset="v -= v_th\ns += 1",
    adapts=("s",),
    output="y",
    parameters=(*_TAUS, ("v_th", 1.0), ("width", 0.1), ("tau_rise", "5 ms"), ("tau_decay", "10 ms")),
    noise=(("u", "uniform"),),
)

FIRST_SPIKE = NeuronModel(
    name="lif_first_spike",
    doc="A readout of spiking neurons, whose output is the time of each one's first spike, negative, in `tau_first`.",
    equations=f"{_LEAKY}\ndwaiting/dt = 0 / tau_first : 1\ndy/dt = -waiting / tau_first : 1",
    drive="v - v_th",
    reset="v -= v_th\nwaiting = 0",
    adapts=("waiting",),
    output="y",
    initial=(("waiting", 1.0),),
    parameters=(*_TAUS, ("v_th", 1.0), ("tau_first", "0.5 ms")),
)

LIF_SINGLE_SPIKE = NeuronModel(
    name="lif_single_spike",
    doc="The default neuron, which spikes once a trial and rests from then on.",
    equations=f"{_LEAKY}\ndspent/dt = 0 / tau_mem : 1",
    drive="v - v_th",
    reset="spent = 1",
    refractory="spent > 0.5",
    parameters=(*_TAUS, ("v_th", 1.0)),
)

_INTEGRATE = f"dv/dt = I / tau_syn : 1\n{_SYNAPSE}"

IF = NeuronModel(
    name="if",
    doc="Integrate-and-fire without a leak: a spike adds its weight to the potential, within the time of the synapse.",
    equations=_INTEGRATE,
    drive="v - v_th",
    reset="v -= v_th",
    parameters=(("tau_syn", "1 ms"), ("v_th", 1.0)),
)

IF_TRAIN = NeuronModel(
    name="if_train",
    doc="A readout of `if` neurons, with the filter of `lif_train`.",
    equations=f"{_INTEGRATE}\nds/dt = -s / tau_rise : 1\ndy/dt = (s - y) / tau_decay : 1",
    drive="v - v_th",
    reset="v -= v_th\ns += 1",
    adapts=("s",),
    output="y",
    parameters=(("tau_syn", "1 ms"), ("v_th", 1.0), ("tau_rise", "5 ms"), ("tau_decay", "10 ms")),
)

IF_SINGLE_SPIKE = NeuronModel(
    name="if_single_spike",
    doc="An `if` neuron that spikes once a trial and rests from then on.",
    equations=f"{_INTEGRATE}\ndspent/dt = 0 / tau_syn : 1",
    drive="v - v_th",
    reset="spent = 1",
    refractory="spent > 0.5",
    parameters=(("tau_syn", "1 ms"), ("v_th", 1.0)),
    doi="10.1109/TNNLS.2017.2726060",
)

IF_FIRST_SPIKE = NeuronModel(
    name="if_first_spike",
    doc="A readout of `if` neurons, whose output is the time of each one's first spike, negative, in `tau_first`.",
    equations=f"{_INTEGRATE}\ndwaiting/dt = 0 / tau_first : 1\ndy/dt = -waiting / tau_first : 1",
    drive="v - v_th",
    reset="v -= v_th\nwaiting = 0",
    adapts=("waiting",),
    output="y",
    initial=(("waiting", 1.0),),
    parameters=(("tau_syn", "1 ms"), ("v_th", 1.0), ("tau_first", "1 ms")),
    doi="10.1109/TNNLS.2017.2726060",
)

TWO_COMPARTMENTS = NeuronModel(
    name="two_compartments",
    doc="A readout: a soma that a dendrite drives, and a current that a teacher sets.",
    equations=f"""dv/dt = g_dendrite * (dendrite - v) - g_leak * v + push * g_leak : 1
                 ddendrite/dt = (I - dendrite) / tau_mem : 1; dpush/dt = 0 / tau_mem : 1; {_SYNAPSE}""",
    output="v",
    parameters=(("tau_syn", "3 ms"), ("tau_mem", "10 ms"), ("g_dendrite", "2.0 / ms"), ("g_leak", "0.1 / ms")),
    doi="10.1016/j.neuron.2013.11.030",
)
