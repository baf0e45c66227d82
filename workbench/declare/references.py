"""What estimates are held to: BPTT with either treatment of the reset, and the rows that stand beside rules."""

from typing import Literal

#: How the exact gradient treats the reset: as a constant, or as the function of the membrane potential that it is.
Reset = Literal["constant", "differentiated"]

#: What a gradient goes through at a spike: its surrogate derivative, with either treatment of the reset; its time; or
#: its surrogate derivative with the reset differentiated, where between layers no time passes.
Treatment = Literal["constant", "differentiated", "spike_times", "separated"]

#: The gradients by the times of spikes: of those that Brian2 made, and of those in continuous time.
RECORDED_TIMES, EXACT_TIMES = "recorded_times", "exact_times"

#: The gradient that goes back through time within each layer, and from layer to layer within a step.
SEPARATED = "separated"

#: The gradient at the level of spike trains: of how many spikes there are, in place of when.
SPIKE_TRAINS = "spike_trains"

#: The names of the two exact gradients in tables and curves, each with its treatment of the reset.
EXACT_GRADIENTS: dict[str, Reset] = {"bptt_constant": "constant", "bptt_differentiated": "differentiated"}

#: The one that is meant where none is named.
BY_DEFAULT = "bptt_differentiated"

#: A random update, an estimate that was told the targets of other trials, and the gradient of a rule's own losses.
RANDOM, SHUFFLED, OWN_LOSS = "random", "shuffled", "own_loss"

#: Names that no rule may take.
BESIDE_RULES = frozenset({*EXACT_GRADIENTS, RANDOM, SHUFFLED, OWN_LOSS})


def reset_title(name: str) -> str:
    """Return what tells an exact gradient from the other, as people read it: 'reset constant'."""
    return f"reset {EXACT_GRADIENTS[name]}"
