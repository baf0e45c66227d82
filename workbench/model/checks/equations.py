"""Names and units of the equations that users write, checked before anything is built and told in their own words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from brian2 import DimensionMismatchError, second
from brian2.core.functions import DEFAULT_FUNCTIONS, Function
from brian2.core.variables import Variable
from brian2.parsing.expressions import parse_expression_dimensions
from brian2.units.fundamentalunits import DIMENSIONLESS, Dimension

from workbench.common.errors import ModelError, RuleError, WorkbenchError, nearest
from workbench.declare.feedback import FEEDBACK, Pathway, refusal
from workbench.declare.neuron import NeuronModel
from workbench.declare.rule import Rule
from workbench.declare.rule_parts import OnStep
from workbench.model.checks.reserved_names import refuse_taken
from workbench.model.lone_neuron import refuse_spikes_at_start
from workbench.model.renaming import DRIVE, SPIKED
from workbench.model.setup import Setup
from workbench.text.equation_text import read_equations, subexpressions
from workbench.text.equations import Differential, dimension_of, parse_differential, unit_name
from workbench.text.quantities import IN_EQUATIONS, UNITS
from workbench.text.syntax import calls, identifiers, is_condition, statements
from workbench.text.well_formed import LONGEST, legible

#: Functions that draw numbers; these would repeat in each run of a program, and differ between targets.
_RANDOM = {name for name, item in DEFAULT_FUNCTIONS.items() if isinstance(item, Function) and not item.stateless}

#: The dimension of each name that a text may read.
Units = Mapping[str, Dimension]


@cache
def _units_in_equations() -> dict[str, Dimension]:
    """Return the dimension of each unit that equations may name."""
    return {name: dimension_of(UNITS[name][1]) for name in IN_EQUATIONS}


@dataclass(frozen=True)
class _Text:
    """A piece of equation text, and who wrote it.

    Attributes
    ----------
    owner, field : str
        E.g. ``Rule 'dcll'`` and ``pre``: the start of an error message.
    error : type
        The error to raise.
    """

    owner: str
    field: str
    error: type[WorkbenchError]

    @property
    def where(self) -> str:
        """The start of a message about the text as a whole."""
        return f"{self.owner}, `{self.field}`"

    def equations(self, text: str) -> tuple[Differential, ...]:
        """Return the differential equations of the text."""
        return parse_differential(text, self.where, self.error)

    def unit_of(self, expression: str, known: Units, line: int) -> Dimension:
        """Return an expression's unit, or raise where it reads a name that nothing defines or adds unlike units."""
        where = f"{self.owner}, line {line} of `{self.field}`"
        try:
            legible(expression)
        except ModelError as error:
            raise self.error(f"{where}: {error}") from None
        try:
            read = identifiers(expression)
            units = _units_in_equations() | dict(known)
            for name in sorted(read):
                if name not in units:
                    raise self.error(
                        f"{where}: '{expression}' reads '{name}', which nothing defines. {nearest(name, known)}"
                    )
            # Those that are read and no others: a model has some 200 names, and its expressions a few each.
            named = (read | calls(expression)) & units.keys()
            variables = {name: Variable(name, dimensions=units[name]) for name in named}
            for name in sorted(calls(expression) & _RANDOM):
                raise self.error(
                    f"{where}: '{expression}' draws random numbers by '{name}'. Noise belongs to the task."
                )
            return parse_expression_dimensions(expression, variables | DEFAULT_FUNCTIONS)
        except (DimensionMismatchError, TypeError, ValueError, SyntaxError) as error:
            raise self.error(f"{where}: {' '.join(str(error).split())}") from error

    def need(self, what: str, found: Dimension, needed: Dimension, remedy: str) -> None:
        """Refuse a unit other than the one that is needed."""
        if found != needed:
            raise self.error(
                f"{self.where}: {what} is in {unit_name(found)}, but must be in {unit_name(needed)}; {remedy}."
            )

    def check_equations(self, equations: tuple[Differential, ...], known: Units) -> None:
        """Refuse an equation whose right side has not the unit of its left side."""
        for item in equations:
            found = self.unit_of(item.expression, known, item.line)
            needed = known[item.name] / second.dim
            if found != needed:
                raise self.error(
                    f"{self.owner}, line {item.line} of `{self.field}`: '{item.expression}' has unit "
                    f"{unit_name(found)}, but 'd{item.name}/dt' with '{item.name} : {item.unit}' needs "
                    f"{unit_name(needed)}. "
                    f"Declare '{item.name} : {unit_name(found * second.dim)}', or mend the expression."
                )

    def check_subexpressions(self, text: str, known: Units) -> None:
        """Refuse a subexpression whose right side has not the unit that it is declared in."""
        written_out = subexpressions(text, self.where, self.error)
        for item in read_equations(text, self.where, self.error):
            if item.kind == "subexpression":
                where = f"{self.owner}, line {item.line} of `{self.field}`"
                found = self.unit_of(written_out[item.name], known, item.line)
                if found != dimension_of(item.unit, where, self.error):
                    raise self.error(
                        f"{where}: '{item.expression}' has unit {unit_name(found)}, but '{item.name}' is declared in "
                        f"'{item.unit}'. Declare '{item.name} = ... : {unit_name(found)}', or mend the expression."
                    )

    def check_statements(self, text: str, targets: Units, known: Units) -> None:
        """Refuse a statement that sets a name that it may not, or to a value of another unit."""
        for line, code in enumerate(text.splitlines(), 1):
            if len(code) > LONGEST:
                raise self.error(f"{self.where}, line {line}: has {len(code)} characters, of {LONGEST} at most.")
            where = f"{self.owner}, line {line} of `{self.field}`"
            try:
                pairs = statements(code)
            except ModelError as error:
                raise self.error(f"{where}: {error}") from error
            for target, expression in pairs:
                if target not in targets:
                    raise self.error(f"{where}: sets '{target}', which is not its own. {nearest(target, targets)}")
                found = self.unit_of(expression, known, line)
                if found != targets[target]:
                    needed = unit_name(targets[target])
                    raise self.error(f"{where}: '{code.strip()}' sets '{target}' in {needed} to a {unit_name(found)}.")


def check(setup: Setup) -> None:
    """Refuse a setup whose neuron models or rule have names or units that do not fit together.

    Parameters
    ----------
    setup : Setup
        Of which only the texts are looked at.

    Raises
    ------
    ModelError
        With the line of the neuron model.
    RuleError
        With the line of the rule.
    """
    network = setup.network
    setup = replace(setup, rule=setup.rule.written_out(whole=True))
    # What names are taken depends on the pathway.
    known = setup.feedback if isinstance(setup.feedback, Pathway) else FEEDBACK.get(setup.feedback)
    if setup.rule.has_equations and (known is None or not known.suits(setup.rule.signal)):
        named = known.name if known is not None else setup.feedback
        raise RuleError(
            f"Rule '{setup.rule.name}': feedback '{named}' is none of its pathways. "
            f"{nearest(str(named), setup.rule.feedback_choices())}"
        )
    refuse_taken(setup)
    for model in (network.neuron, network.readout):
        _check_neuron(model)
    refuse_spikes_at_start(network)
    if setup.targets == "spikes" and not network.readout.spiking:
        raise ModelError(
            f"The task wants spikes, and readout '{network.readout.name}' has none. Set network.readout = "
            '"lif_train".'
        )
    if network.loss.refuses(setup.targets):
        raise ModelError(network.loss.refuses(setup.targets))
    if setup.rule.has_equations:
        _check_rule(setup.rule, network.neuron, network.readout)
        own = setup.rule.written_for.refuses(network.neuron.name, network.readout.name, setup.targets)
        if own:
            raise RuleError(f"Rule '{setup.rule.name}': {own}")
        if setup.rule.trains_readout and network.recurrent:
            raise RuleError(
                f"Rule '{setup.rule.name}' trains the readout too, which it cannot beside recurrent layers."
            )
        reason = refusal(setup.pathway, network.neuron, network.loss, setup.targets)
        if reason:
            raise RuleError(f"Rule '{setup.rule.name}': {reason}")


@lru_cache(maxsize=256)
def _check_neuron(model: NeuronModel) -> None:
    owner = f"Neuron '{model.name}'"
    text = _Text(owner, "equations", ModelError)
    equations = text.equations(model.equations)
    states = _states(equations)
    known = states | _parameters(model)
    if "I" not in states:
        raise ModelError(f"{owner}, `equations`: 'I' must be defined, which collects what arrives: 'dI/dt = ... : 1'.")
    text.need("'I'", states["I"], DIMENSIONLESS, "weights have no unit, so give it one where it is read")
    text.check_equations(equations, known)
    _check_first_values(model, states)
    text.check_subexpressions(model.equations, known)
    model = model.plain()
    if model.spiking:
        drive = _Text(owner, "drive", ModelError)
        remedy = "surrogates have no unit, so divide it by a parameter that has this one"
        unit = drive.unit_of(model.drive, known, 1)
        if is_condition(model.drive):
            raise ModelError(
                f"{drive.where}: '{model.drive}' is a condition, and a number is needed, which is compared with 0. "
                "Write 'v - v_th' for 'v > v_th'."
            )
        drive.need(f"'{model.drive}'", unit, DIMENSIONLESS, remedy)
        _Text(owner, "reset", ModelError).check_statements(model.reset, states, known)
        for name in model.adapts:
            if name not in states:
                raise ModelError(f"{owner}: `adapts` names '{name}', which nothing defines. {nearest(name, states)}")
        if model.refractory:
            refractory = _Text(owner, "refractory", ModelError)
            refractory.unit_of(f"int({model.refractory})", known | {"dt": second.dim}, 1)
    if model.pooled and not model.spiking:
        raise ModelError(f"{owner}: `pooled` counts spikes, and the neuron has none. Drop it.")
    _Text(owner, "pooled", ModelError).check_statements(model.pooled, states, known | {"pooled": DIMENSIONLESS})
    if model.output and model.output not in states:
        raise ModelError(
            f"{owner}: `output` is '{model.output}', which nothing defines. {nearest(model.output, states)}"
        )
    if model.output:
        remedy = "losses have no unit, so divide its equation by a parameter that has this one"
        text.need(f"the output '{model.output}'", states[model.output], DIMENSIONLESS, remedy)


def _check_first_values(model: NeuronModel, states: Units) -> None:
    """Refuse first values of what is no variable of the neuron, or in another unit than the variable."""
    for name, unit in model.first_units().items():
        text = _Text(f"Neuron '{model.name}'", "initial", ModelError)
        if name not in states:
            raise ModelError(f"{text.where} sets '{name}', which nothing defines. {nearest(name, states)}")
        text.need(f"the first value of '{name}'", dimension_of(unit), states[name], "give it the variable's own unit")


@lru_cache(maxsize=256)
def _check_rule(rule: Rule, neuron: NeuronModel, readout: NeuronModel) -> None:
    texts = {name: _Text(f"Rule '{rule.name}'", name, RuleError) for name in ("pre", "pre_on_spike", "post", "synapse")}
    numbers = {name: dimension_of(unit) for name, unit in rule.units().items()}
    target = _parameters(neuron, "_post") | numbers
    pre = texts["pre"].equations(rule.pre)
    texts["pre"].check_equations(pre, _states(pre) | target)
    texts["pre"].check_subexpressions(rule.pre, _states(pre) | target)
    texts["pre_on_spike"].check_statements(rule.pre_on_spike, _states(pre), _states(pre) | numbers)
    post = texts["post"].equations(rule.post)
    synapse = texts["synapse"].equations(rule.synapse)
    hidden = _hidden_names(rule, neuron) | _states(post) | _states_of(rule.on_step)
    outputs = (
        _output_names(rule, readout) | (_states(post) if rule.trains_readout else {}) | _states_of(rule.output_step)
    )
    _check_step(rule, "on_step", rule.on_step, neuron, hidden | _parameters(neuron) | numbers)
    told = {"target": DIMENSIONLESS} | _parameters(readout) | numbers
    _check_step(rule, "output_step", rule.output_step, readout, outputs | told)
    # What learns by the rule finds in its target what the rule reads there.
    ends = [(hidden, neuron)] + ([(outputs, readout)] if rule.trains_readout else [])
    for own, model in ends:
        of_target = own | _parameters(model) | numbers | {"dt": second.dim}
        texts["post"].check_equations(post, of_target)
        texts["post"].check_subexpressions(rule.post, of_target)
        known = _states(synapse) | _states(pre, "_pre") | _parameters(model, "_post") | numbers
        known |= _parameters(readout, "_readout") | {f"{SPIKED}_pre": DIMENSIONLESS}
        known |= {f"{name}_post": unit for name, unit in own.items()} | {"w": DIMENSIONLESS, "dt": second.dim}
        texts["synapse"].check_equations(synapse, known)
        texts["synapse"].check_subexpressions(rule.synapse, known)
    texts["synapse"].need("'g'", _states(synapse)["g"], second.dim, "the host divides by time")
    for item in synapse:
        if "g" in identifiers(item.expression):
            raise RuleError(
                f"Rule '{rule.name}', line {item.line} of `synapse`: '{item.expression}' reads 'g', which only adds up "
                "until the host takes it. Give what it should read a variable of its own."
            )
    if rule.signal is not None:
        relay = _Text(f"Rule '{rule.name}'", "relay", RuleError)
        relay.unit_of(rule.signal.relay, hidden | _parameters(neuron) | numbers, 1)
        handed = ("error", *(() if rule.output_step is None else rule.output_step.state))
        if rule.signal.source not in handed:
            raise RuleError(
                f"Rule '{rule.name}': its signal comes from '{rule.signal.source}', no state of its `output_step`. "
                f"{nearest(rule.signal.source, handed)}"
            )


def _hidden_names(rule: Rule, neuron: NeuronModel) -> dict[str, Dimension]:
    """Return what a rule may read of a hidden neuron, besides its parameters and the rule's own."""
    names = _states(_Text(f"Neuron '{neuron.name}'", "equations", ModelError).equations(neuron.equations))
    signal = {} if rule.signal is None else {rule.signal.name: DIMENSIONLESS}
    return names | signal | {"psi": DIMENSIONLESS, DRIVE: DIMENSIONLESS, SPIKED: DIMENSIONLESS}


def _output_names(rule: Rule, readout: NeuronModel) -> dict[str, Dimension]:
    """Return the same of an output."""
    names = _states(_Text(f"Neuron '{readout.name}'", "equations", ModelError).equations(readout.equations))
    spiking = {"psi": DIMENSIONLESS, SPIKED: DIMENSIONLESS} if readout.spiking else {}
    return names | spiking | {"error": DIMENSIONLESS}


def _states_of(step: OnStep | None) -> dict[str, Dimension]:
    return {} if step is None else dict.fromkeys(step.state, DIMENSIONLESS)


def _check_step(rule: Rule, field: str, step: OnStep | None, model: NeuronModel, known: Units) -> None:
    """Refuse statements of a rule that set what they may not, or read what is not there."""
    if step is None:
        return
    text = _Text(f"Rule '{rule.name}'", field, RuleError)
    names = _states(_Text(f"Neuron '{model.name}'", "equations", ModelError).equations(model.equations))
    for name in step.writes:
        if name not in names:
            raise RuleError(f"{text.where} writes '{name}', which is not of the neuron. {nearest(name, names)}")
    may_set = _states_of(step) | {name: names[name] for name in step.writes}
    may_set |= {"error": DIMENSIONLESS} if field == "output_step" else {}
    seen = dict(known) | {"dt": second.dim, "elapsed": DIMENSIONLESS, "ends": DIMENSIONLESS}
    text.check_statements(step.code, may_set, seen)


def _states(equations: tuple[Differential, ...], suffix: str = "") -> dict[str, Dimension]:
    return {f"{item.name}{suffix}": dimension_of(item.unit) for item in equations}


def _parameters(model: NeuronModel, suffix: str = "") -> dict[str, Dimension]:
    return {f"{name}{suffix}": dimension_of(unit) for name, unit in model.units().items()}
