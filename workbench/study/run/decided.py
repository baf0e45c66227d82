"""What a network's answer is where neurons stand for classes that training has not told them."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from workbench.declare.recording import Recording
from workbench.declare.trials import Trials
from workbench.engine.presentation import Plan
from workbench.measures.label_assignment import assigned, responses, votes
from workbench.study.run.state import UnderWay


def decided(run: UnderWay, recording: Recording, trials: Trials) -> Recording:
    """Return a recording with the answers of the study's decision; as it is where the readout gives them.

    Parameters
    ----------
    run : UnderWay
        At the weights of the recording.
    recording : Recording
        With spikes.
    trials : Trials
        Of the recording; their classes are not looked at.
    """
    network, train = run.parts.setup.network, run.parts.data.train
    if not network.decision.assigns or not train.classified:
        return recording
    (layer,) = network.below_readout
    size, n_classes = network.layer_sizes[layer], trials.target.shape[1]
    counts: list[NDArray[np.int64]] = []
    for first in range(0, len(train), run.config.train.chunk):
        part = train.take(np.arange(first, min(first + run.config.train.chunk, len(train))))
        counts.append(responses(run.simulator.run(run.state, part, Plan())[0], layer, size))
    classes = assigned(np.concatenate(counts), train.label, n_classes)
    return replace(recording, score=votes(responses(recording, layer, size), classes, n_classes))
