"""Every column of the summary that people read is explained, once."""

import pytest

from workbench.tables.summary_columns import SUMMARY_COLUMNS, summary_column


def test_names_that_vary_say_of_what_they_are() -> None:
    minus = summary_column("minus_frozen")
    assert (minus.head, minus.unit) == ("minus frozen", "points")
    assert minus.meaning.startswith("Accuracy less that of 'frozen', paired by seed")
    cosine = summary_column("cosine bptt_constant hidden1")
    assert cosine.head == "cosine hidden 1"
    assert cosine.meaning == f"{SUMMARY_COLUMNS['cosine'].meaning} Of hidden 1; reset constant."


@pytest.mark.parametrize("name", sorted(SUMMARY_COLUMNS))
def test_columns_are_told_in_a_sentence(name: str) -> None:
    column = summary_column(name)
    assert column is SUMMARY_COLUMNS[name]
    assert column.head
    assert column.meaning.endswith(".")
    assert not column.unit or column.numeric
