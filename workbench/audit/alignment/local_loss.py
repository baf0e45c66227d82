"""How well a rule that learns from readouts of its own layers agrees with the gradient of their losses."""

from workbench.audit.blocks import add_sums, in_blocks
from workbench.audit.probe import Probe
from workbench.common.errors import GradientError
from workbench.declare.measured import undefined
from workbench.declare.references import OWN_LOSS
from workbench.declare.trials import Trials
from workbench.engine.presentation import Plan
from workbench.engine.simulate import Simulator
from workbench.engine.state import State, Weights
from workbench.measures import alignment
from workbench.measures.alignment import Row
from workbench.reference.bptt import Reference
from workbench.reference.forward_pass import ForwardPass
from workbench.reference.local_readout import local_gradients

_MEASURES = {
    "cosine": alignment.cosine,
    "magnitude": alignment.magnitude,
    "sign_agreement": alignment.sign_agreement,
}


def own_loss(result: Probe, simulator: Simulator, reference: Reference, state: State, trials: Trials) -> list[Row]:
    """Return how well a rule's estimates agree with the gradient of the losses that it is told of.

    Beside the alignment with the network's loss, it tells whether a rule follows another aim, or its aim badly.

    Parameters
    ----------
    result : Probe
        Of these trials.
    simulator, reference, state, trials
        As of `probe`.

    Returns
    -------
    list of (layer, measure, "own_loss", Measured)
        Of each hidden layer, against the gradient of its own readout's mean loss with the reset held constant; none
        where the pathway is not that of local readouts.
    """
    if reference.setup.pathway.origin != "layer":
        return []
    total: Weights = {}
    refusal = ""
    parts = list(in_blocks(reference.setup.network, trials))
    for _, part in parts:
        # As in a probe: the gradient is that of the network that is left to itself.
        recording, _ = simulator.run(state, part, Plan())
        try:
            gradients = local_gradients(
                reference, ForwardPass(state.weights, state.feedback, part, recording), pad=len(parts[0][1])
            )
        except GradientError as error:
            refusal = str(error)
            break
        add_sums(total, {name: array * (len(part) / len(trials)) for name, array in gradients.items()})
    means = result.mean()
    return [
        (name, measure, OWN_LOSS, undefined(refusal) if refusal else function(means[name], total[name]))
        for name in means
        if reference.setup.network.projection(name).target != "readout"
        for measure, function in _MEASURES.items()
    ]
