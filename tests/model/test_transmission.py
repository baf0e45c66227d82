"""Short-term plasticity: what spikes transmit, beneath weights that learn, in all forms and in the exact gradient."""

from dataclasses import replace

import numpy as np
import pytest

from tests.networks import CAPACITY, RULES, error_of
from tests.slopes import assert_gradient_is_the_slope
from workbench import Network, Population, Projection, Transmission, Trials
from workbench.common.errors import ModelError
from workbench.declare.connectivity import Connectivity
from workbench.declare.options import Form
from workbench.declare.transmission import TSODYKS_MARKRAM
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.engine.state import State
from workbench.model.setup import Setup
from workbench.reference.bptt import reference
from workbench.reference.forward_pass import ForwardPass
from workbench.reference.mode import Direction
from workbench.testing.case import Case, random_case
from workbench.testing.subject import refuse_dead

FAST = TSODYKS_MARKRAM.with_parameters({"tau_d": "30 ms", "tau_f": "15 ms"})
NETWORK = Network(
    n_inputs=8,
    hidden=(7, 6),
    n_outputs=3,
    n_steps=40,
    populations=(Population(name="inter", size=5),),
    projections=(
        Projection(source="inputs", target="hidden1", name="hidden1", transmits=FAST),
        Projection(
            source="hidden1", target="hidden2", name="hidden2", connect=Connectivity(probability=0.7), transmits=FAST
        ),
        Projection(source="hidden1", target="inter", delay=2, transmits=TSODYKS_MARKRAM, plastic=False),
        Projection(source="inter", target="hidden2"),
    ),
)


def case_of(form: Form = "events", rule: str = "eprop", feedback: str = "random_direct") -> Case:
    setup = Setup(network=NETWORK, rule=RULES[rule], feedback=feedback, form=form, **CAPACITY)
    return random_case(setup, gain=5.0)


@pytest.mark.parametrize(("rule", "feedback"), [("eprop", "random_direct"), ("stdp", "none")])
def test_all_forms_and_targets_agree(rule: str, feedback: str) -> None:
    case = case_of("events", rule, feedback)
    compiled = case.record()
    refuse_dead(compiled)
    forms: tuple[Form, ...] = ("clock", "causal")
    others = {form: case.with_setup(form=form).record() for form in forms} | {"numpy": case.record("numpy")}
    for name, other in others.items():
        for layer, spikes in compiled.spikes.items():
            assert np.array_equal(other.spikes[layer].step, spikes.step), (name, layer)
        for layer, array in compiled.gradient.items():
            assert error_of(other.gradient[layer], array) < 1e-10, (name, layer)
    plain = replace(NETWORK, projections=tuple(replace(item, transmits=None) for item in NETWORK.projections))
    assert not np.array_equal(case.with_setup(network=plain).record().output, compiled.output)


def exact(case: Case, direction: Direction = "reverse") -> dict[str, np.ndarray]:
    forward = ForwardPass(case.state.weights, case.state.feedback, case.trials, case.record())
    return reference(case.setup).gradients(forward, direction=direction).mean


def test_exact_gradient_is_the_same_both_ways() -> None:
    case = case_of()
    backwards, forwards = exact(case), exact(case, "forward")
    for name, gradient in backwards.items():
        assert gradient.any()
        assert error_of(forwards[name], gradient) < 1e-10, name


def test_exact_gradient_is_the_slope_of_the_smooth_loss() -> None:
    assert_gradient_is_the_slope(case_of())


def test_outputs_are_those_of_a_script() -> None:
    # One input onto the readout, by fixed weights: two filters of what Tsodyks and Markram's synapse sends.
    network = Network(
        n_inputs=2,
        hidden=(),
        n_outputs=3,
        n_steps=60,
        projections=(Projection(source="inputs", target="readout", name="readout", transmits=FAST, plastic=False),),
    )
    setup = Setup(network=network, rule=RULES["frozen"], feedback="none", **CAPACITY)
    raster = (np.random.default_rng(2).random((4, 60, 2)) < 0.2).astype(float)
    weights = np.random.default_rng(3).standard_normal((2, 3))
    trials = Trials.from_raster(raster, np.eye(3)[[0, 1, 2, 0]])
    recording, _ = simulator(setup).run(State({"readout": weights}, {}, {}), trials, Plan())
    mem, syn = np.exp(-1e-3 / 20e-3), np.exp(-1e-3 / 10e-3)
    share = 10 / (20 - 10) * (mem - syn)
    for trial in range(4):
        u, x, v, current, total = np.zeros(2), np.ones(2), np.zeros(3), np.zeros(3), np.zeros(3)
        for step in range(60):
            u, x = u * np.exp(-1 / 15), 1 + (x - 1) * np.exp(-1 / 30)
            v, current = v * mem + current * share, current * syn
            total += v / 60
            spiked = raster[trial, step] > 0
            u = np.where(spiked, u + 0.5 * (1 - u), u)
            sent = np.where(spiked, u * x, 0)
            x = x - sent
            current = current + sent @ weights
        assert error_of(recording.output[trial], total) < 1e-12


@pytest.mark.parametrize(
    ("transmission", "message"),
    [
        (replace(FAST, on_spike="sent = u * y"), "reads 'y', which nothing defines"),
        (replace(FAST, equations="du/dt = -u : 1\ndx/dt = (1 - x) / tau_d : 1"), "has unit"),
        (replace(FAST, initial=(("z", 1.0),)), "sets 'z', which nothing defines"),
        (replace(FAST, parameters=(*FAST.parameters, ("x", 1.0))), "'x' is taken"),
        (replace(FAST, equations="dx/dt = -x * u / tau_d : 1\ndu/dt = -u / tau_f : 1"), "is not linear"),
        (replace(FAST, equations=f"{FAST.equations}\ndsent/dt = -sent / tau_f : 1"), "'sent' is taken"),
    ],
)
def test_what_does_not_hold_together_is_refused(transmission: Transmission, message: str) -> None:
    projections = (replace(NETWORK.projections[0], transmits=transmission), *NETWORK.projections[1:])
    setup = Setup(network=replace(NETWORK, projections=projections), rule=RULES["stdp"], feedback="none", **CAPACITY)
    with pytest.raises(ModelError, match=message):
        random_case(setup).record("numpy")


def test_transmission_onto_a_readout_that_learns_is_refused() -> None:
    onto = Projection(source="hidden2", target="readout", name="readout", transmits=FAST)
    setup = Setup(
        network=replace(NETWORK, projections=(*NETWORK.projections, onto)), rule=RULES["stdp"], feedback="none",
        **CAPACITY,
    )  # fmt: skip
    with pytest.raises(ModelError, match="exact delta rule"):
        random_case(setup).record("numpy")
    with pytest.raises(ModelError, match="never sets 'sent'"):
        replace(FAST, on_spike="x -= u * x")


def test_what_was_sent_is_forgotten_between_trials() -> None:
    lasting = replace(FAST, on_spike="x += 1\nsent = 0.5 * sent + 0.1 * x")
    projections = (replace(NETWORK.projections[0], transmits=lasting), *NETWORK.projections[1:])
    case = case_of().with_setup(network=replace(NETWORK, projections=projections))
    made = simulator(case.setup)
    order = np.arange(len(case.trials))[::-1]
    whole, _ = made.run(case.state, case.trials, Plan())
    backwards, _ = made.run(case.state, case.trials.take(order), Plan())
    assert np.array_equal(backwards.output[::-1], whole.output)


def test_unit_of_a_parameter_is_kept() -> None:
    with pytest.raises(ModelError, match="but 'second' is needed"):
        FAST.with_parameters({"tau_f": 5.0})
