"""How a network is computed: by what, in which form, with which numbers."""

from typing import Literal

#: A program that is compiled, or Brian2's NumPy code, which is slow and needs no compiler.
Target = Literal["cpp", "numpy"]

#: How synapses learn: from their events, at the end of a trial ("replay") or at once ("causal"), whichever fits
#: ("events"); or in each step, as rules are written ("clock"). Weights that change while time runs do so at the spikes
#: that change them ("online"), unless they are to be visited in each step.
Form = Literal["events", "replay", "causal", "online", "clock"]

#: What a task wants of the outputs: a value each, in each trial or each step, or spikes.
Targets = Literal["trial", "step", "spikes"]

#: Of all variables.
Precision = Literal["float64", "float32"]
