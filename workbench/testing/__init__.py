"""The conformance suite: what must hold of any rule, of weights or of feedback, found out on a few neurons."""

from workbench.testing.suite import ConformanceError, Outcome, check_rule, examine, examine_pathway

__all__ = ["ConformanceError", "Outcome", "check_rule", "examine", "examine_pathway"]
