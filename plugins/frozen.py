"""Frozen hidden layers: the baseline in which only the readout learns.

    g        none; the hidden weights keep their initial values

Cost: none. A rule that does no better than this has not trained its hidden layers.
"""

from collections.abc import Iterator

from workbench import Claims, Rule, hookimpl

FROZEN = Rule(name="frozen", title="Frozen", engine="none", claims=Claims(estimates="nothing"))


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield the baseline."""
    yield FROZEN
