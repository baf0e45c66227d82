"""Names are replaced on the syntax tree, all at once: no text is taken for another, and precedence is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.text.syntax import changes, identifiers, substituted, sum_of, with_substituted


@pytest.mark.parametrize(
    ("expression", "replacements", "expected"),
    [
        ("a - b", {"b": "c - d"}, "a - (c - d)"),
        ("b**2", {"b": "-c"}, "(-c) ** 2"),
        ("1 / b", {"b": "c * d"}, "1 / (c * d)"),
        ("not b", {"b": "c or d"}, "not (c or d)"),
        ("gamma / (1 + beta * abs(drive))", {"drive": "v - beta * a", "beta": "p", "gamma": "q"},
         "q / (1 + p * abs(v - beta * a))"),
        ("a + b", {"a": "b", "b": "a"}, "b + a"),
        ("exp(exp)", {"exp": "x"}, "exp(x)"),
        ("tau + tau_mem", {"tau": "t1"}, "t1 + tau_mem"),
    ],
)  # fmt: skip
def test_what_stands_in_the_place_of_a_name_keeps_its_meaning(
    expression: str, replacements: dict[str, str], expected: str
) -> None:
    assert substituted(expression, replacements) == expected


def test_what_reads_no_replaced_name_is_left_as_it_stands() -> None:
    assert substituted("(a)*b", {"c": "d"}) == "(a)*b"


@given(st.lists(st.sampled_from(["a", "b", "c", "ab", "a_b"]), min_size=1, max_size=6), st.permutations("abc"))
def test_renaming_there_and_back_changes_nothing(words: list[str], renamed: list[str]) -> None:
    there = dict(zip("abc", renamed, strict=True))
    back = {new: old for old, new in there.items()}
    expression = " * ".join(words)
    assert substituted(substituted(expression, there), back) == expression
    assert identifiers(substituted(expression, there)) == {there.get(word, word) for word in words}


def test_statements_keep_what_they_set() -> None:
    assert with_substituted("x += x * a; y = b", {"x": "z", "a": "b", "b": "a"}) == "x += z * b\ny = a"
    assert changes("x -= 2*y\nz = x") == [("x", "-", "2 * y"), ("z", "", "x")]


def test_sum_keeps_its_terms_apart() -> None:
    assert sum_of(["a - b", "c"]) == "(a - b) + (c)"
    assert sum_of([]) == "0"
