"""The stages of a run: what it needs in each, and what it keeps from one to the next."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from workbench.catalogue.registry import Registry
from workbench.declare.task import TaskData
from workbench.engine.simulate import Simulator, simulator
from workbench.engine.state import State
from workbench.model.outlasting import of_neurons
from workbench.model.setup import Setup
from workbench.study.file.run_config import RunConfig
from workbench.study.run.assemble import Assembled, event_capacity, make_setup
from workbench.study.run.initial_weights import initial_state
from workbench.study.run.passive import others
from workbench.study.run.state import Others, UnderWay

if TYPE_CHECKING:
    from workbench.reference.bptt import Reference


@dataclass(frozen=True, eq=False)
class Machinery:
    """What a run needs in one of its stages.

    Attributes
    ----------
    config : RunConfig
        With the stage's rule and training.
    setup : Setup
        The network with that rule.
    simulator : Simulator
        What runs it.
    reference : Reference or None
        What gives exact gradients, where some are needed.
    others : Others
        Rules that are asked what they would do.
    """

    config: RunConfig
    setup: Setup
    simulator: Simulator
    reference: "Reference | None"
    others: Others


def stage_of(config: RunConfig, epoch: int) -> tuple[int, int]:
    """Return in which stage a run is after so many epochs, and how many were behind it when that began.

    Where one stage has just ended, it is that one.
    """
    stages = config.in_stages()
    began = 0
    for number, stage in enumerate(stages[:-1]):
        if epoch <= began + stage.train.epochs:
            return number, began
        began += stage.train.epochs
    return len(stages) - 1, began


def machinery(config: RunConfig, number: int, parts: Assembled, registry: Registry) -> Machinery:
    """Return what a run needs in a stage.

    Parameters
    ----------
    config : RunConfig
        Of the run.
    number : int
        Which stage, from 0.
    parts : Assembled
        With the task, and the setup of the first stage.
    registry : Registry
        Rules, tasks and neuron models.
    """
    stage = config.in_stages()[number]
    setup = parts.setup if number == 0 else _setup(stage, parts.loaded, registry)
    exact = None
    if config.measure.probe > 0 or setup.rule.follows_reference:
        from workbench.reference.bptt import reference

        exact = reference(setup, config.precision)
    asked = others(stage, parts.data, registry) if config.measure.probe else Others()
    return Machinery(stage, setup, simulator(setup, config.target), exact, asked)


def _setup(config: RunConfig, data: TaskData, registry: Registry) -> Setup:
    return make_setup(config, data.format, event_capacity(data), registry)


def go_on(run: UnderWay, config: RunConfig, parts: Assembled, registry: Registry) -> None:
    """Take a run that has ended a stage into the next.

    Weights are kept, and what outlives a trial of the neurons. Feedback weights are kept where the pathway is the same;
    else they are those with which a run of the stage's rule begins. The optimizer begins anew.

    Parameters
    ----------
    run : UnderWay
        At the end of a stage that is not the last.
    config : RunConfig
        Of the run.
    parts : Assembled
        Of its first stage.
    registry : Registry
        Rules, tasks and neuron models.
    """
    before = run.parts.setup
    run.began, run.stage = run.ends, run.stage + 1
    found = machinery(config, run.stage, parts, registry)
    run.config, run.simulator, run.reference = found.config, found.simulator, found.reference
    run.others, run.parts = found.others, replace(run.parts, setup=found.setup)
    kept = run.state.outlasting
    if found.setup.rule != before.rule:
        of_them = {f"{layer}.{name}" for layer, names in of_neurons(found.setup).items() for name in names}
        kept = {name: values for name, values in kept.items() if name in of_them}
    feedback = run.state.feedback
    if (found.setup.rule.has_equations, found.setup.pathway) != (before.rule.has_equations, before.pathway):
        feedback = initial_state(found.setup, found.setup.rule, config.network, config.seed).feedback
    run.state = State(run.state.weights, feedback, {}, outlasting=kept)
