"""What must hold of any rule; each check makes sure first that it does not compare nothing."""

from collections.abc import Callable

import numpy as np

from workbench.engine.presentation import Plan
from workbench.model.events.lowering import why_clock_driven
from workbench.testing.agreement import agreement
from workbench.testing.case import random_case
from workbench.testing.connections import takes_any_connections
from workbench.testing.direction import points_downhill
from workbench.testing.exactness import is_exact_where_it_says
from workbench.testing.learning_signal import needs_its_signal, takes_any_pathway
from workbench.testing.locality import depends_on_what_it_seems_to, keeps_to_its_neurons
from workbench.testing.relabelling import follows_relabelling
from workbench.testing.second_form import agrees_with_second_form
from workbench.testing.subject import DoesNotApplyError, FailedError, Subject
from workbench.testing.time_step import falls_with_the_step
from workbench.testing.updates import carries_what_outlives_a_trial, changes_weights_alike


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


def agrees_with_numpy(subject: Subject) -> str:
    """See that compiled code and Brian2's own NumPy code agree."""
    case = subject.alive()
    few = case.on(case.trials.take(np.arange(3)))
    return agreement(few.record().gradient, few.record("numpy").gradient, "The compiled program and NumPy differ")


def agrees_with_clock_driven(subject: Subject) -> str:
    """See that events teach what each step teaches."""
    subject.refuse_other_engines()
    reason = why_clock_driven(subject.rule, subject.neuron, subject.readout)
    if reason:
        raise DoesNotApplyError(f"each synapse is visited in each step: {reason}")
    case = subject.alive()
    clock = case.with_setup(form="clock").record().gradient
    return agreement(case.record().gradient, clock, "The event-driven form and the clock-driven one differ")


#: What must hold -> the function that finds out; it returns what it measured.
CHECKS: dict[str, Callable[[Subject], str]] = {
    "builds": builds,
    "learns": learns,
    "repeats": repeats,
    "forgets between trials": forgets,
    "needs its signal": needs_its_signal,
    "takes any pathway": takes_any_pathway,
    "takes any connections": takes_any_connections,
    "depends on what it seems to": depends_on_what_it_seems_to,
    "follows relabelling": follows_relabelling,
    "converges with the step": falls_with_the_step,
    "NumPy agrees": agrees_with_numpy,
    "clock-driven form agrees": agrees_with_clock_driven,
    "second form agrees": agrees_with_second_form,
    "changes weights alike": changes_weights_alike,
    "carries what outlives a trial": carries_what_outlives_a_trial,
    "keeps to its neurons": keeps_to_its_neurons,
    "points downhill": points_downhill,
    "exact where it says so": is_exact_where_it_says,
}
