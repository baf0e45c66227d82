"""The conformance suite: what must hold of any learning rule, found out on networks of a few neurons."""

from workbench.testing.suite import ConformanceError, Outcome, check_rule, examine

__all__ = ["ConformanceError", "Outcome", "check_rule", "examine"]
