"""A plugin of pytest that puts a wrong version of a rule in the place of the right one, before tests are collected.

``pytest -p workbench.testing.mutants.injected`` with the environment variable `VARIABLE` set.
"""

import json
import os
import sys
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from workbench.catalogue.registry import load_registry
from workbench.common.errors import RuleError, nearest
from workbench.testing.mutants.making import mutants_of
from workbench.testing.mutants.mutant import Replaced

if TYPE_CHECKING:
    import pytest

#: Says which one: a table of `rule` and `mutant`, names, in JSON.
VARIABLE = "WORKBENCH_MUTANT"


def pytest_configure() -> None:
    """Let the modules of plugins offer the wrong version."""
    asked = json.loads(os.environ[VARIABLE])
    put_in_place(asked["rule"], asked["mutant"])


def pytest_collection_modifyitems(items: "list[pytest.Item]") -> None:
    """Let the tests that have the rule in their names begin: one of them will notice first."""
    rule = json.loads(os.environ[VARIABLE])["rule"]
    items.sort(key=lambda item: rule not in item.name)


def put_in_place(rule: str, name: str) -> None:
    """Let every module that has a rule have a wrong version of it, by the same name.

    Where the reference computes its gradient, every module that has the part of that which is wrong has the wrong one.

    Parameters
    ----------
    rule : str
        Its name.
    name : str
        Of the mistake.

    Raises
    ------
    RuleError
        Where there is no such mistake, or no module that has the rule.
    """
    right = load_registry().rule(rule)
    wrong = {mutant.name: mutant for mutant in mutants_of(right)}
    if name not in wrong:
        raise RuleError(f"Rule '{rule}' has no wrong version '{name}'. {nearest(name, wrong)}")
    for item in wrong[name].replaced:
        _replace_part(item)
    if wrong[name].rule == right:
        return
    _replace_everywhere(right, wrong[name].rule)
    if load_registry().rule(rule) is right:
        raise RuleError(f"Rule '{rule}' is made anew whenever it is asked for. Keep it in a variable of its module.")


def _replace_part(item: Replaced) -> None:
    module, _, name = item.place.partition(":")
    owner, _, method = name.rpartition(".")
    if owner:
        setattr(resolve_name(f"{module}:{owner}"), method, item.wrong)
    else:
        _replace_everywhere(resolve_name(item.place), item.wrong)


def _replace_everywhere(right: Any, wrong: Any) -> None:
    places = [
        (module, attribute)
        for module in list(sys.modules.values())
        for attribute, value in list(vars(module).items())
        if value is right
    ]
    for module, attribute in places:
        setattr(module, attribute, wrong)
