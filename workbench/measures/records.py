"""All measures that come with the workbench, as tables and figures know them."""

from collections.abc import Mapping

from workbench.declare.measure import EstimatedGradient, ExactGradient, Looked, Measure
from workbench.declare.measured import Measured
from workbench.measures import alignment, performance, spike_trains
from workbench.measures.ceiling import ceiling


def _accuracy(look: Looked) -> Measured | None:
    return performance.accuracy(look.recording, look.trials) if look.trials.classified else None


def _local_accuracy(look: Looked) -> Mapping[str, Measured] | None:
    return performance.local_accuracy(look.recording, look.trials) if look.trials.classified else None


def _variance(found: EstimatedGradient) -> Measured:
    return alignment.variance(found.squared_estimates, found.estimate, found.gradient, found.n_trials)


def _reference_variance(exact: ExactGradient) -> Measured:
    return alignment.variance(exact.squares, exact.gradient, exact.gradient, exact.n_trials)


#: Of the network, on the validation split.
PERFORMANCE = (
    Measure(
        name="accuracy", title="validation accuracy", of="network", unit="%", better="higher", scale="error", least=0,
        most=1, doc="share of trials whose largest target is predicted; of classes alone", function=_accuracy,
    ),
    Measure(
        name="loss", title="validation loss", of="network", better="lower", scale="log",
        doc="mean loss of the trials", function=lambda look: Measured(performance.loss(look.recording)),
    ),
    Measure(
        name="reward", title="mean reward, validation", of="network", better="higher",
        doc="what the answers are worth on average, mean over trials; of tasks with rewards alone",
        function=lambda look: performance.reward(look.recording, look.trials),
    ),
    Measure(
        name="spikes_per_trial", title="hidden spikes per trial", of="network", least=0,
        doc="spikes of all hidden neurons, mean over trials",
        function=lambda look: Measured(performance.spikes_per_trial(look.recording)),
    ),
)  # fmt: skip

#: Of the network, where spikes or a threshold tell what it says.
SPIKE_TRAINS = (
    Measure(
        name="wanted_spikes_hit", title="wanted spikes hit", of="network", unit="%", better="higher", least=0, most=1,
        doc="share of wanted spikes that have a spike of the output's within 2 ms, each another one",
        function=spike_trains.wanted_spikes_hit,
    ),
    Measure(
        name="spikes_as_wanted", title="spikes where wanted", of="network", unit="%", better="higher", least=0, most=1,
        doc="share of the outputs' spikes that have a wanted spike within 2 ms, each another one",
        function=spike_trains.spikes_as_wanted,
    ),
    Measure(
        name="van_rossum", title="van Rossum distance, squared", of="network", better="lower", least=0,
        doc="of the outputs' spikes from those wanted, with a kernel of 10 ms: a spike too many makes 1/2; mean over "
        "trials and outputs", function=spike_trains.van_rossum,
    ),
    Measure(
        name="threshold_errors", title="errors at the threshold", of="network", unit="%", better="lower", least=0,
        most=1, doc="share of trials and outputs whose potential gets to 1 and should not, or should and does not; "
        "with decision `peak`", function=spike_trains.threshold_errors,
    ),
)  # fmt: skip

#: Of a layer.
LAYERS = (
    Measure(
        name="local_accuracy", title="accuracy of the layer's own readout", of="layer", unit="%", better="higher",
        scale="error", least=0, most=1, doc="accuracy of a hidden layer's local readout", function=_local_accuracy,
    ),
    Measure(
        name="feedback_cosine", title="cosine of feedback with forward weights", of="layer", better="higher", least=-1,
        most=1, neutral=0, neutral_title="a right angle",
        doc="of feedback weights from the layer above with the transpose of the forward weights",
    ),
)  # fmt: skip

#: Of a rule's estimate and an exact gradient.
ESTIMATES = (
    Measure(
        name="cosine", title="cosine with BPTT", of="estimate", better="higher", least=-1, most=1,
        doc="a . h / (norm(a) norm(h)), of the batch mean",
        function=lambda found: alignment.cosine(found.estimate, found.gradient),
    ),
    Measure(
        name="cosine_per_trial", title="cosine with BPTT, per trial", of="estimate", better="higher", least=-1, most=1,
        doc="mean over trials of the cosine of a_k with h_k; trials with either of them 0 do not count",
        function=lambda found: alignment.cosine_per_trial(found.cosines),
    ),
    Measure(
        name="cosine_step", title="cosine of step with BPTT", of="estimate", better="higher", least=-1, most=1,
        doc="cosine of the step that the optimizer, with its memory, would make of a, with h",
        function=lambda found: alignment.cosine(found.step, found.gradient),
    ),
    Measure(
        name="magnitude", title="magnitude relative to BPTT", of="estimate", scale="log", least=0, neutral=1,
        neutral_title="the length of BPTT's gradient", doc="norm(a) / norm(h)",
        function=lambda found: alignment.magnitude(found.estimate, found.gradient),
    ),
    Measure(
        name="sign_agreement", title="sign agreement with BPTT", of="estimate", better="higher", least=0, most=1,
        neutral=0.5, neutral_title="chance", doc="share of synapses with h other than 0 where a has its sign",
        function=lambda found: alignment.sign_agreement(found.estimate, found.gradient),
    ),
    Measure(
        name="bias", title="bias relative to BPTT", of="estimate", better="lower", scale="log", least=0, neutral=1,
        neutral_title="no estimate at all",
        doc="norm of the expected a_k - h_k, relative to norm(h): what more trials would not average out",
        function=lambda found: alignment.bias(
            found.squared_errors, found.estimate, found.gradient, found.n_trials
        ),
    ),
    Measure(
        name="variance", title="variance of single trials", of="estimate", better="lower", scale="log", least=0,
        doc="sum_k norm(a_k - a)^2 / (K - 1) / norm(h)^2", function=_variance,
    ),
    Measure(
        name="descent", title="decrease of the loss, as a share of BPTT's", of="estimate", better="higher", neutral=1,
        neutral_title="as far as BPTT", doc="decrease of the loss along a, as a share of that along h, see below",
    ),
)  # fmt: skip

#: Of an exact gradient alone.
GRADIENTS = (
    Measure(
        name="gradient_norm", title="norm of BPTT's gradient", of="gradient", scale="log", least=0, doc="norm(h)",
        function=lambda exact: alignment.norm(exact.gradient),
    ),
    Measure(
        name="reference_variance", title="variance of BPTT's gradient", of="gradient", scale="log", least=0,
        doc="the variance of h_k and h in place of a_k and a", function=_reference_variance,
    ),
    Measure(
        name="ceiling", title="cosine of halves of BPTT's gradient", of="gradient", least=-1, most=1,
        doc="cosine of the sum of h_k over even trials with that over odd ones",
        function=lambda exact: ceiling(exact.even, exact.odd, exact.n_trials),
    ),
)  # fmt: skip

#: All of them, by name.
MEASURES: Mapping[str, Measure] = {
    measure.name: measure for measure in (*PERFORMANCE, *SPIKE_TRAINS, *LAYERS, *ESTIMATES, *GRADIENTS)
}
