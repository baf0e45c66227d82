"""From the configuration of a run to the things that make it: data, network, setup, first state."""

from dataclasses import dataclass, replace

import numpy as np

from workbench.catalogue.registry import Registry
from workbench.common.errors import StudyError
from workbench.common.importing import import_brian2
from workbench.declare.constraint import Constraint
from workbench.declare.decision import Decision
from workbench.declare.feedback import refusal
from workbench.declare.network import Network
from workbench.declare.rule import Rule
from workbench.declare.task import SPLITS, TaskData
from workbench.declare.trials import TrialFormat
from workbench.engine.compiled.cache import rehearsed
from workbench.engine.presentation import room_for
from workbench.engine.state import State
from workbench.model.setup import Setup
from workbench.model.structure import structure_of
from workbench.study.file.sections import NetworkSection
from workbench.study.file.spec import RunConfig
from workbench.study.run.initial_weights import initial_state
from workbench.text.quantities import read_quantity

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
        Network, rule, feedback, optimizer.
    state : State
        Initial weights and fixed feedback.
    """

    data: TaskData
    setup: Setup
    state: State


def assemble(config: RunConfig, registry: Registry) -> Assembled:
    """Return what a run consists of; equal seeds give equal weights and data order to every rule.

    Raises
    ------
    WorkbenchError
        Where the configuration does not fit together.
    """
    data = registry.task(config.task).data(**dict(config.task_parameters))
    setup = make_setup(config, data.format, event_capacity(data), registry)
    return Assembled(data, setup, initial_state(setup, setup.rule, config.network, config.seed))


def make_setup(config: RunConfig, wanted: TrialFormat, capacity: int, registry: Registry) -> Setup:
    """Return network, rule, feedback and optimizer of a run, for a task's trials and room for their input spikes."""
    optimizer = registry.optimizer(config.train.optimizer).with_parameters(
        {name: float(value) for name, value in config.train.optimizer_parameters}
    )
    network = make_network(config.network, wanted, registry)
    rule = registry.rule(config.rule).with_parameters(dict(config.parameters))
    return Setup(
        network=network,
        rule=rule,
        feedback=registry.pathway(config.feedback),
        feedback_decay=config.train.feedback_decay,
        optimizer=optimizer,
        every=config.train.every,
        constraints=_constraints(config, network, rule, registry),
        trial_capacity=TRIAL_CAPACITY,
        targets=wanted.targets,
        form=config.form,
        precision=config.precision,
        event_capacity=capacity,
    )


def _constraints(
    config: RunConfig, network: Network, rule: Rule, registry: Registry
) -> tuple[tuple[str, tuple[Constraint, ...]], ...]:
    """Return what a study says of the weights that a rule trains; nothing where the rule's own holds."""
    if not config.train.constraint:
        return ()
    numbers = {name: float(value) for name, value in config.train.constraint_parameters}
    constraint = registry.constraint(config.train.constraint).with_parameters(numbers)
    trained = [item.name for item in network.projections if item.target != "readout" or rule.trains_readout]
    return tuple((name, (constraint,)) for name in trained)


def reason_to_skip(config: RunConfig, registry: Registry) -> str:
    """Return why a rule cannot run in a network; empty where it can."""
    network = config.network
    neuron, loss, targets = (
        registry.neuron(network.neuron),
        registry.loss(network.loss),
        registry.task(config.task).targets,
    )
    rule = registry.rule(config.rule)
    if not network.hidden and rule.has_equations and not rule.trains_readout:
        return "It trains hidden layers, and the network has none."
    if rule.is_exact_gradient and config.train.every not in ("", "batch"):
        return f"Its gradient is that of whole trials, and weights are to change every '{config.train.every}'."
    own = rule.written_for.refuses(network.neuron, network.readout, targets)
    return own or loss.refuses(targets) or refusal(registry.pathway(config.feedback), neuron, loss, targets)


def rehearse(config: RunConfig, registry: Registry) -> None:
    """Build the network of a run with one neuron a layer, to see that its equations hold together.

    Raises
    ------
    WorkbenchError
        Where they do not.
    """
    one = TrialFormat(1, 1, 1, 1e-3, (0, 1), registry.task(config.task).targets)
    # Delays are whole steps of the task's data, which are not at hand here.
    section = config.network.model_copy(update={"hidden": (1,) * len(config.network.hidden), "delays": ()})
    setup = make_setup(config.model_copy(update={"network": section}), one, 2, registry)

    def build() -> None:
        import_brian2()
        from workbench.model.brian2_session import numpy_code
        from workbench.model.build import build_model

        with numpy_code():
            # The exact gradient is read off the clock-driven form, whatever is run.
            for form in dict.fromkeys((setup.resolved_form, "clock")):
                build_model(replace(setup, form=form))

    if config.target == "numpy":
        build()
    else:
        # Whether neurons spike before anything has reached them hangs on their numbers, too.
        models = [(model.values(), model.first_values()) for model in (setup.network.neuron, setup.network.readout)]
        rehearsed(structure_of(setup) | {"neurons": models}, build)


def make_network(section: NetworkSection, wanted: TrialFormat, registry: Registry) -> Network:
    """Return the network that a study file describes, for the trials of a task."""
    surrogate = registry.surrogate(section.surrogate)
    numbers = {name: float(value) for name, value in section.surrogate_parameters}
    return Network(
        n_inputs=wanted.n_inputs,
        hidden=section.hidden,
        recurrent=section.recurrent,
        delays=tuple((name, _steps(value, name, wanted.dt)) for name, value in section.delays),
        n_outputs=wanted.n_outputs,
        neuron=registry.neuron(section.neuron).with_parameters(dict(section.neuron_parameters)),
        readout=registry.neuron(section.readout).with_parameters(dict(section.readout_parameters)),
        surrogate=surrogate.with_parameters(numbers),
        loss=registry.loss(section.loss),
        decision=registry.named(Decision, section.decision),
        n_steps=wanted.n_steps,
        dt=wanted.dt,
        window=wanted.window,
        scale_surrogate=section.scale_surrogate,
    )


def _steps(value: str | float, name: str, dt: float) -> int:
    """Return a delay as a number of steps."""
    seconds, unit = read_quantity(value, f"Delay to '{name}'")
    # Beyond, the numbers of a machine are not dense enough for steps.
    within = unit == "second" and abs(seconds / dt) < 2**31
    steps = round(seconds / dt) if within else 0
    if not within or abs(seconds - steps * dt) > 1e-6 * dt:
        raise StudyError(
            f"The delay to '{name}' must be a time of whole steps of {dt / 1e-3:g} ms, such as '{2 * dt / 1e-3:g} ms', "
            f"not '{value}'."
        )
    return steps


def event_capacity(data: TaskData) -> int:
    """Return room for the input spikes of a run."""
    return max(room_for(np.diff(getattr(data, name).start), TRIAL_CAPACITY) for name in SPLITS)
