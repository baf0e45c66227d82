"""A search that goes by what answers are worth, on the command line."""

from pathlib import Path

import pandas as pd
import pytest

from tests.end_to_end.command import workbench
from workbench import load_results

STUDY = """seeds = [0]
question = "At which rate do answers bring most?"
[network]
hidden = [8]
neuron = "lif_noisy"
neuron_parameters = { tau_syn = "5 ms", sigma = 0.2 }
[train]
epochs = 2
batch = 8
fixed = ["readout"]
[measure]
probe = 0
[[task]]
name = "bandit"
parameters = { train = 64, validation = 64, test = 64, contexts = 4 }
network = { weights = { hidden_mean = 3.0, hidden_std = 3.0 } }
[[rule]]
name = "node_perturbation"
[search]
draws = 4
by = "reward"
seeds = [100, 101]
train.learning_rate = { low = 1e-3, high = 1.0, log = true }
"""


def searched(folder: Path, name: str, text: str = STUDY) -> pd.DataFrame:
    """Return the draws of the study, run by the command line."""
    (folder / "study.toml").write_text(text)
    ended = workbench("run", folder / "study.toml", "--out", folder / name)
    assert ended.code == 0, ended.err
    found = load_results(folder / name).draws
    assert found is not None
    return found


def test_draw_whose_answers_are_worth_most_is_chosen_and_so_it_is_again(tmp_path: Path) -> None:
    draws = searched(tmp_path, "out")
    assert draws["by"].eq("reward").all()
    found = load_results(tmp_path / "out" / "search")
    own = found.curves[(found.curves["measure"] == "reward") & (found.curves["layer"] == "network")]
    last = own[own["epoch"] == 2].set_index("run_id")["value"]
    drawn = found.runs["condition"].map({f'{{"draw": {number}}}': number for number in range(4)})
    means = found.runs["run_id"].map(last).groupby(drawn).mean()
    assert draws["score"].tolist() == pytest.approx(means.tolist())
    assert means.nunique() > 1
    assert draws.loc[draws["chosen"], "draw"].tolist() == [means.idxmax()]
    pd.testing.assert_frame_equal(searched(tmp_path, "again"), draws)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('by = "reward"', 'by = "rewards"', "'search.by' must be 'accuracy', 'loss' or 'reward', not 'rewards'"),
        (
            'name = "bandit"\nparameters = { train = 64, validation = 64, test = 64, contexts = 4 }',
            'name = "yin_yang"\nparameters = { train = 16, validation = 16, test = 16 }',
            "task 'yin_yang' does not say what answers are worth, so that nothing can be chosen by reward",
        ),
    ],
)
def test_what_cannot_be_gone_by_is_told_in_a_sentence(tmp_path: Path, old: str, new: str, message: str) -> None:
    (tmp_path / "study.toml").write_text(STUDY.replace(old, new).replace("node_perturbation", "frozen"))
    ended = workbench("run", tmp_path / "study.toml", "--out", tmp_path / "out")
    assert ended.code == 1
    assert message in " ".join(ended.err.split())
    assert not (tmp_path / "out").exists()
