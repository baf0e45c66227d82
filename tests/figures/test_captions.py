"""Captions say how many seeds there are, and what bars are only where there are any."""

import pandas as pd
import pytest

from workbench.figures.captions import BANDS, BARS, DOTS, MEANS, RANGES, caption, searched


def runs(seeds: dict[str, int]) -> pd.DataFrame:
    """Return runs of some rules, each from so many seeds that finished and one that did not."""
    rows = [
        {"run_id": f"{rule}{seed}", "task": "t", "rule": rule, "feedback": "none", "network": "2-2", "seed": seed,
         "status": "done" if seed < count else "diverged", "reason": "", "accuracy": 0.5}
        for rule, count in seeds.items()
        for seed in range(count + 1)
    ]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("seeds", "spread", "told"),
    [
        ({"a": 1}, BARS, "n = 1 finished seed per configuration; below 5 seeds no interval is drawn"),
        ({"a": 3, "b": 2}, BANDS, "n = 2 to 3 finished seeds per configuration; below 5 seeds no interval is drawn"),
        ({"a": 5}, BARS, "n = 5 finished seeds per configuration; bars are 95 % intervals of the mean by Student's t."),
        ({"a": 6, "b": 4}, BANDS, "n = 4 to 6 finished seeds per configuration; bands are 95 % intervals of the mean"),
        ({"a": 6}, DOTS, "dots are seeds, and no interval is drawn."),
        ({"a": 6}, MEANS, "means over seeds, without an interval."),
        ({"a": 2}, RANGES, "from 5 seeds on, and the range of fewer."),
    ],
)
def test_caption_tells_seeds_and_interval(seeds: dict[str, int], spread: str, told: str) -> None:
    text = caption("What is drawn.", runs(seeds), spread)
    assert text.startswith("What is drawn. n = ")
    assert told in text


def test_caption_of_a_search_counts_draws() -> None:
    assert "n = 2 draws per rule" in searched(pd.DataFrame({"cell": [0, 0, 1, 1]}))
    assert "n = 1 to 2 draws per rule" in searched(pd.DataFrame({"cell": [0, 0, 1]}))
