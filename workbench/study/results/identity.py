"""The name of a run's result: a hash of all that the result depends on."""

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

import workbench
from workbench.catalogue.registry import Registry
from workbench.declare.constraint import Constraint
from workbench.declare.decision import Decision
from workbench.declare.feedback import Pathway
from workbench.declare.loss import Loss
from workbench.declare.measure import Measure
from workbench.declare.neuron import NeuronModel
from workbench.declare.optimizer import Optimizer
from workbench.declare.rule import Rule
from workbench.declare.surrogate import Surrogate
from workbench.declare.task import TaskData
from workbench.declare.transmission import Transmission
from workbench.declare.trials import Trials
from workbench.engine.compiled.code_hash import code_that_makes_results
from workbench.measures.records import MEASURES
from workbench.study.file.run_config import RunConfig
from workbench.study.results.hashed_content import sha256
from workbench.text import quantities

#: What of a configuration changes no number.
_NO_MATTER: Any = {
    "study": True,
    "condition": True,
    "train": {"chunk"},
    "stages": {"__all__": {"train": {"chunk"}}},
}

#: What plugins may offer besides rules and tasks.
Offered = NeuronModel | Loss | Decision | Optimizer | Constraint | Surrogate | Pathway | Transmission


def run_id(
    config: RunConfig,
    rule: Rule,
    task_checksum: str,
    code_version: str,
    offered: Iterable[Offered] = (),
    others: Iterable[Rule] = (),
) -> str:
    """Return the name of a run's result: a hash of all that the result depends on.

    Parameters
    ----------
    config : RunConfig
        Of the run. The study's name, what its conditions are called and the size of chunks change no number and do not
        count.
    rule : Rule
        With its equations.
    task_checksum : str
        Of the data, by `checksum`.
    code_version : str
        Of the workbench: its number and a hash of its code, since code is edited between releases.
    offered : iterable of NeuronModel, Loss, Optimizer, Surrogate or Pathway
        All else that the configuration names, in a fixed order: it may come from plugins as the rule may.
    others : iterable of Rule
        That are asked what they would do, those of some weights' own, and those of further stages.

    Returns
    -------
    str
        16 hexadecimal digits.
    """
    return _named([config], rule, task_checksum, code_version, offered, others)[0]


def identify(config: RunConfig, registry: Registry, task_checksum: str) -> str:
    """Return the name of a run's result, with the rule and all else of a registry that it names."""
    return identify_all([config], registry, task_checksum)[0]


def identify_all(configs: Sequence[RunConfig], registry: Registry, task_checksum: str) -> list[str]:
    """Return the names of the results of runs that differ in their seed alone."""
    first = configs[0]
    rule, offered, others = registry.rule(first.rule), offered_for(first, registry), rules_beside(first, registry)
    return _named(configs, rule, task_checksum, _code_version(registry), offered, others)


def parts_of(config: RunConfig, registry: Registry, task_checksum: str) -> dict[str, str]:
    """Return hashes of what a run's name is made of besides its configuration.

    Parameters
    ----------
    config : RunConfig
        Of the run.
    registry : Registry
        With all that it names.
    task_checksum : str
        Of the data, by `checksum`.

    Returns
    -------
    dict of str to str
        ``data``, all numbers of the task; ``code``, the workbench's version and code; ``declarations``, the rules,
        neurons and all else that the configuration names.
    """
    declared = [registry.rule(config.rule), *offered_for(config, registry), *rules_beside(config, registry)]
    texts = sha256(canonical([_content(item) for item in declared]).encode())
    return {"data": task_checksum, "code": _code_version(registry), "declarations": texts}


def offered_for(config: RunConfig, registry: Registry) -> list[Offered]:
    """Return all that a configuration names besides rules and task, in a fixed order."""
    network, stages = config.network, config.in_stages()
    return [
        *(registry.neuron(name) for name in (network.neuron, network.readout)),
        *(registry.neuron(item.neuron) for item in network.populations if item.neuron),
        *(registry.constraint(item.constraint) for item in network.projections if item.constraint),
        *(registry.named(Transmission, item.transmits) for item in network.projections if item.transmits),
        registry.surrogate(network.surrogate),
        registry.loss(network.loss),
        registry.named(Decision, network.decision),
        *(registry.optimizer(stage.train.optimizer) for stage in stages),
        *(registry.constraint(stage.train.constraint) for stage in stages if stage.train.constraint),
        *map(registry.pathway, (*(stage.feedback for stage in stages), *(other.feedback for other in config.others))),
    ]


def rules_beside(config: RunConfig, registry: Registry) -> list[Rule]:
    """Return the rules that are asked what they would do, those of some weights' own, and those of further stages."""
    others = [registry.rule(other.rule) for other in config.others]
    others += [registry.rule(item.rule) for item in config.network.projections if item.rule]
    return others + [registry.rule(stage.rule) for stage in config.stages]


def _code_version(registry: Registry) -> str:
    return f"{workbench.__version__} {code_that_makes_results()}{_code_of_measures(registry)}"


def _named(
    configs: Sequence[RunConfig],
    rule: Rule,
    task_checksum: str,
    code_version: str,
    offered: Iterable[Offered],
    others: Iterable[Rule],
) -> list[str]:
    # Written out once for all seeds, of which a study may have thousands.
    resolved = configs[0].model_dump(mode="json", exclude=_NO_MATTER)
    further = [[_content(item) for item in items] for items in (offered, others)]
    rest = canonical([_content(rule), task_checksum, code_version, *further]).removeprefix("[")
    texts = (f"[{canonical(resolved | {'seed': config.seed})},{rest}" for config in configs)
    return [hashlib.sha256(text.encode()).hexdigest()[:16] for text in texts]


def _code_of_measures(registry: Registry) -> str:
    """Return hashes of the files of plugins that measure something: functions are no data that could be hashed."""
    files = {offer.source.file for name, offer in registry.all(Measure).items() if name not in MEASURES}
    return "".join(f" {sha256(Path(file).read_bytes())}" for file in sorted(files))


def _content(item: Rule | Offered) -> dict[str, object]:
    """Return all that something declares, the quantities by their value and not by their spelling."""
    content = dataclasses.asdict(item)
    if isinstance(item, Rule):
        content["parameters"] = [
            dataclasses.asdict(parameter) | {"default": quantities.canonical(parameter.default)}
            for parameter in item.parameters
        ]
    elif isinstance(item, NeuronModel):
        content["parameters"] = [(name, quantities.canonical(value)) for name, value in item.parameters]
    return content


def canonical(content: object) -> str:
    """Return JSON text that is the same for equal content."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)


def checksum(data: TaskData) -> str:
    """Return a hash of all numbers of a task's data."""
    sizes = [data.n_inputs, data.n_outputs, data.n_steps, data.dt, data.window]
    digest = hashlib.sha256(canonical([*sizes, data.targets]).encode())
    _add(digest, data.train, data.validation, data.test)
    return digest.hexdigest()


def test_checksum(data: TaskData) -> str:
    """Return a hash of all numbers of the test split alone."""
    digest = hashlib.sha256()
    _add(digest, data.test)
    return digest.hexdigest()


def _add(digest: "hashlib._Hash", *splits: Trials) -> None:
    for split in splits:
        arrays: list[NDArray[Any]] = [split.start, split.step, split.neuron, split.target, split.draw]
        arrays += [] if split.chances is None else [split.chances.each]
        told = [] if split.chances is None else [split.chances.n_steps, split.chances.seed, *split.chances.lengths]
        if split.rewards is not None:
            told.append(split.rewards.seed)
            arrays += [split.rewards.worth, split.rewards.expected]
        digest.update(canonical(told).encode())
        for array in arrays:
            digest.update(f"{array.dtype.str}{array.shape}".encode())
            digest.update(array.tobytes())
