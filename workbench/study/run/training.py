"""Train one network, and look at it along the way."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.catalogue.registry import Registry
from workbench.common.errors import DivergedError, ModelError, StudyError, reason_of
from workbench.common.stopwatch import COMPILATION
from workbench.declare.trials import Trials
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.engine.state import State
from workbench.engine.update import update
from workbench.study.file.spec import RunConfig
from workbench.study.results.checkpoints import Checkpoint
from workbench.study.results.identity import checksum, identify
from workbench.study.results.store import RunResult
from workbench.study.run.assemble import Assembled, assemble
from workbench.study.run.decided import decided
from workbench.study.run.divergence import refuse_divergence
from workbench.study.run.measuring import achieved, look, look_at_gradients
from workbench.study.run.mirror import mirrored
from workbench.study.run.passive import others
from workbench.study.run.probe import is_probed
from workbench.study.run.silence import refuse_silence
from workbench.study.run.state import Others, UnderWay
from workbench.study.seeds import stream
from workbench.study.work.progress import Progress


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
    if identify(config, registry, checksum(parts.loaded)) != progress.run_id:
        raise StudyError(
            f"Rule '{config.rule}', task '{config.task}' or a neuron model was edited since the study began. "
            "Run the study again."
        )
    run = _start(config, parts, registry)
    try:
        _make(run, progress)
    except DivergedError as error:
        row: dict[str, object] = {"status": "diverged", "reason": reason_of(error), **_spent(run)}
        return RunResult(row, run.curves)
    return _result(run)


def _complaints(run: UnderWay) -> float | None:
    """Return how many complaints hold of the rule with the run's neurons and depth; None where unasked or undefined."""
    network = run.parts.setup.network
    if not network.hidden or not run.config.measure.probe:
        return None
    from workbench.audit.locality.requirements import locality

    rule = run.parts.setup.rule
    total = locality(rule, run.parts.setup.pathway, network.neuron, network.readout, len(network.hidden)).total
    return None if math.isnan(total) else total


def _make(run: UnderWay, progress: Progress) -> None:
    """Train from the beginning, or from where a killed process left it, to the last epoch."""
    epochs, count = run.config.train.epochs, len(run.parts.data.train)
    stated = run.config.measure.probe_at
    stored = progress.restore()
    if stored is None:
        validation = look(run)
        refuse_silence(validation, run.parts)
        if is_probed(0, epochs, stated):
            look_at_gradients(run)
    else:
        _resume(run, stored)

    def report(done: int) -> None:
        progress(run.epoch * count + done, epochs * count, f"epoch {run.epoch + 1}/{epochs}")

    while run.epoch < epochs:
        report(0)
        where = f"Epoch {run.epoch + 1}, learning rate {run.rate:g}"
        try:
            run.state = mirrored(run)
            _train_epoch(run, report)
            run.epoch += 1
            if run.epoch % run.config.measure.evaluate_every == 0 or run.epoch == epochs:
                refuse_divergence(run, look(run))
        except DivergedError as error:
            raise DivergedError(f"{where}: {error}") from error
        if is_probed(run.epoch, epochs, stated):
            look_at_gradients(run)
        progress.save(*_stored(run))


def _start(config: RunConfig, parts: Assembled, registry: Registry) -> UnderWay:
    needs_reference = config.measure.probe > 0 or parts.setup.rule.follows_reference
    exact = None
    if needs_reference:
        from workbench.reference.bptt import reference

        exact = reference(parts.setup, config.precision)
    asked = others(config, parts.data, registry) if config.measure.probe else Others()
    before = COMPILATION.seconds
    made = simulator(parts.setup, config.target)
    spent = COMPILATION.seconds - before
    return UnderWay(config, parts, made, exact, [], parts.state, compiled_before=spent, others=asked)


def _train_epoch(run: UnderWay, report: Callable[[int], None]) -> None:
    config = run.config.train
    trials = run.parts.data.train
    order = stream("data order", run.config.task, run.config.seed, run.epoch).permutation(len(trials))
    if run.parts.setup.rule.follows_reference:
        _follow_reference(run, trials, order, report)
        return
    ends = np.zeros(len(order), dtype=np.int64)
    ends[config.batch - 1 :: config.batch] = config.batch
    if len(order) % config.batch:
        ends[-1] = len(order) % config.batch
    for first in range(0, len(order), config.chunk):
        part = slice(first, first + config.chunk)
        plan = Plan(
            learning=True, update_after=ends[part], learning_rate=run.rate, record_spikes=False, chunk=config.chunk
        )
        _, run.state = run.simulator.run(run.state, trials.take(order[part]).drawn_anew(run.epoch), plan)
        report(min(first + config.chunk, len(order)))


def _follow_reference(run: UnderWay, trials: Trials, order: NDArray[np.int64], report: Callable[[int], None]) -> None:
    """Train on the reference's gradient: Brian2 makes the spikes, unless they are those of continuous time."""
    from workbench.declare.references import EXACT_TIMES
    from workbench.reference.followed import followed
    from workbench.reference.forward_pass import ForwardPass

    exact = run.reference
    if exact is None:
        raise ModelError(f"Rule '{run.config.rule}' needs the reference.")
    batch = run.config.train.batch
    for first in range(0, len(order), batch):
        present = trials.take(order[first : first + batch]).drawn_anew(run.epoch)
        recording = None
        if run.parts.setup.rule.gradient != EXACT_TIMES:
            recording, run.state = run.simulator.run(run.state, present, Plan(carry=True))
        forward = ForwardPass(run.state.weights, run.state.feedback, present, recording)
        found = followed(exact, forward, pad=min(batch, len(order)))
        run.state = update(run.parts.setup, run.state, found.mean, run.rate, run.config.target)
        if not all(np.isfinite(array).all() for array in run.state.weights.values()):
            raise DivergedError("The weights are not finite any more. Lower the learning rate.")
        report(min(first + batch, len(order)))


def _stored(run: UnderWay) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    arrays = {f"weights/{layer}": array for layer, array in run.state.weights.items()}
    arrays |= {f"feedback/{layer}": array for layer, array in run.state.feedback.items()}
    arrays |= {f"memory/{name}": array for name, array in run.state.memory.items()}
    arrays |= {f"outlasting/{name}": array for name, array in run.state.outlasting.items()}
    counts = {"n_updates": run.state.n_updates, "updates_beside": run.state.updates_beside}
    meta = {"epoch": run.epoch, **counts, "curves": run.curves}
    return arrays, meta | _spent(run)


def _spent(run: UnderWay) -> dict[str, float]:
    return {"seconds": run.seconds, "compile_seconds": run.compile_seconds}


def _resume(run: UnderWay, stored: Checkpoint) -> None:
    def under(folder: str) -> dict[str, NDArray[np.float64]]:
        return {
            name.removeprefix(f"{folder}/"): array
            for name, array in stored.arrays.items()
            if name.startswith(f"{folder}/")
        }

    run.epoch = stored.meta["epoch"]
    run.curves = list(stored.meta["curves"])
    run.seconds_before = stored.meta["seconds"]
    run.compiled_before += stored.meta["compile_seconds"]
    made = (under("weights"), under("feedback"), under("memory"))
    run.state = State(*made, stored.meta["n_updates"], under("outlasting"), stored.meta["updates_beside"])


def _result(run: UnderWay) -> RunResult:
    trials = run.parts.data.test
    recording = decided(run, run.simulator.run(run.state, trials, Plan())[0], trials)
    found = achieved(recording, trials)
    row: dict[str, object] = {name: None if measured.reason else measured.value for name, measured in found.items()}
    reasons = [f"Of the test split, {name} is undefined: {each.reason}" for name, each in found.items() if each.reason]
    looks = [row for row in run.curves if row["measure"] == "accuracy" and not row["reason"]]
    looks = [row for row in looks if row["layer"] == "network"]
    row |= {
        "reason": " ".join(reasons),
        "complaints": _complaints(run),
        "validation_accuracy": looks[-1]["value"] if looks else None,
        **_spent(run),
        "epochs": run.epoch,
        "trials": run.epoch * len(run.parts.data.train),
    }
    return RunResult(row, run.curves, {"initial": run.parts.state.weights, "trained": run.state.weights})
