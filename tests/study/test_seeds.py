"""Streams of random numbers."""

import numpy as np
import pytest

from workbench.study.seeds import PURPOSES, stream


def test_numbers_of_a_stream_stay_what_they_are() -> None:
    # Results that are stored were made with these: another value means that no stored result can be made again.
    assert stream("weights", "digits", 0, "hidden1").integers(0, 2**32, 3).tolist() == [
        1842264515,
        1326990557,
        1974889166,
    ]


def test_same_names_give_same_numbers() -> None:
    first = stream("data order", "digits", 3).random(100)
    assert first.tobytes() == stream("data order", "digits", 3).random(100).tobytes()
    assert first.tobytes() == stream("data order", "digits", np.int64(3)).random(100).tobytes()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "other",
    [
        ("weights", "digits", 3),
        ("data order", "digits", 4),
        ("data order", "digits", "3"),
        ("data order", "digit", "s3"),
        ("data order", "digits"),
        ("data order", 3, "digits"),
    ],
)
def test_any_other_name_gives_other_numbers(other: tuple[str, str | int]) -> None:
    first = stream("data order", "digits", 3).random(100)
    assert not np.isin(first, stream(*other).random(100)).any()


def test_streams_of_neighbouring_seeds_are_uncorrelated() -> None:
    numbers = np.array([stream(purpose, seed).normal(size=1000) for purpose in PURPOSES for seed in range(10)])
    correlation = np.corrcoef(numbers) - np.eye(len(numbers))
    assert np.abs(correlation).max() < 0.15  # 5 standard errors


def test_unknown_purpose_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"'weight' is not a purpose of random numbers. Did you mean 'weights'?"):
        stream("weight", 0)
