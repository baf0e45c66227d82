"""The groups of neurons and synapses of the model in continuous time; see `network` for what happens in which order."""

from brian2 import NeuronGroup, Synapses, ms

from studies.concept_hierarchy.hierarchy import Floats, Hierarchy

STEP = 1 * ms
#: Of a round; the first of them is the delay of spikes.
STEPS = 4
ROUND = STEPS * STEP

ROUND_ENDS = "timestep(t, dt) % steps == 0"
NEURON = """dv/dt = current / charging : 1
            current                    : 1
            higher                     : 1
            x                          : 1"""
#: Among equal potentials, the neuron with the lower index counts as the one with the higher potential.
COMPARE = "higher_post += int(v_pre > v_post) + int(v_pre == v_post) * int(i < j)"
OJA = "w += eta * v_post * (x_pre - v_post * w)"


def inputs(hierarchy: Hierarchy, tables: dict[str, object]) -> NeuronGroup:
    """Return level 0, which fires as it is told."""
    layer = NeuronGroup(
        hierarchy.n, "x : 1", threshold=f"shown(t, i) > 0 and {ROUND_ENDS}", reset="x = 1", dt=STEP, namespace=tables
    )
    layer.run_regularly("x = 0", dt=ROUND, when="before_resets")
    return layer


def layer_of(hierarchy: Hierarchy, level: int, threshold: float, tables: dict[str, object]) -> NeuronGroup:
    """Return a level whose neurons add up over a round what comes in."""
    taught = f"taught(t) == level and {ROUND_ENDS}"
    layer = NeuronGroup(
        hierarchy.n,
        NEURON,
        method="euler",
        threshold=f"v >= threshold and {ROUND_ENDS}",
        reset="x = 1",
        events={"told": taught, "engaged": f"{taught} and higher == 0"},
        dt=STEP,
        namespace=tables | {"level": level, "threshold": threshold, "charging": ROUND - STEP},
    )
    # After the lateral projection, and before synapses learn.
    layer.set_event_schedule("engaged", when="synapses")
    layer.run_regularly("v = 0; current = 0; higher = 0; x = 0", dt=ROUND, when="before_resets")
    return layer


def forward_synapses(hierarchy: Hierarchy, source: NeuronGroup, target: NeuronGroup, weights: Floats) -> Synapses:
    """Return the plastic projection between two levels, all to all."""
    synapses = Synapses(
        source,
        target,
        "w : 1",
        on_pre="current_post += w",
        on_post={"learn": OJA},
        on_event={"pre": "spike", "learn": "engaged"},
        delay={"pre": STEP, "learn": 0 * ms},
        namespace={"eta": hierarchy.learning_rate},
        dt=STEP,
    )
    synapses.connect()
    synapses.learn.when = "after_synapses"
    synapses.w[:] = weights[synapses.i[:], synapses.j[:]]
    return synapses


def lateral_synapses(layer: NeuronGroup) -> Synapses:
    """Return the projection by which a level's neurons count those above them, all to all."""
    synapses = Synapses(layer, layer, on_pre=COMPARE, on_event="told", delay=0 * ms, namespace={}, dt=STEP)
    synapses.connect()
    synapses.pre.when = "before_synapses"
    return synapses
