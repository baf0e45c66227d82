"""The readout's own rule is exact for any linear readout, and no other is taken; its error is its loss's derivative."""

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.networks import LOSSES, RULES, assert_alive, error_of, setup_for
from workbench.common.errors import ModelError
from workbench.declare.loss import CROSS_ENTROPY, Loss
from workbench.declare.neuron import NeuronModel
from workbench.declare.neuron_models import LEAKY_INTEGRATOR
from workbench.declare.options import Precision
from workbench.model.readout_rule import delta_rule
from workbench.reference.bptt import reference
from workbench.reference.forward_pass import ForwardPass
from workbench.testing.case import random_case
from workbench.text.expressions import evaluate

SYNAPSE = "dI/dt = -I / tau_syn : 1"

#: Equations and output of readouts unlike the usual one.
READOUTS = {
    "constant": (f"dv/dt = (I + tau_syn / tau_mem - v) / tau_mem : 1\n{SYNAPSE}", "v"),
    "cascade": (f"dv/dt = (u - v) / tau_mem : 1\ndu/dt = (I - u) / tau_mem : 1\n{SYNAPSE}", "v"),
    "counter": ("dI/dt = 0 * I / tau_mem : 1\ndv/dt = -v / tau_syn : 1", "I"),
    "coupled": ("dv/dt = (I - v) / tau_mem : 1\ndI/dt = (-I - 0.5 * v) / tau_syn : 1", "v"),
}


def readout(name: str, method: str = "exact") -> NeuronModel:
    equations, output = READOUTS[name]
    return replace(LEAKY_INTEGRATOR, name=name, equations=equations, output=output, method=method)


@pytest.mark.parametrize(
    ("name", "method"), [("constant", "exact"), ("counter", "exact"), ("coupled", "exact"), ("cascade", "euler")]
)
def test_delta_rule_is_exact(name: str, method: str) -> None:
    setup = setup_for(RULES["frozen"], "none", 1, CROSS_ENTROPY)
    setup = replace(setup, network=replace(setup.network, readout=readout(name, method), n_steps=25))
    case = random_case(setup, count=4, rate=0.1, gain=1.0)
    recording = case.record("numpy")
    assert_alive(recording, setup)
    exact = reference(setup).gradients(ForwardPass(case.state.weights, {}, case.trials, recording)).mean["readout"]
    assert error_of(recording.gradient["readout"].mean(axis=0), exact) < 1e-9
    assert error_of(recording.gradient["readout"].mean(axis=0), exact[:, ::-1]) > 1e-2


@pytest.mark.parametrize("expression", ["(I - v**2) / tau_mem", "(I - v * I) / tau_mem", "(I - exp(v)) / tau_mem"])
@pytest.mark.parametrize("method", ["exact", "euler"])
def test_readout_that_is_not_linear_is_refused(expression: str, method: str) -> None:
    curved = replace(LEAKY_INTEGRATOR, name="curved", equations=f"dv/dt = {expression} : 1\n{SYNAPSE}", method=method)
    with pytest.raises(
        ModelError, match=r"Readout 'curved': 'dv/dt = .*' is not linear in the readout's own variables"
    ):
        delta_rule(curved)


@pytest.mark.parametrize("loss", LOSSES.values(), ids=lambda loss: loss.name)
def test_error_is_the_derivative_of_the_loss(loss: Loss) -> None:
    generator = np.random.default_rng(4)
    output, target = generator.normal(size=7), generator.random(7)
    target /= target.sum()

    def value(y: jax.Array) -> jax.Array:
        names: dict[str, Any] = {"y": y, "target": target, "greatest": jax.lax.stop_gradient(y.max())}
        names["share"] = evaluate(loss.share, names, jnp) if loss.share else jnp.zeros(1)
        names["total"] = names["share"].sum()
        return jnp.sum(evaluate(loss.value, names, jnp))

    with jax.enable_x64(True):
        expected = np.asarray(jax.grad(value)(jnp.asarray(output)))
    names: dict[str, Any] = {"y": output, "target": target, "greatest": output.max()}
    names["share"] = evaluate(loss.share, names, np) if loss.share else np.zeros(1)
    names["total"] = names["share"].sum()
    found = evaluate(loss.error, names, np)
    assert np.abs(expected).max() > 0.1
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)
    assert not np.allclose(found[::-1], expected)


@pytest.mark.parametrize(("precision", "shift"), [("float64", 900.0), ("float64", -900.0), ("float32", 90.0)])
def test_loss_of_classes_does_not_depend_on_what_all_outputs_share(precision: Precision, shift: float) -> None:
    """Nor on whether the exponential of an output is a finite number."""
    case = random_case(replace(setup_for(RULES["eprop"], "symmetric", 1, CROSS_ENTROPY), precision=precision), count=5)
    weights = case.state.weights["readout"]
    plain, moved = case.record("numpy"), case.with_weights(readout=weights + shift)
    recording = moved.record("numpy")
    largest = {"float64": 709.8, "float32": 88.8}[precision]
    assert np.abs(recording.output[0]).min() > largest
    assert np.ptp(plain.loss) > 0.1
    bound = {"float64": 1e-9, "float32": 1e-4}[precision]
    np.testing.assert_allclose(recording.loss, plain.loss, rtol=bound)
    found = reference(moved.setup, precision).gradients(
        ForwardPass(moved.state.weights, {}, case.trials, recording), "constant"
    )
    for layer, gradient in found.mean.items():
        assert error_of(recording.gradient[layer].mean(axis=0), gradient) < bound
        assert error_of(recording.gradient[layer].mean(axis=0), gradient[::-1]) > 0.1
