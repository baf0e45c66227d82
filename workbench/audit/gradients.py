"""What a rule says a weight should do, and what the exact gradient says: for arrays, without a study."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from workbench.audit.blocks import mean_estimate
from workbench.common.errors import ModelError, nearest
from workbench.declare.completed import completed
from workbench.declare.feedback import FEEDBACK, NAMES, Pathway, names_among
from workbench.declare.field_types import called
from workbench.declare.network import Network
from workbench.declare.options import Precision, Target, Targets
from workbench.declare.references import Reset
from workbench.declare.rule import NO_RULE, Rule
from workbench.declare.trials import Trials
from workbench.engine.presentation import Plan, room_for
from workbench.engine.simulate import simulator
from workbench.engine.state import State, Weights, fitting_weights
from workbench.model.feedback.weights import feedback_shapes
from workbench.model.setup import Setup
from workbench.reference.bptt import reference
from workbench.reference.forward_pass import ForwardPass

Arrays = Mapping[str, NDArray[np.float64]]


def setup_for(
    network: Network, rule: Rule, feedback: str | Pathway, weights: Arrays, trials: Trials, targets: Targets | None
) -> tuple[Setup, State]:
    """Return a setup with room for some trials, and a state with some weights.

    Raises
    ------
    ModelError
        Where weights are not those of the network, or there are no trials.
    """
    if len(trials) == 0:
        raise ModelError("A gradient needs at least one trial.")
    shapes = completed(network, rule).weight_shapes()
    state = State(fitting_weights(weights, shapes, "Weights"), {}, {})
    # Powers of two, so that batches of similar size share a program.
    capacity = 1 << max(len(trials) - 1, 1).bit_length()
    setup = Setup(
        network=network,
        rule=rule,
        feedback=feedback,
        trial_capacity=capacity,
        event_capacity=room_for(np.diff(trials.start), capacity),
        targets=targets or (trials.format.targets if trials.format else "trial"),
        rewarded=trials.rewards is not None,
    )
    return setup, state


@called(ModelError, rule="Write next(rule for rule in workbench.rules() if rule.name == 'eprop').")
def estimate(
    rule: Rule,
    network: Network,
    weights: Arrays,
    trials: Trials,
    feedback: str | Pathway = "",
    feedback_weights: Arrays | None = None,
    target: Target = "cpp",
    targets: Targets | None = None,
) -> Weights:
    """Return what a rule estimates for the gradient of the mean loss, from Brian2.

    It is the sum of `g` over all trials, divided by their number and by the duration of the loss's window [second], or
    by a second where the rule says so in its `updates`.

    Parameters
    ----------
    rule : Rule
        Whose equations run in the network.
    network : Network
        Layers and time.
    weights : mapping of str to ndarray of shape (n_pre, n_post)
        By name: ``hidden1``, ``hidden1_recurrent`` where a layer reaches itself, ..., ``readout``.
    trials : Trials
        The batch.
    feedback : str or Pathway
        The pathway of the learning signal, or the name of one that is built in; the rule's own by default.
    feedback_weights : mapping of str to ndarray, optional
        The fixed weights of a random pathway or local readout, by hidden layer.
    target : {"cpp", "numpy"}
        A compiled program, or Brian2's NumPy code: slow, for tiny networks and machines without a compiler.
    targets : {"trial", "step", "spikes"}, optional
        What the trials want of the outputs; by default what their task says, and "trial" for those of no task.

    Returns
    -------
    dict of str to ndarray of shape (n_pre, n_post)
        By name; weights for which the rule has no estimate are absent.

    Raises
    ------
    ModelError
        Where an argument is not of its type, weights are not those of the network and the pathway, the rule cannot take
        the pathway, or there are no trials.
    DataError
        Where the trials do not fit the network.
    """
    named = feedback or rule.default_feedback
    pathway = named if isinstance(named, Pathway) else FEEDBACK.get(NAMES.get(named, named))
    if pathway is None or not pathway.suits(rule.signal):
        told = pathway.name if pathway is not None else str(named)
        known = nearest(told, names_among(rule.feedback_choices()))
        raise ModelError(f"Rule '{rule.name}' does not take feedback '{told}'. {known}")
    setup, state = setup_for(network, rule, pathway, weights, trials, targets)
    fixed = fitting_weights(
        feedback_weights or {}, feedback_shapes(network, pathway), f"`feedback_weights` for '{pathway.name}'"
    )
    state = replace(state, feedback=fixed)
    _, mean = mean_estimate(simulator(setup, target), state, trials)
    return mean


@called(ModelError)
def exact_gradient(
    network: Network,
    weights: Arrays,
    trials: Trials,
    reset: Reset = "differentiated",
    target: Target = "cpp",
    precision: Precision = "float64",
    targets: Targets | None = None,
) -> Weights:
    """Return the exact surrogate gradient of the mean loss, on the spikes that Brian2 makes.

    It is dL/dw of L = mean over trials of (1 / n_window) sum over the window's steps n of l(y(n), target), where the
    derivative of a spike z by its drive is the network's surrogate derivative, ``dz/ddrive = psi``.

    Parameters
    ----------
    network : Network
        Layers and time.
    weights : mapping of str to ndarray of shape (n_pre, n_post)
        By name, as of `estimate`.
    trials : Trials
        The batch.
    reset : {"constant", "differentiated"}
        With v' the value of a variable after a reset: ``dv'/dv = 1`` and ``dv'/dz = 0``, the displacement being a
        constant; or ``dv'/dz = v_reset - v``, and at a spike ``dv'/dv = dv_reset/dv``.
    target : {"cpp", "numpy"}
        A compiled program, or Brian2's NumPy code.
    precision : {"float64", "float32"}
        In what the gradient is computed; it is of float64 either way.
    targets : {"trial", "step", "spikes"}, optional
        What the trials want of the outputs; by default what their task says, and "trial" for those of no task.

    Returns
    -------
    dict of str to ndarray of shape (n_pre, n_post)
        By name of the weights.

    Raises
    ------
    ModelError
        Where an argument is not of its type, weights are not those of the network, or there are no trials.
    GradientError
        Where the reference's spikes, loss or readout are not Brian2's.
    DataError
        Where the trials do not fit the network.
    """
    setup, state = setup_for(network, NO_RULE, "none", weights, trials, targets)
    recording, _ = simulator(setup, target).run(state, trials, Plan())
    return reference(setup, precision).gradients(ForwardPass(state.weights, {}, trials, recording), reset=reset).mean
