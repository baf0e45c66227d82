"""The grid of a study: from the file to the frozen configuration of each run, every name and parameter resolved."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from workbench.catalogue.registry import Registry
from workbench.common.errors import StudyError, WorkbenchError, nearest
from workbench.declare.configuration import configuration_name
from workbench.declare.parameter import Parameter
from workbench.study.file.reading import quoted
from workbench.study.file.sections import NetworkSection, Section, TrainSection, Value, Values
from workbench.study.file.spec import Other, RuleSection, RunConfig, StudySpec, TaskSection
from workbench.text.quantities import canonical, read_quantity

_AnySection = TypeVar("_AnySection", bound=Section)


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
    _resolved_train(spec.train, registry, str(spec.path))
    seen: dict[object, str] = {}
    configs = []
    shared: dict[str, Any] = {key: getattr(spec, key) for key in ("measure", "target", "form", "precision")}
    shared["others"] = _others(spec, registry)
    for number, task in enumerate(spec.task, 1):
        at_task = f"{spec.path}, [[task]] {number}"
        chosen_task: dict[str, Any] = {
            "task": task.name,
            "task_parameters": _task_parameters(task, registry, at_task),
            "network": _resolved_network(_merged(spec.network, task.network), registry, at_task),
        }
        train = _merged(spec.train, task.train)
        entry = (*chosen_task.values(), _resolved_train(train, registry, at_task))
        _once(seen, entry, f"task '{task.name}' with this network, training", at_task)
        for index, rule in enumerate(spec.rule, 1):
            at_rule = f"{spec.path}, [[rule]] {index}"
            chosen_rule = _chosen_rule(rule, registry, at_rule)
            resolved = _resolved_train(_merged(train, rule.train), registry, at_rule)
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


@contextmanager
def _located(where: str) -> Iterator[None]:
    try:
        yield
    except WorkbenchError as error:
        raise StudyError(f"{where}: {error}") from error


def _once(seen: dict[object, str], entry: object, what: str, where: str) -> None:
    if entry in seen:
        raise StudyError(f"{where}: {what} and these parameters is listed before, in {seen[entry]}. Drop one.")
    seen[entry] = where.rpartition(", ")[2]


def _merged(base: _AnySection, override: _AnySection) -> _AnySection:
    """Return a section with the keys that another one names replaced; tables are merged key by key."""
    update = {name: getattr(override, name) for name in override.model_fields_set}
    for name in type(base).model_fields:
        if name.endswith("_parameters"):
            owner = name.removesuffix("_parameters")
            # Parameters belong to the name beside them: another name drops those of the base.
            same = update.get(owner, getattr(base, owner)) == getattr(base, owner)
            kept = dict(getattr(base, name)) if same else {}
            update[name] = tuple(sorted((kept | dict(update.get(name, ()))).items()))
        elif isinstance(update.get(name), Section):
            update[name] = _merged(getattr(base, name), update[name])
    return base.model_copy(update=update)


def _resolved_network(network: NetworkSection, registry: Registry, where: str) -> NetworkSection:
    """Return a network whose names exist, with all parameters filled in."""
    filled = {"delays": tuple((name, canonical(value)) for name, value in network.delays)}
    for role in ("neuron", "readout"):
        with _located(where):
            model = registry.neuron(getattr(network, role))
        values = _filled(getattr(network, f"{role}_parameters"), dict(model.parameters), f"{where}: '{model.name}'")
        with _located(where):
            model.with_parameters(dict(values))
        filled[f"{role}_parameters"] = values
    if not model.output:
        raise StudyError(f"{where}: the readout must have an `output`, and '{model.name}' has none. Name another.")
    with _located(where):
        surrogate = registry.surrogate(network.surrogate)
        registry.loss(network.loss)
    defaults = dict(surrogate.parameters)
    numbers = _filled(network.surrogate_parameters, defaults, f"{where}: '{surrogate.name}'")
    with _located(where):
        surrogate.with_parameters({name: float(value) for name, value in numbers}).refuse_scale(network.scale_surrogate)
    filled["surrogate_parameters"] = numbers
    return network.model_copy(update=filled)


def _resolved_train(train: TrainSection, registry: Registry, where: str) -> TrainSection:
    with _located(where):
        optimizer = registry.optimizer(train.optimizer)
    values = _filled(train.optimizer_parameters, dict(optimizer.parameters), f"{where}: '{optimizer.name}'")
    with _located(where):
        optimizer.with_parameters({name: float(value) for name, value in values})
    return train.model_copy(update={"optimizer_parameters": values})


def _task_parameters(section: TaskSection, registry: Registry, where: str) -> Values:
    with _located(where):
        task = registry.task(section.name)
    return _filled_from(section.parameters, task.parameters, f"{where}: '{task.name}'")


def _chosen_rule(section: RuleSection, registry: Registry, where: str) -> dict[str, Any]:
    with _located(where):
        rule = registry.rule(section.name)
    choices = {name: way.name for way in registry.pathways_for(rule) for name in way.names}
    feedback = choices.get(section.feedback or rule.default_feedback, "")
    if not feedback:
        hint = nearest(section.feedback, choices)
        raise StudyError(f"{where}: rule '{rule.name}' does not take feedback {quoted(section.feedback)}. {hint}")
    values = _filled_from(section.parameters, rule.parameters, f"{where}: '{rule.name}'")
    with _located(where):
        rule.with_parameters(dict(values))
    return {"rule": rule.name, "feedback": feedback, "parameters": values}


def _filled_from(values: Values, parameters: Iterable[Parameter], owner: str) -> Values:
    for parameter in parameters:
        value = dict(values).get(parameter.name, parameter.default)
        if parameter.choices and canonical(value) not in map(canonical, parameter.choices):
            hint = nearest(str(value), parameter.choices)
            raise StudyError(f"{owner}: parameter '{parameter.name}' cannot be {quoted(value)}. {hint}")
    return _filled(values, {parameter.name: parameter.default for parameter in parameters}, owner)


def _filled(values: Values, defaults: Mapping[str, Value], owner: str) -> Values:
    """Return values for all parameters: those given, of the kind that the defaults are, and the other defaults."""
    filled = {name: canonical(value) for name, value in defaults.items()}
    for name, value in values:
        if name not in defaults:
            raise StudyError(f"{owner} has no parameter {quoted(name)}. {nearest(name, defaults)}")
        needed = _kind(defaults[name])
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise StudyError(f"{owner}: parameter '{name}' must fit into 64 bits, unlike {quoted(value)}.")
        # A whole number may stand for a number, but not the other way about.
        if _kind(value) != needed and (needed, _kind(value)) != ("a number", "a whole number"):
            raise StudyError(f"{owner}: parameter '{name}' must be {needed}, not {quoted(value)}.")
        filled[name] = float(value) if needed == "a number" else canonical(value)
    return tuple(sorted(filled.items()))


def _kind(value: Value) -> str:
    if not isinstance(value, str):
        return "a whole number" if isinstance(value, int) else "a number"
    try:
        unit = read_quantity(value, "")[1]
    except WorkbenchError:
        return "a word"
    return f"a quantity in {unit}"
