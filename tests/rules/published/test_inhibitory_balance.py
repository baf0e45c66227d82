"""The network of Vogels et al. (2011), smaller: spike for spike that of a plain script of Brian2."""

from pathlib import Path

import numpy as np

from studies.inhibitory_balance.measure import first_difference, here, plain
from studies.inhibitory_balance.network import Sizes, network_of

SMALL = Sizes(excitatory=400, inhibitory=100, probability=0.2, n_steps=3000)


def test_spikes_are_those_of_a_plain_script(tmp_path: Path) -> None:
    network = network_of(SMALL)
    assert all(not item.dense for item in network.projections)
    ours, theirs = here(network), plain(network, tmp_path)
    assert len(ours.step) > 5000
    assert set(ours.neuron) == set(range(500))
    assert first_difference(ours, theirs) == -1
    assert ours.weights.max() > 0.5
    assert np.abs(ours.weights - theirs.weights).max() < 1e-12 * theirs.weights.max()
    # What would go unnoticed: weights that do not change, and other synapses.
    assert 0 < first_difference(ours, here(network, eta=0.0)) < SMALL.n_steps
    other = network_of(Sizes(excitatory=400, inhibitory=100, probability=0.21, n_steps=3000))
    assert 0 < first_difference(ours, here(other)) < SMALL.n_steps
