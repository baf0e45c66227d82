"""Pyramidal neurons with a basal and an apical dendrite: those of dendritic microcircuits.

    dv/dt = g_basal * (I - v) + g_apical * (apical - v) - g_leak * v
    drate/dt = (1 / (1 + exp((centre - v) / width)) - rate) / tau_rate

They send their rate, and know what their potential would be by the basal dendrite alone (`expected`).

Sacramento, Ponte Costa, Bengio and Senn (2018), doi:10.48550/arXiv.1810.11393, equations 1 to 5; conductances are the
paper's.
"""

from collections.abc import Iterator

from workbench import NeuronModel, hookimpl

_DOI = "10.48550/arXiv.1810.11393"
_SENT = "drate/dt = (1 / (1 + exp((centre - v) / width)) - rate) / tau_rate : 1"
_EXPECTED = "dexpected/dt = g_basal * (I - expected) - (g_apical + g_leak) * expected : 1"
_ARRIVES = "dI/dt = -I / tau_syn : 1"
_NUMBERS = (
    *(("tau_syn", "3 ms"), ("g_basal", "1.0 / ms"), ("g_apical", "0.8 / ms"), ("g_leak", "0.1 / ms")),
    *(("centre", 0.5), ("width", 0.2), ("tau_rate", "3 ms")),
)

PYRAMIDAL = NeuronModel(
    name="pyramidal",
    doc="A soma that a basal and an apical dendrite drive, without spikes: it sends its rate.",
    equations=f"""dv/dt = g_basal * (I - v) + g_apical * (apical - v) - g_leak * v : 1
{_ARRIVES}
{_EXPECTED}
dapical/dt = -apical / tau_syn : 1
{_SENT}""",
    output="rate",
    parameters=_NUMBERS,
    method="exponential_euler",
    doi=_DOI,
)

PYRAMIDAL_READOUT = NeuronModel(
    name="pyramidal_readout",
    doc="A readout of the same kind, whose apical dendrite is at rest, with a current that a teacher sets.",
    equations=f"""dv/dt = g_basal * (I - v) - (g_apical + g_leak) * v + push * g_leak : 1
dpush/dt = 0 / tau_syn : 1
{_ARRIVES}
{_EXPECTED}
{_SENT}""",
    output="rate",
    parameters=_NUMBERS,
    method="exponential_euler",
    doi=_DOI,
)


@hookimpl
def workbench_neurons() -> Iterator[NeuronModel]:
    """Yield both."""
    yield PYRAMIDAL
    yield PYRAMIDAL_READOUT
