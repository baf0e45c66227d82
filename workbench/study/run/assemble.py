"""From the configuration of a run to the things that make it: data, network, setup, first state."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from workbench.catalogue.registry import Registry
from workbench.common.errors import StudyError
from workbench.common.importing import import_brian2
from workbench.declare.constraint import Constraint
from workbench.declare.feedback import Pathway, refusal
from workbench.declare.network import Network
from workbench.declare.options import Target
from workbench.declare.rule import Rule
from workbench.declare.task import SPLITS, TaskData
from workbench.declare.trial_format import TrialFormat
from workbench.declare.trials import Trials
from workbench.engine.compiled.cache import rehearsed
from workbench.engine.presentation import room_for
from workbench.engine.state import State
from workbench.model.setup import Setup
from workbench.model.structure import structure_of
from workbench.study.file.run_config import RunConfig
from workbench.study.file.section import Values
from workbench.study.run.drawn_data import drawn_by
from workbench.study.run.initial_weights import initial_state
from workbench.study.run.network import make_network, smallest, taught

#: Trials that one run of a program can present; part of its structure, so the same for all.
TRIAL_CAPACITY = 1024


@dataclass(frozen=True, eq=False)
class Assembled:
    """What a run consists of.

    Attributes
    ----------
    data : TaskData
        The task.
    setup : Setup
        Network, rule, feedback, optimizer: of a stage, where there are several.
    state : State
        Initial weights and fixed feedback.
    loaded : TaskData
        The task as it is for all seeds; `data` draws what it draws by the run's.
    """

    data: TaskData
    setup: Setup
    state: State
    loaded: TaskData


def assemble(config: RunConfig, registry: Registry) -> Assembled:
    """Return what a run consists of; equal seeds give equal weights and data order to every rule.

    Raises
    ------
    WorkbenchError
        Where the configuration does not fit together.
    """
    loaded = registry.task(config.task).data(**dict(config.task_parameters))
    setup = make_setup(config, loaded.format, event_capacity(loaded), registry)
    state = initial_state(setup, setup.rule, config.network, config.seed)
    return Assembled(drawn_by(loaded, config), setup, state, loaded)


def make_setup(config: RunConfig, wanted: TrialFormat, capacity: int, registry: Registry) -> Setup:
    """Return network, rule, feedback and optimizer of a run, for a task's trials and room for their input spikes."""
    optimizer = registry.optimizer(config.train.optimizer).with_parameters(
        {name: float(value) for name, value in config.train.optimizer_parameters}
    )
    network = make_network(config.network, wanted, registry, config.seed, config.train.fixed)
    rule = registry.rule(config.rule).with_parameters(dict(config.parameters))
    pathway = registry.pathway(config.feedback).with_parameters(dict(config.parameters))
    _refuse_unassigned(network)
    _refuse_no_phase(config, network, pathway)
    return Setup(
        network=network,
        rule=rule,
        feedback=pathway,
        feedback_decay=config.train.feedback_decay,
        feedback_noise=config.train.feedback_noise,
        optimizer=optimizer,
        every=config.train.every,
        constraints=_constraints(config, network, rule, registry),
        trial_capacity=TRIAL_CAPACITY,
        targets=wanted.targets,
        rewarded=wanted.rewarded,
        form=config.form,
        precision=config.precision,
        event_capacity=capacity,
    )


def _refuse_unassigned(network: Network) -> None:
    """Refuse neurons that are to stand for classes, where it is not plain which, or they have no spikes."""
    below = network.below_readout
    if not network.decision.assigns:
        return
    if len(below) != 1 or below[0] == "inputs" or not network.spikes(below[0]):
        told = ", ".join(f"'{name}'" for name in below)
        raise StudyError(
            f"Decision '{network.decision.name}' needs one layer or population of spiking neurons that reaches the "
            f"readout, to stand for classes, and {told} do. Change the projections, or network.decision."
        )


def _refuse_no_phase(config: RunConfig, network: Network, pathway: Pathway) -> None:
    """Refuse feedback weights that learn from noise where there is no phase of it, or no noise."""
    if pathway.rule is None:
        return
    if config.train.mirror.trials == 0:
        raise StudyError(
            f"Feedback '{pathway.name}' learns in a phase of its own, and there is none. "
            "Set train.mirror = { trials = 100 }."
        )
    if pathway.rule.reads_neurons and not network.neuron.noise:
        raise StudyError(
            f"Feedback '{pathway.name}' learns from noise, and neuron '{network.neuron.name}' draws none. "
            'Set network.neuron = "lif_noisy".'
        )


def _constraints(
    config: RunConfig, network: Network, rule: Rule, registry: Registry
) -> tuple[tuple[str, tuple[Constraint, ...]], ...]:
    """Return what a study says of weights; nothing where the rule's own holds."""
    found: dict[str, tuple[Constraint, ...]] = {}
    if config.train.constraint:
        chosen = _constraint(config.train.constraint, config.train.constraint_parameters, registry)
        trained = [item for item in network.all_projections if item.target != "readout" or rule.trains_readout]
        found |= {item.name: (chosen,) for item in trained if item.plastic}
    for section, projection in zip(config.network.projections, network.projections, strict=True):
        if section.constraint:
            found[projection.name] = (_constraint(section.constraint, section.constraint_parameters, registry),)
    return tuple(found.items())


def _constraint(name: str, parameters: Values, registry: Registry) -> Constraint:
    return registry.constraint(name).with_parameters({key: float(value) for key, value in parameters})


def reason_to_skip(config: RunConfig, registry: Registry) -> str:
    """Return why a rule cannot run in a network; empty where it can."""
    network = config.network
    loss, targets = registry.loss(network.loss), registry.task(config.task).targets
    rule = registry.rule(config.rule)
    beside = [item for item in network.populations if item.name in taught(network)]
    if not network.hidden and not beside and rule.has_equations and not rule.trains_readout:
        return "It trains hidden layers, and the network has none."
    if rule.follows_reference:
        reason = _no_gradient(config, rule, registry)
        if reason:
            return reason
    names = [*([network.neuron] if network.hidden else []), *(item.neuron or network.neuron for item in beside)]
    for name in dict.fromkeys(names or [network.neuron]):
        own = rule.written_for.refuses(name, network.readout, targets)
        reason = own or refusal(registry.pathway(config.feedback), registry.neuron(name), loss, targets, rule.signal)
        if reason:
            return reason
    return loss.refuses(targets)


def _no_gradient(config: RunConfig, rule: Rule, registry: Registry) -> str:
    """Return why the reference has no gradient for a rule; empty where nothing is known that speaks against it."""
    network = config.network
    if config.train.every not in ("", "batch"):
        return f"Its gradient is that of whole trials, and weights are to change every '{config.train.every}'."
    if any(item.rule for item in network.projections):
        return "Its gradient is taken outside of the network, in which some weights have a rule of their own."
    if rule.engine != "eventprop":
        return ""
    named = [network.neuron, network.readout, *(item.neuron for item in network.populations if item.neuron)]
    besides = {name: registry.neuron(name).besides_threshold for name in named}
    return next(
        (
            f"It moves spikes in time, and {what} has a part in those of '{name}'."
            for name, what in besides.items()
            if what
        ),
        "",
    )


def rehearse(config: RunConfig, registry: Registry) -> None:
    """Build the network of a run with few neurons a layer, to see that its equations hold together.

    Raises
    ------
    WorkbenchError
        Where they do not.
    """
    task = registry.task(config.task)
    for stage in config.in_stages():
        # What a rule brings along may reach all neurons but those of its own number.
        size = 1 if registry.rule(stage.rule).circuit is None else 2
        few = TrialFormat(1, size, 1, 1e-3, (0, 1), task.targets, task.rewarded)
        small = stage.model_copy(update={"network": smallest(stage.network, size)})
        _rehearse(make_setup(small, few, 2, registry), config.target)


def _rehearse(setup: Setup, target: Target) -> None:
    def build() -> None:
        import_brian2()
        from workbench.model.brian2_session import numpy_code
        from workbench.model.build import build_model

        with numpy_code():
            # The exact gradient is read off the clock-driven form, whatever is run.
            for form in dict.fromkeys((setup.resolved_form, "clock")):
                build_model(replace(setup, form=form))

    if target == "numpy":
        build()
    else:
        # Whether neurons spike before anything has reached them hangs on their numbers, too.
        models = [
            (model.values(), model.first_values(), [] if model.is_uniform else [model.parameters, model.initial])
            for model in setup.network.models.values()
        ]
        rehearsed(structure_of(setup) | {"numbers of neurons": models}, build)


def event_capacity(data: TaskData) -> int:
    """Return room for the input spikes of a run."""
    return max(room_for(_most_events(getattr(data, name)), TRIAL_CAPACITY) for name in SPLITS)


def _most_events(trials: Trials) -> NDArray[np.int64]:
    """Return how many input spikes each trial has; where they are drawn, at most but for a chance in a billion."""
    if trials.chances is None:
        return np.asarray(np.diff(trials.start))
    expected = trials.chances.expected
    return np.asarray(np.ceil(expected + 6 * np.sqrt(expected) + 6), dtype=np.int64)
