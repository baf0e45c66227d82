"""A study's controls: they hold where nothing is wrong, and do not where something is."""

import numpy as np
import pandas as pd
import pytest

from workbench.tables.controls import controls, farthest

NETWORK, LAYERS = "64-50r-30-10", {"hidden1": 64 * 50, "hidden1_recurrent": 50 * 50, "hidden2": 1500, "readout": 300}


def study(random_mean: float = 0.0, exact: float = 1.0, readout: float = 1.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tables of a study of two rules and three seeds, with controls of a given mean."""
    generator = np.random.default_rng(0)
    runs, curves = [], []
    for rule in ("bptt", "eprop"):
        for seed in range(3):
            run = f"{rule}{seed}"
            runs.append((run, "digits", NETWORK, seed))
            for epoch in (0, 1, 2):
                for layer, count in LAYERS.items():
                    drawn = random_mean + generator.standard_normal() / count**0.5
                    curves.append((run, epoch, layer, "cosine", "", "random", drawn))
                    own = exact if rule == "bptt" else 0.5
                    curves.append((run, epoch, layer, "cosine", "", "bptt_differentiated", own))
                    if rule == "bptt":
                        curves.append((run, epoch, layer, "exact_rule", "", "bptt_differentiated", own))
                    # Neither the other variant nor what others would have done is a control.
                    curves.append((run, epoch, layer, "cosine", "", "bptt_constant", 0.3))
                    curves.append((run, epoch, layer, "cosine", "eprop", "random", 0.9))
                if rule == "eprop":
                    curves.append((run, epoch, "readout", "exact_readout", "", "bptt_constant", readout))
    return (
        pd.DataFrame(runs, columns=["run_id", "task", "network", "seed"]),
        pd.DataFrame(curves, columns=["run_id", "epoch", "layer", "measure", "estimate", "reference", "value"]),
    )


def test_controls_hold_where_nothing_is_wrong() -> None:
    random, exact, *_ = controls(*study())
    assert random.holds
    assert exact.holds
    # Those of a seed, epoch and layer are drawn once for all rules.
    assert random.count == 3 * 3 * len(LAYERS)
    assert exact.count == 3 * 3 * len(LAYERS)
    assert exact.value == 1
    # Four deviations of a mean over 36 of them, each with that of its number of weights.
    roots = np.sqrt(list(LAYERS.values()))
    assert np.isclose(random.margin, 4 * 6 / (9 * roots.sum()))


def test_a_random_update_that_is_aligned_is_told() -> None:
    random, exact, *_ = controls(*study(random_mean=0.03))
    assert not random.holds
    assert exact.holds
    assert str(random).startswith("Cosine of a random update with BPTT: 0.03")


def test_an_exact_gradient_that_is_not_itself_is_told() -> None:
    random, exact, *_ = controls(*study(exact=1 - 2e-9))
    assert random.holds
    assert not exact.holds
    assert str(exact) == "Cosine of BPTT with itself: 1 -2.0e-09; it may be up to 1e-09 from 1."


def test_a_readout_in_brian2_that_is_not_the_gradient_is_told() -> None:
    assert [control.holds for control in controls(*study(readout=1 + 1e-10))] == [True] * 4
    readout = controls(*study(readout=0.99))[2]
    assert not readout.holds
    assert readout.count == 3 * 3
    assert str(readout).startswith("Cosine of the readout's gradient in Brian2 with BPTT: 1 -1.0e-02;")


def test_a_study_without_controls_says_so() -> None:
    runs, curves = study()
    found = controls(runs, curves[curves["reference"] == "bptt_constant"].assign(value=np.nan))
    assert len(found) == 4
    for control in found:
        assert control.holds
        assert str(control).endswith(": none in this study.")


@pytest.mark.parametrize(("values", "holds"), [([1.0, 1 + 1e-12], True), ([1.0, 0.9999], False), ([], True)])
def test_cosines_that_must_be_1_outside_of_a_study(values: list[float], holds: bool) -> None:
    control = farthest("exact_claim", np.array(values))
    assert control.holds == holds
    assert str(control).startswith("Cosine with BPTT of rules that claim to be the gradient in these networks: ")
