"""Units and names of a piece of equation text, checked in the words of whoever wrote it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from brian2 import DimensionMismatchError, second
from brian2.core.functions import DEFAULT_FUNCTIONS, Function
from brian2.core.variables import Variable
from brian2.parsing.expressions import parse_expression_dimensions
from brian2.units.fundamentalunits import Dimension

from workbench.common.errors import ModelError, WorkbenchError, nearest
from workbench.declare.neuron import NeuronModel
from workbench.text.equation_text import Differential, read_equations, subexpressions
from workbench.text.equations import dimension_of, parse_differential, unit_name
from workbench.text.quantities import IN_EQUATIONS, UNITS
from workbench.text.syntax import calls, identifiers, statements
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
class EquationText:
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


def states_in(equations: tuple[Differential, ...], suffix: str = "") -> dict[str, Dimension]:
    """Return the units of variables by their names, each with a suffix."""
    return {f"{item.name}{suffix}": dimension_of(item.unit) for item in equations}


def parameters_in(model: NeuronModel, suffix: str = "") -> dict[str, Dimension]:
    """Return the units of a neuron model's parameters by their names, each with a suffix."""
    return {f"{name}{suffix}": dimension_of(unit) for name, unit in model.units().items()}
