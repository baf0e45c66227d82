"""Measure how far e-prop and SuperSpike are from the exact gradient, by depth and by recurrence, at random weights.

python -m studies.approximations.measure --out results/approximations
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

from studies.approximations.figure import drawn
from workbench.audit.blocks import mean_estimate
from workbench.catalogue.registry import load_registry
from workbench.declare.loss import CROSS_ENTROPY, SQUARED_ERROR
from workbench.declare.network import Network
from workbench.declare.neuron_models import LEAKY_INTEGRATOR, LIF, SPIKE_TRAIN
from workbench.declare.recording import Recording, join
from workbench.declare.surrogate import FAST_SIGMOID
from workbench.declare.trials import Trials
from workbench.engine.simulate import simulator
from workbench.engine.state import State, Weights
from workbench.measures.alignment import cosine
from workbench.model.setup import Setup
from workbench.reference.bptt import reference
from workbench.reference.forward_pass import ForwardPass
from workbench.study.seeds import stream
from workbench.tables.controls import farthest

HIDDEN = 40
DEPTHS = (1, 2, 3, 4)
#: Deviation of recurrent weights, times the root of the layer's size.
STRENGTHS = (0.0, 1.0, 2.0, 4.0, 8.0)
SEEDS = range(5)
TRIALS = 128
#: Share of steps in which a neuron spikes, on average over a layer: beyond these bounds nothing is compared.
ALIVE = (0.005, 0.4)


def taught(trials: Trials, n_steps: int) -> Trials:
    """Return classified trials as ones in which the output of the right class is to spike every 15 steps."""
    target = np.zeros((len(trials), n_steps, trials.target.shape[1]))
    target[:, 10::15] = trials.target[:, None]
    return replace(trials, target=target)


def weights_of(network: Network, strength: float, seed: int) -> Weights:
    """Return random weights that keep every layer spiking; those of a seed differ by nothing but the strength."""
    weights = {}
    for projection in network.all_projections:
        drawn_ = stream("weights", projection.name, seed).standard_normal(projection.shape)
        n_pre = projection.shape[0]
        if projection.recurrent:
            weights[projection.name] = strength / np.sqrt(n_pre) * drawn_
        elif projection.target == "readout":
            weights[projection.name] = 3.0 / np.sqrt(n_pre) * drawn_
        else:
            mean, std = (12.0, 4.0) if projection.source == "inputs" else (6.0, 6.0)
            weights[projection.name] = mean / n_pre + std / np.sqrt(n_pre) * drawn_
    return weights


def refuse_dead(recording: Recording, network: Network) -> None:
    """Raise where a layer is silent or saturated."""
    for layer, size in network.spiking_layers.items():
        rate = len(recording.spikes[layer].trial) / (len(recording) * network.n_steps * size)
        if layer != "readout" and not ALIVE[0] < rate < ALIVE[1]:
            raise SystemExit(
                f"Layer '{layer}' of {network.hidden} spikes in {rate:.1%} of its steps: nothing to compare."
            )


def cosines(rule: str, depth: int, strength: float, seed: int) -> Iterator[dict[str, object]]:
    """Yield the cosine of a rule's estimate with the exact gradient, the reset held constant, for each projection."""
    registry = load_registry()
    data = registry.task("yin_yang").data(train=1, validation=TRIALS, test=1)
    trains = rule == "superspike"
    trials = taught(data.validation, data.n_steps) if trains else data.validation
    network = Network(
        n_inputs=data.n_inputs, hidden=(HIDDEN,) * depth, n_outputs=data.n_outputs, recurrent=strength > 0,
        neuron=LIF.with_parameters({"tau_mem": "15 ms", "tau_syn": "5 ms"}),
        readout=SPIKE_TRAIN if trains else LEAKY_INTEGRATOR, loss=SQUARED_ERROR if trains else CROSS_ENTROPY,
        surrogate=FAST_SIGMOID.with_parameters({"beta": 5.0}), n_steps=data.n_steps,
    )  # fmt: skip
    setup = Setup(
        network=network, rule=registry.rule(rule), feedback="symmetric", targets="spikes" if trains else "trial",
        trial_capacity=TRIALS,
    )  # fmt: skip
    state = State(weights_of(network, strength, seed), {}, {})
    recordings, estimate = mean_estimate(simulator(setup), state, trials)
    recording = join(recordings)
    refuse_dead(recording, network)
    exact = reference(setup).gradients(ForwardPass(state.weights, {}, trials, recording), reset="constant").mean
    shuffled = stream("controls", seed)
    for name, gradient in exact.items():
        if name == "readout":
            continue
        row = {"rule": rule, "depth": depth, "strength": strength, "seed": seed, "weights": name}
        yield row | {"cosine": cosine(estimate[name], gradient).value}
        random = shuffled.standard_normal(gradient.shape)
        yield row | {"rule": "random", "cosine": cosine(random, gradient).value}


def main(out: Annotated[Path, typer.Option(help="Where to write the table and the figure.")]) -> None:
    """Measure, draw, and print the means over seeds."""
    out.mkdir(parents=True, exist_ok=True)
    rows = []
    for rule in ("eprop", "superspike"):
        for seed in SEEDS:
            for depth in DEPTHS:
                rows += list(cosines(rule, depth, 0.0, seed))
            for strength in STRENGTHS[1:]:
                rows += list(cosines(rule, 1, strength, seed))
    table = pd.DataFrame(rows)
    table.to_csv(out / "cosines.csv", index=False)
    lowest = table[(table["weights"] == "hidden1") & (table["strength"] == 0)]
    print("Cosine with BPTT of the lowest layer, by depth:")
    print(lowest.pivot_table(index="rule", columns="depth", values="cosine").round(3).to_string())
    single = table[table["depth"] == 1]
    print("With one hidden layer, by strength of its recurrent weights:")
    print(single.pivot_table(index=["rule", "weights"], columns="strength", values="cosine").round(3).to_string())
    control = farthest(
        "exact_eprop", lowest.loc[(lowest["rule"] == "eprop") & (lowest["depth"] == 1), "cosine"].to_numpy()
    )
    print(control)
    if not (control.count and control.holds):
        raise SystemExit(1)
    drawn(table, out / "approximations")


if __name__ == "__main__":
    typer.run(main)
