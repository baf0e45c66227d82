"""What the columns of a study's summary mean: the one text for pages, tooltips and documentation."""

from dataclasses import dataclass

from workbench.declare.configuration import words
from workbench.declare.references import reset_title


@dataclass(frozen=True)
class SummaryColumn:
    """A column of the summary as people read it.

    Attributes
    ----------
    head : str
        What it is called.
    meaning : str
        In a sentence.
    unit : str
        Of its numbers; empty for words, and for numbers without one.
    numeric : bool
        Whether it has numbers.
    """

    head: str
    meaning: str
    unit: str = ""
    numeric: bool = True


#: By the name in the summary; that of a difference follows its baseline, that of a cosine variant and layer.
SUMMARY_COLUMNS = {
    "task_title": SummaryColumn("task", "The task, in the condition of the study where it has several.", "", False),
    "rule": SummaryColumn("rule", "The rule of the hidden layers, with its parameters where they differ.", "", False),
    "feedback": SummaryColumn("feedback", "How the learning signal reaches the hidden layers.", "", False),
    "accuracy": SummaryColumn(
        "accuracy",
        "Share of correct predictions on the test split after training: mean over the seeds that finished, "
        "\u00b1 half its 95 % interval by Student's t.",
        "%",
    ),
    "minus": SummaryColumn(
        "minus baseline",
        "Accuracy less that of the baseline, paired by seed: mean \u00b1 half its 95 % interval by Student's t.",
        "points",
    ),
    "reward": SummaryColumn(
        "reward",
        "What the answers on the test split are worth on average, after training: mean over the seeds that finished, "
        "\u00b1 half its 95 % interval by Student's t.",
    ),
    "chance_reward": SummaryColumn("of chance", "The same of answers that are drawn, each as often."),
    "best_reward": SummaryColumn("at best", "The same of the best answer to each trial."),
    "loss": SummaryColumn("loss", "Loss on the test split after training: mean over the seeds that finished."),
    "cosine": SummaryColumn(
        "cosine",
        "Cosine of the rule's estimate with the exact gradient, at the last epoch that was probed: mean over seeds. "
        "1 is the direction of the gradient, 0 what a random update has.",
    ),
    "complaints": SummaryColumn(
        "complaints",
        "How many of six complaints against backpropagation hold of the rule in such a network, from 0 to 6.",
    ),
    "spikes_per_trial": SummaryColumn(
        "spikes per trial", "Spikes of all hidden neurons in a trial of the test split: mean over trials and seeds."
    ),
    "seconds": SummaryColumn("time", "Training and measuring of one run, without compilation: mean over seeds.", "s"),
    "status": SummaryColumn(
        "runs", "How many runs ended how: done, diverged, failed or skipped. Only those that are done count.", "", False
    ),
}


def summary_column(name: str) -> SummaryColumn:
    """Return what a column of `summary_table` means.

    Parameters
    ----------
    name : str
        Such as ``accuracy``, ``minus_frozen`` or ``cosine bptt_differentiated hidden1``.
    """
    if name.startswith("minus_"):
        about, baseline = SUMMARY_COLUMNS["minus"], words(name.removeprefix("minus_"))
        meaning = about.meaning.replace("the baseline", f"'{baseline}'")
        return SummaryColumn(f"minus {baseline}", meaning, about.unit)
    if name.startswith("cosine "):
        _, reference, layer = name.split(" ", 2)
        about = SUMMARY_COLUMNS["cosine"]
        meaning = f"{about.meaning} Of {words(layer)}; {reset_title(reference)}."
        return SummaryColumn(f"cosine {words(layer)}", meaning)
    return SUMMARY_COLUMNS[name]
