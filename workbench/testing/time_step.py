"""Whether an estimate converges as time steps get shorter."""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from workbench.declare.options import Targets
from workbench.declare.trials import Trials
from workbench.testing.agreement import EXACT
from workbench.testing.case import random_case
from workbench.testing.subject import FORCED_CAPACITY, DoesNotApplyError, FailedError, Subject


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
        fine = case.on(trials).with_setup(network=network, forced_capacity=FORCED_CAPACITY)
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
