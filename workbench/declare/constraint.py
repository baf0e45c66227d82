"""What a weight may be after an update, as statements that run in each plastic synapse.

The optimizer makes a step, and `change` is what is about to be added to the weight. A constraint may change that
before, as soft bounds do, or the weight after, by projection.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from workbench.common.errors import StudyError
from workbench.common.plain_numbers import finite_number
from workbench.declare.expressions import refuse_misread, refuse_misreading
from workbench.declare.field_types import declared
from workbench.declare.parameter import replaced
from workbench.text.syntax import identifiers, statements


@declared(StudyError, "Constraint")
@dataclass(frozen=True, kw_only=True)
class Constraint:
    """What a weight may be.

    With c = -learning_rate step, what the optimizer makes of the estimate: ``w <- project(w + soften(c))``.

    Attributes
    ----------
    name : str
        What study files call it.
    doc : str
        What it is, in a sentence.
    soften : str
        Statements that set `change`, which is then added to the weight `w`, or note in `state` what that is before.
        Empty where it stays as it is.
    project : str
        Statements that set `w` afterwards; they may read `total`. Empty where it stays as it is.
    total : str
        An expression of `w`: `total` is its sum over the weights of this name onto the same neuron, as they are when
        `project` runs. Empty where that does not read it.
    at : {"update", "trial"}
        Whether `project` runs after each update, or at the end of each trial of training.
    state : tuple of str
        Variables kept per synapse, zero before the first update.
    parameters : tuple of (str, float or str)
        Numbers that the texts read. A rule's constraint may name one of the rule's parameters in place of a number.
    doi : str
        Of the paper that defines it.
    """

    name: str
    doc: str = ""
    soften: str = ""
    project: str = ""
    total: str = ""
    at: Literal["update", "trial"] = "update"
    state: tuple[str, ...] = ()
    parameters: tuple[tuple[str, float | str], ...] = ()
    doi: str = ""

    def __post_init__(self) -> None:
        who = f"Constraint '{self.name}'"
        for name, value in self.parameters:
            if not isinstance(value, str):
                finite_number(value, f"{who}: '{name}'", StudyError)
        shared = ("w", "n_updates", *self.state, *dict(self.parameters))
        softened = refuse_misreading(self.soften, (*shared, "change"), f"{who}, `soften`", StudyError)
        known = (*shared, *(["total"] if self.total else []))
        projected = refuse_misreading(self.project, known, f"{who}, `project`", StudyError)
        if self.total:
            refuse_misread(self.total, ("w", *dict(self.parameters)), f"{who}, `total`", StudyError)
            if "total" not in {name for _, text in statements(self.project) for name in identifiers(text)}:
                raise StudyError(f"{who}: `total` says of what, and `project` never reads it. Drop it.")
        # What a weight began with may be all that is noted before it changes.
        if self.soften and not softened & {"change", *self.state}:
            raise StudyError(f"{who}: `soften` sets neither 'change' nor any of `state`. Add 'change = ...'.")
        if self.project and "w" not in projected:
            raise StudyError(f"{who}: `project` never sets 'w'. Add 'w = ...'.")
        for name in self.state:
            if name not in softened | projected:
                raise StudyError(f"{who}: nothing ever sets '{name}'. Add '{name} = ...', or drop it from `state`.")
        for name in (softened | projected) & {"n_updates", "total", *dict(self.parameters)}:
            raise StudyError(f"{who}: its statements set '{name}', which they may only read.")
        if "w" in softened:
            raise StudyError(f"{who}: `soften` sets 'w', which only `project` may. Set 'change'.")

    @property
    def allows_all(self) -> bool:
        """Whether any weight will do."""
        return not (self.soften or self.project)

    def with_parameters(self, values: Mapping[str, float | str]) -> "Constraint":
        """Return the same constraint with some of its numbers replaced.

        Parameters
        ----------
        values : mapping of str to (float or str)
            By name; a text names a parameter of the rule whose constraint it is.

        Returns
        -------
        Constraint
            Whose other numbers are as they were.

        Raises
        ------
        StudyError
            Where a name is not one of its parameters.
        """
        return replace(self, parameters=replaced(self.parameters, values, f"Constraint '{self.name}'", StudyError))

    def with_numbers_of(self, rule: Mapping[str, float]) -> "Constraint":
        """Return the same constraint with numbers in the place of a rule's parameters that it names.

        Parameters
        ----------
        rule : mapping of str to float
            The parameters by name.

        Returns
        -------
        Constraint
            As it was where it names none.
        """
        named = {name: value for name, value in self.parameters if isinstance(value, str)}
        return self.with_parameters({name: rule[value] for name, value in named.items()}) if named else self


_BOUNDS: tuple[tuple[str, float | str], ...] = (("low", 0.0), ("high", 1.0))

NO_CONSTRAINT = Constraint(name="none", doc="Any weight.")

HARD_BOUNDS = Constraint(
    name="hard_bounds",
    doc="No weight leaves the bounds: what would stays at them.",
    project="w = clip(w, low, high)",
    parameters=_BOUNDS,
)

SOFT_BOUNDS = Constraint(
    name="soft_bounds",
    doc="A change shrinks with what is left up to the bound that it goes to.",
    soften="""toward = int(change > 0) * (high - w) + int(change < 0) * (w - low)
change = change * toward / (high - low)""",
    parameters=_BOUNDS,
)

KEPT_SIGN = Constraint(
    name="kept_sign",
    doc="A weight that would change its sign is 0, and has the sign that it began with ever after.",
    soften="began = began + int(n_updates == 1) * sign(w)",
    project="w = w * int(w * began > 0)",
    state=("began",),
)

MASK = Constraint(
    name="mask",
    doc="A weight that is 0 at the beginning stays 0.",
    soften="""there = there + int(n_updates == 1) * int(abs(w) > 0)
change = change * there""",
    state=("there",),
)

INCOMING_SUM = Constraint(
    name="incoming_sum",
    doc="The weights onto each neuron are scaled so that their magnitudes add up to a number.",
    project="w = w * (sum_to / (total + int(total == 0)))",
    total="abs(w)",
    parameters=(("sum_to", 1.0),),
)

INCOMING_NORM = Constraint(
    name="incoming_norm",
    doc="The weights onto each neuron are scaled down where their Euclidean norm is above a number.",
    project="w = w * (1 + int(total > norm**2) * (norm / sqrt(total + int(total == 0)) - 1))",
    total="w**2",
    parameters=(("norm", 1.0),),
)

LEVELS = Constraint(
    name="levels",
    doc="Weights are the nearest of some numbers that are equally far apart, from the lowest to the highest.",
    project="""level = floor((clip(w, low, high) - low) / (high - low) * (levels - 1) + 0.5)
w = low + level * (high - low) / (levels - 1)""",
    parameters=(*_BOUNDS, ("levels", 16.0)),
)
