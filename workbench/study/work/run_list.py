"""The runs of a study: what to do in each, and the part of its row that is known before."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from workbench.catalogue.registry import Registry
from workbench.common.errors import StudyError, WorkbenchError
from workbench.declare.condition import told
from workbench.declare.configuration import configuration_name
from workbench.declare.task import TaskData
from workbench.measures import performance
from workbench.study.file.grid import Chosen, expand
from workbench.study.file.run_config import RunConfig
from workbench.study.file.sections import NetworkSection
from workbench.study.file.spec import StudySpec
from workbench.study.results.columns import RUN_COLUMNS
from workbench.study.results.identity import canonical, checksum, identify_all, parts_of, test_checksum
from workbench.study.run.assemble import reason_to_skip
from workbench.study.work.foreseen import notes_of, refuse_misfit_of
from workbench.study.work.provenance import commit_of, versions

# Fields of the configuration, as the column `parameters` calls them.
_PARAMETERS = {
    "task_parameters": "task",
    "parameters": "rule",
    "network": "network",
    "train": "train",
    "stages": "stages",
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
    made_of : mapping of str to str
        Hashes of what its id is made of besides its configuration, as `parts_of` has them, and of the test split.
    """

    config: RunConfig
    row: dict[str, object]
    skip: str = ""
    notes: tuple[str, ...] = ()
    made_of: Mapping[str, str] = field(default_factory=dict)

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
        condition = f" ({told(dict(config.condition))})" if config.condition else ""
        return f"{config.task}{condition} {configuration_name(config.rule, config.feedback)} seed {config.seed}"


class Planner:
    """What is looked up once for all runs of a study: the data of its tasks, versions, the commit.

    Parameters
    ----------
    spec : StudySpec
        The study.
    registry : Registry
        Rules, tasks and neuron models.
    """

    def __init__(self, spec: StudySpec, registry: Registry) -> None:
        self.spec = spec
        self.registry = registry
        self._tasks: dict[object, tuple[str, str, TaskData]] = {}
        self._everywhere = {"versions": canonical(versions()), "commit": commit_of(spec.path.resolve().parent)}

    def all_runs(self, chosen: Chosen | None = None) -> list[Run]:
        """Return the runs of the study, each with the id that its content gives it.

        Parameters
        ----------
        chosen : mapping of tuple to ChangesSection, optional
            The settings that a search has found.

        Raises
        ------
        StudyError
            As `runs` does, or where a run is there twice.
        """
        runs = self.runs(expand(self.spec, self.registry, chosen))
        known: set[str] = set()
        for run in runs:
            if run.run_id in known:
                # The first would be stored as both.
                raise StudyError(
                    f"{self.spec.path}: '{run.label}' is there twice, since a [[rule]] or [[sweep]] replaces all in "
                    "which two [[task]] or conditions differ. Drop one of the two."
                )
            known.add(run.run_id)
        return runs

    def runs(self, configs: Iterable[RunConfig]) -> list[Run]:
        """Return the run of each configuration, with the id that its content gives it.

        Raises
        ------
        StudyError
            Where one does not fit the registry, or the data of a task cannot be loaded.
        """
        runs: list[Run] = []
        registry = self.registry
        # All but the seed is looked at once: there may be thousands of them.
        for _, group in groupby(configs, key=all_but_the_seed):
            alike = list(group)
            first = alike[0]
            key = (first.task, first.task_parameters)
            if key not in self._tasks:
                self._tasks[key] = _facts(self.spec, registry, first)
            task_checksum, of_test, data = self._tasks[key]
            refuse_misfit_of(first, data, registry, str(self.spec.path))
            row = self._everywhere | _row(first, data, registry)
            skip, notes = _skip(first, registry), notes_of(first, data, registry)
            made_of = parts_of(first, registry, task_checksum) | {"test": of_test}
            for config, run_id in zip(alike, identify_all(alike, registry, task_checksum), strict=True):
                own = {"run_id": run_id, "seed": config.seed}
                runs.append(Run(config, dict.fromkeys(RUN_COLUMNS) | row | own, skip, notes, made_of))
        return runs


def all_but_the_seed(config: RunConfig) -> tuple[object, ...]:
    """Return in what the runs of a study differ besides: what a rule in a task and condition has in common."""
    entry = (config.task, config.task_parameters, config.rule, config.feedback, config.parameters)
    return (*entry, config.network, config.train, config.stages, config.measure, config.precision, config.condition)


def _skip(config: RunConfig, registry: Registry) -> str:
    """Return why the rule of some stage cannot run; empty where all can."""
    return next(filter(None, (reason_to_skip(stage, registry) for stage in config.in_stages())), "")


def _row(config: RunConfig, data: TaskData, registry: Registry) -> dict[str, object]:
    """Return what is known before of the rows of a task with a rule, whatever the seed."""
    offer = registry.rules[config.rule]
    unsaid: Any = {"network": {"hidden"}, "train": {"chunk"}, "stages": {"__all__": {"train": {"chunk"}}}}
    parameters = config.model_dump(mode="json", exclude=unsaid, include=set(_PARAMETERS))
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
        "chance_reward": _known(performance.chance_reward(data.test)),
        "best_reward": _known(performance.best_reward(data.test)),
        "parameters": canonical({_PARAMETERS[name]: value for name, value in parameters.items()}),
        "distribution": f"{offer.source.distribution} {offer.source.version}".strip(),
    }


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _sizes(network: NetworkSection, data: TaskData) -> str:
    """Return the sizes of all layers, those of recurrent ones with an 'r', and of populations beside them."""
    hidden = (f"{size}{'r' * network.recurrent}" for size in network.hidden)
    beside = "".join(f" + {item.size}" for item in network.populations)
    return "-".join([str(data.n_inputs), *hidden, str(data.n_outputs)]) + beside


def _facts(spec: StudySpec, registry: Registry, config: RunConfig) -> tuple[str, str, TaskData]:
    try:
        data = registry.task(config.task).data(**dict(config.task_parameters))
    except WorkbenchError as error:
        named = "" if str(error).startswith("Task '") else f"task '{config.task}': "
        raise StudyError(f"{spec.path}: {named}{error}") from error
    return checksum(data), test_checksum(data), data
