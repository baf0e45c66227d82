"""What can be told of a run before it is trained: that it does not fit its task, and what one should know of it."""

from workbench.catalogue.registry import Registry
from workbench.common.errors import StudyError, WorkbenchError
from workbench.declare.network_checks import no_way_down
from workbench.declare.task import SPLITS, TaskData
from workbench.declare.trial_checks import refuse_misfit
from workbench.declare.trials import Trials
from workbench.measures import performance
from workbench.study.file.run_config import RunConfig
from workbench.study.run.network import make_network
from workbench.text.time_constants import shorter_than_a_step


def _cut(config: RunConfig, data: TaskData) -> str:
    """Return that a task has fewer trials than are to be probed; empty where it has enough."""
    asked, there = config.measure.probe, len(data.validation)
    if asked <= there:
        return ""
    return (
        f"'measure.probe' asks for {asked} validation trials, and task '{config.task}' has {there}: these are probed."
    )


def refuse_misfit_of(config: RunConfig, data: TaskData, registry: Registry, where: str) -> None:
    """Refuse a network that does not fit the task's time, and measures for which it has too few trials.

    Parameters
    ----------
    config : RunConfig
        Of a run.
    data : TaskData
        Of its task.
    registry : Registry
        Rules, tasks and neuron models.
    where : str
        The study file.

    Raises
    ------
    StudyError
        What does not fit.
    """
    try:
        for stage in config.in_stages():
            network = make_network(stage.network, data.format, registry, stage.seed, stage.train.fixed)
            # Whether what is drawn connects any neurons.
            network.weight_shapes()
            rule = registry.rule(stage.rule)
            lost = no_way_down(network, registry.pathway(stage.feedback)) if rule.signal is not None else ""
            if lost:
                raise StudyError(f"rule '{rule.name}': {lost}")
        # A loss that is of other targets is a reason to skip the run.
        loss = None if network.loss.refuses(data.targets) else network.loss
        for name in SPLITS:
            refuse_misfit(getattr(data, name), data.format, loss, f"split '{name}'")
    except WorkbenchError as error:
        raise StudyError(f"{where}: task '{config.task}': {error}") from error
    if len(data.train) < config.measure.descent:
        raise StudyError(
            f"{where}: 'measure.descent' asks for {config.measure.descent} training trials, and task '{config.task}' "
            f"has {len(data.train)}. Set it to 0, or take a task with more."
        )


def notes_of(config: RunConfig, data: TaskData, registry: Registry) -> tuple[str, ...]:
    """Return what one should know before a run is trained: what will be undefined, and what is not as it may seem."""
    found = list(filter(None, [_cut(config, data)]))
    for name in ("validation", "test"):
        split: Trials = getattr(data, name)
        if split.classified and (reason := performance.no_accuracy(split)):
            found.append(f"Task '{config.task}': accuracy on split '{name}' is undefined. {reason}")
    if registry.task(config.task).drawn:
        found.append(
            f"Task '{config.task}': inputs are drawn at random, once; the same spikes come again in each epoch."
        )
    network = make_network(config.network, data.format, registry, config.seed, config.train.fixed)
    rule = registry.rule(config.rule).with_parameters(dict(config.parameters))
    if rule.has_equations and rule.claims.estimates != "nothing":
        found += [
            f"Projection '{item.name}': what rule '{rule.name}' estimates is of weights that arrive in 'I', and these "
            f"arrive in '{item.receptor}'."
            for item in network.projections
            if item.plastic and item.receptor != "I"
        ]
    owners = [(f"Neuron '{model.name}'", model.values()) for model in network.models.values()]
    for owner, values in (*owners, (f"Rule '{rule.name}'", rule.values())):
        found += shorter_than_a_step(values, data.dt, owner)
    return tuple(found)
