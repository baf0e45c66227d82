"""The tables of a study file about populations and projections, with every name and parameter resolved."""

from workbench.catalogue.registry import Registry
from workbench.common.errors import StudyError
from workbench.declare.transmission import Transmission
from workbench.study.file.graph_sections import PopulationSection, ProjectionSection
from workbench.study.file.overrides import filled, filled_from
from workbench.study.file.reading import located
from workbench.study.file.section import Values
from workbench.text.quantities import canonical


def resolved_population(section: PopulationSection, registry: Registry, where: str) -> PopulationSection:
    """Return a population whose model exists, with all parameters filled in.

    Raises
    ------
    StudyError
        Where it does not, or a parameter is none of its.
    """
    if not section.neuron:
        if section.neuron_parameters:
            raise StudyError(f"{where}: 'neuron_parameters' are of a neuron, and none is named. Name one.")
        return section
    with located(where):
        model = registry.neuron(section.neuron)
    values = filled(section.neuron_parameters, dict(model.parameters), f"{where}: '{model.name}'", spread=True)
    with located(where):
        model.with_parameters(dict(values))
    return section.model_copy(update={"neuron_parameters": values})


def resolved_projection(section: ProjectionSection, registry: Registry, where: str) -> ProjectionSection:
    """Return a projection whose rule, transmission and constraint exist, with all parameters filled in.

    Raises
    ------
    StudyError
        Where one does not, what is said does not fit together, or a parameter is none of theirs.
    """
    limits = constraint_parameters(section.constraint, section.constraint_parameters, registry, where)
    drawn = section.model_fields_set & {"mean", "std", "sign"}
    if section.weight is not None and drawn:
        raise StudyError(f"{where}: '{min(drawn)}' is of weights that are drawn, and 'weight' gives them. Drop one.")
    if section.constraint and not section.plastic:
        raise StudyError(f"{where}: 'constraint' is of weights that learn, and these do not. Drop it.")
    delay = str(canonical(section.delay)) if section.delay else ""
    changed = {
        "constraint_parameters": limits,
        "delay": delay,
        "rule_parameters": _rule_parameters(section, registry, where),
        "transmits_parameters": _transmits_parameters(section, registry, where),
    }
    return section.model_copy(update=changed)


def each_delay(section: ProjectionSection, where: str) -> tuple[ProjectionSection, ...]:
    """Return a projection for each of its delays, or the one that it is where it has no list of them.

    Raises
    ------
    StudyError
        Where it has a delay besides.
    """
    if not section.delays:
        return (section,)
    if section.delay:
        raise StudyError(f"{where}: 'delay' is of one synapse, and 'delays' are of several. Drop one.")
    name = section.name or f"{section.source}_to_{section.target}"
    return tuple(
        section.model_copy(update={"name": f"{name}_{number}" if number > 1 else name, "delay": delay, "delays": ()})
        for number, delay in enumerate(section.delays, 1)
    )


def _rule_parameters(section: ProjectionSection, registry: Registry, where: str) -> Values:
    if not section.rule:
        for name in ("rule_parameters", "learning_rate"):
            if name in section.model_fields_set:
                raise StudyError(f"{where}: '{name}' is of a rule of these weights' own, and none is named. Name one.")
        return ()
    with located(where):
        rule = registry.rule(section.rule)
    values = filled_from(section.rule_parameters, rule.parameters, f"{where}: '{rule.name}'")
    with located(where):
        rule.with_parameters(dict(values))
    return values


def _transmits_parameters(section: ProjectionSection, registry: Registry, where: str) -> Values:
    if not section.transmits:
        if section.transmits_parameters:
            raise StudyError(f"{where}: 'transmits_parameters' are of a transmission, and none is named. Name one.")
        return ()
    with located(where):
        transmission = registry.named(Transmission, section.transmits)
    values = filled(section.transmits_parameters, dict(transmission.parameters), f"{where}: '{transmission.name}'")
    with located(where):
        transmission.with_parameters(dict(values))
    return values


def constraint_parameters(name: str, given: Values, registry: Registry, where: str) -> Values:
    """Return the parameters of a constraint of a name, all filled in; none where no constraint is named."""
    if not name:
        if given:
            raise StudyError(f"{where}: 'constraint_parameters' are of a constraint, and none is named. Name one.")
        return ()
    with located(where):
        constraint = registry.constraint(name)
    return filled(given, dict(constraint.parameters), f"{where}: '{constraint.name}'")
