"""Gradients by compiled code, where a network has such: the adjoint, the same as JAX gives, and continuous time."""

from typing import TYPE_CHECKING

import numpy as np

from workbench.adjoint.reading import NotLoweredError
from workbench.adjoint.sweep import Adjoint, adjoint
from workbench.adjoint.told import Told
from workbench.common.errors import BuildError, ModelError
from workbench.declare.references import Treatment
from workbench.model.noise_of_neurons import noise_of
from workbench.model.setup import Setup
from workbench.reference.agreement import refuse_disagreement
from workbench.reference.forward_pass import ForwardPass, begun
from workbench.reference.gradients import Gradients
from workbench.reference.mode import TOLERANCE

if TYPE_CHECKING:
    from workbench.exact_time.exact_time import ExactTime
    from workbench.reference.bptt import Reference


def lowered(reference: "Reference", *treatments: Treatment) -> tuple[Adjoint | None, str]:
    """Return the compiled adjoint of a reference's network; or none, and why there is none.

    Parameters
    ----------
    reference : Reference
        Of the network.
    *treatments : {"constant", "differentiated", "spike_times", "separated"}
        What its gradients go through at a spike.
    """
    if reference.precision != "float64":
        return None, f"it computes in {reference.precision}"
    network = reference.setup.network.plain()
    try:
        return adjoint(reference.program, network, reference.constants({}), treatments), ""
    except NotLoweredError as error:
        return None, str(error)
    except BuildError as error:
        return None, f"there is no compiled code: {error}"


def in_continuous_time(setup: Setup) -> "tuple[ExactTime | None, str]":
    """Return a setup's network in continuous time; or none, and why it has none.

    Parameters
    ----------
    setup : Setup
        Of the network.
    """
    if setup.targets == "spikes":
        return None, "In continuous time no filter of wanted spikes is known. Follow recorded times."
    # It reads equations by Brian2, which what is compiled does without.
    from workbench.exact_time.exact_time import ExactTime

    try:
        return ExactTime(setup.network), ""
    except (ModelError, BuildError) as error:
        return None, str(error)


def swept(
    reference: "Reference", made: Adjoint, forward: ForwardPass, treatment: Treatment, per_trial: bool
) -> Gradients:
    """Return the gradient of the mean loss by the adjoint; see `Reference.gradients`.

    Raises
    ------
    GradientError
        Where a decision, loss or readout disagrees with the recording.
    DataError
        Where the trials are not for this network.
    """
    trials, recording = forward.trials, forward.recording
    assert recording is not None
    reference.refuse_misfit(trials)
    count = len(trials)
    drawn = noise_of(reference.setup.network, trials, reference.setup.precision)
    began = begun(reference.setup, forward, np.arange(count))
    share = np.full(count, 1.0 / count)
    weights = {name: np.ascontiguousarray(array, dtype=np.float64) for name, array in forward.weights.items()}
    told = Told(weights, trials, recording, drawn, began, share, TOLERANCE[reference.coarser], per_trial)
    found = made.swept(told, treatment)
    said = {"loss": {"readout": found.loss}, "output": found.output, "wrong": found.wrong}
    refuse_disagreement(said, recording, "readout", reference.coarser)
    mean = {name: array.mean(axis=0) for name, array in found.gradient.items()} if per_trial else found.gradient
    return Gradients(mean, found.gradient if per_trial else {}, found.loss, int(found.differing.sum()))
