"""A task: trials of input spikes with targets, split into train, validation and test."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any, get_args

from workbench.common.blame import described
from workbench.common.errors import DataError, StudyError, WorkbenchError, nearest, shown
from workbench.common.plain_numbers import step_length, whole_number, whole_window
from workbench.declare.field_types import declared
from workbench.declare.options import Targets
from workbench.declare.parameter import Parameter
from workbench.declare.trial_checks import refuse_misfit
from workbench.declare.trial_format import TrialFormat
from workbench.declare.trials import Trials

SPLITS = ("train", "validation", "test")
KINDS: tuple[Targets, ...] = get_args(Targets)


@dataclass(frozen=True, eq=False)
class TaskData:
    """What a task gives a study.

    Attributes
    ----------
    n_inputs, n_outputs : int
        Numbers of input neurons and of outputs (classes).
    n_steps : int
        Steps of a trial.
    dt : float
        Length of a step [second].
    train, validation, test : Trials
        The three splits.
    window : tuple of int
        The loss counts from the first of these steps until before the second; (0, 0) stands for the whole trial.
    targets : {"trial", "step", "spikes"}
        What is wanted: the class of a trial (a value for each output), values for each step, or spikes.
    by_heart : bool
        Whether each split has all the trials that there are, so that nothing is said about new ones.

    Raises
    ------
    DataError
        Where a number is none, trials do not fit, a split has no trials or no spikes, or two splits are the same.
    """

    n_inputs: int
    n_outputs: int
    n_steps: int
    dt: float
    train: Trials
    validation: Trials
    test: Trials
    window: tuple[int, int] = (0, 0)
    targets: Targets = "trial"
    by_heart: bool = False

    def __post_init__(self) -> None:
        for name in ("n_inputs", "n_outputs", "n_steps"):
            self._set(name, whole_number(getattr(self, name), f"Task data: `{name}`", error=DataError))
        self._set("dt", step_length(self.dt, "Task data: `dt`", DataError))
        self._set("window", whole_window(self.window, self.n_steps, "Task data: `window`", DataError))
        if not isinstance(self.targets, str) or self.targets not in KINDS:
            given = shown(self.targets)
            raise DataError(f"Task data: `targets` cannot be {given}. {nearest(given, KINDS)}")
        for name in SPLITS:
            self._set(name, _fitting(f"Split '{name}' of the task", getattr(self, name), self.format))
        # What is to be learnt by heart may be the same in all splits.
        compared = self.targets == "trial" and not self.by_heart
        for one, other in combinations(SPLITS, 2) if compared else ():
            if getattr(self, one).same_as(getattr(self, other)):
                raise DataError(
                    f"Splits '{one}' and '{other}' of the task are the same trials, so that neither says anything "
                    "about new ones. Give each split trials of its own, or set `by_heart` where there are no others."
                )

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    @property
    def format(self) -> TrialFormat:
        """What a network must share with the trials."""
        window = (0, self.n_steps) if self.window == (0, 0) else self.window
        sizes = (self.n_inputs, self.n_outputs, self.n_steps, self.dt)
        return TrialFormat(*sizes, window, self.targets, self.rewarded)

    @property
    def rewarded(self) -> bool:
        """Whether answers are worth something, as `Rewards` have it."""
        return any(isinstance(one, Trials) and one.rewards is not None for one in (getattr(self, n) for n in SPLITS))


def _fitting(what: str, split: object, needed: TrialFormat) -> Trials:
    """Return the trials of a split, made for the task's network."""
    if not isinstance(split, Trials):
        raise DataError(f"{what} must be `Trials`, not {type(split).__name__}.")
    if len(split) == 0:
        raise DataError(f"{what} has no trials; each split needs at least one.")
    if len(split.step) == 0:
        raise DataError(f"{what} has no input spikes at all, so that no neuron hears of its trials.")
    if needed.rewarded and split.rewards is None:
        raise DataError(f"{what} has no rewards, and another has. Give all splits some, or none.")
    fitting = replace(split, format=needed)
    refuse_misfit(fitting, needed, what=what)
    return fitting


@declared(StudyError, "Task")
@dataclass(frozen=True, kw_only=True)
class Task:
    """A task as a plugin offers it.

    Attributes
    ----------
    name, title : str
        What study files call it; as in figures.
    load : callable
        Returns a `TaskData`; is called with the parameters by name.
    parameters : tuple of Parameter
        What a study may set.
    targets : {"trial", "step", "spikes"}
        What the data want of the outputs.
    doi : str
        Of the data set.
    drawn : bool
        Whether input spikes are drawn at random when the data are loaded. They are drawn once: each epoch presents the
        same spikes again.
    rewarded : bool
        Whether the data say what answers are worth.
    """

    name: str
    title: str
    load: Callable[..., TaskData]
    parameters: tuple[Parameter, ...] = field(default=())
    targets: Targets = "trial"
    doi: str = ""
    drawn: bool = False
    rewarded: bool = False

    def data(self, **values: Any) -> TaskData:
        """Return the data for some parameters.

        Parameters
        ----------
        **values
            Of parameters, by name; the others keep their defaults.

        Returns
        -------
        TaskData
            What `load` gives for them.

        Raises
        ------
        StudyError
            Where a parameter is unknown or none of its choices, the data cannot be loaded, or their targets are others
            than the task declares.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name, value in values.items():
            if name not in known:
                raise StudyError(f"Task '{self.name}' has no parameter '{name}'. {nearest(name, known)}")
            choices = known[name].choices
            if choices and value not in choices:
                raise StudyError(
                    f"{self.name}.{name}: '{value}' is none of its choices. {nearest(str(value), choices)}"
                )
        defaults = {parameter.name: parameter.default for parameter in self.parameters}
        data = self._loaded(defaults | values)
        if data.targets != self.targets:
            raise StudyError(
                f"Task '{self.name}' declares targets '{self.targets}', but its data have '{data.targets}'."
            )
        if data.rewarded != self.rewarded:
            has = "have" if data.rewarded else "have no"
            raise StudyError(f"Task '{self.name}' declares `rewarded` as {self.rewarded}, but its data {has} rewards.")
        return data

    def _loaded(self, values: dict[str, Any]) -> TaskData:
        try:
            data: object = self.load(**values)
        # Ctrl-C is the user's, and what is refused has its sentence.
        except (KeyboardInterrupt, WorkbenchError):
            raise
        # A task is anybody's code, which may raise anything, or leave: that must not pass for an end.
        except BaseException as error:
            raise StudyError(f"Task '{self.name}' cannot be loaded: {described(error)}.") from error
        if not isinstance(data, TaskData):
            raise StudyError(f"Task '{self.name}' gives an object of type '{type(data).__name__}', not a TaskData.")
        return data
