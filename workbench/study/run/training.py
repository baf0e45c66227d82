"""Train one network, and look at it along the way."""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from workbench.catalogue.registry import Registry
from workbench.common.errors import DivergedError, ModelError, StudyError, reason_of
from workbench.common.stopwatch import COMPILATION
from workbench.declare.measure import Measure
from workbench.declare.trials import Trials
from workbench.engine.on_gradient import as_trained
from workbench.engine.presentation import Plan
from workbench.engine.update import update
from workbench.model.setup import Setup
from workbench.study.file.run_config import RunConfig
from workbench.study.results.checkpoints import Checkpoint
from workbench.study.results.identity import checksum, identify
from workbench.study.results.store import RunResult
from workbench.study.run.assemble import Assembled, assemble
from workbench.study.run.decided import decided
from workbench.study.run.divergence import refuse_divergence
from workbench.study.run.measuring import achieved, look, look_at_gradients
from workbench.study.run.mirror import mirrored
from workbench.study.run.probe import is_probed
from workbench.study.run.resuming import resume, spent, stored_state
from workbench.study.run.silence import refuse_silence
from workbench.study.run.stages import go_on, machinery, stage_of
from workbench.study.run.state import UnderWay
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
    stored = progress.restore()
    run = _start(config, parts, registry, stored)
    try:
        _make(run, progress, stored)
        while run.stage < len(config.stages):
            go_on(run, config, parts, registry)
            _train_stage(run, progress)
    except DivergedError as error:
        row: dict[str, object] = {"status": "diverged", "reason": reason_of(error), **spent(run)}
        return RunResult(row, run.curves)
    return _result(run, parts.setup)


def _complaints(setup: Setup, config: RunConfig) -> float | None:
    """Return how many complaints hold of the rule with the run's neurons and depth; None where unasked or undefined."""
    network = setup.network
    if not network.hidden or not config.measure.probe:
        return None
    from workbench.audit.locality.requirements import locality

    total = locality(setup.rule, setup.pathway, network.neuron, network.readout, len(network.hidden)).total
    return None if math.isnan(total) else total


def _make(run: UnderWay, progress: Progress, stored: Checkpoint | None) -> None:
    """Look at a run before training, unless a killed process has, and train it to the end of its stage."""
    if stored is None:
        validation = look(run)
        refuse_silence(validation, run.parts)
        _look_at_gradients(run)
    _train_stage(run, progress)


def _train_stage(run: UnderWay, progress: Progress) -> None:
    count = len(run.parts.data.train)

    def report() -> None:
        done = run.epoch * count + run.trial
        progress(done, run.epochs * count, f"epoch {run.epoch + 1}/{run.epochs}")

    while run.epoch < run.ends:
        report()
        where = f"Epoch {run.epoch + 1}, learning rate {run.rate:g}"
        try:
            run.state = mirrored(run)
            _train_epoch(run, report)
            run.epoch, run.trial = run.epoch + 1, 0
            if run.epoch % run.config.measure.evaluate_every == 0 or run.epoch == run.epochs:
                refuse_divergence(run, look(run))
        except DivergedError as error:
            raise DivergedError(f"{where}: {error}") from error
        _look_at_gradients(run)
        progress.save(*stored_state(run))


def _start(config: RunConfig, parts: Assembled, registry: Registry, stored: Checkpoint | None) -> UnderWay:
    """Return a run at its beginning, or where a killed process left it."""
    epoch = stored.meta["epoch"] if stored else 0
    number, began = stage_of(config, epoch)
    before = COMPILATION.seconds
    found = machinery(config, number, parts, registry)
    run = UnderWay(
        found.config,
        replace(parts, setup=found.setup),
        found.simulator,
        found.reference,
        parts.state,
        config.epochs,
        stage=number,
        began=began,
        compiled_before=COMPILATION.seconds - before,
        others=found.others,
        measures=tuple(offer.item for offer in registry.all(Measure).values()),
    )
    if stored is not None:
        resume(run, stored)
    return run


def _look_at_gradients(run: UnderWay) -> None:
    """Look at gradients where it is time for it, between two updates."""
    if run.trial % run.config.train.batch:
        return
    update = run.epoch * run.updates_in_epoch + run.trial // run.config.train.batch
    if is_probed(update, run.updates_in_epoch, run.epochs, run.config.measure.probe_at):
        look_at_gradients(run)


def _train_epoch(run: UnderWay, report: Callable[[], None]) -> None:
    config = run.config.train
    trials = run.parts.data.train
    order = stream("data order", run.config.task, run.config.seed, run.epoch).permutation(len(trials))
    learn = _follow_reference if run.parts.setup.rule.follows_reference else _learn
    most = config.batch if learn is _follow_reference else config.chunk
    for first, last in _spans(run, len(order), most):
        learn(run, trials.take(order[first:last]).drawn_anew(run.epoch), first)
        run.trial = last
        if last < len(order):
            _look_at_gradients(run)
            report()


def _spans(run: UnderWay, count: int, most: int) -> Iterator[tuple[int, int]]:
    """Yield from which trial of an epoch to which there is nothing to be looked at, in parts of so many at most."""
    batch = run.config.train.batch
    begun = run.epoch * run.updates_in_epoch
    stated = (round(epoch * run.updates_in_epoch) - begun for epoch in run.config.measure.probe_at)
    cuts = {update * batch for update in stated if 0 < update < run.updates_in_epoch}
    first = 0
    for cut in sorted(cuts | {count}):
        for start in range(first, cut, most):
            yield start, min(start + most, cut)
        first = cut


def _learn(run: UnderWay, present: Trials, first: int) -> None:
    """Let the network itself learn from trials, of which `first` is the number of the first in its epoch."""
    batch, chunk = run.config.train.batch, run.config.train.chunk
    number = np.arange(first + 1, first + len(present) + 1)
    ends = np.where(number % batch == 0, batch, 0)
    whole = len(run.parts.data.train)
    if number[-1] == whole and whole % batch:
        ends[-1] = whole % batch
    plan = Plan(learning=True, update_after=ends, learning_rate=run.rate, record_spikes=False, chunk=chunk)
    _, run.state = run.simulator.run(run.state, present, plan)


def _follow_reference(run: UnderWay, present: Trials, first: int) -> None:
    """Train on the reference's gradient of a batch: Brian2 makes the spikes, unless they are of continuous time."""
    from workbench.declare.references import EXACT_TIMES
    from workbench.reference.followed import followed
    from workbench.reference.forward_pass import ForwardPass

    exact = run.reference
    if exact is None:
        raise ModelError(f"Rule '{run.config.rule}' needs the reference.")
    recording = None
    if run.parts.setup.rule.gradient != EXACT_TIMES:
        recording, run.state = run.simulator.run(run.state, present, Plan(carry=True))
    forward = ForwardPass(run.state.weights, run.state.feedback, present, recording)
    found = followed(exact, forward, pad=min(run.config.train.batch, len(run.parts.data.train)))
    gradient = as_trained(run.parts.setup, run.state.weights, found.mean)
    run.state = update(run.parts.setup, run.state, gradient, run.rate, run.config.target)
    if not all(np.isfinite(array).all() for array in run.state.weights.values()):
        raise DivergedError("The weights are not finite any more. Lower the learning rate.")


def _result(run: UnderWay, first: Setup) -> RunResult:
    """Return what a run gives; `first` is the setup of its first stage, whose rule the study is about."""
    trials = run.parts.data.test
    recording = decided(run, run.simulator.run(run.state, trials, Plan())[0], trials)
    found = achieved(recording, trials)
    row: dict[str, object] = {name: None if measured.reason else measured.value for name, measured in found.items()}
    reasons = [f"Of the test split, {name} is undefined: {each.reason}" for name, each in found.items() if each.reason]
    looks = [row for row in run.curves if row["measure"] == "accuracy" and not row["reason"]]
    looks = [row for row in looks if row["layer"] == "network"]
    row |= {
        "reason": " ".join(reasons),
        "complaints": _complaints(first, run.config),
        "validation_accuracy": looks[-1]["value"] if looks else None,
        **spent(run),
        "epochs": run.epoch,
        "trials": run.epoch * len(run.parts.data.train),
    }
    return RunResult(row, run.curves, {"initial": run.parts.state.weights, "trained": run.state.weights})
