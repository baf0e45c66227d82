"""Mistakes in what a layer hands down to the one below."""

from collections.abc import Iterator
from dataclasses import replace

from workbench.declare.feedback import FEEDBACK
from workbench.declare.rule import Rule
from workbench.testing.mutants.in_expressions import wrong_versions
from workbench.testing.mutants.mutant import Mutant


def wrong_relays(rule: Rule) -> Iterator[Mutant]:
    """Yield the rule whose layers hand down something else, where its own feedback comes from layer to layer."""
    signal = rule.signal
    if signal is None or FEEDBACK[signal.feedback].origin != "above":
        return
    for told, wrong in wrong_versions(signal.relay):
        yield Mutant(f"{told}, relay", "relay", replace(rule, signal=replace(signal, relay=wrong)))
