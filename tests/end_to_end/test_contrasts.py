"""Planned comparisons of a real study: between two sets of parameters of one rule, and between two variants."""

import json
from pathlib import Path

import pandas as pd
import pytest
from scipy.stats import ttest_rel

from tests.end_to_end.command import workbench
from workbench import load_results

STUDY = """seeds = [0, 1, 2, 3]
question = "What does a larger learning rate change, and what a look at the gradient?"
[network]
hidden = [8]
neuron_parameters = { tau_syn = "5 ms" }
weights = { hidden_mean = 12.0, hidden_std = 5.0 }
[train]
epochs = 2
[[task]]
name = "yin_yang"
parameters = { train = 64, validation = 96, test = 96 }
[[rule]]
name = "eprop"
[[rule]]
name = "eprop"
train.learning_rate = 0.02
[[variant]]
name = "plain"
measure.probe = 0
[[variant]]
name = "looked"
measure.probe = 8
[[contrast]]
of = "e-prop (learning_rate = 0.02), symmetric"
minus = "e-prop (learning_rate = 0.005), symmetric"
measure = "loss"
[[contrast]]
of = "e-prop (learning_rate = 0.02)"
of_at = ["variant=looked"]
minus = "e-prop (learning_rate = 0.02)"
minus_at = ["variant=plain"]
measure = "loss"
"""


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the results of the study, run by the command line."""
    folder = tmp_path_factory.mktemp("contrasts")
    (folder / "study.toml").write_text(STUDY)
    found = workbench("run", folder / "study.toml", "--out", folder / "out")
    assert found.code == 0, found.err
    assert "corrected for 3 planned (Holm)" in " ".join(found.out.split())
    return folder / "out"


def test_sets_of_parameters_are_compared_seed_by_seed_and_equal_rows_do_not_differ(out: Path) -> None:
    found = workbench("figures", out)
    assert found.code == 0, found.err
    table = pd.read_csv(out / "figures" / "contrasts.csv")
    assert table["task_title"].tolist() == ["Yin-Yang, plain", "Yin-Yang", "Yin-Yang, looked"]
    runs = load_results(out).runs.sort_values("seed")
    rates = [json.loads(text)["train"]["learning_rate"] for text in runs["parameters"]]
    plain = [json.loads(text) == {"variant": "plain"} for text in runs["condition"]]
    fast, slow = (
        runs.loc[[own == rate and one for own, one in zip(rates, plain, strict=True)], "loss"].to_numpy()
        for rate in (0.02, 0.005)
    )
    of_sets = table.iloc[0]
    assert (of_sets["n"], of_sets["difference"]) == (4, pytest.approx((fast - slow).mean()))
    assert of_sets["difference"] != 0
    assert of_sets["p"] == pytest.approx(ttest_rel(fast, slow).pvalue)
    # Looking changes nothing of what is trained: of the two variants, each seed has the same loss.
    equal = table.iloc[1]
    assert (equal["n"], equal["difference"]) == (4, 0)
    assert pd.isna(equal["p_holm"])
    assert "All seeds have the same difference" in equal["reason"]
    assert equal["of"] == "e-prop (learning_rate = 0.02), symmetric, looked"


def test_page_and_paper_have_the_comparisons(out: Path, tmp_path: Path) -> None:
    assert workbench("report", out, "--out", tmp_path / "page.html").code == 0
    assert "e-prop (learning_rate = 0.02), symmetric, looked minus" in (tmp_path / "page.html").read_text()
    assert workbench("paper", out, "--out", tmp_path / "paper").code == 0
    texts = [path.read_text() for path in (tmp_path / "paper").rglob("*.tex")]
    assert any("symmetric, looked minus" in " ".join(text.split()) for text in texts)
