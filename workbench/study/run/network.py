"""From the tables of a study file to the network that they describe."""

from workbench.catalogue.registry import Registry
from workbench.common.errors import StudyError
from workbench.declare.connectivity import Connectivity
from workbench.declare.decision import Decision
from workbench.declare.network import Network
from workbench.declare.population import Population
from workbench.declare.projection import Projection
from workbench.declare.transmission import Transmission
from workbench.declare.trial_format import TrialFormat
from workbench.study.file.graph_sections import PopulationSection, ProjectionSection
from workbench.study.file.section import Values
from workbench.study.file.sections import NetworkSection
from workbench.study.seeds import stream
from workbench.text.quantities import read_quantity
from workbench.text.spreads import first_of


def make_network(
    section: NetworkSection, wanted: TrialFormat, registry: Registry, seed: int, fixed: tuple[str, ...] = ()
) -> Network:
    """Return the network that a study file describes, for the trials of a task; the seed is of what is drawn."""
    surrogate = registry.surrogate(section.surrogate)
    numbers = {name: float(value) for name, value in section.surrogate_parameters}
    return Network(
        n_inputs=wanted.n_inputs,
        hidden=section.hidden,
        recurrent=section.recurrent,
        delays=tuple((name, _steps(value, name, wanted.dt)) for name, value in section.delays),
        populations=tuple(_population(item, registry) for item in section.populations),
        projections=tuple(_projection(item, wanted.dt, seed, registry) for item in section.projections),
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
        seed=int(stream("neurons", seed).integers(2**31)),
        fixed=fixed,
    )


def _population(section: PopulationSection, registry: Registry) -> Population:
    neuron = None
    if section.neuron:
        neuron = registry.neuron(section.neuron).with_parameters(dict(section.neuron_parameters))
    return Population(name=section.name, size=section.size, neuron=neuron)


def _projection(section: ProjectionSection, dt: float, seed: int, registry: Registry) -> Projection:
    name = section.name or f"{section.source}_to_{section.target}"
    connect = Connectivity(
        pattern=section.pattern,
        probability=section.probability,
        fan_in=section.fan_in,
        itself=section.itself,
        seed=int(stream("connections", seed).integers(2**31)),
    )
    transmits = None
    if section.transmits:
        transmits = registry.named(Transmission, section.transmits).with_parameters(dict(section.transmits_parameters))
    rule = registry.rule(section.rule).with_parameters(dict(section.rule_parameters)) if section.rule else None
    return Projection(
        name=name,
        source=section.source,
        target=section.target,
        connect=connect,
        receptor=section.receptor,
        delay=_steps(section.delay, name, dt) if section.delay else 0,
        plastic=section.plastic,
        rule=rule,
        learning_rate=section.learning_rate,
        transmits=transmits,
    )


def smallest(section: NetworkSection, size: int = 1) -> NetworkSection:
    """Return a network with few neurons a layer, each connected and without delays: it has the same texts.

    Delays are whole steps of a task's data, and neurons that reach none but others need two.
    """
    populations = tuple(
        item.model_copy(update={"size": 1, "neuron_parameters": _of_one(item.neuron_parameters)})
        for item in section.populations
    )
    plain = {"pattern": "all", "probability": 1.0, "fan_in": 0, "itself": True, "delay": ""}
    projections = tuple(item.model_copy(update=plain) for item in section.projections)
    changed = {
        "hidden": (size,) * len(section.hidden),
        "delays": (),
        "populations": populations,
        "projections": projections,
        "neuron_parameters": _of_one(section.neuron_parameters),
        "readout_parameters": _of_one(section.readout_parameters),
    }
    return section.model_copy(update=changed)


def _of_one(parameters: Values) -> Values:
    """Return parameters of neurons as one neuron can have them: of values that are given for each, the first."""
    return tuple((name, first_of(value) if isinstance(value, str) else value) for name, value in parameters)


def taught(section: NetworkSection) -> set[str]:
    """Return the layers and populations that weights beside the stack reach which learn by the rule of a row."""
    return {item.target for item in section.projections if item.plastic and not item.rule}


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
