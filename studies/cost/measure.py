"""Measure what rules cost: state, how it grows with neurons and steps, operations, and seconds.

python -m studies.cost.measure --out results/cost
"""

import time
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

from studies.cost.figure import drawn
from workbench.audit.cost import exponent, operations, reference_state, rule_state
from workbench.catalogue.registry import Registry, load_registry
from workbench.common.files import write_atomically
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.network import Network
from workbench.declare.options import Targets
from workbench.declare.trials import Trials
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.engine.state import State
from workbench.model.feedback.weights import draw_feedback, feedback_shapes
from workbench.model.setup import Setup
from workbench.study.seeds import stream

#: Rule -> the claimed powers of the number of neurons and of steps.
CLAIMED = {"bptt": (1, 1), "rtrl": (3, 0), "superspike": (2, 0), "eprop": (2, 0), "dcll": (1, 0)}

#: Neurons in each layer, and steps; at least five of each. Nothing is run at these sizes: memory is read off.
NEURONS = {"bptt": (32, 48, 64, 96, 128, 192, 256), "rtrl": (32, 48, 64, 80, 96, 112, 128)}
OTHERS = (32, 64, 96, 128, 192, 256, 384)
STEPS = (250, 500, 1000, 1500, 2000, 3000, 4000)

#: Where the other of the two is varied: for BPTT so many steps that what does not grow with them is small.
FIXED = {"bptt": (64, 1000), "rtrl": (48, 50)}


def setup_of(registry: Registry, rule: str, n_inputs: int, hidden: int, n_outputs: int, n_steps: int) -> Setup:
    """Return a network with one hidden layer and a rule, on the models that it is written for."""
    item = registry.rule(rule)
    neuron, readout = registry.models_for(item)
    network = Network(
        n_inputs=n_inputs, hidden=(hidden,), n_outputs=n_outputs, neuron=neuron, readout=readout, n_steps=n_steps,
        loss=SQUARED_ERROR,
    )  # fmt: skip
    targets: Targets = "spikes" if readout.spiking and item.output_step is None else "trial"
    return Setup(
        network=network, rule=item, feedback=item.default_feedback, trial_capacity=256, event_capacity=1 << 16,
        targets=targets,
    )  # fmt: skip


def state_bytes(registry: Registry, rule: str, neurons: int, steps: int) -> int:
    """Return the bytes of a rule's state with as many inputs as hidden neurons, and one output."""
    setup = setup_of(registry, rule, neurons, neurons, 1, steps)
    if not setup.rule.is_exact_gradient:
        return rule_state(setup).total
    nothing = np.zeros(0, dtype=np.int32)
    return reference_state(setup, Trials(np.zeros(2, dtype=np.int64), nothing, nothing, np.zeros((1, 1)))).total


def scaling(registry: Registry) -> pd.DataFrame:
    """Return the state of rules at several sizes: columns rule, over (neurons or steps), size, neurons, bytes."""
    rows = []
    for rule in CLAIMED:
        neurons, steps = FIXED.get(rule, (64, 100))
        for size in NEURONS.get(rule, OTHERS):
            rows.append((rule, "neurons", size, size, state_bytes(registry, rule, size, steps)))
        for size in STEPS:
            rows.append((rule, "steps", size, neurons, state_bytes(registry, rule, neurons, size)))
    return pd.DataFrame(rows, columns=["rule", "over", "size", "neurons", "bytes"])


def exponents(table: pd.DataFrame) -> pd.DataFrame:
    """Return the fitted powers beside those claimed: columns rule, over, exponent, low, high, claimed, agrees."""
    rows = []
    for (rule, over), part in table.groupby(["rule", "over"], sort=False):
        found = exponent(part["size"], part["bytes"])
        claimed = CLAIMED[str(rule)][0 if over == "neurons" else 1]
        # Bytes that are counted exactly leave no scatter but rounding.
        agrees = found.low - 1e-9 <= claimed <= found.high + 1e-9
        rows.append((rule, over, found.value, found.low, found.high, claimed, agrees))
    return pd.DataFrame(rows, columns=["rule", "over", "exponent", "low", "high", "claimed", "agrees"])


def trials_of(setup: Setup, count: int) -> Trials:
    """Return trials in which one input in five spikes, once, at a step of its own, as the pixels of an image do."""
    network, generator = setup.network, stream("input noise", "cost")
    dense = np.zeros((count, network.n_steps, network.n_inputs), dtype=bool)
    trial, neuron = np.nonzero(generator.random((count, network.n_inputs)) < 0.2)
    dense[trial, generator.integers(1, 61, size=len(trial)), neuron] = True
    trial, step, neuron = np.nonzero(dense)
    start = np.searchsorted(trial, np.arange(count + 1)).astype(np.int64)
    target = np.eye(network.n_outputs)[generator.integers(network.n_outputs, size=count)]
    if setup.targets == "spikes":
        target = (generator.random((count, network.n_steps, network.n_outputs)) < 0.05).astype(np.float64)
    return Trials(start, step.astype(np.int32), neuron.astype(np.int32), target)


def started(setup: Setup) -> State:
    """Return weights with which about one neuron in three spikes a few times a trial."""
    network, weights = setup.network, {}
    for projection in network.all_projections:
        scale = 12.0 if projection.source == "inputs" else 3.0
        drawn_weights = stream("weights", projection.name, 0).standard_normal(projection.shape)
        weights[projection.name] = scale / np.sqrt(projection.shape[0]) * drawn_weights
    shapes = feedback_shapes(network, setup.pathway)
    feedback = {layer: draw_feedback(setup.pathway, shape, 1.0, stream("feedback", layer, 0))
                for layer, shape in shapes.items()}  # fmt: skip
    return State(weights, feedback, {})


def per_trial(registry: Registry) -> pd.DataFrame:
    """Return state, operations and seconds of each rule with equations, 784-100-10, compiled, 256 trials at a time."""
    rows = []
    for name, offer in registry.rules.items():
        if not offer.item.has_equations:
            continue
        setup = setup_of(registry, name, 784, 100, 10, 100)
        trials, state = trials_of(setup, 256), started(setup)
        run = simulator(setup)
        recording, _ = run.run(state, trials, Plan(record_spikes=True))
        counted = operations(setup, trials, recording)
        learn = Plan(learning=True, update_after=np.where(np.arange(256) % 32 == 31, 32, 0), learning_rate=1e-12)
        seconds = {}
        for kind, plan in (("forward", Plan()), ("learning", learn)):
            taken = []
            for _ in range(5):
                begun = time.perf_counter()
                run.run(state, trials, plan)
                taken.append(time.perf_counter() - begun)
            seconds[kind] = float(np.median(taken)) / len(trials)
        kept = rule_state(setup)
        rows.append(
            {
                "rule": name,
                "bytes per synapse": kept.per_synapse,
                "bytes per neuron": kept.per_neuron,
                "spikes": counted.spikes,
                "sparsity": counted.sparsity,
                "synaptic operations": counted.synaptic,
                "updates": counted.updates,
                "ms forward": 1e3 * seconds["forward"],
                "learning / forward": seconds["learning"] / seconds["forward"],
            }
        )
    return pd.DataFrame(rows)


def main(out: Annotated[Path, typer.Option(help="Where to write the tables and the figure.")]) -> None:
    """Measure, write the tables, draw the figure, and print what the page of the study says."""
    registry = load_registry()
    out.mkdir(parents=True, exist_ok=True)
    grown, each = scaling(registry), per_trial(registry)
    fitted = exponents(grown)
    for name, table in (("scaling", grown), ("exponents", fitted), ("per_trial", each)):
        write_atomically(out / f"{name}.csv", table.to_csv(index=False).encode())
    drawn(grown, fitted, out / "scaling")
    # Rounded, an end of an interval may be -0.
    print(fitted.round(4).replace(-0.0, 0.0).to_string(index=False))
    print(each.round(3).to_string(index=False))


if __name__ == "__main__":
    typer.run(main)
