"""Studies with a rule that follows the times of spikes: it trains, is measured and asked, or skipped with a reason."""

from pathlib import Path

import numpy as np
import pytest

from tests.end_to_end.command import STUDY, workbench
from workbench.study.results.tables import Results, load_results

#: First spikes as outputs, as EventProp was published with.
FIRST_SPIKES = """question = "Do first spikes learn?"
seeds = [0]
[network]
hidden = [30]
neuron_parameters = { tau_syn = "5 ms" }
readout = "lif_first_spike"
readout_parameters = { tau_syn = "5 ms" }
loss = "first_spike_cross_entropy"
decision = "last"
weights = { hidden_mean = 7.5, hidden_std = 1.74, readout_mean = 80.0, readout_std = 3.0 }
[train]
epochs = 4
optimizer = "adam"
learning_rate = 0.02
[measure]
probe = 32
[[task]]
name = "yin_yang"
parameters = { coding = "times", train = 300, validation = 90, test = 90 }
[[rule]]
name = "bptt"
[[rule]]
name = "eventprop"
[[rule]]
name = "eventprop"
parameters = { times = "exact" }
"""


def ran(folder: Path, text: str) -> Results:
    (folder / "study.toml").write_text(text)
    ended = workbench("run", folder / "study.toml", "--out", folder / "out")
    assert ended.code == 0, ended.err
    return load_results(folder / "out")


def test_first_spikes_are_trained_by_recorded_and_by_exact_times(tmp_path: Path) -> None:
    found = ran(tmp_path, FIRST_SPIKES)
    assert found.runs["status"].tolist() == ["done"] * 3
    for _, run in found.runs.iterrows():
        own = found.curves[(found.curves["run_id"] == run["run_id"]) & (found.curves["estimate"] == "")]
        losses = own[(own["layer"] == "network") & (own["measure"] == "loss")].sort_values("epoch")["value"]
        assert losses.iloc[-1] < 0.9 * losses.iloc[0], run["rule"]
        cosines = own[(own["layer"] == "hidden1") & (own["measure"] == "cosine") & (own["epoch"] == 0)]
        against = cosines.set_index("reference")["value"]
        if run["rule"] == "bptt":
            assert against["bptt_differentiated"] == pytest.approx(1, abs=1e-9)
            continue
        # Another gradient than that of the surrogate, and one that is there.
        assert 0 < abs(against["bptt_differentiated"]) < 0.99
        assert np.isfinite(against["shuffled"])


def test_it_is_asked_beside_others(tmp_path: Path) -> None:
    text = STUDY.replace("probe = 16", "probe = 16\npassive = true")
    rules = "".join(f'[[rule]]\nname = "{name}"\n' for name in ("bptt", "eprop", "eventprop"))
    found = ran(tmp_path, text + rules)
    named = found.curves.merge(found.runs[["run_id", "rule"]], on="run_id")
    asked = named[(named["estimate"] == "eventprop") & (named["layer"] == "hidden1") & (named["epoch"] == 0)]
    assert set(asked["rule"]) == {"bptt", "eprop", "eventprop"}
    # All three runs begin with the same weights: what it says of these is the same whoever asks.
    against = asked[asked["reference"] == "bptt_constant"]["value"].to_numpy()
    own = named[(named["rule"] == "eventprop") & (named["estimate"] == "") & (named["layer"] == "hidden1")]
    own = own[(own["epoch"] == 0) & (own["measure"] == "cosine") & (own["reference"] == "bptt_constant")]
    assert np.isfinite(against).all()
    assert np.allclose(against, own["value"].to_numpy(), rtol=1e-9)


def test_neurons_whose_spikes_have_no_times_of_their_own_are_skipped(tmp_path: Path) -> None:
    text = STUDY.replace("[network]", '[network]\nneuron = "lif_refractory"').replace("epochs = 4", "epochs = 1")
    found = ran(tmp_path, text + '[[rule]]\nname = "frozen"\n[[rule]]\nname = "eventprop"\n')
    skipped = found.runs.set_index("rule").loc["eventprop"]
    assert skipped["status"] == "skipped"
    assert (
        skipped["reason"] == "It moves spikes in time, and a refractory period has a part in those of 'lif_refractory'."
    )


def test_a_network_without_continuous_time_is_not_asked_for_its_gradient(tmp_path: Path) -> None:
    """The readout's time constants are equal: the others train, and the table says why there is no such gradient."""
    text = STUDY.replace("[network]", '[network]\nreadout_parameters = { tau_mem = "10 ms" }')
    text = text.replace("probe = 16", "probe = 16\npassive = true").replace("epochs = 4", "epochs = 1")
    (tmp_path / "study.toml").write_text(
        text + '[[rule]]\nname = "bptt"\n[[rule]]\nname = "eventprop"\nparameters = { times = "exact" }\n'
    )
    ended = workbench("run", tmp_path / "study.toml", "--out", tmp_path / "out")
    assert ended.code != 0
    found = load_results(tmp_path / "out")
    status = found.runs.set_index("rule")[["status", "reason"]]
    assert status.loc["bptt", "status"] == "done"
    assert status.loc["eventprop", "status"] == "failed"
    asked = found.curves[found.curves["estimate"] == "eventprop"]
    reasons = [*asked["reason"], status.loc["eventprop", "reason"]]
    assert len(reasons) > 1
    assert all("two of its time constants are equal" in reason for reason in reasons)
