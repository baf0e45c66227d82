"""Whether anything notices a mistake in a rule: the checks of any rule, or the tests of that one."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workbench.catalogue.registry import load_registry
from workbench.common.errors import RuleError
from workbench.declare.rule import Rule
from workbench.testing.mutants import checked, injected
from workbench.testing.mutants.checked import first_failing
from workbench.testing.mutants.injected import VARIABLE
from workbench.testing.mutants.making import mutants_of
from workbench.testing.mutants.mutant import Mutant
from workbench.testing.suite import outcomes

#: What pytest returns where a test has failed, and where a file of tests cannot be read.
_FAILED, _BROKEN = 1, 2


@dataclass(frozen=True)
class Verdict:
    """What became of a wrong version of a rule.

    Attributes
    ----------
    rule, mutant : str
        Names of the rule and of the mistake.
    result : {"caught", "survived", "no rule"}
        Whether anything has noticed it; a version of which no network can be made says nothing about checks.
    by : str
        The check or the test that has; of one that survived, why no test could.
    """

    rule: str
    mutant: str
    result: Literal["caught", "survived", "no rule"]
    by: str


def verdicts(rule: Rule, most: int, tests: Sequence[Path] = ()) -> Iterator[Verdict]:
    """Yield what becomes of wrong versions of a rule.

    Parameters
    ----------
    rule : Rule
        The right one, installed.
    most : int
        How many versions are tried: of each kind one, then of each a second, and so on.
    tests : sequence of Path
        Files or folders of tests, which see those that no check has caught.

    Yields
    ------
    Verdict
        As soon as it is known.

    Raises
    ------
    RuleError
        Where tests fail with the right rule.
    """
    models = load_registry().models_for(rule)
    passed = {outcome.check for outcome in outcomes(rule, *models) if outcome.result == "passed"}
    own = _tests_of(rule, tests)
    if own and _failing(rule, None, own):
        raise RuleError(f"Rule '{rule.name}': its tests fail with the right rule. Mend them first.")
    for mutant in chosen(mutants_of(rule), most):
        # What computes a gradient is wrong for all that has it, so that no other rule may be asked beside it.
        check = _noticed_by_itself(mutant, passed) if mutant.replaced else first_failing(mutant.rule, models, passed)
        if check is not None:
            yield Verdict(rule.name, mutant.name, "no rule" if check == "builds" else "caught", f"check '{check}'")
            continue
        test = _failing(rule, mutant, own) if own else ""
        unseen = "" if own or not tests else "no test names the rule"
        yield Verdict(rule.name, mutant.name, "caught" if test else "survived", f"test {test}" if test else unseen)


def _noticed_by_itself(mutant: Mutant, passed: Collection[str]) -> str | None:
    """Return the first check that fails in a process of its own, in which a wrong version is in place."""
    command = [sys.executable, "-m", checked.__name__, *sorted(passed)]
    done = subprocess.run(command, env=_with(mutant), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuleError(f"Rule '{mutant.rule.name}', '{mutant.name}': it cannot be checked: {_last(done.stderr)}.")
    check: str | None = json.loads(done.stdout.splitlines()[-1])
    return check


def _with(mutant: Mutant) -> dict[str, str]:
    """Return the environment of a process in which a wrong version is to be put in place."""
    return os.environ | {VARIABLE: json.dumps({"rule": mutant.rule.name, "mutant": mutant.name})}


def _last(said: str) -> str:
    lines = said.strip().splitlines()
    return lines[-1] if lines else "nothing was said"


def chosen(mutants: Sequence[Mutant], most: int) -> list[Mutant]:
    """Return some of the wrong versions of a rule: of each kind one, then of each a second, and so on.

    Parameters
    ----------
    mutants : sequence of Mutant
        As `mutants_of` returns them.
    most : int
        How many.
    """
    groups: dict[str, list[Mutant]] = {}
    for mutant in mutants:
        groups.setdefault(mutant.kind, []).append(mutant)
    rounds = max(map(len, groups.values()), default=0)
    order = [group[place] for place in range(rounds) for group in groups.values() if place < len(group)]
    return order[:most]


def _tests_of(rule: Rule, places: Sequence[Path]) -> list[Path]:
    """Return the files of tests that name a rule, or import the module in which it is."""
    file = load_registry().rules[rule.name].source.file
    modules = [name for name, module in sys.modules.items() if getattr(module, "__file__", None) == file]
    files = [file for place in places for file in ([place] if place.is_file() else sorted(place.rglob("test_*.py")))]
    return [path for path in files if _names(path.read_text(encoding="utf-8"), rule.name, modules)]


def _names(text: str, rule: str, modules: Sequence[str]) -> bool:
    """Return whether a test names a rule in any way, or imports the module in which it is."""
    words = "|".join(map(re.escape, (rule, *modules)))
    return re.search(rf"(?<![\w.])({words})\b", text) is not None


def _failing(rule: Rule, mutant: Mutant | None, tests: Sequence[Path]) -> str:
    """Return the first test that fails with a wrong version, or with the right one; empty where none does."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-rfE", "-p", "no:cacheprovider"]
    environment = os.environ if mutant is None else _with(mutant)
    if mutant is not None:
        command += ["-p", injected.__name__]
    done = subprocess.run([*command, *map(str, tests)], env=environment, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    # A test that cannot even be set up with the wrong version has noticed it.
    told = [line.partition(" - ")[0] for line in done.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    if done.returncode not in (_FAILED, _BROKEN) or not told:
        raise RuleError(f"Rule '{rule.name}': its tests cannot be run: {_last(done.stdout + done.stderr)}.")
    return told[0].partition(" ")[2].rpartition("/")[2]
