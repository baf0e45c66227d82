"""A workbench for biologically plausible learning rules in spiking networks.

The public names, each imported when it is first used: neither plugins nor the command line load what they do not need.
"""

import sys
from types import ModuleType

# As type checkers know it. To import `typing` takes ten times as long as all else here, before Ctrl-C is provided for.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

    from workbench.audit.gradients import estimate, exact_gradient
    from workbench.audit.traces import record
    from workbench.catalogue.hookspecs import hookimpl
    from workbench.common.errors import WorkbenchError
    from workbench.declare.circuit import Circuit, CircuitPopulation, CircuitProjection
    from workbench.declare.claims import Claims, ExactFor
    from workbench.declare.connectivity import Connectivity
    from workbench.declare.constraint import Constraint
    from workbench.declare.decision import Decision
    from workbench.declare.encoding import latency_coded, poisson_coded, rate_coded
    from workbench.declare.feedback import Pathway
    from workbench.declare.feedback_rule import FeedbackRule
    from workbench.declare.learning_signal import LearningSignal
    from workbench.declare.loss import Loss
    from workbench.declare.measure import EstimatedGradient, ExactGradient, Looked, Measure
    from workbench.declare.measured import Measured
    from workbench.declare.network import Network
    from workbench.declare.neuron import NeuronModel
    from workbench.declare.neuron_values import by_neuron
    from workbench.declare.optimizer import Optimizer
    from workbench.declare.parameter import Parameter, whole_parameter
    from workbench.declare.phase import Phase
    from workbench.declare.population import Population
    from workbench.declare.projection import Projection
    from workbench.declare.publication import Publication
    from workbench.declare.regularizer import Regularizer
    from workbench.declare.rule import Rule
    from workbench.declare.rule_parts import OnGradient, OnStep, Pairs, WrittenFor
    from workbench.declare.study_figure import StudyFigure
    from workbench.declare.surrogate import Surrogate
    from workbench.declare.task import Task, TaskData
    from workbench.declare.transmission import Transmission
    from workbench.declare.trials import Trials
    from workbench.declare.updates import Updates
    from workbench.figures.all_figures import make_figures
    from workbench.report.writing import write_report
    from workbench.study.comparison import compare_rules
    from workbench.study.results.tables import load_results
    from workbench.study.work.runner import run_study

__version__ = "0.1.0"

#: Where the public names are that are not defined here.
_ELSEWHERE = {
    "workbench.audit.gradients": ("estimate", "exact_gradient"),
    "workbench.audit.traces": ("record",),
    "workbench.catalogue.hookspecs": ("hookimpl",),
    "workbench.common.errors": ("WorkbenchError",),
    "workbench.declare.circuit": ("Circuit", "CircuitPopulation", "CircuitProjection"),
    "workbench.declare.claims": ("Claims", "ExactFor"),
    "workbench.declare.connectivity": ("Connectivity",),
    "workbench.declare.constraint": ("Constraint",),
    "workbench.declare.decision": ("Decision",),
    "workbench.declare.encoding": ("latency_coded", "poisson_coded", "rate_coded"),
    "workbench.declare.feedback": ("Pathway",),
    "workbench.declare.feedback_rule": ("FeedbackRule",),
    "workbench.declare.learning_signal": ("LearningSignal",),
    "workbench.declare.loss": ("Loss",),
    "workbench.declare.measure": ("EstimatedGradient", "ExactGradient", "Looked", "Measure"),
    "workbench.declare.measured": ("Measured",),
    "workbench.declare.network": ("Network",),
    "workbench.declare.neuron": ("NeuronModel",),
    "workbench.declare.neuron_values": ("by_neuron",),
    "workbench.declare.optimizer": ("Optimizer",),
    "workbench.declare.parameter": ("Parameter", "whole_parameter"),
    "workbench.declare.phase": ("Phase",),
    "workbench.declare.population": ("Population",),
    "workbench.declare.projection": ("Projection",),
    "workbench.declare.publication": ("Publication",),
    "workbench.declare.rewards": ("Rewards",),
    "workbench.declare.rule": ("Rule",),
    "workbench.declare.regularizer": ("Regularizer",),
    "workbench.declare.rule_parts": ("OnGradient", "OnStep", "Pairs", "WrittenFor"),
    "workbench.declare.study_figure": ("StudyFigure",),
    "workbench.declare.surrogate": ("Surrogate",),
    "workbench.declare.task": ("Task", "TaskData"),
    "workbench.declare.transmission": ("Transmission",),
    "workbench.declare.trials": ("Trials",),
    "workbench.declare.updates": ("Updates",),
    "workbench.figures.all_figures": ("make_figures",),
    "workbench.report.writing": ("write_report",),
    "workbench.study.comparison": ("compare_rules",),
    "workbench.study.results.tables": ("load_results",),
    "workbench.study.work.runner": ("run_study",),
}
_HOME = {name: module for module, names in _ELSEWHERE.items() for name in names}

__all__ = [
    "Circuit",
    "CircuitPopulation",
    "CircuitProjection",
    "Claims",
    "Connectivity",
    "Constraint",
    "Decision",
    "EstimatedGradient",
    "ExactFor",
    "ExactGradient",
    "FeedbackRule",
    "LearningSignal",
    "Looked",
    "Loss",
    "Measure",
    "Measured",
    "Network",
    "NeuronModel",
    "OnGradient",
    "OnStep",
    "Optimizer",
    "Pairs",
    "Parameter",
    "Pathway",
    "Phase",
    "Population",
    "Projection",
    "Publication",
    "Regularizer",
    "Rule",
    "StudyFigure",
    "Surrogate",
    "Task",
    "TaskData",
    "Transmission",
    "Trials",
    "Updates",
    "WorkbenchError",
    "WrittenFor",
    "__version__",
    "by_neuron",
    "compare_rules",
    "estimate",
    "exact_gradient",
    "hookimpl",
    "latency_coded",
    "load_results",
    "make_figures",
    "poisson_coded",
    "rate_coded",
    "record",
    "rules",
    "run_study",
    "tasks",
    "whole_parameter",
    "write_report",
]


class _Package(ModuleType):
    """A package whose public names stay what they are when a submodule of the same name is imported."""

    def __setattr__(self, name: str, value: object) -> None:
        # Importing `workbench.tasks.digits` would put the package `workbench.tasks` in the place of the function.
        if not (name in __all__ and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> "Any":
    if name not in _HOME:
        raise AttributeError(f"module 'workbench' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return __all__


def rules() -> "list[Rule]":
    """Return the learning rules that installed plugins offer, by name.

    Returns
    -------
    list of Rule
        In alphabetical order.

    Raises
    ------
    WorkbenchError
        Where a plugin is broken.
    """
    from workbench.catalogue.registry import load_registry

    return [offer.item for offer in load_registry().rules.values()]


def tasks() -> "dict[str, Task]":
    """Return the tasks that installed plugins offer, by name.

    Returns
    -------
    dict of str to Task
        In alphabetical order.

    Raises
    ------
    WorkbenchError
        Where a plugin is broken.
    """
    from workbench.catalogue.registry import load_registry

    return {name: offer.item for name, offer in load_registry().tasks.items()}
