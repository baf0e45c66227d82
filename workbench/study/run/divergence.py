"""The decision that a run has diverged."""

from workbench.common.errors import DivergedError
from workbench.declare.recording import Recording
from workbench.measures import performance
from workbench.study.run.state import UnderWay


def refuse_divergence(run: UnderWay, recording: Recording) -> None:
    """Refuse a network that training has silenced, or has left worse than it was and no better than a guess.

    Raises
    ------
    DivergedError
        What has become of it.
    """
    silent = performance.silent_layers(recording)
    if silent:
        names = ", ".join(f"'{layer}'" for layer in silent)
        raise DivergedError(f"No neuron of {names} spikes any more. Lower the learning rate.")
    trials = run.parts.data.validation
    # Where answers are worth something, it is not the loss that goes down, and a bad reward may be bad luck.
    if run.epoch < run.epochs or trials.rewards is not None:
        return
    before = next(row["value"] for row in run.curves if row["measure"] == "loss")
    loss = performance.loss(recording)
    # Only of classes it is known what a guess would do.
    if performance.no_accuracy(trials) or not loss > before:
        return
    accuracy, chance = performance.accuracy(recording, trials).value, performance.chance(trials)
    if accuracy <= chance:
        raise DivergedError(
            f"The validation loss has risen from {before:.3g} to {loss:.3g}, and {100 * accuracy:.1f} % of the trials "
            f"are classified, which a guess would do ({100 * chance:.1f} %). Lower the learning rate."
        )
