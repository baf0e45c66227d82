"""What of a task is drawn by chance, drawn by the seed of a run."""

from dataclasses import replace

from workbench.declare.task import SPLITS, TaskData
from workbench.declare.trials import Trials
from workbench.study.file.run_config import RunConfig
from workbench.study.seeds import stream


def drawn_by(data: TaskData, config: RunConfig) -> TaskData:
    """Return a task whose inputs and rewards, where they are drawn by chance, are those of a run's seed."""
    if not any(_draws(getattr(data, name)) for name in SPLITS):
        return data
    seed = int(stream("input noise", config.task, config.seed).integers(2**31))
    train, validation, test = (_seeded(getattr(data, name), seed) for name in SPLITS)
    return replace(data, train=train, validation=validation, test=test)


def _draws(trials: Trials) -> bool:
    """Return whether input spikes, or what answers bring, are drawn by chance."""
    return trials.chances is not None or (trials.rewards is not None and trials.rewards.chance is not None)


def _seeded(trials: Trials, seed: int) -> Trials:
    """Return trials with the input spikes and rewards that another seed draws."""
    chances = None if trials.chances is None else replace(trials.chances, seed=seed)
    rewards = None if trials.rewards is None else replace(trials.rewards, seed=seed)
    events = (trials.start, trials.step, trials.neuron) if chances is None else chances.events(trials.draw)
    return Trials(*events, trials.target, trials.format, trials.draw, chances, rewards)
