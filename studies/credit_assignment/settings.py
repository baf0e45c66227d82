"""What is compared: rules that share one network, on three tasks, with one to four hidden layers."""

from dataclasses import dataclass

#: Learning rates, of which each configuration is given its best at each task and depth.
RATES = (0.003, 0.01, 0.03)
#: Factors of the initial weights, of which all configurations of a task and depth share one.
SCALES = (1.0, 2.0)
#: Of the search, and of the table.
SEARCH_SEED, SEEDS = 100, (0, 1, 2, 3, 4)
DEPTHS = (1, 2, 3, 4)

#: Rules and feedback pathways; an empty one is the rule's own.
RULES = (
    ("bptt", ""),
    ("eprop", "symmetric"),
    ("eprop", "learned"),
    ("eprop", "sign_symmetric"),
    ("eprop", "random_direct"),
    ("dcll", ""),
    ("erbp", ""),
    ("reward_stdp", ""),
    ("frozen", ""),
)


@dataclass(frozen=True)
class TaskSettings:
    """How a task is trained.

    Attributes
    ----------
    title : str
        In the table.
    parameters, neuron : str
        Tables of a study file: the task's and the neuron's.
    mean, std : float
        Of the initial weights of hidden layers, before a factor of `SCALES`.
    hidden, epochs : int
        Neurons of each hidden layer, and epochs.
    """

    title: str
    parameters: str
    neuron: str
    mean: float
    std: float
    hidden: int
    epochs: int


TASKS = {
    "yin_yang": TaskSettings(
        "Yin-Yang", "{ train = 2500 }", '{ tau_mem = "15 ms", tau_syn = "5 ms" }',
        mean=6.0, std=5.0, hidden=60, epochs=10,
    ),
    "digits": TaskSettings(
        "digits", "{}", '{ tau_mem = "15 ms", tau_syn = "5 ms" }',
        mean=0.0, std=9.0, hidden=60, epochs=15,
    ),
    "delayed_xor": TaskSettings(
        "delayed XOR", "{ gap = 30 }", '{ tau_mem = "20 ms", tau_syn = "10 ms" }',
        mean=2.0, std=4.0, hidden=60, epochs=15,
    ),
}  # fmt: skip
