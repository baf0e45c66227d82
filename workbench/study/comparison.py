"""`workbench compare`: rules by name, on a task by name."""

from collections.abc import Sequence

import numpy as np

from workbench.audit.compare import Comparison, compare
from workbench.errors import StudyError
from workbench.registry import Registry, load_registry
from workbench.study.assemble import assemble
from workbench.study.seeds import stream
from workbench.study.spec import StudySpec, expand


def compare_rules(
    rules: Sequence[str], task: str, hidden: str, trials: int, seed: int, registry: Registry | None = None
) -> Comparison:
    """Return the alignment matrix of rules and BPTT on one batch of a task.

    Parameters
    ----------
    rules : sequence of str
        Names, or ``name:feedback``.
    task : str
        Its name.
    hidden : str
        Sizes of the hidden layers, separated by commas.
    trials : int
        How many trials of the validation split.
    seed : int
        Of weights and fixed feedback.
    registry : Registry, optional
        What is installed by default.

    Raises
    ------
    WorkbenchError
        Where a name is unknown or the rules cannot be compared.
    """
    registry = load_registry() if registry is None else registry
    try:
        sizes = [int(size) for size in hidden.split(",")]
    except ValueError as error:
        raise StudyError(f"--hidden: '{hidden}' is not a list of layer sizes such as '60,60'.") from error
    named = [dict(zip(("name", "feedback"), rule.strip().split(":"), strict=False)) for rule in rules]
    # The exact gradients stand in the matrix by themselves.
    named = [rule for rule in named if registry.rule(rule["name"]).engine != "reference"]
    if not named:
        raise StudyError("--rules: name at least one rule besides 'bptt', which is in the matrix anyway.")
    spec = StudySpec.model_validate(
        {
            "question": "How do the rules align?",
            "seeds": [seed],
            "network": {"hidden": sizes},
            "task": [{"name": task}],
            "rule": named,
        }
    )
    setups, states = {}, {}
    for config in expand(spec, registry):
        parts = assemble(config, registry)
        name = config.rule if config.feedback == "none" else f"{config.rule}:{config.feedback}"
        setups[name], states[name] = parts.setup, parts.state
    batch = parts.data.validation.take(np.arange(min(trials, len(parts.data.validation))))
    return compare(setups, states, batch, stream("controls", seed))
