"""The grid of a study: from the file to the frozen configuration of each run, every name and parameter resolved."""

from typing import Any

from workbench.catalogue.registry import Registry
from workbench.common.errors import StudyError, nearest
from workbench.declare.configuration import configuration_name
from workbench.declare.decision import Decision
from workbench.declare.updates import refuse_interval
from workbench.study.file.overrides import filled, filled_from, merged
from workbench.study.file.reading import located, quoted
from workbench.study.file.resolved_graph import constraint_parameters, resolved_population, resolved_projection
from workbench.study.file.section import Values
from workbench.study.file.sections import NetworkSection, TrainSection
from workbench.study.file.spec import Other, RuleSection, RunConfig, StudySpec, TaskSection
from workbench.text.quantities import canonical


def expand(spec: StudySpec, registry: Registry) -> tuple[RunConfig, ...]:
    """Return the runs of a study: each task with each rule and each seed, in the order of the file.

    Parameters
    ----------
    spec : StudySpec
        As read by `load_study`.
    registry : Registry
        What the names of tasks, rules and neuron models stand for.

    Raises
    ------
    StudyError
        Where a name or a parameter is unknown, a value does not fit its parameter, a rule cannot take a feedback, or a
        task or rule is listed twice.
    """
    _resolved_network(spec.network, registry, str(spec.path))
    # Of which neurons the parameters of a phase are, each task says.
    _resolved_train(spec.train, registry, str(spec.path), "")
    seen: dict[object, str] = {}
    configs = []
    shared: dict[str, Any] = {key: getattr(spec, key) for key in ("measure", "target", "form", "precision")}
    shared["others"] = _others(spec, registry)
    for number, task in enumerate(spec.task, 1):
        at_task = f"{spec.path}, [[task]] {number}"
        chosen_task: dict[str, Any] = {
            "task": task.name,
            "task_parameters": _task_parameters(task, registry, at_task),
            "network": _resolved_network(merged(spec.network, task.network), registry, at_task),
        }
        train = merged(spec.train, task.train)
        neuron = chosen_task["network"].neuron
        entry = (*chosen_task.values(), _resolved_train(train, registry, at_task, neuron))
        _once(seen, entry, f"task '{task.name}' with this network, training", at_task)
        for index, rule in enumerate(spec.rule, 1):
            at_rule = f"{spec.path}, [[rule]] {index}"
            chosen_rule = _chosen_rule(rule, registry, at_rule)
            resolved = _resolved_train(merged(train, rule.train), registry, at_rule, neuron)
            what = f"rule '{rule.name}' with this feedback, training"
            # The size of the chunks changes no number.
            _once(seen, (number, *chosen_rule.values(), resolved.model_copy(update={"chunk": 1})), what, at_rule)
            chosen = chosen_task | chosen_rule | {"train": resolved}
            first = RunConfig(study=spec.name, seed=spec.seeds[0], **chosen, **shared)
            configs += [first.model_copy(update={"seed": seed}) for seed in spec.seeds]
    return tuple(configs)


def _others(spec: StudySpec, registry: Registry) -> tuple[Other, ...]:
    """Return the rules that each run asks, if any; exact gradients are there by themselves."""
    measured = "passive" if spec.measure.passive else "descent" if spec.measure.descent else ""
    if measured and not spec.measure.probe:
        raise StudyError(f"{spec.path}: 'measure.{measured}' needs a 'measure.probe' above 0, and it is 0.")
    if not spec.measure.passive:
        return ()
    found: dict[str, Other] = {}
    for index, section in enumerate(spec.rule, 1):
        where = f"{spec.path}, [[rule]] {index}"
        other = Other.model_validate(_chosen_rule(section, registry, where))
        if registry.rule(other.rule).is_exact_gradient:
            continue
        name = configuration_name(other.rule, other.feedback)
        if name in found:
            raise StudyError(
                f"{where}: 'measure.passive' needs rules that differ in name or feedback, and '{name}' is there twice. "
                "Drop one, or set it to false."
            )
        found[name] = other
    return tuple(found.values())


def _once(seen: dict[object, str], entry: object, what: str, where: str) -> None:
    if entry in seen:
        raise StudyError(f"{where}: {what} and these parameters is listed before, in {seen[entry]}. Drop one.")
    seen[entry] = where.rpartition(", ")[2]


def _resolved_network(network: NetworkSection, registry: Registry, where: str) -> NetworkSection:
    """Return a network whose names exist, with all parameters filled in."""
    found: dict[str, Any] = {"delays": tuple((name, canonical(value)) for name, value in network.delays)}
    found["populations"] = tuple(
        resolved_population(item, registry, f"{where}, [[network.populations]] {number}")
        for number, item in enumerate(network.populations, 1)
    )
    found["projections"] = tuple(
        resolved_projection(item, registry, f"{where}, [[network.projections]] {number}")
        for number, item in enumerate(network.projections, 1)
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


def _resolved_train(train: TrainSection, registry: Registry, where: str, neuron: str) -> TrainSection:
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


def _task_parameters(section: TaskSection, registry: Registry, where: str) -> Values:
    with located(where):
        task = registry.task(section.name)
    return filled_from(section.parameters, task.parameters, f"{where}: '{task.name}'")


def _chosen_rule(section: RuleSection, registry: Registry, where: str) -> dict[str, Any]:
    with located(where):
        rule = registry.rule(section.name)
    choices = {name: way.name for way in registry.pathways_for(rule) for name in way.names}
    feedback = choices.get(section.feedback or rule.default_feedback, "")
    if not feedback:
        hint = nearest(section.feedback, choices)
        raise StudyError(f"{where}: rule '{rule.name}' does not take feedback {quoted(section.feedback)}. {hint}")
    values = filled_from(section.parameters, rule.parameters, f"{where}: '{rule.name}'")
    with located(where):
        rule.with_parameters(dict(values))
    return {"rule": rule.name, "feedback": feedback, "parameters": values}
