"""The runs of a study: what to do in each, and the part of its row that is known before."""

import json
import math
from dataclasses import dataclass
from itertools import groupby

from workbench.catalogue.registry import Registry
from workbench.common.errors import StudyError, WorkbenchError
from workbench.declare.configuration import configuration_name
from workbench.declare.network_checks import no_way_down
from workbench.declare.task import SPLITS, TaskData
from workbench.declare.trial_checks import refuse_misfit
from workbench.declare.trials import Trials
from workbench.measures import performance
from workbench.study.file.conditions import told
from workbench.study.file.grid import expand
from workbench.study.file.sections import NetworkSection
from workbench.study.file.spec import RunConfig, StudySpec
from workbench.study.results.columns import RUN_COLUMNS
from workbench.study.results.identity import canonical, checksum, identify_all
from workbench.study.run.assemble import reason_to_skip
from workbench.study.run.network import make_network
from workbench.study.work.provenance import commit_of, versions
from workbench.text.time_constants import shorter_than_a_step

# Fields of the configuration, as the column `parameters` calls them.
_PARAMETERS = {
    "task_parameters": "task",
    "parameters": "rule",
    "network": "network",
    "train": "train",
    "measure": "measure",
    "target": "target",
    "form": "form",
    "precision": "precision",
}


@dataclass(frozen=True, eq=False)
class Run:
    """A run to be made.

    Attributes
    ----------
    config : RunConfig
        What to do.
    row : dict
        Its row of `runs`, as far as it is known before.
    skip : str
        Why the rule cannot run in this network; empty where it can.
    notes : tuple of str
        What one should know before it is trained.
    """

    config: RunConfig
    row: dict[str, object]
    skip: str = ""
    notes: tuple[str, ...] = ()

    @property
    def run_id(self) -> str:
        """The name of its result."""
        return str(self.row["run_id"])

    @property
    def condition(self) -> str:
        """What was chosen on each axis, in JSON."""
        return json.dumps(dict(self.config.condition))

    @property
    def label(self) -> str:
        """What people call it."""
        config = self.config
        condition = f" ({told(config.condition)})" if config.condition else ""
        return f"{config.task}{condition} {configuration_name(config.rule, config.feedback)} seed {config.seed}"


def plan(spec: StudySpec, registry: Registry) -> list[Run]:
    """Return the runs of a study, each with the id that its content gives it.

    Parameters
    ----------
    spec : StudySpec
        The study.
    registry : Registry
        Rules, tasks and neuron models.

    Raises
    ------
    StudyError
        Where the study does not fit the registry, or the data of a task cannot be loaded.
    """
    tasks: dict[object, tuple[str, TaskData]] = {}
    runs: list[Run] = []
    known: set[str] = set()
    everywhere = {"versions": canonical(versions()), "commit": commit_of(spec.path.resolve().parent)}
    # All but the seed is looked at once: there may be thousands of them.
    for _, alike in groupby(expand(spec, registry), key=_all_but_the_seed):
        configs = list(alike)
        key = (configs[0].task, configs[0].task_parameters)
        if key not in tasks:
            tasks[key] = _facts(spec, registry, configs[0])
        task_checksum, data = tasks[key]
        _refuse_misfit(configs[0], data, registry, str(spec.path))
        row = everywhere | _row(configs[0], data, registry)
        skip, notes = reason_to_skip(configs[0], registry), _notes(configs[0], data, registry)
        for config, run_id in zip(configs, identify_all(configs, registry, task_checksum), strict=True):
            own = {"run_id": run_id, "seed": config.seed}
            run = Run(config, dict.fromkeys(RUN_COLUMNS) | row | own, skip, notes)
            if run.run_id in known:
                # The first would be stored as both.
                raise StudyError(
                    f"{spec.path}: '{run.label}' is there twice, since a [[rule]] or [[sweep]] replaces all in which "
                    "two [[task]] or conditions differ. Drop one of the two."
                )
            known.add(run.run_id)
            runs.append(run)
    return runs


def _all_but_the_seed(config: RunConfig) -> tuple[object, ...]:
    """Return in what the runs of a study differ besides."""
    entry = (config.task, config.task_parameters, config.rule, config.feedback, config.parameters)
    return (*entry, config.network, config.train, config.measure, config.precision, config.condition)


def _row(config: RunConfig, data: TaskData, registry: Registry) -> dict[str, object]:
    """Return what is known before of the rows of a task with a rule, whatever the seed."""
    offer = registry.rules[config.rule]
    parameters = config.model_dump(
        mode="json", exclude={"network": {"hidden"}, "train": {"chunk"}}, include=set(_PARAMETERS)
    )
    return {
        "study": config.study,
        "task": config.task,
        "task_title": registry.task(config.task).title,
        "rule": config.rule,
        "title": offer.item.title,
        "feedback": config.feedback,
        "network": _sizes(config.network, data),
        "status": "failed",
        "reason": "",
        "chance": _known(performance.chance(data.test)),
        "validation_chance": _known(performance.chance(data.validation)),
        "parameters": canonical({_PARAMETERS[name]: value for name, value in parameters.items()}),
        "distribution": f"{offer.source.distribution} {offer.source.version}".strip(),
    }


def _cut(config: RunConfig, data: TaskData) -> str:
    """Return that a task has fewer trials than are to be probed; empty where it has enough."""
    asked, there = config.measure.probe, len(data.validation)
    if asked <= there:
        return ""
    return (
        f"'measure.probe' asks for {asked} validation trials, and task '{config.task}' has {there}: these are probed."
    )


def _refuse_misfit(config: RunConfig, data: TaskData, registry: Registry, where: str) -> None:
    """Refuse a network that does not fit the task's time, and measures for which it has too few trials."""
    try:
        network = make_network(config.network, data.format, registry, config.seed)
        # Whether what is drawn connects any neurons.
        network.weight_shapes()
        rule = registry.rule(config.rule)
        lost = no_way_down(network, registry.pathway(config.feedback)) if rule.signal is not None else ""
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


def _notes(config: RunConfig, data: TaskData, registry: Registry) -> tuple[str, ...]:
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
    network = make_network(config.network, data.format, registry, config.seed)
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


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _sizes(network: NetworkSection, data: TaskData) -> str:
    """Return the sizes of all layers, those of recurrent ones with an 'r', and of populations beside them."""
    hidden = (f"{size}{'r' * network.recurrent}" for size in network.hidden)
    beside = "".join(f" + {item.size}" for item in network.populations)
    return "-".join([str(data.n_inputs), *hidden, str(data.n_outputs)]) + beside


def _facts(spec: StudySpec, registry: Registry, config: RunConfig) -> tuple[str, TaskData]:
    try:
        data = registry.task(config.task).data(**dict(config.task_parameters))
    except WorkbenchError as error:
        named = "" if str(error).startswith("Task '") else f"task '{config.task}': "
        raise StudyError(f"{spec.path}: {named}{error}") from error
    return checksum(data), data
