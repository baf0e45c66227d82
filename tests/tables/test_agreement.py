"""Numbers that agree are told from those that do not, each by its tolerance, and missing ones are not passed over."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from workbench.tables.agreement import NUMBERS, ROUNDING, agreement_table

Tables = tuple[pd.DataFrame, pd.DataFrame]


def tables(ids: tuple[str, ...], loss: float = 100.0, **other: Any) -> Tables:
    """Return tables of some runs that are alike."""
    numbers = dict.fromkeys(NUMBERS, 1.0) | {"accuracy": 0.5, "loss": loss, "status": "done"} | other
    curves = [
        {"run_id": run_id, "epoch": epoch, "trial": 0, "layer": "network", "measure": "loss", "estimate": "",
         "reference": "validation", "value": loss / (epoch + 1)}
        for run_id in ids for epoch in (0, 1)
    ]  # fmt: skip
    return pd.DataFrame([{"run_id": run_id} | numbers for run_id in ids]), pd.DataFrame(curves)


def found(first: Tables, second: Tables, tolerance: float = 0.0) -> tuple[pd.DataFrame, list[str]]:
    pairs = {"a": "c", "b": "d"}
    table, differing = agreement_table(first, second, pairs, tolerance)
    return table.set_index("number"), differing


def told(table: pd.DataFrame, number: str) -> list[Any]:
    """Return how many values are compared, how many one lacks, and whether they agree."""
    return [table[name].to_dict()[number] for name in ("n", "missing", "agrees")]


def test_same_numbers_agree_to_the_bit() -> None:
    table, differing = found(tables(("a", "b")), tables(("d", "c")))
    assert list(table.index) == [*NUMBERS, "curves: loss"]
    assert table["agrees"].all()
    assert (table["n"] == table["same_bits"]).all()
    assert (table.loc["loss", "n"], table.loc["curves: loss", "n"]) == (2, 4)
    assert differing == []


@pytest.mark.parametrize(("share", "agrees"), [(0.5, True), (2.0, False)])
def test_other_numbers_may_be_off_by_rounding_relative_to_their_size(share: float, agrees: bool) -> None:
    table, differing = found(tables(("a", "b")), tables(("c", "d"), loss=100.0 * (1 + share * ROUNDING)))
    row = table.loc["loss"]
    assert row["agrees"] == table.loc["curves: loss", "agrees"] == agrees
    assert (row["n"], row["same_bits"], row["tolerance"]) == (2, 0, ROUNDING)
    assert row["relative"] == pytest.approx(share * ROUNDING, rel=1e-4)
    assert row["absolute"] == pytest.approx(100 * share * ROUNDING, rel=1e-4)
    assert differing == ([] if agrees else ["a", "b"])


@pytest.mark.parametrize(("tolerance", "agrees"), [(0.0, False), (1e-9, False), (0.02, True)])
def test_accuracies_must_be_the_same_unless_a_tolerance_is_given(tolerance: float, agrees: bool) -> None:
    second = tables(("c", "d"))
    second[0].loc[1, "accuracy"] = 0.51
    table, differing = found(tables(("a", "b")), second, tolerance)
    assert table.loc["accuracy", "agrees"] == agrees
    assert table.loc["accuracy", "absolute"] == pytest.approx(0.01)
    assert table.drop("accuracy")["agrees"].all()
    assert differing == ([] if agrees else ["b"])


def test_zeros_of_either_sign_agree_but_not_to_the_bit() -> None:
    table, differing = found(tables(("a", "b"), loss=0.0), tables(("c", "d"), loss=-0.0))
    row = table.loc["loss"].to_dict()
    assert [row[name] for name in ("n", "same_bits", "absolute", "relative")] == [2, 0, 0.0, 0.0]
    assert differing == []


def test_value_that_one_lacks_does_not_agree() -> None:
    first, second = tables(("a", "b")), tables(("c", "d"))
    second[0].loc[0, "loss"] = math.nan
    table, differing = found(first, second)
    assert told(table, "loss") == [1, 1, False]
    assert differing == ["a"]
    table, differing = found(first, (tables(("c", "d"))[0], second[1].iloc[:-1]))
    assert told(table, "curves: loss") == [3, 1, False]
    assert differing == ["b"]


def test_values_that_both_lack_agree() -> None:
    table, differing = found(tables(("a", "b"), complaints=np.nan), tables(("c", "d"), complaints=np.nan))
    assert told(table, "complaints") == [0, 0, True]
    assert math.isnan(table["absolute"].to_dict()["complaints"])
    assert differing == []


def test_run_that_ended_otherwise_does_not_agree() -> None:
    assert found(tables(("a", "b")), tables(("c", "d"), status="diverged"))[1] == ["a", "b"]
