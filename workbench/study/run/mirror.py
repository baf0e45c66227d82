"""The phase without a task in which feedback weights learn by a rule of their own."""

from dataclasses import replace

import numpy as np

from workbench.common.errors import DivergedError
from workbench.declare.trials import Trials
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.engine.state import State
from workbench.study.run.state import UnderWay

#: Before the numbers of trials that are noise, which no epoch of the task draws.
_NOISE = 1 << 31

#: Feedback weights that are so many times as large as they were learn nothing any more.
_FAR = 1e3


def mirrored(run: UnderWay) -> State:
    """Return the state after a phase of noise, in which nothing but feedback weights has changed.

    Parameters
    ----------
    run : UnderWay
        Before an epoch.
    """
    setup, phase = run.parts.setup, run.config.train.mirror
    if not setup.mirrors:
        return run.state
    network = setup.network
    noisy = replace(network, neuron=network.neuron.with_parameters(dict(phase.neuron_parameters)))
    count = phase.trials
    silent = np.zeros(count + 1, dtype=np.int64), np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32)
    target = np.repeat(run.parts.data.train.target[:1], count, axis=0)
    trials = Trials(*silent, target, draw=_NOISE + np.arange(count)).drawn_anew(run.epoch)
    plan = Plan(
        learning=True,
        update_after=np.ones(count, dtype=np.int64),
        feedback_rate=phase.learning_rate,
        record_spikes=False,
        chunk=run.config.train.chunk,
    )
    made = simulator(replace(setup, network=noisy), run.config.target)
    _, after = made.run(run.state, trials, plan)
    for layer, array in after.feedback.items():
        before, now = (float(np.abs(each).max()) for each in (run.state.feedback[layer], array))
        if not np.isfinite(now) or now > _FAR * max(before, 1.0):
            raise DivergedError(
                f"The feedback weights to '{layer}' have grown from {before:.3g} to {now:.3g} in a phase without a "
                "task. Lower train.mirror.learning_rate."
            )
    return replace(run.state, feedback=after.feedback)
