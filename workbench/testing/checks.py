"""What must hold of any rule; each check makes sure first that it does not compare nothing."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from workbench.declare.claims import ExactFor
from workbench.declare.feedback import refusal
from workbench.declare.network import Network
from workbench.declare.options import Targets
from workbench.declare.trials import Trials
from workbench.engine.presentation import Plan
from workbench.engine.state import State
from workbench.measures.alignment import relative_error
from workbench.model.events.lowering import why_clock_driven
from workbench.reference.bptt import reference
from workbench.reference.forward_pass import ForwardPass
from workbench.testing.case import Case, random_case
from workbench.testing.locality import depends_on_what_it_seems_to
from workbench.testing.subject import DoesNotApplyError, FailedError, Subject, refuse_dead

#: Relative errors below this are rounding.
EXACT = 1e-9

#: Spikes that a layer may be given in all trials.
_FORCED = 1 << 14

Gradients = dict[str, NDArray[np.float64]]


def builds(subject: Subject) -> str:
    """See that equations, names and units hold together, and make a network."""
    case = random_case(subject.setup(), count=2)
    case.simulator()
    layers = case.setup.network.layers
    return f"a network of {len(layers) - 1} hidden layers, by feedback '{case.setup.feedback}'"


def learns(subject: Subject) -> str:
    """See that every layer spikes, and gets an estimate that is finite and not zero."""
    for seed in range(3):
        case = subject.alive(seed)
        for layer, gradient in case.record().gradient.items():
            if not np.isfinite(gradient).all():
                raise FailedError(f"The estimate of '{layer}' is not finite.")
    sizes = {layer: np.abs(gradient).max() for layer, gradient in case.record().gradient.items()}
    return "largest estimates " + ", ".join(f"{layer} {size:.2g}" for layer, size in sizes.items())


def repeats(subject: Subject) -> str:
    """See that the same weights and trials give the same bits, however trials are cut into runs."""
    case = subject.alive()
    first = case.record().gradient
    again = case.record().gradient
    plan = Plan(learning=True, record_gradient=True, chunk=3)
    cut = case.simulator().run(case.state, case.trials, plan)[0].gradient
    for how, other in (("again", again), ("cut into runs of three trials", cut)):
        for layer in first:
            if not np.array_equal(first[layer], other[layer]):
                raise FailedError(f"The estimate of '{layer}' is another when it is run {how}.")
    return f"{len(case.trials)} trials, bit for bit"


def forgets(subject: Subject) -> str:
    """See that a trial's estimate does not depend on the trials before it."""
    case = subject.alive()
    forwards = case.record().gradient
    order = np.arange(len(case.trials))[::-1].copy()
    backwards = case.on(case.trials.take(order)).record().gradient
    for layer in forwards:
        if not np.array_equal(forwards[layer], backwards[layer][order]):
            raise FailedError(f"The estimate of '{layer}' depends on which trials came before.")
    return f"{len(case.trials)} trials in reverse, bit for bit"


def needs_its_signal(subject: Subject) -> str:
    """See that without a learning signal hidden layers do not learn, or not on average where they learn from spikes."""
    if subject.rule.signal is None:
        raise DoesNotApplyError("it takes no learning signal")
    subject.alive()
    setup, count = subject.setup(), 8
    if subject.rule.intervenes:
        # It compares what a neuron did at two times: there are differences by chance, and from the start of a trial.
        setup, count = replace(setup, network=replace(setup.network, n_steps=160)), 400
    case = random_case(setup, count=count)
    feedback = {layer: np.zeros_like(array) for layer, array in case.state.feedback.items()}
    weights = dict(case.state.weights)
    if not feedback:
        # The forward weights carry the signal: those of the readout, where it begins.
        weights["readout"] = np.zeros_like(weights["readout"])
    silenced = replace(case, state=State(weights, feedback, {})).record().gradient
    if subject.rule.intervenes:
        return "on average: " + ", ".join(
            _by_chance(silenced[layer], layer) for layer in silenced if layer != "readout"
        )
    for layer in silenced.keys() - {"readout"}:
        if silenced[layer].any():
            raise FailedError(f"Hidden layer '{layer}' learns although no signal reaches it.")
    return "no estimate in any hidden layer"


def _by_chance(estimates: NDArray[np.float64], layer: str) -> str:
    """Return by how many standard errors the mean over trials is from 0, or raise where that is no chance."""
    each = estimates.sum(axis=(1, 2))
    if not each.any():
        raise FailedError(f"Hidden layer '{layer}' has no estimate in any trial, so nothing was compared.")
    off = float(each.mean() / (each.std(ddof=1) / np.sqrt(len(each))))
    if abs(off) > 4:
        raise FailedError(
            f"Hidden layer '{layer}' learns although no signal reaches it: {off:.1f} standard errors off."
        )
    return f"{layer} {off:+.1f} standard errors from 0"


def takes_any_pathway(subject: Subject) -> str:
    """See that every feedback pathway makes a network that learns."""
    if subject.rule.signal is None:
        raise DoesNotApplyError("it takes no learning signal")
    setup = subject.setup()
    choices = [
        name
        for name in subject.rule.feedback_choices()
        if not refusal(name, setup.network.neuron, setup.network.loss, setup.targets)
    ]
    for feedback in choices:
        recording = random_case(subject.setup(feedback)).record("numpy")
        refuse_dead(recording, f" by feedback '{feedback}'")
    return ", ".join(choices)


def takes_recurrent_layers(subject: Subject) -> str:
    """See that layers that reach themselves learn, and that compiled code and NumPy agree about it."""
    subject.refuse_other_engines()
    if subject.rule.trains_readout:
        raise DoesNotApplyError("it trains the readout too, which it cannot beside recurrent layers")
    # Not all spikes come at once there, so that a rule also sees what is on its way.
    delays = (("hidden1_recurrent", 2),) if subject.neuron.spiking else ()
    case = random_case(subject.setup(recurrent=True, delays=delays), count=3)
    compiled = case.record()
    refuse_dead(compiled, " in a recurrent network")
    return _agreement(compiled.gradient, case.record("numpy").gradient, "The compiled program and NumPy differ")


def follows_relabelling(subject: Subject) -> str:
    """See that other numbers for the same neurons give the same estimates under these numbers."""
    case = subject.alive()
    network = case.setup.network
    generator = np.random.default_rng(5)
    inputs = generator.permutation(network.n_inputs)
    hidden = [generator.permutation(size) for size in network.hidden]
    orders = [inputs, *hidden, np.arange(network.n_outputs)]
    weights = {
        layer: case.state.weights[layer][np.ix_(orders[index], orders[index + 1])]
        for index, layer in enumerate(network.layers)
    }
    feedback = {layer: _relabelled(array, layer, network, orders) for layer, array in case.state.feedback.items()}
    # Input k is now called by the place at which k stands in the new order.
    neuron = np.argsort(inputs)[case.trials.neuron].astype(np.int32)
    other = Case(case.setup, State(weights, feedback, {}), _in_order(replace(case.trials, neuron=neuron)))
    before, after = case.record().gradient, other.record().gradient
    worst = 0.0
    for index, layer in enumerate(network.layers):
        if layer in before:
            wanted = before[layer][:, orders[index]][:, :, orders[index + 1]]
            worst = max(worst, _error(after[layer], wanted, layer))
            if relative_error(after[layer], before[layer]).value < EXACT:
                raise FailedError(f"The estimates of '{layer}' are alike for all neurons, so nothing was compared.")
    return _within(worst, EXACT, "The estimate of a synapse depends on how its neurons are numbered")


def falls_with_the_step(subject: Subject) -> str:
    """See that, at given spikes, the estimate converges as time steps get shorter."""
    subject.refuse_other_engines()
    if subject.rule.claims.by_steps:
        raise DoesNotApplyError(f"it says that it does not: {subject.rule.claims.by_steps}")
    spikes = subject.alive().record().spikes
    found = []
    for finer in (1, 2, 4, 8):
        setup = subject.setup(scale_surrogate=True)
        network = replace(setup.network, dt=setup.network.dt / finer, n_steps=setup.network.n_steps * finer)
        case = random_case(setup)
        trials = _finer(case.trials, finer, setup.targets)
        given = {layer: replace(item, step=item.step * finer) for layer, item in spikes.items()}
        fine = case.on(trials).with_setup(network=network, forced_capacity=_FORCED)
        found.append(fine.record(forced=given).gradient)
    ratios = {}
    for layer, coarse in found[0].items():
        first, second, third = (float(np.linalg.norm(one[layer] - two[layer])) for one, two in pairwise(found))
        if max(first, second, third) < EXACT * np.linalg.norm(coarse):
            ratios[layer] = 0.0
            continue
        # Errors of the first order would leave a quarter; those of different steps may cancel in one of them.
        ratios[layer] = third / first
        if not third < 0.5 * first:
            raise FailedError(
                f"Halving the step changes the estimate of '{layer}' by {first:.2g}, halving it a third time by "
                f"{third:.2g}, which should be about a quarter of it."
            )
    return "what halving the step changes is, two halvings later, less by a factor of " + ", ".join(
        f"{ratio:.2f} ({layer})" for layer, ratio in ratios.items()
    )


def _finer(trials: Trials, by: int, targets: Targets) -> Trials:
    """Return the same spikes in shorter steps; targets that change do so when they did before."""
    target = trials.target
    if targets == "step":
        target = np.repeat(target, by, axis=1)
    elif targets == "spikes":
        target = np.zeros((len(trials), target.shape[1] * by, target.shape[2]))
        target[:, ::by] = trials.target
    return replace(trials, step=(trials.step * by).astype(np.int32), target=target)


def agrees_with_numpy(subject: Subject) -> str:
    """See that compiled code and Brian2's own NumPy code agree."""
    case = subject.alive()
    few = case.on(case.trials.take(np.arange(3)))
    return _agreement(few.record().gradient, few.record("numpy").gradient, "The compiled program and NumPy differ")


def agrees_with_clock_driven(subject: Subject) -> str:
    """See that events teach what each step teaches."""
    subject.refuse_other_engines()
    reason = why_clock_driven(subject.rule, subject.neuron, subject.readout)
    if reason:
        raise DoesNotApplyError(f"each synapse is visited in each step: {reason}")
    case = subject.alive()
    clock = case.with_setup(form="clock").record().gradient
    return _agreement(case.record().gradient, clock, "The event-driven form and the clock-driven one differ")


def keeps_to_its_neurons(subject: Subject) -> str:
    """See that, at given spikes, the potential of a neuron at neither end does not move a synapse's estimate."""
    case = subject.alive()
    subject.refuse_without_spikes()
    spikes = case.record().spikes
    case = case.with_setup(forced_capacity=_FORCED)
    before = case.record(forced=spikes).gradient
    moved = []
    for layer in spikes:
        weights = case.state.weights[layer].copy()
        weights[:, 0] *= 1.5
        after = case.with_weights(**{layer: weights}).record(forced=spikes).gradient
        if not np.array_equal(before[layer][:, :, 1:], after[layer][:, :, 1:]):
            raise FailedError(f"Other weights onto one neuron of '{layer}' move the estimates of synapses onto others.")
        moved += [layer] if not np.array_equal(before[layer], after[layer]) else []
    own = f"; those onto the neuron itself do move ({', '.join(moved)})" if moved else ""
    return f"synapses onto other neurons, bit for bit{own}"


def is_exact_where_it_says(subject: Subject) -> str:
    """See that the gradient is exact in the cases in which the rule claims it."""
    if not subject.rule.claims.exact_for:
        raise DoesNotApplyError("it claims exactness in no case")
    claims = [item for item in subject.rule.claims.exact_for if item.covers(subject.neuron.name, subject.readout.name)]
    if not claims:
        raise DoesNotApplyError(f"it claims none for '{subject.neuron.name}' and readout '{subject.readout.name}'")
    told = []
    for claim in claims:
        for depth in (1, 2) if claim.depth is None else (claim.depth,):
            for delays in dict.fromkeys(((), _delays(claim, depth))):
                where = f"{depth} hidden layers{' and delays' if delays else ''}, by feedback '{claim.feedback}'"
                error = _worst(random_case(subject.setup(claim.feedback, depth, delays=delays), count=6), claim)
                _within(error, EXACT, f"With {where}, it is not exact")
                told.append(f"{where}: {error:.0e}")
    return "relative error with " + "; ".join(told)


def _delays(claim: ExactFor, depth: int) -> tuple[tuple[str, int], ...]:
    """Return as many delays as a claim allows, one other than the next."""
    names = [f"hidden{number + 1}" for number in range(depth)]
    weights = {"none": [], "inputs": names[:1], "any": [*names, "readout"]}[claim.delays]
    return tuple((name, 3 + number) for number, name in enumerate(weights))


def _worst(case: Case, claim: ExactFor) -> float:
    """Return the largest relative error of a hidden layer's estimates where a rule claims that there is none."""
    recording = case.record()
    refuse_dead(recording, " in a case of exactness")
    worst = 0.0
    for layer in case.setup.network.layers[:-1]:
        exact = reference(case.setup).gradients(
            ForwardPass(case.state.weights, case.state.feedback, case.trials, recording),
            reset=claim.reset,
            per_trial=True,
            loss=f"{layer}_readout" if claim.loss == "local_readout" else "readout",
        )
        worst = max(worst, _error(recording.gradient[layer], exact.trials[layer], layer))
        if relative_error(recording.gradient[layer][::-1], exact.trials[layer]).value < EXACT:
            raise FailedError("The gradients of different trials are alike, so nothing was compared.")
    return worst


#: What must hold -> the function that finds out; it returns what it measured.
CHECKS: dict[str, Callable[[Subject], str]] = {
    "builds": builds,
    "learns": learns,
    "repeats": repeats,
    "forgets between trials": forgets,
    "needs its signal": needs_its_signal,
    "takes any pathway": takes_any_pathway,
    "takes recurrent layers": takes_recurrent_layers,
    "depends on what it seems to": depends_on_what_it_seems_to,
    "follows relabelling": follows_relabelling,
    "converges with the step": falls_with_the_step,
    "NumPy agrees": agrees_with_numpy,
    "clock-driven form agrees": agrees_with_clock_driven,
    "keeps to its neurons": keeps_to_its_neurons,
    "exact where it says so": is_exact_where_it_says,
}


def _relabelled(
    array: NDArray[np.float64], layer: str, network: Network, orders: list[NDArray[np.int64]]
) -> NDArray[np.float64]:
    """Return fixed feedback of a layer under the new numbers of the neurons at its ends."""
    own = orders[network.layers.index(layer) + 1]
    ends = {len(order): order for order in orders}
    # The sizes of all layers differ, so that a shape says which they are.
    rows, columns = array.shape
    return array[np.ix_(own if rows == len(own) else ends[rows], own if columns == len(own) else ends[columns])]


def _in_order(trials: Trials) -> Trials:
    """Return trials whose spikes are ordered by neuron within a step again."""
    trial = np.repeat(np.arange(len(trials)), np.diff(trials.start))
    order = np.lexsort((trials.neuron, trials.step, trial))
    return replace(trials, step=trials.step[order], neuron=trials.neuron[order])


def _errors(found: Gradients, wanted: Gradients) -> Iterator[float]:
    for layer in wanted:
        yield _error(found[layer], wanted[layer], layer)


def _error(found: NDArray[np.float64], wanted: NDArray[np.float64], layer: str) -> float:
    measured = relative_error(found, wanted)
    if measured.reason:
        raise FailedError(f"Layer '{layer}': {measured.reason}")
    return measured.value


def _agreement(found: Gradients, wanted: Gradients, otherwise: str) -> str:
    return _within(max(_errors(found, wanted)), EXACT, otherwise)


def _within(error: float, bound: float, otherwise: str) -> str:
    if not error < bound:
        raise FailedError(f"{otherwise}: relative error {error:.1e}, where {bound:.0e} is allowed.")
    return f"relative error {error:.0e}"
