"""Passive comparison: several rules and the exact gradient on one network, at the same weights and trials."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from workbench.audit.alignment.controls import random_update
from workbench.audit.blocks import exact_means, mean_estimate
from workbench.common.errors import ModelError, SimulationError
from workbench.declare.measured import Measured, undefined
from workbench.declare.options import Target
from workbench.declare.recording import Recording, join
from workbench.declare.references import EXACT_GRADIENTS, RANDOM
from workbench.declare.trials import Trials
from workbench.engine.simulate import simulator
from workbench.engine.state import State, Weights
from workbench.measures import alignment, performance
from workbench.model.setup import Setup
from workbench.reference.bptt import reference


@dataclass(frozen=True, eq=False)
class Comparison:
    """The alignment of every pair of estimates, layer by layer.

    Attributes
    ----------
    names : tuple of str
        The two exact gradients, the rules, and a random update.
    layers : tuple of str
        From the input up.
    cosine, magnitude : dict of (str, str, str) to Measured
        By layer, estimate and reference; the magnitude is that of the estimate relative to the reference.
    loss : float
        Mean loss of the trials.
    spikes : float
        Hidden spikes per trial.
    trials : int
        How many there were.
    """

    names: tuple[str, ...]
    layers: tuple[str, ...]
    cosine: dict[tuple[str, str, str], Measured]
    magnitude: dict[tuple[str, str, str], Measured]
    loss: float
    spikes: float
    trials: int

    def rows(self) -> list[dict[str, str | float | None]]:
        """Return the matrix in long form; an undefined number is None and has a reason."""
        return [
            {
                "layer": layer,
                "estimate": name,
                "reference": other,
                "cosine": _number(self.cosine[layer, name, other]),
                "magnitude": _number(self.magnitude[layer, name, other]),
                "reason": self.cosine[layer, name, other].reason,
            }
            for layer in self.layers
            for name in self.names
            for other in self.names
        ]


def _number(measured: Measured) -> float | None:
    return None if math.isnan(measured.value) else measured.value


def compare(
    setups: Mapping[str, Setup],
    states: Mapping[str, State],
    trials: Trials,
    generator: np.random.Generator,
    target: Target = "cpp",
    block: int = 0,
) -> Comparison:
    """Return the alignment matrix of rules that share a network.

    Parameters
    ----------
    setups : mapping of str to Setup
        By the name to show; all with the same network.
    states : mapping of str to State
        With the same forward weights, and each rule's fixed feedback.
    trials : Trials
        One batch.
    generator : numpy.random.Generator
        Of the random update.
    target : {"cpp", "numpy"}
        A compiled program, or Brian2's NumPy code: slow, for machines without a compiler.
    block : int
        Trials at a time; by default as many as fit into memory. No result depends on it beyond rounding.

    Returns
    -------
    Comparison
        Of the batch means.

    Raises
    ------
    ModelError
        Where the networks differ, or a hidden layer is silent.
    SimulationError
        Where the networks did not do the same.
    """
    first = next(iter(setups))
    for name, setup in setups.items():
        if setup.network != setups[first].network:
            raise ModelError(f"'{name}' and '{first}' need different networks, so they cannot be compared passively.")
    parts, estimates = asked(setups, states, trials, target, block)
    exact, refused = exact_means(reference(setups[first]), states[first], trials, parts[first], block)
    recordings = {name: join(each) for name, each in parts.items()}
    return compared(recordings, exact, refused, estimates, setups[first].network.weight_shapes(), generator)


def asked(
    setups: Mapping[str, Setup], states: Mapping[str, State], trials: Trials, target: Target = "cpp", block: int = 0
) -> tuple[dict[str, list[Recording]], dict[str, Weights]]:
    """Return what networks do, in the parts of `in_blocks`, and what their rules estimate for the mean loss, by name.

    Parameters
    ----------
    setups, states, trials, target, block
        As of `compare`.
    """
    recordings: dict[str, list[Recording]] = {}
    estimates: dict[str, Weights] = {}
    for name, setup in setups.items():
        recordings[name], estimates[name] = mean_estimate(simulator(setup, target), states[name], trials, block)
    return recordings, estimates


def compared(
    recordings: Mapping[str, Recording],
    exact: Mapping[str, Weights],
    refused: Mapping[str, str],
    estimates: Mapping[str, Weights],
    shapes: Mapping[str, tuple[int, ...]],
    generator: np.random.Generator,
) -> Comparison:
    """Return the matrix of estimates that were made on networks that did the same.

    Parameters
    ----------
    recordings : mapping of str to Recording
        What each network did; that they did the same is seen here.
    exact : mapping of str to dict
        Exact gradients of the mean loss by variant and layer.
    refused : mapping of str to str
        Why a variant has none.
    estimates : mapping of str to dict
        Those of the rules, by name and layer.
    shapes : mapping of str to (int, int)
        Of the weights, by layer.
    generator : numpy.random.Generator
        Of the random update.

    Raises
    ------
    ModelError
        Where a hidden layer is silent.
    SimulationError
        Where the networks did not do the same.
    """
    _refuse(recordings)
    control = {layer: random_update(shape, generator) for layer, shape in shapes.items()}
    # A gradient that is refused stands in the matrix, too.
    gradients = {variant: exact.get(variant, {}) for variant in EXACT_GRADIENTS}
    first = next(iter(recordings.values()))
    return _matrix({**gradients, **estimates, RANDOM: control}, tuple(shapes), first, refused)


def _refuse(recordings: Mapping[str, Recording]) -> None:
    """Refuse to compare silent networks, or networks that did not do the same."""
    names = list(recordings)
    first = recordings[names[0]]
    silent = performance.silent_layers(first)
    if silent:
        raise ModelError(
            f"No neuron of '{silent[0]}' spikes in these {len(first)} trials, so there is nothing to compare. "
            "Raise the weights or the number of trials."
        )
    for name in names[1:]:
        for layer, spikes in first.spikes.items():
            other = recordings[name].spikes[layer]
            same = np.array_equal(spikes.neuron, other.neuron) and np.array_equal(spikes.step, other.step)
            if not same:
                raise SimulationError(f"The networks of '{names[0]}' and '{name}' spiked differently in '{layer}'.")
        # Neurons without spikes are seen here alone.
        if not np.allclose(first.output, recordings[name].output, rtol=1e-9, atol=1e-12):
            raise SimulationError(f"The readouts of '{names[0]}' and '{name}' answered differently.")


def _matrix(
    estimates: Mapping[str, Weights], layers: tuple[str, ...], recording: Recording, refused: Mapping[str, str]
) -> Comparison:
    cosine, magnitude = {}, {}
    for layer in layers:
        for name, estimate in estimates.items():
            for other, against in estimates.items():
                if layer in estimate and layer in against:
                    cosine[layer, name, other] = alignment.cosine(estimate[layer], against[layer])
                    magnitude[layer, name, other] = alignment.magnitude(estimate[layer], against[layer])
                else:
                    missing = name if layer not in estimate else other
                    none = undefined(refused.get(missing) or f"'{missing}' makes no estimate for this layer.")
                    cosine[layer, name, other] = magnitude[layer, name, other] = none
    return Comparison(
        tuple(estimates),
        layers,
        cosine,
        magnitude,
        performance.loss(recording),
        performance.spikes_per_trial(recording),
        len(recording),
    )
