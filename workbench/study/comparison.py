"""`workbench compare`: rules by name, on a task by name."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.catalogue.registry import Registry, load_registry
from workbench.common.errors import StudyError
from workbench.declare.configuration import configuration_name, split_configuration
from workbench.declare.field_types import called
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.neuron_models import SPIKE_TRAIN
from workbench.declare.options import Form, Target
from workbench.study.file.grid import expand
from workbench.study.file.reading import read_study
from workbench.study.file.run_config import RunConfig
from workbench.study.run.passive import unable_to_share
from workbench.study.run.probe import balanced
from workbench.study.seeds import stream

if TYPE_CHECKING:
    from workbench.audit.alignment.comparison import Comparison


@called(StudyError)
def compare_rules(
    rules: Sequence[str],
    task: str,
    hidden: Sequence[int],
    trials: int,
    seed: int,
    registry: Registry | None = None,
    target: Target = "cpp",
    form: Form = "events",
) -> "Comparison":
    """Return the alignment matrix of rules and BPTT on one batch of a task.

    Parameters
    ----------
    rules : sequence of str
        Names, or ``name:feedback``.
    task : str
        Its name.
    hidden : sequence of int
        Sizes of the hidden layers, from the input up.
    trials : int
        How many trials of the validation split, of each class as many; all where it has no more, which the comparison
        tells.
    seed : int
        Of weights and fixed feedback.
    registry : Registry, optional
        What is installed by default.
    target : {"cpp", "numpy"}
        A compiled program, or Brian2's NumPy code.
    form : {"events", "replay", "causal", "clock"}
        Whether synapses cost their events, or are visited in each step.

    Returns
    -------
    Comparison
        Cosine and relative magnitude of each pair of estimates, layer by layer.

    Raises
    ------
    WorkbenchError
        Where an argument is not of its type, a name is unknown, or the rules cannot be compared.
    """
    if not hidden or min(hidden) < 1:
        raise StudyError(f"`hidden` must be the sizes of one layer or more, such as [60, 60], not {list(hidden)}.")
    if trials < 2:
        raise StudyError(f"`trials` must be 2 or more, not {trials}.")
    registry = load_registry() if registry is None else registry
    configs = _configs(rules, task, hidden, seed, registry, form)
    # Simulators are imported for what is in order alone: a typo is answered at once.
    from workbench.audit.alignment.comparison import compare
    from workbench.study.run.assemble import assemble

    setups, states = {}, {}
    for config in configs:
        parts = assemble(config, registry)
        name = configuration_name(config.rule, config.feedback)
        setups[name], states[name] = parts.setup, parts.state
    batch = balanced(parts.data.validation, trials, stream("probe", task))
    return compare(setups, states, batch, stream("controls", seed), target)


def _models(named: Sequence[Mapping[str, str]], task: str, registry: Registry) -> dict[str, str]:
    """Return the models for which all rules are written, where they agree, and the loss of the task's targets."""
    # What is misspelt is told where the study is looked through.
    rules = [registry.rule(entry["name"]) for entry in named if entry["name"] in registry.rules]
    targets = registry.task(task).targets if task in registry.tasks else "trial"
    found = {}
    for role in ("neuron", "readout"):
        needed = {getattr(rule.written_for, role) for rule in rules} - {""}
        if len(needed) == 1:
            found[role] = needed.pop()
    if targets == "spikes":
        found.setdefault("readout", SPIKE_TRAIN.name)
    return found if targets == "trial" else found | {"loss": SQUARED_ERROR.name}


def _configs(
    rules: Sequence[str], task: str, hidden: Sequence[int], seed: int, registry: Registry, form: Form
) -> tuple[RunConfig, ...]:
    """Return the runs of a study that would train the rules."""
    named = []
    for rule in rules:
        name, feedback = split_configuration(rule)
        named.append({"name": name, "feedback": feedback} if feedback else {"name": name})
    spec = read_study(
        {
            "question": "How do the rules align?",
            "seeds": [seed],
            "form": form,
            "network": {"hidden": list(hidden), **_models(named, task, registry)},
            "task": [{"name": task}],
            "rule": named,
        },
        Path("workbench compare"),
    )
    # The exact gradients stand in the matrix by themselves.
    configs = tuple(run for run in expand(spec, registry) if not registry.rule(run.rule).is_exact_gradient)
    for run in configs:
        reason = unable_to_share(registry.rule(run.rule))
        if reason:
            raise StudyError(f"--rules: '{run.rule}': {reason} Train it in a study, which measures its alignment.")
    if not configs:
        raise StudyError("--rules: name at least one rule besides 'bptt', which is in the matrix anyway.")
    return configs
