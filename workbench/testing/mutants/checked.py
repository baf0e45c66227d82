"""A program that puts a wrong version of a rule in the place of the right one, and says which check notices it first.

``python -m workbench.testing.mutants.checked CHECK...`` with the environment variable of `injected` set, and with the
checks that the right rule has passed. Its last line is the name of the first that fails now, in JSON; null where none
does.
"""

import json
import os
import sys
from collections.abc import Collection

from workbench.catalogue.registry import load_registry
from workbench.declare.neuron import NeuronModel
from workbench.declare.rule import Rule
from workbench.testing.mutants.injected import VARIABLE, put_in_place
from workbench.testing.suite import outcomes

#: The first says whether there is a network at all, the others most about supervised rules.
_FIRST = ("builds", "learns", "second form agrees", "points downhill", "exact where it says so")


def first_failing(rule: Rule, models: tuple[NeuronModel, NeuronModel], passed: Collection[str]) -> str | None:
    """Return the first check that fails, or none.

    Parameters
    ----------
    rule : Rule
        A wrong version.
    models : tuple of NeuronModel
        Its neurons and readout.
    passed : collection of str
        The checks that the right one has passed.
    """
    found = outcomes(rule, *models, first=_FIRST)
    return next((item.check for item in found if item.result == "failed" and item.check in passed), None)


def main() -> None:
    """Put the wrong version in place, and print what notices it."""
    asked = json.loads(os.environ[VARIABLE])
    put_in_place(asked["rule"], asked["mutant"])
    registry = load_registry()
    rule = registry.rule(asked["rule"])
    print(json.dumps(first_failing(rule, registry.models_for(rule), sys.argv[1:])))


if __name__ == "__main__":
    main()
