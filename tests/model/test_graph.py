"""Networks of populations and projections: all forms and targets, and the exact gradient, of the same synapses."""

from dataclasses import replace

import numpy as np
import pytest

from tests.networks import CAPACITY, RULES, error_of
from tests.slopes import assert_gradient_is_the_slope
from workbench import Network
from workbench.audit.locality.perturbation import perturbed
from workbench.audit.locality.provenance import provenance
from workbench.declare.connectivity import Connectivity
from workbench.declare.constraint import INCOMING_SUM
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.neuron import NeuronModel
from workbench.declare.neuron_models import LIF, LINEAR_RATE, SPIKE_TRAIN
from workbench.declare.options import Form
from workbench.declare.population import Population
from workbench.declare.projection import Projection
from workbench.engine.presentation import Plan
from workbench.engine.update import update
from workbench.model.setup import Setup
from workbench.reference.bptt import reference
from workbench.reference.forward_pass import ForwardPass
from workbench.reference.mode import Direction
from workbench.testing.case import Case, random_case
from workbench.testing.subject import refuse_dead

#: Interneurons that answer faster, by another receptor.
FAST = replace(LIF.with_parameters({"tau_mem": "5 ms"}), name="fast")
TWO_RECEPTORS = replace(
    LIF,
    name="two_receptors",
    equations="""
    dv/dt = (I - gi * (v + 1) - v) / tau_mem : 1
    dI/dt = -I / tau_syn : 1
    dgi/dt = -gi / tau_inh : 1
    """,
    method="euler",
    parameters=(*LIF.parameters, ("tau_inh", "8 ms")),
)

NETWORK = Network(
    n_inputs=8,
    hidden=(7, 6),
    n_outputs=3,
    n_steps=40,
    neuron=TWO_RECEPTORS,
    populations=(Population(name="inter", size=5, neuron=FAST),),
    projections=(
        Projection(name="hidden1", source="inputs", target="hidden1", connect=Connectivity(probability=0.6)),
        Projection(source="inputs", target="inter", connect=Connectivity(fan_in=3)),
        Projection(source="hidden1", target="inter", delay=2, connect=Connectivity(probability=0.5)),
        Projection(source="inter", target="hidden1", receptor="gi", plastic=False),
        Projection(source="hidden2", target="hidden1", connect=Connectivity(probability=0.4)),
        Projection(source="hidden2", target="hidden2", connect=Connectivity(itself=False)),
        Projection(source="inter", target="readout", connect=Connectivity(fan_in=4)),
    ),
)
DENSE = replace(
    NETWORK,
    projections=tuple(
        replace(item, connect=replace(item.connect, probability=1.0, fan_in=0)) for item in NETWORK.projections
    ),
)


def case_of(
    network: Network, rule: str = "eprop", feedback: str = "random_direct", form: Form = "events", gain: float = 3.0
) -> Case:
    """Return a network with weights by which all layers spike and learn; conductances are not negative."""
    setup = Setup(network=network, rule=RULES[rule], feedback=feedback, form=form, **CAPACITY)
    case = random_case(setup, gain=gain)
    conductances = {
        item.name: np.abs(case.state.weights[item.name]) for item in network.projections if item.receptor == "gi"
    }
    return case.with_weights(**conductances)


#: Rules and pathways: filters of a synapse, none, the own readout of each population, and what only an output hands on.
WAYS = (
    ("eprop", "random_direct"),
    ("eprop", "symmetric"),
    ("eprop", "random_chained"),
    ("dcll", "local_readout"),
    ("stdp", "none"),
)


@pytest.mark.parametrize("network", [NETWORK, DENSE], ids=["sparse", "dense"])
@pytest.mark.parametrize(("rule", "feedback"), WAYS, ids=["-".join(way) for way in WAYS])
def test_all_forms_and_targets_agree(network: Network, rule: str, feedback: str) -> None:
    case = case_of(network, rule, feedback)
    compiled = case.record()
    refuse_dead(compiled)
    assert set(compiled.gradient) == {item.name for item in network.all_projections if item.plastic}
    forms: tuple[Form, ...] = ("clock", "causal")
    others = {form: case.with_setup(form=form).record() for form in forms} | {"numpy": case.record("numpy")}
    for name, other in others.items():
        assert np.array_equal(other.spikes["inter"].step, compiled.spikes["inter"].step)
        for layer, array in compiled.gradient.items():
            assert array.shape[1:] == network.weight_shapes()[layer]
            assert error_of(other.gradient[layer], array) < 1e-10, (name, layer)


def as_dense(case: Case) -> Case:
    """Return the same weights in a network in which every neuron reaches each, 0 where none did."""
    weights = {}
    for sparse, dense in zip(case.setup.network.all_projections, DENSE.all_projections, strict=True):
        assert dense.name == sparse.name
        given = case.state.weights[sparse.name]
        weights[sparse.name] = np.zeros(dense.ends)
        weights[sparse.name][_places(sparse)] = given.reshape(weights[sparse.name][_places(sparse)].shape)
        if not dense.dense:
            # Of a population that reaches itself, all but the neurons' own.
            weights[sparse.name] = weights[sparse.name][dense.indices.pre, dense.indices.post]
    return replace(case.with_setup(network=DENSE), state=case.state.with_weights(weights))


def _places(projection: Projection) -> tuple[np.ndarray, ...]:
    """Return the places of a projection's synapses in a matrix."""
    n_pre, n_post = projection.ends
    return tuple(np.indices((n_pre, n_post)).reshape(2, -1)) if projection.dense else tuple(projection.indices)


def _of_sparse(projection: Projection, dense: Projection, array: np.ndarray) -> np.ndarray:
    """Return the part of an array of a dense projection that a sparse one has, for each trial."""
    matrix = np.zeros((*array.shape[: array.ndim - len(dense.shape)], *dense.ends))
    matrix[..., _places(dense)[0], _places(dense)[1]] = array.reshape(*matrix.shape[:-2], -1)
    return matrix[..., _places(projection)[0], _places(projection)[1]].reshape(*matrix.shape[:-2], *projection.shape)


def test_sparse_network_is_the_dense_one_with_weights_of_zero() -> None:
    sparse = case_of(NETWORK)
    dense = as_dense(sparse)
    found, wanted = sparse.record(), dense.record()
    for layer, spikes in wanted.spikes.items():
        assert len(spikes.step)
        assert np.array_equal(found.spikes[layer].step, spikes.step)
        assert np.array_equal(found.spikes[layer].neuron, spikes.neuron)
    exact = [_exact(case) for case in (sparse, dense)]
    ways = zip(NETWORK.all_projections, DENSE.all_projections, strict=True)
    for one, other in ways:
        if one.plastic:
            estimate = _of_sparse(one, other, wanted.gradient[one.name])
            assert error_of(found.gradient[one.name], estimate) < 1e-10, one.name
        gradient = _of_sparse(one, other, exact[1][one.name])
        assert gradient.any(), one.name
        assert error_of(exact[0][one.name], gradient) < 1e-10, one.name
    # Another draw of the same probability is another network.
    drawn = replace(NETWORK.projections[0], connect=Connectivity(probability=0.6, seed=1))
    assert drawn.connected != NETWORK.projections[0].connected


def _exact(case: Case, direction: Direction = "reverse") -> dict[str, np.ndarray]:
    recording, _ = case.simulator().run(case.state, case.trials, Plan(record_spikes=True))
    forward = ForwardPass(case.state.weights, case.state.feedback, case.trials, recording)
    return reference(case.setup).gradients(forward, direction=direction).mean


def test_exact_gradient_is_the_same_both_ways() -> None:
    case = case_of(NETWORK)
    backwards, forwards = _exact(case), _exact(case, "forward")
    for name, gradient in backwards.items():
        assert gradient.any()
        assert error_of(forwards[name], gradient) < 1e-10, name


def test_exact_gradient_is_the_slope_of_the_smooth_loss() -> None:
    assert_gradient_is_the_slope(case_of(NETWORK))


CONSTRAINED = replace(INCOMING_SUM.with_parameters({"sum_to": 2.0}), at="update")


@pytest.mark.parametrize("form", ["online", "events"])
def test_weights_change_alike_in_all_forms(form: Form) -> None:
    case = case_of(NETWORK, "stdp", "none").with_setup(
        every="2 ms" if form == "online" else "batch", constraints=(("hidden1", (CONSTRAINED,)),)
    )
    plan = Plan(learning=True, update_after=np.resize([0, 2], len(case.trials)), learning_rate=0.5)
    if case.setup.steps_between_updates:
        plan = replace(plan, update_after=None)
    _, found = case.simulator().run(case.state, case.trials, plan)
    others = (case.with_setup(form="clock").simulator(), case.simulator("numpy"))
    for other in others:
        _, state = other.run(case.state, case.trials, plan)
        for item in NETWORK.all_projections:
            moved = found.weights[item.name] - case.state.weights[item.name]
            assert moved.any() == item.plastic, item.name
            assert np.allclose(state.weights[item.name], found.weights[item.name], rtol=1e-10, atol=1e-12), item.name
    hidden1 = NETWORK.projection("hidden1")
    assert np.bincount(hidden1.indices.post, np.abs(found.weights["hidden1"]), minlength=7) == pytest.approx(
        2.0, rel=1e-9
    )


def test_spikes_of_the_readout_teach_what_they_reach() -> None:
    back = Projection(source="readout", target="hidden1")
    network = replace(NETWORK, readout=SPIKE_TRAIN, loss=SQUARED_ERROR, projections=(*NETWORK.projections, back))
    setup = Setup(network=network, rule=RULES["stdp"], feedback="none", targets="spikes", **CAPACITY)
    case = random_case(setup, gain=3.0)
    compiled, numpy = case.record(), case.record("numpy")
    assert compiled.gradient["readout_to_hidden1"].any()
    for layer, array in compiled.gradient.items():
        assert error_of(numpy.gradient[layer], array) < 1e-10, layer


def test_constraints_outside_of_the_network_know_who_is_connected() -> None:
    case = case_of(NETWORK).with_setup(constraints=(("hidden1", (CONSTRAINED,)),))
    gradient = {name: np.full(array.shape, 0.1) for name, array in case.state.weights.items()}
    after = update(case.setup, case.state, gradient, 0.01)
    hidden1 = NETWORK.projection("hidden1")
    sums = np.bincount(hidden1.indices.post, np.abs(after.weights["hidden1"]), minlength=7)
    assert sums == pytest.approx(2.0, rel=1e-12)
    # Fixed weights have a gradient, and stay.
    assert np.array_equal(after.weights["inter_to_hidden1"], case.state.weights["inter_to_hidden1"])
    assert (after.weights["hidden2"] != case.state.weights["hidden2"]).all()


def test_sparse_weights_depend_on_what_they_seem_to() -> None:
    case = case_of(NETWORK)
    for name in ("hidden1", "inputs_to_inter"):
        graph = provenance(case.setup, name)
        found = perturbed(case.setup, graph, case.state, case.trials)
        assert any(item.moved for item in found)
        assert all(item.agrees for item in found), [item for item in found if not item.agrees]


@pytest.mark.parametrize("neuron", [LIF, LINEAR_RATE], ids=lambda neuron: neuron.name)
def test_readout_without_spikes_reaches_others(neuron: NeuronModel) -> None:
    network = Network(
        n_inputs=3, hidden=(5,), n_outputs=2, n_steps=50, neuron=neuron, loss=SQUARED_ERROR,
        projections=(Projection(source="readout", target="hidden1"),),
    )  # fmt: skip
    case = random_case(Setup(network=network, rule=RULES["frozen"], feedback="none", targets="step", **CAPACITY))
    alone = case.with_weights(readout_to_hidden1=np.zeros((2, 5))).record().output
    found = case.record().output
    assert error_of(found, case.record("numpy").output) < 1e-12
    assert error_of(found, alone) > 0.1
    assert_gradient_is_the_slope(case)
