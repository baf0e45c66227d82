"""Train one network, and look at it along the way."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.audit.probe import VARIANTS, measure, probe
from workbench.engine.plan import Plan
from workbench.engine.simulate import Simulator, simulator
from workbench.engine.state import State
from workbench.engine.update import update
from workbench.errors import DivergedError, ModelError, StudyError, reason_of
from workbench.measures import performance
from workbench.recording import Recording
from workbench.reference.bptt import Reference, reference
from workbench.registry import Registry
from workbench.study.assemble import Assembled, assemble
from workbench.study.checkpoints import Checkpoint
from workbench.study.identity import checksum, identify
from workbench.study.progress import Progress
from workbench.study.seeds import stream
from workbench.study.spec import RunConfig
from workbench.study.store import RunResult
from workbench.task import Trials


@dataclass
class _Run:
    """A run under way."""

    config: RunConfig
    parts: Assembled
    simulator: Simulator
    reference: Reference | None
    curves: list[dict[str, Any]]
    state: State
    epoch: int = 0
    seconds_before: float = 0.0
    started: float = field(default_factory=time.perf_counter)

    @property
    def variant(self) -> str:
        """The exact gradient that the rule is trained on, if any."""
        if self.parts.setup.rule.engine != "reference":
            return ""
        return f"bptt_{dict(self.config.parameters).get('reset', 'differentiated')}"

    @property
    def rate(self) -> float:
        """The learning rate of the epoch."""
        return self.config.train.learning_rate * self.config.train.learning_rate_decay**self.epoch

    @property
    def seconds(self) -> float:
        """How long it has taken, in all processes that had a share in it; the compilation of the network apart."""
        return self.seconds_before + time.perf_counter() - self.started

    def note(self, layer: str, name: str, against: str, value: float, reason: str = "") -> None:
        """Add a point to the curves."""
        self.curves.append(
            {
                "epoch": self.epoch,
                "trial": self.epoch * len(self.parts.data.train),
                "layer": layer,
                "measure": name,
                "reference": against,
                "value": value,
                "reason": reason,
            }
        )


def train(config: RunConfig, progress: Progress, registry: Registry) -> RunResult:
    """Train a network as configured, from its beginning or from where a killed process left it.

    Parameters
    ----------
    config : RunConfig
        What to do.
    progress : Progress
        Is told how far it is, and keeps a checkpoint after each epoch.
    registry : Registry
        Rules, tasks and neuron models.

    Returns
    -------
    RunResult
        Test measures of the last epoch, or why it diverged; and the curves.

    Raises
    ------
    WorkbenchError
        Where it cannot be run.
    """
    parts = assemble(config, registry)
    if identify(config, registry, checksum(parts.data)) != progress.run_id:
        raise StudyError(
            f"Rule '{config.rule}', task '{config.task}' or a neuron model was edited since the study began. "
            "Run the study again."
        )
    run = _start(config, parts)
    try:
        _make(run, progress)
    except DivergedError as error:
        row: dict[str, object] = {"status": "diverged", "reason": reason_of(error), "seconds": run.seconds}
        return RunResult(row, run.curves)
    return _result(run)


def _make(run: _Run, progress: Progress) -> None:
    """Train from the beginning, or from where a killed process left it, to the last epoch."""
    epochs, count = run.config.train.epochs, len(run.parts.data.train)
    stored = progress.restore()
    if stored is None:
        validation = _look(run)
        _refuse_silence(validation, run.parts)
        _probe(run)
    else:
        _resume(run, stored)

    def report(done: int) -> None:
        progress(run.epoch * count + done, epochs * count, f"epoch {run.epoch + 1}/{epochs}")

    while run.epoch < epochs:
        report(0)
        where = f"Epoch {run.epoch + 1}, learning rate {run.rate:g}"
        try:
            _train_epoch(run, report)
            run.epoch += 1
            if run.epoch % run.config.measure.evaluate_every == 0 or run.epoch == epochs:
                _refuse_ruin(run, _look(run))
        except DivergedError as error:
            raise DivergedError(f"{where}: {error}") from error
        if run.epoch == epochs or run.epoch & (run.epoch - 1) == 0:
            _probe(run)
        progress.save(*_stored(run))


def _start(config: RunConfig, parts: Assembled) -> _Run:
    needs_reference = config.measure.probe > 0 or parts.setup.rule.engine == "reference"
    exact = reference(parts.setup) if needs_reference else None
    return _Run(config, parts, simulator(parts.setup, config.target), exact, [], parts.state)


def _train_epoch(run: _Run, report: Callable[[int], None]) -> None:
    config = run.config.train
    trials = run.parts.data.train
    order = stream("data order", run.config.task, run.config.seed, run.epoch).permutation(len(trials))
    if run.parts.setup.rule.engine == "reference":
        _follow_reference(run, trials, order, report)
        return
    ends = np.zeros(len(order), dtype=np.int64)
    ends[config.batch - 1 :: config.batch] = config.batch
    if len(order) % config.batch:
        ends[-1] = len(order) % config.batch
    for first in range(0, len(order), config.chunk):
        part = slice(first, first + config.chunk)
        plan = Plan(learning=True, update_after=ends[part], learning_rate=run.rate, chunk=config.chunk)
        _, run.state = run.simulator.run(run.state, trials.take(order[part]), plan)
        report(min(first + config.chunk, len(order)))


def _follow_reference(run: _Run, trials: Trials, order: NDArray[np.int64], report: Callable[[int], None]) -> None:
    """Train on the exact gradient: Brian2 makes the spikes, the reference the gradient, the optimizer the step."""
    exact = run.reference
    if exact is None:
        raise ModelError(f"Rule '{run.config.rule}' needs the reference.")
    batch = run.config.train.batch
    reset = VARIANTS[run.variant]
    for first in range(0, len(order), batch):
        present = trials.take(order[first : first + batch])
        recording, _ = run.simulator.run(run.state, present, Plan())
        found = exact.gradients(
            run.state.weights,
            run.state.feedback,
            present,
            recording,
            reset=reset,
            pad=batch,
        )
        run.state = update(run.parts.setup.optimizer, run.state, found.mean, run.rate)
        if not all(np.isfinite(array).all() for array in run.state.weights.values()):
            raise DivergedError("The weights are not finite any more. Lower the learning rate.")
        report(min(first + batch, len(order)))


def _look(run: _Run) -> Recording:
    """Note accuracy, loss and spikes on the validation split."""
    trials = run.parts.data.validation
    recording, _ = run.simulator.run(run.state, trials, Plan())
    for name, value in _achieved(recording, trials).items():
        run.note("network", name, "validation", value)
    return recording


def _achieved(recording: Recording, trials: Trials) -> dict[str, float]:
    return {
        "accuracy": performance.accuracy(recording, trials),
        "loss": performance.loss(recording),
        "spikes_per_trial": performance.spikes_per_trial(recording),
    }


def _refuse_silence(recording: Recording, parts: Assembled) -> None:
    silent = performance.silent_layers(recording)
    if silent and parts.setup.network.neuron.spiking:
        names = ", ".join(f"'{layer}'" for layer in silent)
        raise ModelError(
            f"No neuron of {names} ever spikes on the {len(recording)} validation trials, so nothing can be learned or "
            "compared. Raise network.weights.hidden_std or hidden_mean."
        )


def _refuse_ruin(run: _Run, recording: Recording) -> None:
    """Refuse a network that training has silenced, or has left worse than it was and no better than a guess."""
    silent = performance.silent_layers(recording)
    if silent:
        names = ", ".join(f"'{layer}'" for layer in silent)
        raise DivergedError(f"No neuron of {names} spikes any more. Lower the learning rate.")
    if run.epoch < run.config.train.epochs:
        return
    trials = run.parts.data.validation
    before = next(row["value"] for row in run.curves if row["measure"] == "loss")
    loss, accuracy = performance.loss(recording), performance.accuracy(recording, trials)
    chance = performance.chance(trials)
    if loss > before and accuracy <= chance:
        raise DivergedError(
            f"The validation loss has risen from {before:.3g} to {loss:.3g}, and {100 * accuracy:.1f} % of the trials "
            f"are classified, which a guess would do ({100 * chance:.1f} %). Lower the learning rate."
        )


def _probe(run: _Run) -> None:
    """Note how the rule's estimates align with the exact gradients, at the present weights."""
    count = min(run.config.measure.probe, len(run.parts.data.validation))
    if count == 0 or run.reference is None:
        return
    trials = run.parts.data.validation.take(np.arange(count))
    found = probe(run.simulator, run.reference, run.state, trials, run.variant)
    for variant, gradients in found.reference.items():
        run.note("network", "differing_decisions", variant, gradients.differing)
    generator = stream("controls", run.config.seed, run.epoch)
    for layer, name, against, value in measure(found, run.simulator, run.state, generator):
        run.note(layer, name, against, value.value, value.reason)


def _stored(run: _Run) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    arrays = {f"weights/{layer}": array for layer, array in run.state.weights.items()}
    arrays |= {f"memory/{name}": array for name, array in run.state.memory.items()}
    return arrays, {"epoch": run.epoch, "n_updates": run.state.n_updates, "curves": run.curves, "seconds": run.seconds}


def _resume(run: _Run, stored: Checkpoint) -> None:
    def under(folder: str) -> dict[str, NDArray[np.float64]]:
        return {
            name.removeprefix(f"{folder}/"): array
            for name, array in stored.arrays.items()
            if name.startswith(f"{folder}/")
        }

    run.epoch = stored.meta["epoch"]
    run.curves = list(stored.meta["curves"])
    run.seconds_before = stored.meta["seconds"]
    run.state = replace(run.state, weights=under("weights"), memory=under("memory"), n_updates=stored.meta["n_updates"])


def _result(run: _Run) -> RunResult:
    trials = run.parts.data.test
    recording, _ = run.simulator.run(run.state, trials, Plan())
    achieved: dict[str, object] = dict(_achieved(recording, trials))
    looks = [row for row in run.curves if row["measure"] == "accuracy" and row["layer"] == "network"]
    achieved |= {
        "validation_accuracy": looks[-1]["value"],
        "seconds": run.seconds,
        "epochs": run.epoch,
        "trials": run.epoch * len(run.parts.data.train),
    }
    return RunResult(achieved, run.curves)
