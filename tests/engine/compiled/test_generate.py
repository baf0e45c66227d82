"""Sources of programs, before a compiler has seen them."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.networks import SETUPS
from workbench.declare.options import Form, Precision
from workbench.engine.compiled.generate import generate

#: What Brian2 keeps in double precision whatever networks are made of.
OF_TIME = {"dt", "t", "second", "epsilon", "_source_t", "_to_record_t"}


def numbers_between(precision: Precision, form: Form, folder: Path) -> dict[str, set[str]]:
    """Return the names of what a program keeps between its variables, by type."""
    generate(replace(SETUPS["eprop_1"], precision=precision, form=form), folder)
    found: dict[str, set[str]] = {"float": set(), "double": set()}
    for path in (folder / "code_objects").glob("*.cpp"):
        for kind, name in re.findall(r"\b(float|double) (\w+) = ", path.read_text()):
            found[kind].add(name)
    return found


@pytest.mark.parametrize("form", ["events", "clock"])
@pytest.mark.parametrize("order", [("float64", "float32"), ("float32", "float64")])
def test_programs_compute_in_their_precision(order: Sequence[Precision], form: Form, tmp_path: Path) -> None:
    """Whichever comes first: Brian2 remembers what it has translated."""
    found = {precision: numbers_between(precision, form, tmp_path / precision) for precision in order}
    assert found["float32"]["double"] <= OF_TIME
    assert found["float64"]["float"] == set()
    assert found["float32"]["float"] == found["float64"]["double"] - OF_TIME
    assert len(found["float32"]["float"]) > 10
