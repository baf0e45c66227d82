"""One network, some trials: what the rule says each weight should do, and what the exact gradient says."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from workbench.audit.blocks import add_sums, in_blocks
from workbench.common.errors import GradientError
from workbench.declare.measured import Measured
from workbench.declare.recording import Recording, join
from workbench.declare.references import EXACT_GRADIENTS
from workbench.declare.trials import Trials
from workbench.engine.presentation import Plan
from workbench.engine.simulate import Simulator
from workbench.engine.state import State, Weights
from workbench.measures import alignment
from workbench.reference.bptt import Reference
from workbench.reference.followed import followed
from workbench.reference.forward_pass import ForwardPass
from workbench.reference.gradients import Gradients


@dataclass(eq=False)
class Exact:
    """What an exact gradient says, summed up over trials.

    Attributes
    ----------
    even, odd : dict of str to ndarray of shape (n_pre, n_post)
        Sums over the trials 0, 2, 4, ... and 1, 3, 5, ..., by layer.
    cosines : dict of str to list of Measured
        Of each trial's estimate with its gradient; by layer, where there are estimates.
    squares, squared_estimates, squared_errors : dict of str to float
        Sums over trials of the squared norms of the gradients, the estimates, and the differences of the two; by layer.
    differing : int
        Decisions within the tolerance of the threshold in which the reference differs from the recording.
    """

    even: Weights = field(default_factory=dict)
    odd: Weights = field(default_factory=dict)
    cosines: dict[str, list[Measured]] = field(default_factory=dict)
    squares: dict[str, float] = field(default_factory=dict)
    squared_estimates: dict[str, float] = field(default_factory=dict)
    squared_errors: dict[str, float] = field(default_factory=dict)
    differing: int = 0

    def add(self, first: int, gradients: Gradients, estimate: Weights) -> None:
        """Add further trials, from a number on, with the estimates of the same trials."""
        self.differing += gradients.differing
        for layer, array in gradients.trials.items():
            for half, start in ((self.even, first % 2), (self.odd, 1 - first % 2)):
                add_sums(half, {layer: array[start::2].sum(axis=0)})
            _add_square(self.squares, layer, array)
            if layer in estimate:
                _add_square(self.squared_estimates, layer, estimate[layer])
                _add_square(self.squared_errors, layer, estimate[layer] - array)
                pairs = zip(estimate[layer], array, strict=True)
                self.cosines.setdefault(layer, []).extend(alignment.cosine(mine, exact) for mine, exact in pairs)


def _add_square(total: dict[str, float], layer: str, array: NDArray[np.float64]) -> None:
    total[layer] = total.get(layer, 0.0) + float((array * array).sum())


@dataclass(frozen=True, eq=False)
class Probe:
    """What was found at one set of weights.

    Attributes
    ----------
    recording : Recording
        What the network did, without the estimates of single trials.
    estimate : dict of str to ndarray of shape (n_pre, n_post)
        The sum over trials of the rule's gradient estimates by layer; layers for which it has none are absent.
    reference : dict of str to Exact
        Exact gradients of the network's loss, by variant.
    refused : dict of str to str
        Why a variant has no gradient.
    """

    recording: Recording
    estimate: Weights
    reference: dict[str, Exact]
    refused: dict[str, str]

    def mean(self) -> Weights:
        """Return the rule's estimate for the gradient of the mean loss."""
        return {layer: array / len(self.recording) for layer, array in self.estimate.items()}

    def exact_mean(self, variant: str, layer: str) -> NDArray[np.float64]:
        """Return a variant's gradient of the mean loss by the weights of a layer."""
        exact = self.reference[variant]
        return (exact.even[layer] + exact.odd[layer]) / len(self.recording)


def probe(simulator: Simulator, reference: Reference, state: State, trials: Trials, block: int = 0) -> Probe:
    """Let a rule and the reference look at the same trials, without learning.

    Parameters
    ----------
    simulator : Simulator
        Of the network with the rule.
    reference : Reference
        Of the same setup.
    state : State
        The weights.
    trials : Trials
        What to present.
    block : int
        Trials at a time; by default as many as fit into memory. No result depends on it beyond rounding.

    Returns
    -------
    Probe
        The estimates of a rule that follows the reference are that gradient. A variant that is refused in a block is
        refused altogether.
    """
    own = simulator.setup.rule.gradient
    found = _look(simulator, reference, state, trials, own, block)
    # Without the gradient that the rule would take there is only what the network itself estimates.
    if own not in found.refused:
        return found
    without = _look(simulator, reference, state, trials, "", block)
    return replace(without, refused=found.refused | without.refused)


def _look(simulator: Simulator, reference: Reference, state: State, trials: Trials, own: str, block: int) -> Probe:
    total: Weights = {}
    found = {name: Exact() for name in EXACT_GRADIENTS}
    refused: dict[str, str] = {}
    sizes: list[int] = []
    network = simulator.setup.network

    def look_at(first: int, part: Trials) -> Recording:
        sizes.append(len(part))
        recording, _ = simulator.run(state, part, Plan(learning=True, record_gradient=True))
        estimate = recording.gradient
        if simulator.setup.rule.intervenes:
            # The gradient is that of the network that is left to itself.
            recording, _ = simulator.run(state, part, Plan())
        # What the rule follows comes first, and makes its estimates.
        for name in sorted({*EXACT_GRADIENTS, own} - {"", *refused}, key=lambda name: (name != own, name)):
            forward = ForwardPass(state.weights, state.feedback, part, recording)
            try:
                gradients = None
                if name in EXACT_GRADIENTS:
                    gradients = reference.gradients(forward, reset=EXACT_GRADIENTS[name], per_trial=True, pad=sizes[0])
                if name == own:
                    same = gradients if simulator.setup.rule.direction == "reverse" else None
                    estimate = (same or followed(reference, forward, per_trial=True, pad=sizes[0])).trials
                    # Fixed weights have a gradient, and nobody follows it.
                    estimate = {layer: array for layer, array in estimate.items() if layer in network.plastic_weights}
            except GradientError as error:
                refused[name] = _reason(error, first, len(part), len(trials))
                continue
            if gradients is not None:
                found[name].add(first, gradients, estimate)
        add_sums(total, {layer: array.sum(axis=0) for layer, array in estimate.items()})
        return replace(recording, gradient={})

    parts = in_blocks(network, trials, block)
    recording = join([look_at(first, part) for first, part in parts])
    return Probe(recording, total, {name: found[name] for name in EXACT_GRADIENTS if name not in refused}, refused)


def _reason(error: GradientError, first: int, count: int, of: int) -> str:
    """Return why a block has no gradient, and which block where there are several."""
    return str(error) if count == of else f"Trials {first + 1} to {first + count} of {of}: {error}"
