"""What is compared: rules that share a network, and so have a frozen baseline in common."""

from dataclasses import dataclass

#: Draws that each configuration is given.
BUDGET = 8


@dataclass(frozen=True)
class TaskSettings:
    """How a task is trained.

    Attributes
    ----------
    hidden, batch : int
        Sizes of the hidden layer and of a batch.
    epochs, search_epochs : int
        Of the table's runs and of a draw.
    """

    hidden: int
    batch: int
    epochs: int
    search_epochs: int


@dataclass(frozen=True)
class Family:
    """Configurations that share a network.

    Attributes
    ----------
    name, title : str
        In folders, and in the table.
    network : tuple of str
        Lines of a study's `[network]`.
    coding : str
        Of the task.
    weights : dict of str to dict of str to float
        Initial weights by task; draws scale them.
    rules : tuple of (str, str)
        Rules and feedback pathways, empty for the rule's own.
    rates : tuple of float
        Between which learning rates are drawn.
    """

    name: str
    title: str
    network: tuple[str, ...]
    coding: str
    weights: dict[str, dict[str, float]]
    rules: tuple[tuple[str, str], ...]
    rates: tuple[float, float] = (1e-3, 0.1)


TASKS = {
    "yin_yang": TaskSettings(hidden=60, batch=32, epochs=15, search_epochs=4),
    "digits": TaskSettings(hidden=100, batch=32, epochs=20, search_epochs=6),
}

_SPARSE = {"yin_yang": {"hidden_mean": 12.0, "hidden_std": 4.0}, "digits": {"hidden_mean": 0.0, "hidden_std": 9.0}}
_DENSE = {"yin_yang": {"hidden_mean": 1.6, "hidden_std": 1.0}, "digits": {"hidden_mean": 0.0, "hidden_std": 2.0}}
_RATE = {
    "yin_yang": {"hidden_mean": 1.0, "hidden_std": 2.0, "readout_std": 0.1},
    "digits": {"hidden_mean": 0.0, "hidden_std": 2.0, "readout_std": 0.1},
}
_LIF = 'neuron_parameters = { tau_mem = "15 ms", tau_syn = "5 ms" }'

FAMILIES = (
    Family(
        "lif", "LIF, one spike an input, leaky readout", (_LIF,), "latency", _SPARSE,
        (
            ("frozen", ""), ("bptt", ""), ("eprop", "symmetric"), ("eprop", "sign_symmetric"),
            ("eprop", "random_direct"), ("dcll", ""), ("erbp", ""), ("reward_stdp", ""), ("stdp", ""),
            ("eprop", "learned"),
        ),
    ),
    Family("lif_rate", "LIF, rate-coded inputs, leaky readout", (_LIF,), "rate", _DENSE,
           (("frozen", ""), ("eprop", "random_direct"), ("erbp", ""), ("bptt", ""))),
    Family("alif", "the same with adaptive thresholds", ('neuron = "alif"', _LIF), "latency", _SPARSE,
           (("frozen", ""), ("eprop_adaptive", "symmetric"), ("bptt", ""))),
    Family("spiking", "LIF, one spike an input, spiking readout",
           (_LIF, 'readout = "lif_train"', 'loss = "squared_error"'), "latency", _SPARSE,
           (("frozen", ""), ("superspike", "symmetric"), ("superspike", "random_direct"), ("superspike", "learned"),
            ("bptt", ""))),
    Family("rate", "integrate-and-fire, rate-coded inputs, spiking readout",
           ('neuron = "if"', 'readout = "if_train"', 'loss = "squared_error"'), "rate", _RATE,
           (("frozen", ""), ("bp_stdp", ""), ("stdp_backprop", "symmetric"), ("stdp_backprop", "random_direct"),
            ("bptt", "")),
           rates=(1e-4, 1e-2)),
)  # fmt: skip
