"""A workbench for biologically plausible learning rules in spiking networks.

The public names; nothing here imports a simulator, so that plugins and the command line load at once.
"""

from workbench.errors import WorkbenchError
from workbench.hookspecs import hookimpl
from workbench.network import Network
from workbench.neuron import NeuronModel
from workbench.rule import ExactFor, LearningSignal, Parameter, Rule
from workbench.task import Task, TaskData, Trials, latency_coded

__version__ = "0.1.0"

__all__ = [
    "ExactFor",
    "LearningSignal",
    "Network",
    "NeuronModel",
    "Parameter",
    "Rule",
    "Task",
    "TaskData",
    "Trials",
    "WorkbenchError",
    "__version__",
    "hookimpl",
    "latency_coded",
    "rules",
]


def rules() -> list[Rule]:
    """Return the learning rules that installed plugins offer, by name.

    Raises
    ------
    WorkbenchError
        Where a plugin is broken.
    """
    from workbench.registry import load_registry

    return [offer.item for offer in load_registry().rules.values()]
