"""What a rule claims to be exact for is built and measured; so is that the measure could have failed."""

from typing import Any

import numpy as np
import pytest

from tests.networks import (
    CAPACITY,
    LOSSES,
    REGISTRY,
    RULES,
    SURROGATES,
    assert_alive,
    error_of,
    setup_for,
    with_numbers,
)
from workbench.declare.claims import ExactFor
from workbench.declare.loss import CROSS_ENTROPY, SQUARED_ERROR, Loss
from workbench.declare.network import Network
from workbench.declare.neuron_models import ALIF, REFRACTORY_TRACE, SPIKE_TRAIN
from workbench.declare.options import Targets
from workbench.declare.recording import Recording
from workbench.declare.references import Reset
from workbench.declare.rule import Rule
from workbench.model.setup import Setup
from workbench.reference.bptt import Reference, reference
from workbench.reference.forward_pass import ForwardPass
from workbench.testing.case import Case, random_case
from workbench.text.syntax import statements

#: Each claim at the depth that it names, or at two, for each loss.
CLAIMS = [
    pytest.param(rule, claim, depth, loss, id=f"{rule.name}-{claim.loss}-{depth}-{loss.name}")
    for rule in RULES.values()
    for claim in rule.claims.exact_for
    for depth in ((1, 2) if claim.depth is None else (claim.depth,))
    for loss in LOSSES.values()
]


def errors(model: Reference, case: Case, recording: Recording, loss: str, reset: Reset) -> dict[str, float]:
    """Return the relative error of each hidden layer's `g`, over all trials, against its gradient of a loss."""
    found, estimates = {}, case.estimates(recording)
    for layer in (name for name in estimates if not name.startswith("readout")):
        readout = f"{layer.removesuffix('_recurrent')}_readout" if loss == "local_readout" else "readout"
        exact = model.gradients(
            ForwardPass(case.state.weights, case.state.feedback, case.trials, recording),
            reset=reset,
            per_trial=True,
            loss=readout,
        )
        found[layer] = error_of(estimates[layer], exact.trials[layer])
    return found


def test_there_are_claims() -> None:
    assert {"dcll", "eprop"} <= {rule.name for rule in RULES.values() if rule.claims.exact_for}
    assert len(CLAIMS) >= 6


@pytest.mark.parametrize(("rule", "claim", "depth", "loss"), CLAIMS)
def test_claim_holds(rule: Rule, claim: ExactFor, depth: int, loss: Loss) -> None:
    case = random_case(setup_for(rule, claim.feedback, depth, loss), count=6)
    recording = case.record()
    assert_alive(recording, case.setup)
    model = reference(case.setup)
    for layer, error in errors(model, case, recording, claim.loss, claim.reset).items():
        assert error < 1e-9, f"{layer}: {error:.1e}"
    if loss is not CROSS_ENTROPY:
        return  # What follows would have failed if the comparison were blind; once is enough.
    other: Reset = "differentiated" if claim.reset == "constant" else "constant"
    for layer, error in errors(model, case, recording, claim.loss, other).items():
        assert error > 1e-3, f"{layer} does not tell the two resets apart"
    if claim.loss == "local_readout":
        for layer, error in errors(model, case, recording, "network", claim.reset).items():
            assert error > 0.1, f"{layer} does not tell its own loss from the network's"


@pytest.mark.parametrize(("name", "depth"), [("eprop", 1), ("dcll", 1), ("dcll", 2)])
def test_claim_holds_where_a_trace_keeps_neurons_from_threshold(name: str, depth: int) -> None:
    (claim,) = RULES[name].claims.exact_for
    case = random_case(setup_for(RULES[name], claim.feedback, depth, SQUARED_ERROR, REFRACTORY_TRACE), count=6)
    recording = case.record()
    assert_alive(recording, case.setup)
    model = reference(case.setup)
    for layer, error in errors(model, case, recording, claim.loss, "constant").items():
        assert error < 1e-9, f"{layer}: {error:.1e}"
    # Through the trace, a spike depends on those before it, and that the rules leave out.
    for layer, error in errors(model, case, recording, claim.loss, "differentiated").items():
        assert error > 1e-3, f"{layer} does not tell the two resets apart"


def drawn(rule: Rule, claim: ExactFor, number: int) -> Setup:
    """Return a network within a claim: sizes, neuron, loss, targets, window and numbers are drawn, and all delays."""
    generator = np.random.default_rng([number, len(rule.name)])
    depth = claim.depth or int(generator.integers(1, 4))
    names = [f"hidden{index + 1}" for index in range(depth)]
    late = {"none": [], "inputs": names[:1], "any": [*names, "readout"]}[claim.delays]
    network = Network(
        n_inputs=8,
        hidden=tuple(int(size) for size in generator.integers(5, 10, size=depth)),
        n_outputs=3,
        delays=tuple((name, int(delay)) for name in late if (delay := generator.integers(8))),
        neuron=REGISTRY.neuron(str(generator.choice(claim.neurons))),
        readout=REGISTRY.neuron(str(generator.choice(claim.readouts or ("leaky_integrator", "lif_train")))),
        loss=list(LOSSES.values())[generator.integers(len(LOSSES))],
        surrogate=list(SURROGATES.values())[generator.integers(len(SURROGATES))],
        recurrent=claim.recurrent and number % 2 == 1,
    )
    targets: Targets = "step" if network.loss is SQUARED_ERROR and generator.random() < 0.5 else "trial"
    setup = Setup(network=network, rule=rule, feedback=claim.feedback, targets=targets, **CAPACITY)
    return with_numbers(setup, generator, n_steps=40)


#: Each claim, four times.
DRAWN = [
    pytest.param(rule, claim, number, id=f"{rule.name}-{claim.loss}-{number}")
    for rule in RULES.values()
    for claim in rule.claims.exact_for
    for number in range(4)
]


@pytest.mark.parametrize(("rule", "claim", "number"), DRAWN)
def test_claim_holds_in_networks_drawn_within_it(rule: Rule, claim: ExactFor, number: int) -> None:
    setup = drawn(rule, claim, number)
    # Of three layers the last is reached by spikes that are few.
    case = random_case(setup, number, count=4, gain=4.0)
    recording = case.record("numpy")
    assert all(gradient.any() for gradient in recording.gradient.values())
    model = reference(setup)
    for layer, error in errors(model, case, recording, claim.loss, claim.reset).items():
        assert error < 1e-9, f"{layer}: {error:.1e} with {setup.network}"
    forward = ForwardPass(case.state.weights, case.state.feedback, case.trials, recording)
    exact = model.gradients(forward, reset="constant", per_trial=True).trials["readout"]
    assert error_of(case.estimates(recording)["readout"], exact) < 1e-9


#: What no claim is for, and so what its fields are for.
BEYOND: dict[str, tuple[str, dict[str, Any]]] = {
    "a delay to the readout": ("eprop", {"delays": (("readout", 7),)}),
    "a recurrent layer": ("eprop", {"recurrent": True}),
    "a neuron that adapts": ("eprop", {"neuron": ALIF}),
    "a readout that spikes": ("eprop", {"readout": SPIKE_TRAIN}),
    "a delay to the readout of adaptive neurons": ("eprop_adaptive", {"neuron": ALIF, "delays": (("readout", 7),)}),
    "a layer with its own readout that is recurrent": ("dcll", {"recurrent": True}),
    "a neuron with its own readout that adapts": ("dcll", {"neuron": ALIF}),
}


@pytest.mark.parametrize("beyond", BEYOND)
def test_beyond_the_claim_it_is_not_exact(beyond: str) -> None:
    name, fields = BEYOND[beyond]
    (claim,) = RULES[name].claims.exact_for
    network = Network(n_inputs=8, hidden=(9,), n_outputs=3, n_steps=40, loss=SQUARED_ERROR, **fields)
    setup = Setup(network=network, rule=RULES[name], feedback=claim.feedback, **CAPACITY)
    case = random_case(setup, count=3)
    recording = case.record("numpy")
    assert errors(reference(setup), case, recording, claim.loss, claim.reset)["hidden1"] > 0.05


def test_a_claim_says_what_it_covers() -> None:
    (claim,) = RULES["eprop"].claims.exact_for
    assert claim.covers("lif", "leaky_integrator")
    assert not claim.covers("alif", "leaky_integrator")
    assert not claim.covers("lif", "lif_train")
    (claim,) = RULES["dcll"].claims.exact_for
    assert claim.covers("lif", "lif_train")


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES.values() if any(claim.depth for claim in rule.claims.exact_for)]
)
def test_depth_is_part_of_the_claim(rule: Rule) -> None:
    claim = next(claim for claim in rule.claims.exact_for if claim.depth is not None)
    assert claim.depth == 1, "write this control for another depth"
    case = random_case(setup_for(rule, claim.feedback, 2, LOSSES["squared_error"]), count=6)
    recording = case.record()
    found = errors(reference(case.setup), case, recording, claim.loss, claim.reset)
    assert found["hidden2"] < 1e-9
    assert found["hidden1"] > 0.01


def sets_error(rule: Rule) -> bool:
    """Return whether a rule has outputs learn from an error of its own."""
    return rule.output_step is not None and "error" in {name for name, _ in statements(rule.output_step.code)}


# There is no exact gradient of a network that a rule changes while it learns.
@pytest.mark.parametrize(
    "rule",
    [rule for rule in RULES.values() if not (rule.trains_readout or rule.intervenes or sets_error(rule))],
    ids=lambda rule: rule.name,
)
def test_readout_learns_by_the_exact_delta_rule(rule: Rule) -> None:
    case = random_case(setup_for(rule, rule.default_feedback, 1, CROSS_ENTROPY), count=6)
    recording = case.record()
    assert_alive(recording, case.setup)
    model = reference(case.setup)
    forward = ForwardPass(case.state.weights, case.state.feedback, case.trials, recording)
    # Only a readout that spikes has a reset, whose derivative the rule leaves out.
    exact = model.gradients(forward, reset="constant", per_trial=True)
    assert error_of(recording.gradient["readout"], exact.trials["readout"]) < 1e-9
    assert error_of(recording.gradient["readout"][::-1], exact.trials["readout"]) > 0.1
