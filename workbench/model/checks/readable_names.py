"""The names that the texts of a rule may read, besides units, functions and subexpressions, for whoever writes a rule.

The checks of equations decide; a test holds this list to what they accept, name by name and text by text.
"""

from dataclasses import dataclass

#: The texts of a rule that read names, in the order in which they run.
TEXTS = ("pre", "pre_on_spike", "output_step", "post", "on_step", "relay", "pairs", "synapse")

_AT_NEURON = ("post", "on_step", "relay")
_STEPS = ("on_step", "output_step")


@dataclass(frozen=True)
class ReadableName:
    """A name that some texts of a rule may read.

    Attributes
    ----------
    name : str
        As it is written there; a part in angle brackets stands for the name of what it says.
    texts : tuple of str
        The texts that may read it, of `TEXTS`.
    doc : str
        What it is.
    """

    name: str
    texts: tuple[str, ...]
    doc: str


READABLE = (
    ReadableName("<trace>", ("pre", "pre_on_spike"), "a variable of `pre`"),
    ReadableName("<trace>_pre", ("pairs", "synapse"), "the same, of the presynaptic neuron, or of the first of a pair"),
    ReadableName("<trace>_post", ("pairs",), "the same, of the second neuron of a pair"),
    ReadableName("<variable>", (*_AT_NEURON, "output_step"), "a variable of the neuron model, such as `v` or `I`"),
    ReadableName("<variable>_post", ("synapse",), "the same, of the postsynaptic neuron; before its reset"),
    ReadableName("<parameter>", (*_AT_NEURON, "output_step"), "a parameter of the neuron model, such as `tau_mem`"),
    ReadableName("<parameter>_post", ("pre", "synapse"), "the same, of the layer that the synapses reach"),
    ReadableName("<parameter>_readout", ("synapse",), "a parameter of the readout's model"),
    ReadableName("<number>", TEXTS, "a parameter of the rule that is a number"),
    ReadableName("<kept>", _AT_NEURON, "a variable of `post`, or of the `state` of `on_step`"),
    ReadableName("<kept>_post", ("synapse",), "the same, of the postsynaptic neuron"),
    ReadableName("<of output>", ("output_step",), "a variable of the `state` of `output_step`"),
    ReadableName("<of synapse>", ("synapse",), "another variable of `synapse` than `g`"),
    ReadableName("<of pair>", ("pairs",), "a variable of `pairs`"),
    ReadableName("<pair sum>_pre", ("pairs", "synapse"), "one of the sums of `pairs`, as `<trace>_pre`"),
    ReadableName("<pair sum>_post", ("pairs",), "the same, of the second neuron of a pair"),
    ReadableName("<sum>_post", ("synapse",), "one of the rule's `sums`, over the synapses onto the neuron"),
    ReadableName("<signal>", _AT_NEURON, "the learning signal, by the name that the rule gives it"),
    ReadableName("<signal>_post", ("synapse",), "the same, of the postsynaptic neuron"),
    ReadableName("psi", (*_AT_NEURON, "output_step"), "the surrogate derivative; of an output, where that spikes"),
    ReadableName("psi_post", ("synapse",), "the same, of the postsynaptic neuron"),
    ReadableName("drive", _AT_NEURON, "how far a hidden neuron is above its threshold; its output, where it has none"),
    ReadableName("drive_post", ("synapse",), "the same, of the postsynaptic neuron"),
    ReadableName(
        "spiked",
        (*_AT_NEURON, "output_step"),
        "1 in the step of a spike, else 0; of a hidden neuron without spikes what it sends in the step",
    ),
    ReadableName("spiked_pre", ("synapse",), "the same, of the presynaptic neuron"),
    ReadableName("spiked_post", ("synapse",), "the same, of the postsynaptic neuron"),
    ReadableName("w", ("synapse",), "the weight"),
    ReadableName("error", ("output_step",), "the derivative of the loss by the output, which may be set anew"),
    ReadableName("target", ("output_step",), "what is wanted of the output; of spikes, whether one is due"),
    ReadableName(
        "answered", ("output_step",), "1 for the output that is the answer, in the last step of the window, else 0"
    ),
    ReadableName(
        "brought",
        ("output_step",),
        "what the answer brings, in that output and step, else 0; where a task has no rewards, what its target says",
    ),
    ReadableName("elapsed", _STEPS, "the share of the trial that is over in the middle of the step"),
    ReadableName("ends", _STEPS, "1 in the last step of a trial, else 0"),
    ReadableName("dt", ("output_step", "post", "on_step", "pairs", "synapse"), "the length of a step"),
)
