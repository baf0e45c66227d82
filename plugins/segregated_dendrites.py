"""Segregated dendrites: what comes down to an apical dendrite, with a teacher and without, tells a neuron what to do.

A trial has two phases of equal length; in the second a current pushes each output to fire, or not to. Outputs' spikes
reach the apical dendrites of hidden neurons by fixed weights. With f, t the means over the last two fifths of the two
phases, and s the logistic function,

    g = - (s(a_t) - s(a_f)) * s'(v_f) * p_f                hidden neurons, whose plateau potentials are s(a)
    g = - (mean of s(v) in t - s(v_f)) * s'(v_f) * p_f     outputs

    a, v  apical potential: spikes of the outputs, filtered as the basal dendrite filters its own; potential of the soma
    p     spikes of the presynaptic neuron, filtered in the same way

Not here: the paper's biases, and an apical dendrite that reaches the soma.
Cost: one variable per synapse, two per presynaptic and ten per hidden neuron; a product per synapse and trial.

Guerguiev, Lillicrap and Richards (2017), doi:10.7554/eLife.22901, equations 11 to 20.
"""

from collections.abc import Iterator

from workbench import Claims, LearningSignal, OnStep, Parameter, Phase, Rule, WrittenFor, hookimpl

# The means of what is seen of a window so far; both windows have as many steps.
_PHASES = (Phase(name="early", begins=0.3, ends=0.5), Phase(name="late", begins=0.8), Phase(name="pushed", begins=0.5))
_WINDOWS = """seen = (seen + 1) * (early + late)
part = (early + late) / (seen + 1 - early - late)
soma += early * part * (v - soma)
height = 1 / (1 + exp(-soma))"""
_KEPT = ("seen", "part", "soma", "height", "taught", "teach")

SEGREGATED_DENDRITES = Rule(
    name="segregated_dendrites", title="Segregated dendrites", doi="10.7554/eLife.22901", trains_readout=True,
    phases=_PHASES, written_for=WrittenFor(neuron="segregated", readout="segregated_readout"),
    pre="dq/dt = -q / tau_syn_post : 1\ndp/dt = (q - p) / tau_mem_post : 1", pre_on_spike="q += 1",
    post="drise/dt = -rise / tau_syn + error / dt : 1\ndapical/dt = (rise - apical) / tau_mem : 1",
    on_step=OnStep(state=(*_KEPT, "alone"), code=f"""{_WINDOWS}
alone += early * part * (apical - alone)
taught += late * part * (apical - taught)
teach = ends * (1 / (1 + exp(-taught)) - 1 / (1 + exp(-alone))) * height * (1 - height) * part"""),
    output_step=OnStep(state=(*_KEPT, "sent"), writes=("push",), code=f"""{_WINDOWS}
push = pushed * (2 * target - 1) * strength
taught += late * part * (1 / (1 + exp(-v)) - taught)
teach = ends * (taught - height) * height * (1 - height) * part
sent = spiked"""),
    synapse="dm/dt = p_pre * early_post / dt : 1\ndg/dt = -event * m * teach_post / dt : second",
    signal=LearningSignal(name="error", feedback="random_direct", source="sent", relay="spiked"),
    claims=Claims(estimates="objective", by_steps="spikes are drawn by chance for each step"),
    parameters=(
        Parameter(name="strength", default=40.0, doc="Of the current that pushes outputs."),
        Parameter(name="event", default="1 ms", doc="What a difference of 1 adds to g."),
    ),
)  # fmt: skip


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield the rule."""
    yield SEGREGATED_DENDRITES
