"""Conditions of a study in its tables."""

import json

import pandas as pd
import pytest

from workbench.common.errors import StudyError
from workbench.tables.conditions import axes, by_condition, selected
from workbench.tables.data import accuracy_data, prepared


def a_table() -> pd.DataFrame:
    """Return runs of a rule with an axis of its own, at two depths, and of one that lacks it."""
    rows = [
        {"rule": "eprop", "condition": json.dumps({"depth": depth, "gain": gain}), "accuracy": depth / 10 + gain}
        for depth in (2, 10)
        for gain in (0.1, 0.2)
    ]
    rows += [
        {"rule": "frozen", "condition": json.dumps({"depth": depth}), "accuracy": depth / 10 - 0.1} for depth in (2, 10)
    ]
    shared = {"task": "digits", "task_title": "Digits", "feedback": "none", "network": "", "status": "done"}
    table = [{**shared, "reason": "", "seed": 0, "run_id": str(place)} | row for place, row in enumerate(rows)]
    return pd.DataFrame(table)


def test_axes_come_as_the_study_has_them() -> None:
    assert axes(a_table()) == {"depth": [2, 10], "gain": [0.1, 0.2]}
    assert axes(a_table().drop(columns="condition")) == {}


def test_run_without_an_axis_stands_at_each_of_its_values() -> None:
    found = by_condition(a_table())
    frozen = found[found["rule"] == "frozen"]
    assert sorted(zip(frozen["axis depth"], frozen["axis gain"], strict=True)) == [
        (2, 0.1),
        (2, 0.2),
        (10, 0.1),
        (10, 0.2),
    ]
    assert len(found) == 8
    assert by_condition(found).equals(found)


def test_tasks_come_in_the_order_of_the_conditions() -> None:
    """Not in that of letters, in which depth 10 is before depth 2."""
    assert list(dict.fromkeys(prepared(a_table())["task"])) == [
        f"digits (depth {depth}, gain {gain})" for depth in (2, 10) for gain in (0.1, 0.2)
    ]


def test_baseline_is_that_of_the_same_condition() -> None:
    data = accuracy_data(a_table(), ("frozen", "none"))
    assert data["value"].round(9).tolist() == pytest.approx([20, 30, 20, 30])


def test_some_conditions_are_selected_by_their_labels() -> None:
    found = selected(a_table(), ["depth=10", "gain=0.2"])
    assert found["run_id"].tolist() == ["3", "5"]
    with pytest.raises(StudyError, match="axis 'depth' has no label '3'"):
        selected(a_table(), ["depth=3"])
    with pytest.raises(StudyError, match=r"'dept=2' must be an axis .* 'depth'"):
        selected(a_table(), ["dept=2"])
