"""Neurons with a soma and a basal dendrite, which spike by chance: those of segregated dendrites.

    dv/dt = g_basal * (basal - v) - g_leak * v,        probability of a spike in a step: dt * most / (1 + exp(-v))

The apical dendrite does not reach the soma, and is a part of the rule (`segregated_dendrites`). The current `push`, by
which the rule teaches outputs, stands for the conductances of the paper that excite and inhibit them.

Guerguiev, Lillicrap and Richards (2017), doi:10.7554/eLife.22901, equations 1 to 10; constants of the authors' code.
"""

from collections.abc import Iterator

from workbench import NeuronModel, hookimpl

_DOI = "10.7554/eLife.22901"
_SOMA = "dv/dt = g_basal * (basal - v) - g_leak * v"
_DENDRITE = """dbasal/dt = (I - basal) / tau_mem : 1
dI/dt = -I / tau_syn : 1"""
_CHANCE = "dt * most / (1 + exp(-v)) - u"
_NUMBERS = (
    *(("tau_syn", "3 ms"), ("tau_mem", "10 ms"), ("g_basal", "0.6 / ms"), ("g_leak", "0.1 / ms"), ("most", "200 Hz")),
)

SEGREGATED = NeuronModel(
    name="segregated",
    doc="A soma that a basal dendrite drives, and that spikes by chance, the more often the higher its potential.",
    equations=f"{_SOMA} : 1\n{_DENDRITE}",
    drive=_CHANCE,
    parameters=_NUMBERS,
    noise=(("u", "uniform"),),
    doi=_DOI,
)

SEGREGATED_READOUT = NeuronModel(
    name="segregated_readout",
    doc="The same as a readout, with a current that a teacher sets; its output are its spikes through a double filter.",
    equations=f"""{_SOMA} + push / tau_mem : 1
{_DENDRITE}
dpush/dt = 0 / tau_mem : 1
ds/dt = -s / tau_syn : 1
dy/dt = (s - y) / tau_mem : 1""",
    drive=_CHANCE,
    reset="s += 1",
    adapts=("s",),
    output="y",
    parameters=_NUMBERS,
    noise=(("u", "uniform"),),
    doi=_DOI,
)


@hookimpl
def workbench_neurons() -> Iterator[NeuronModel]:
    """Yield both."""
    yield SEGREGATED
    yield SEGREGATED_READOUT
