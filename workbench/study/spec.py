"""A study file: from TOML to the frozen configuration of each run, and to the name of its result."""

import dataclasses
import hashlib
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PrivateAttr,
    ValidationError,
)

from workbench.errors import StudyError, WorkbenchError, nearest
from workbench.losses import LOSSES
from workbench.neuron import NeuronModel
from workbench.optimizers import OPTIMIZERS
from workbench.quantities import read_quantity
from workbench.registry import Registry
from workbench.rule import Parameter, Rule
from workbench.surrogates import SURROGATES
from workbench.task import TaskData

Value = str | int | float
Values = tuple[tuple[str, Value], ...]


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _pairs(value: object) -> object:
    return tuple(sorted(value.items())) if isinstance(value, dict) else _tuple(value)


def _different(values: tuple[int, ...]) -> tuple[int, ...]:
    if len(set(values)) < len(values):
        raise ValueError("repeated")
    return values


#: Parameters by name: pairs, so that they can be hashed; a table in TOML and JSON.
Parameters = Annotated[Values, BeforeValidator(_pairs), PlainSerializer(dict, when_used="json")]
_TABLE = Field(default=(), description="a table of numbers and quantities such as '20 ms'")
_Count = Annotated[int, Field(ge=1)]
_Seed = Annotated[int, Field(ge=0, lt=2**63)]
_AnySection = TypeVar("_AnySection", bound="Section")


class Section(BaseModel):
    """A table of a study file. The description of each key says what it must be; the error messages repeat it."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class WeightsSection(Section):
    """Initial weights and fixed feedback: each mean is divided by the fan-in, each deviation by its square root."""

    hidden_mean: float = Field(default=0.0, description="a number")
    hidden_std: float = Field(default=9.0, ge=0, description="a number from 0")
    readout_mean: float = Field(default=0.0, description="a number")
    readout_std: float = Field(default=1.0, ge=0, description="a number from 0")
    feedback_std: float = Field(default=1.0, ge=0, description="a number from 0")


class NetworkSection(Section):
    """The network between a task's inputs and outputs."""

    hidden: Annotated[tuple[_Count, ...], BeforeValidator(_tuple)] = Field(
        default=(60, 60), min_length=1, description="a list of one layer size or more, whole numbers from 1"
    )
    neuron: str = Field(default="lif", description="the name of a neuron model")
    neuron_parameters: Parameters = _TABLE
    readout: str = Field(default="leaky_integrator", description="the name of a neuron model")
    readout_parameters: Parameters = _TABLE
    surrogate: str = Field(default="fast_sigmoid", description="the name of a surrogate")
    surrogate_parameters: Parameters = _TABLE
    loss: str = Field(default="cross_entropy", description="the name of a loss")
    weights: WeightsSection = Field(default=WeightsSection(), description="a table")


class TrainSection(Section):
    """How the weights are updated."""

    epochs: int = Field(default=10, ge=1, description="a whole number from 1")
    batch: int = Field(default=32, ge=1, description="a whole number of trials from 1")
    optimizer: str = Field(default="adam", description="the name of an optimizer")
    optimizer_parameters: Parameters = _TABLE
    learning_rate: float = Field(default=0.005, gt=0, description="a number above 0")
    learning_rate_decay: float = Field(default=1.0, gt=0, description="a number above 0, the factor per epoch")
    chunk: int = Field(default=256, ge=1, description="a whole number of trials from 1")


class MeasureSection(Section):
    """What is looked at along the way."""

    probe: int = Field(default=128, ge=0, description="a whole number of trials from 0")
    evaluate_every: int = Field(default=1, ge=1, description="a whole number of epochs from 1")


class TaskSection(Section):
    """A task of the grid, with what it changes in `[network]` and `[train]`."""

    name: str = Field(description="the name of a task")
    parameters: Parameters = _TABLE
    network: NetworkSection = Field(default=NetworkSection(), description="a table")
    train: TrainSection = Field(default=TrainSection(), description="a table")


class RuleSection(Section):
    """A rule of the grid, with what it changes in `[train]`."""

    name: str = Field(description="the name of a rule")
    feedback: str = Field(default="", description="the name of a feedback pathway")
    parameters: Parameters = _TABLE
    train: TrainSection = Field(default=TrainSection(), description="a table")


class StudySpec(Section):
    """A study file, as written."""

    question: str = Field(min_length=1, description="a sentence, the question that the study answers")
    seeds: Annotated[tuple[_Seed, ...], BeforeValidator(_tuple), AfterValidator(_different)] = Field(
        min_length=1, description="a list of one or more whole numbers from 0, all different"
    )
    network: NetworkSection = Field(default=NetworkSection(), description="a table")
    train: TrainSection = Field(default=TrainSection(), description="a table")
    measure: MeasureSection = Field(default=MeasureSection(), description="a table")
    task: Annotated[tuple[TaskSection, ...], BeforeValidator(_tuple)] = Field(
        min_length=1, description="one or more tables [[task]]"
    )
    rule: Annotated[tuple[RuleSection, ...], BeforeValidator(_tuple)] = Field(
        min_length=1, description="one or more tables [[rule]]"
    )
    _path: Path = PrivateAttr(default=Path("study.toml"))

    @property
    def path(self) -> Path:
        """Where the study file is."""
        return self._path

    @property
    def name(self) -> str:
        """What the study is called: its file, or the folder of a `study.toml`."""
        return self._path.resolve().parent.name if self._path.name == "study.toml" else self._path.stem


class RunConfig(Section):
    """One run with every override resolved and every parameter filled in: hashable, and the same again from JSON."""

    study: str
    task: str
    task_parameters: Parameters
    rule: str
    feedback: str
    parameters: Parameters
    seed: int
    network: NetworkSection
    train: TrainSection
    measure: MeasureSection


def load_study(path: str | Path) -> StudySpec:
    """Return the study that a file describes.

    Parameters
    ----------
    path : str or Path
        Of the TOML file.

    Raises
    ------
    StudyError
        Where it cannot be read, a key is unknown or missing, or a value is not what it must be.
    """
    path = Path(path)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StudyError(f"{path}: the study file cannot be read ({error.strerror}).") from error
    except ValueError as error:
        raise StudyError(f"{path} is not TOML: {error}.") from error
    try:
        spec = StudySpec.model_validate(data)
    except ValidationError as error:
        # A misspelt key is also a missing one; its spelling is the better news.
        first = min(error.errors(), key=lambda item: item["type"] != "extra_forbidden")
        raise StudyError(_translated(first["type"], first["loc"], data, str(path))) from error
    spec._path = path
    return spec


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
    _resolved_train(spec.train, str(spec.path))
    seen: dict[object, str] = {}
    configs = []
    for number, task in enumerate(spec.task, 1):
        at_task = f"{spec.path}, [[task]] {number}"
        chosen_task: dict[str, Any] = {
            "task": task.name,
            "task_parameters": _task_parameters(task, registry, at_task),
            "network": _resolved_network(_merged(spec.network, task.network), registry, at_task),
        }
        train = _merged(spec.train, task.train)
        entry = (*chosen_task.values(), _resolved_train(train, at_task))
        _once(seen, entry, f"task '{task.name}' with this network, training", at_task)
        for index, rule in enumerate(spec.rule, 1):
            at_rule = f"{spec.path}, [[rule]] {index}"
            chosen_rule = _chosen_rule(rule, registry, at_rule)
            _once(seen, (number, *chosen_rule.values()), f"rule '{rule.name}' with this feedback", at_rule)
            resolved = _resolved_train(_merged(train, rule.train), at_rule)
            configs += [
                RunConfig(
                    study=spec.name, seed=seed, train=resolved, measure=spec.measure, **chosen_task, **chosen_rule
                )
                for seed in spec.seeds
            ]
    return tuple(configs)


def skip_reason(config: RunConfig) -> str:
    """Return why a rule cannot run on a task, or an empty text where it can."""
    return ""


def run_id(
    config: RunConfig, rule: Rule, task_checksum: str, code_version: str, models: Iterable[NeuronModel] = ()
) -> str:
    """Return the name of a run's result: a hash of all that the result depends on.

    Parameters
    ----------
    config : RunConfig
        Of the run. The study's name and the chunk size change no number and do not count.
    rule : Rule
        With its equations.
    task_checksum : str
        Of the data, by `checksum`.
    code_version : str
        Of the workbench.
    models : iterable of NeuronModel
        Of the hidden layers and of the readout, which may come from plugins as the rule may.

    Returns
    -------
    str
        16 hexadecimal digits.
    """
    resolved = config.model_dump(mode="json", exclude={"study": True, "train": {"chunk"}})
    content = [resolved, dataclasses.asdict(rule), task_checksum, code_version, [dataclasses.asdict(m) for m in models]]
    return hashlib.sha256(canonical(content).encode()).hexdigest()[:16]


def canonical(content: object) -> str:
    """Return JSON text that is the same for equal content."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)


def checksum(data: TaskData) -> str:
    """Return a hash of all numbers of a task's data."""
    digest = hashlib.sha256(canonical([data.n_inputs, data.n_outputs, data.n_steps, data.dt]).encode())
    for split in (data.train, data.validation, data.test):
        for array in (split.start, split.step, split.neuron, split.target):
            digest.update(f"{array.dtype.str}{array.shape}".encode())
            digest.update(array.tobytes())
    return digest.hexdigest()


def _translated(kind: str, loc: tuple[int | str, ...], data: Any, path: str) -> str:
    """Return one of Pydantic's errors as a sentence: where, what must hold, what was given."""
    where, keys, must_be = path, [""], ""
    model: type[Section] | None = StudySpec
    for part in loc:
        # Deeper parts lie within a value, and it is the value as a whole that the description is about.
        if model is None or (isinstance(part, int) and not isinstance(data[part], dict)):
            break
        if isinstance(part, int):
            where, keys, data = f"{path}, [[{keys[0]}]] {part + 1}", [], data[part]
            continue
        keys = [*filter(None, keys), part]
        if part not in model.model_fields:
            return f"{where}: '{'.'.join(keys)}' is not a key. {nearest(part, model.model_fields)}"
        field = model.model_fields[part]
        must_be, data = str(field.description), data.get(part)
        kinds = (field.annotation, *get_args(field.annotation))
        model = next((each for each in kinds if isinstance(each, type) and issubclass(each, Section)), None)
    if kind == "missing":
        return f"{where}: '{'.'.join(keys)}' is missing; it must be {must_be}."
    return f"{where}: '{'.'.join(keys)}' must be {must_be}, not {_given(data)}."


def _given(value: object) -> str:
    text = f"'{value}'" if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."


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
            update[name] = _pairs(kept | dict(update.get(name, ())))
        elif isinstance(update.get(name), Section):
            update[name] = _merged(getattr(base, name), update[name])
    return base.model_copy(update=update)


def _resolved_network(network: NetworkSection, registry: Registry, where: str) -> NetworkSection:
    """Return a network whose names exist, with all parameters filled in."""
    filled = {}
    for role in ("neuron", "readout"):
        with _located(where):
            model = registry.neuron(getattr(network, role))
        values = _filled(getattr(network, f"{role}_parameters"), dict(model.parameters), f"{where}: '{model.name}'")
        with _located(where):
            model.with_parameters(dict(values))
        filled[f"{role}_parameters"] = values
    if model.spiking:
        raise StudyError(f"{where}: the readout must not spike, but '{model.name}' does. Name one with an `output`.")
    surrogate = _named(SURROGATES, network.surrogate, "a surrogate", where)
    _named(LOSSES, network.loss, "a loss", where)
    defaults: dict[str, Value] = {"gamma": surrogate.gamma, "beta": surrogate.beta}
    filled["surrogate_parameters"] = _filled(network.surrogate_parameters, defaults, f"{where}: '{surrogate.name}'")
    return network.model_copy(update=filled)


def _resolved_train(train: TrainSection, where: str) -> TrainSection:
    optimizer = _named(OPTIMIZERS, train.optimizer, "an optimizer", where)
    values = _filled(train.optimizer_parameters, dict(optimizer.parameters), f"{where}: '{optimizer.name}'")
    return train.model_copy(update={"optimizer_parameters": values})


def _task_parameters(section: TaskSection, registry: Registry, where: str) -> Values:
    with _located(where):
        task = registry.task(section.name)
    return _filled_from(section.parameters, task.parameters, f"{where}: '{task.name}'")


def _chosen_rule(section: RuleSection, registry: Registry, where: str) -> dict[str, Any]:
    with _located(where):
        rule = registry.rule(section.name)
    feedback = section.feedback or rule.default_feedback
    if feedback not in rule.feedback_choices():
        hint = nearest(feedback, rule.feedback_choices())
        raise StudyError(f"{where}: rule '{rule.name}' does not take feedback '{feedback}'. {hint}")
    values = _filled_from(section.parameters, rule.parameters, f"{where}: '{rule.name}'")
    return {"rule": rule.name, "feedback": feedback, "parameters": values}


_Named = TypeVar("_Named")


def _named(known: Mapping[str, _Named], name: str, kind: str, where: str) -> _Named:
    if name not in known:
        raise StudyError(f"{where}: '{name}' is not {kind}. {nearest(name, known)}")
    return known[name]


def _filled_from(values: Values, parameters: Iterable[Parameter], owner: str) -> Values:
    for parameter in parameters:
        value = dict(values).get(parameter.name, parameter.default)
        if parameter.choices and value not in parameter.choices:
            hint = nearest(str(value), parameter.choices)
            raise StudyError(f"{owner}: parameter '{parameter.name}' cannot be {_given(value)}. {hint}")
    return _filled(values, {parameter.name: parameter.default for parameter in parameters}, owner)


def _filled(values: Values, defaults: Mapping[str, Value], owner: str) -> Values:
    """Return values for all parameters: those given, of the kind that the defaults are, and the other defaults."""
    filled = dict(defaults)
    for name, value in values:
        if name not in defaults:
            raise StudyError(f"{owner} has no parameter '{name}'. {nearest(name, defaults)}")
        needed = _kind(defaults[name])
        # A whole number may stand for a number, but not the other way about.
        if _kind(value) != needed and (needed, _kind(value)) != ("a number", "a whole number"):
            raise StudyError(f"{owner}: parameter '{name}' must be {needed}, not {_given(value)}.")
        filled[name] = float(value) if needed == "a number" else value
    return tuple(sorted(filled.items()))


def _kind(value: Value) -> str:
    if not isinstance(value, str):
        return "a whole number" if isinstance(value, int) else "a number"
    try:
        unit = read_quantity(value, "")[1]
    except WorkbenchError:
        return "a word"
    return f"a quantity in {unit}"
