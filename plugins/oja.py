"""Oja's rule: a Hebbian rule that keeps its weights bounded, without any error.

g = - integral of v_post * (p_pre - v_post * w):

    q, p     spikes of the presynaptic neuron, filtered by synapse and membrane: what it adds to v_post for each weight
    v        membrane potential of the postsynaptic neuron; of a linear neuron, the sum of w * p

Cost: two variables per presynaptic neuron, none per synapse; one operation per synapse and step.
The weights of a linear neuron go to the top eigenvector of the second moment of p, with a norm of 1.
Several neurons without competition all find the same vector: as it stands, a layer of them is one feature many times.
`oja_spikes` is the rule for layers whose neurons compete.

Oja (1982), doi:10.1007/BF00275687.
"""

from collections.abc import Iterator

from workbench import Claims, Rule, hookimpl

OJA = Rule(
    name="oja",
    title="Oja",
    doi="10.1007/BF00275687",
    pre="""dq/dt = -q / tau_syn_post      : 1
           dp/dt = (q - p) / tau_mem_post : 1""",
    pre_on_spike="q += 1",
    synapse="dg/dt = -v_post * (p_pre - v_post * w) : second",
    claims=Claims(estimates="nothing"),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield Oja's rule."""
    yield OJA
