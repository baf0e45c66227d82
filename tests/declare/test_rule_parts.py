"""What rules are written for."""

from workbench.declare.rule_parts import WrittenFor


def test_a_rule_may_be_written_for_several_neurons() -> None:
    needs = WrittenFor(neuron="alif", neurons_like_it=("alif_refractory",))
    assert not needs.refuses("alif_refractory", "leaky_integrator")
    assert needs.refuses("lif", "leaky_integrator") == (
        "It is written for neuron 'alif', and the network has 'lif'. Set network.neuron = \"alif\"."
    )
    assert WrittenFor(neuron="alif").refuses("alif_refractory", "leaky_integrator")
