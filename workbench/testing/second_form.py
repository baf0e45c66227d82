"""Whether a gradient that the reference computes is what another way of computing it says."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from workbench.declare.references import EXACT_GRADIENTS, EXACT_TIMES, RECORDED_TIMES, SEPARATED
from workbench.declare.trials import Trials
from workbench.exact_time.exact_time import ExactTime
from workbench.exact_time.told import ExactRun
from workbench.reference.bptt import reference
from workbench.reference.followed import followed, unable_to_follow
from workbench.reference.forward_pass import ForwardPass
from workbench.testing.agreement import Gradients, agreement, error_of, within
from workbench.testing.case import Case, random_case
from workbench.testing.spike_train_form import spike_train_form
from workbench.testing.subject import DoesNotApplyError, FailedError, Subject

#: By how much steps are shortened, and how far the gradient by recorded times may then be from that in continuous time.
COARSE, FINE, NEAR = 4, 64, 0.05

#: What differences of a loss leave uncertain of a gradient, of its norm; and how many directions they are taken along.
DIFFERENCES, DIRECTIONS = 1e-6, 3

#: A gain at which few spikes come or go where a step gets shorter.
_GAIN = 1.8

#: A gain at which neurons of every layer spike several times, so that the number of each has a part.
_OF_COUNTS = 3.0


def agrees_with_second_form(subject: Subject) -> str:
    """See that a gradient of the reference is found in another way too: by JAX, by going back, or by differences."""
    rule = subject.rule
    if rule.engine == "none":
        raise DoesNotApplyError("its hidden layers never learn")
    if rule.has_equations:
        raise DoesNotApplyError("its own equations compute it, not the reference")
    if rule.is_exact_gradient:
        return _is_the_other_exact_gradient(subject)
    if rule.gradient == EXACT_TIMES:
        return _is_the_slope_of_the_loss(subject)
    if rule.gradient == RECORDED_TIMES:
        return _comes_to_continuous_time(subject)
    if rule.gradient == SEPARATED:
        return _is_exact_in_the_last_layer(subject)
    return _is_the_slope_of_its_smooth_form(subject)


def _forward(case: Case) -> ForwardPass:
    return ForwardPass(case.state.weights, case.state.feedback, case.trials, case.record())


def _is_the_other_exact_gradient(subject: Subject) -> str:
    """See that compiled code and JAX agree; or carrying along and going back, where the rule carries along."""
    rule = subject.rule
    case = random_case(subject.setup(), count=4)
    forward, model = _forward(case), reference(case.setup)
    if rule.direction == "reverse":
        if model.adjoint[0] is None:
            raise DoesNotApplyError(f"JAX alone computes it: {model.adjoint[1]}")
        other, told = reference(case.setup, compiles=False), "compiled code and JAX"
    else:
        other, told = model, "carrying along and going back"
    found = followed(model, forward, per_trial=True).trials
    wanted = other.gradients(forward, EXACT_GRADIENTS[rule.gradient], per_trial=True).trials
    return f"{told}: {agreement(found, wanted, f'{told} differ')}"


def _is_exact_in_the_last_layer(subject: Subject) -> str:
    """See that the gradient of the weights onto the last layers, above which no time passes, is what JAX says."""
    case = random_case(subject.setup(), count=4)
    forward, model = _forward(case), reference(case.setup, compiles=False)
    _refuse_without(unable_to_follow(model))
    names = [item.name for item in case.setup.network.all_projections if item.target in ("hidden2", "readout")]
    found = followed(model, forward, per_trial=True).trials
    wanted = model.gradients(forward, "differentiated", per_trial=True).trials
    told = agreement(found, {name: wanted[name] for name in names}, "In the last layers JAX differs")
    return f"in the last layers JAX: {told}"


def _is_the_slope_of_the_loss(subject: Subject) -> str:
    """See that the gradient in continuous time is what central differences of the loss say."""
    rule = subject.rule
    if any(item.name == "least_rise" for item in rule.parameters):
        # With any other it says that it is not exact.
        rule = rule.with_parameters({"least_rise": "0 Hz"})
    case = random_case(replace(subject, rule=rule).setup(), count=4, gain=_GAIN)
    model = reference(case.setup)
    _refuse_without(unable_to_follow(model))
    found = followed(model, _forward(case)).mean
    network = ExactTime(case.setup.network)
    spikes = _counts(network.run(case.state.weights, case.trials))

    def loss(weights: Gradients) -> float:
        told = network.run(weights, case.trials)
        if _counts(told) != spikes:
            raise FailedError("A spike comes or goes as a weight changes a little, so nothing was compared.")
        return float(told.loss.mean())

    worst = _from_differences(found, case.state.weights, loss)
    return f"differences of the loss: {within(worst, DIFFERENCES, 'It is not the slope of the loss')}"


def _is_the_slope_of_its_smooth_form(subject: Subject) -> str:
    """See that the gradient at the level of spike trains is what differences say of a loss that counts spikes."""
    values = subject.neuron.values()
    # By a threshold of 1 it could not be seen what is divided by it.
    other: dict[str, str | float] = {"v_th": 1.5 * values["v_th"]} if "v_th" in values else {}
    changed = replace(subject, neuron=subject.neuron.with_parameters(other))
    case = random_case(changed.setup(recurrent=True), count=4, gain=_OF_COUNTS)
    model = reference(case.setup)
    _refuse_without(unable_to_follow(model))
    found, form = followed(model, _forward(case)).mean, spike_train_form(case)
    worst = _from_differences(found, case.state.weights, form.loss)
    return f"differences of its smooth form: {within(worst, DIFFERENCES, 'It is not the slope of its smooth form')}"


def _counts(told: ExactRun) -> dict[str, int]:
    return {layer: len(item.time) for layer, item in told.spikes.items()}


def _from_differences(found: Gradients, weights: Gradients, loss: Callable[[Gradients], float]) -> float:
    """Return how far a gradient is from central differences of a loss, relative to its norm, along some directions."""
    generator = np.random.default_rng(0)
    worst = 0.0
    for name, gradient in found.items():
        if not gradient.any():
            raise FailedError(f"The estimate of '{name}' is zero.")
        for _ in range(DIRECTIONS):
            direction = generator.normal(size=gradient.shape)
            direction *= np.linalg.norm(weights[name]) / np.linalg.norm(direction)

            def along(step: float, name: str = name, direction: NDArray[np.float64] = direction) -> float:
                return loss(weights | {name: weights[name] + step * direction})

            size = float(np.linalg.norm(gradient) * np.linalg.norm(direction))
            worst = max(worst, abs(_slope(along) - float((gradient * direction).sum())) / size)
    return worst


def _slope(loss: Callable[[float], float], step: float = 1e-6) -> float:
    return (8 * (loss(step) - loss(-step)) - (loss(2 * step) - loss(-2 * step))) / (12 * step)


def _comes_to_continuous_time(subject: Subject) -> str:
    """See that the gradient by recorded times comes to that in continuous time as steps get shorter."""
    coarse, fine = (_from_continuous_time(subject, finer) for finer in (COARSE, FINE))
    for name, error in fine.items():
        if not error < min(NEAR, coarse[name] / 4):
            raise FailedError(
                f"With steps of a {FINE}th the estimate of '{name}' is {error:.2g} of it from that in continuous time, "
                f"with those of a {COARSE}th {coarse[name]:.2g}; it should be less than {NEAR} and a quarter of that."
            )
    return f"from continuous time, with steps of a {FINE}th: relative error {max(fine.values()):.0e}"


def _from_continuous_time(subject: Subject, finer: int) -> dict[str, float]:
    """Return how far the gradient is from that in continuous time with shorter steps, by name of the weights."""
    coarse = random_case(subject.setup(), count=4, gain=_GAIN)
    network = coarse.setup.network
    network = replace(network, dt=network.dt / finer, n_steps=network.n_steps * finer)
    trials = coarse.trials
    # Inputs arrive when they did.
    step = ((trials.step + 1) * finer - 1).astype(np.int32)
    case = coarse.on(Trials(trials.start, step, trials.neuron, trials.target)).with_setup(network=network)
    model = reference(case.setup)
    _refuse_without(unable_to_follow(model) or model.exact_time[1])
    continuous = model.exact_time[0]
    assert continuous is not None
    wanted: Gradients = continuous.run(case.state.weights, case.trials, gradient=True).gradient
    found = followed(model, _forward(case)).mean
    return {name: error_of(found[name], wanted[name], name) for name in wanted}


def _refuse_without(why: str) -> None:
    if why:
        raise DoesNotApplyError(f"a network of its neurons has none: {why}")
