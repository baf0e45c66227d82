"""Network and training of a study file, with every name and parameter resolved."""

from typing import Any

from workbench.catalogue.registry import Registry
from workbench.common.errors import StudyError
from workbench.declare.decision import Decision
from workbench.declare.updates import refuse_interval
from workbench.study.file.overrides import filled
from workbench.study.file.reading import located
from workbench.study.file.resolved_graph import (
    constraint_parameters,
    each_delay,
    resolved_population,
    resolved_projection,
)
from workbench.study.file.sections import NetworkSection, TrainSection
from workbench.text.quantities import canonical


def resolved_network(network: NetworkSection, registry: Registry, where: str) -> NetworkSection:
    """Return a network whose names exist, with all parameters filled in.

    Raises
    ------
    StudyError
        Where one does not, or a parameter is none of its.
    """
    found: dict[str, Any] = {"delays": tuple((name, canonical(value)) for name, value in network.delays)}
    found["populations"] = tuple(
        resolved_population(item, registry, f"{where}, [[network.populations]] {number}")
        for number, item in enumerate(network.populations, 1)
    )
    found["projections"] = tuple(
        resolved_projection(item, registry, f"{where}, [[network.projections]] {number}")
        for number, section in enumerate(network.projections, 1)
        for item in each_delay(section, f"{where}, [[network.projections]] {number}")
    )
    for role in ("neuron", "readout"):
        with located(where):
            model = registry.neuron(getattr(network, role))
        given = getattr(network, f"{role}_parameters")
        values = filled(given, dict(model.parameters), f"{where}: '{model.name}'", spread=True)
        with located(where):
            model.with_parameters(dict(values))
        found[f"{role}_parameters"] = values
    if not model.output:
        raise StudyError(f"{where}: the readout must have an `output`, and '{model.name}' has none. Name another.")
    with located(where):
        surrogate = registry.surrogate(network.surrogate)
        registry.loss(network.loss)
        registry.named(Decision, network.decision)
    defaults = dict(surrogate.parameters)
    numbers = filled(network.surrogate_parameters, defaults, f"{where}: '{surrogate.name}'")
    with located(where):
        surrogate.with_parameters({name: float(value) for name, value in numbers}).refuse_scale(network.scale_surrogate)
    found["surrogate_parameters"] = numbers
    return network.model_copy(update=found)


def resolved_train(train: TrainSection, registry: Registry, where: str, neuron: str) -> TrainSection:
    """Return training whose names exist, with all parameters filled in; of a phase without a task, by its neuron.

    Raises
    ------
    StudyError
        Where one does not, or a parameter is none of its.
    """
    with located(where):
        optimizer = registry.optimizer(train.optimizer)
    values = filled(train.optimizer_parameters, dict(optimizer.parameters), f"{where}: '{optimizer.name}'")
    with located(where):
        optimizer.with_parameters({name: float(value) for name, value in values})
        if neuron:
            registry.neuron(neuron).with_parameters(dict(train.mirror.neuron_parameters))
        if train.every:
            refuse_interval(train.every, "'train.every'", StudyError)
    limits = constraint_parameters(train.constraint, train.constraint_parameters, registry, where)
    return train.model_copy(update={"optimizer_parameters": values, "constraint_parameters": limits})
