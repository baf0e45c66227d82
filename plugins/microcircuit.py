"""Dendritic microcircuits: interneurons foresee what comes down, and what they do not foresee is the error.

Beside each hidden layer there are as many interneurons as neurons above. They send the apical
dendrites the negative of what comes down from there, so that these are at rest unless the layer above does what the
layer does not explain:

    g = - (rate(v) - rate(v*)) * p        for the layer, for the readout, and for the weights up to interneurons

    v     potential of the soma; v* what the basal dendrite alone would make of it (`expected`)
    p     rate of the presynaptic neuron, filtered as the synapse filters it

A teacher pulls the outputs while they learn, all the time: there are no phases, and no neuron needs another's weights.
Here weights down begin as the transpose of those up, and stay, as do those from interneurons, which begin as their
negative; the paper learns these before there is a teacher. Interneurons begin in accord with what is above.
Cost: one variable per presynaptic neuron; one product per synapse and step, and two further matrices of weights.

Sacramento, Ponte Costa, Bengio and Senn (2018), doi:10.48550/arXiv.1810.11393, equations 7 to 10.
"""

from collections.abc import Iterator

from workbench import (
    Circuit,
    CircuitPopulation,
    CircuitProjection,
    Claims,
    NeuronModel,
    OnStep,
    Parameter,
    Rule,
    WrittenFor,
    hookimpl,
)  # fmt: skip

_TRACE, _ADDS = "dp/dt = -p / tau_syn_post : 1", "p += 1"
_RATES = "1 / (1 + exp((centre_post - {}) / width_post))"
_UNEXPECTED = f"dg/dt = ({_RATES.format('expected_post')} - {_RATES.format('v_post')}) * p_pre : second"

INTERNEURON = NeuronModel(
    name="interneuron",
    doc="A neuron that a dendrite drives, and that is pulled to a rate: what arrives in `soma` less its own.",
    equations="""dv/dt = g_basal * (I - v) + g_soma * (soma - own) - (g_apical + g_leak) * v : 1
dsoma/dt = -soma / tau_syn : 1
down/dt = -own / tau_syn : 1
dI/dt = -I / tau_syn : 1
dexpected/dt = g_basal * (I - expected) - (g_apical + g_leak) * expected : 1
drate/dt = (1 / (1 + exp((centre - v) / width)) - rate) / tau_rate : 1""",
    output="rate",
    parameters=(
        *(("tau_syn", "3 ms"), ("g_basal", "1.0 / ms"), ("g_apical", "0.8 / ms"), ("g_leak", "0.1 / ms")),
        *(("g_soma", "0.8 / ms"), ("centre", 0.5), ("width", 0.2), ("tau_rate", "3 ms")),
    ),
    method="exponential_euler",
    doi="10.48550/arXiv.1810.11393",
)

MICROCIRCUIT = Rule(
    name="microcircuit",
    title="Microcircuit",
    doi="10.48550/arXiv.1810.11393",
    written_for=WrittenFor(neuron="pyramidal", readout="pyramidal_readout"),
    trains_readout=True,
    pre=_TRACE,
    pre_on_spike=_ADDS,
    output_step=OnStep(writes=("push",), code="push = pull * (target - rate)"),
    synapse=_UNEXPECTED,
    circuit=Circuit(
        populations=(CircuitPopulation(name="inter", neuron=INTERNEURON, size="above"),),
        projections=(
            CircuitProjection(
                name="down", source="above", target="layer", receptor="apical", like="forward", factor=0.5
            ),
            CircuitProjection(
                name="lateral", source="inter", target="layer", receptor="apical", like="down", factor=-1.0
            ),
            CircuitProjection(
                name="up", source="layer", target="inter", like="forward",
                pre=_TRACE, pre_on_spike=_ADDS, synapse=_UNEXPECTED, learning_rate="up_rate",
            ),
            CircuitProjection(
                name="nudge", source="above", target="inter", receptor="soma", pattern="one_to_one", weight="told"
            ),
            CircuitProjection(
                name="echo", source="inter", target="inter", receptor="own", pattern="one_to_one", weight="told"
            ),
        ),
    ),
    claims=Claims(estimates="objective"),
    parameters=(
        Parameter(name="pull", default=20.0, doc="Of the current towards the target, in units of the leak."),
        Parameter(name="told", default=1 / 3, doc="Of a rate that pulls an interneuron; 1 ms / tau_syn is all of it."),
        Parameter(name="up_rate", default=0.02, doc="Learning rate of the weights up to interneurons."),
    ),
)  # fmt: skip


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield the rule."""
    yield MICROCIRCUIT
