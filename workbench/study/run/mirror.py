"""The phase without a task in which feedback weights learn by a rule of their own."""

from dataclasses import replace

import numpy as np

from workbench.declare.trials import Trials
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.engine.state import State
from workbench.study.run.state import UnderWay

#: Before the numbers of trials that are noise, which no epoch of the task draws.
_NOISE = 1 << 31


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
    return replace(run.state, feedback=after.feedback)
