"""A workbench for biologically plausible learning rules in spiking networks.

The public names; nothing here imports a simulator, so that plugins and the command line load at once.
"""

from typing import TYPE_CHECKING, Any

from workbench.errors import WorkbenchError
from workbench.hookspecs import hookimpl
from workbench.network import Network
from workbench.neuron import NeuronModel
from workbench.rule import ExactFor, LearningSignal, OnStep, Parameter, Regularizer, Rule
from workbench.task import Task, TaskData, Trials, latency_coded, rate_coded

if TYPE_CHECKING:
    from workbench.audit.gradients import estimate, exact_gradient
    from workbench.figures.save import make_figures
    from workbench.study.comparison import compare_rules
    from workbench.study.results import load_results
    from workbench.study.runner import run_study

__version__ = "0.1.0"

#: Public functions that need a simulator or pandas, and where they are; imported when first used.
_LATER = {
    "compare_rules": "workbench.study.comparison",
    "estimate": "workbench.audit.gradients",
    "exact_gradient": "workbench.audit.gradients",
    "load_results": "workbench.study.results",
    "make_figures": "workbench.figures.save",
    "run_study": "workbench.study.runner",
}

__all__ = [
    "ExactFor",
    "LearningSignal",
    "Network",
    "NeuronModel",
    "OnStep",
    "Parameter",
    "Regularizer",
    "Rule",
    "Task",
    "TaskData",
    "Trials",
    "WorkbenchError",
    "__version__",
    "compare_rules",
    "estimate",
    "exact_gradient",
    "hookimpl",
    "latency_coded",
    "load_results",
    "make_figures",
    "rate_coded",
    "rules",
    "run_study",
    "tasks",
]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'workbench' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(_LATER[name]), name)


def rules() -> list[Rule]:
    """Return the learning rules that installed plugins offer, by name.

    Raises
    ------
    WorkbenchError
        Where a plugin is broken.
    """
    from workbench.registry import load_registry

    return [offer.item for offer in load_registry().rules.values()]


def tasks() -> dict[str, Task]:
    """Return the tasks that installed plugins offer, by name.

    Raises
    ------
    WorkbenchError
        Where a plugin is broken.
    """
    from workbench.registry import load_registry

    return {name: offer.item for name, offer in load_registry().tasks.items()}
