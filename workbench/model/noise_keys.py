"""For what the noise of a network is drawn."""

from workbench.common.counter_noise import key_of
from workbench.model.setup import Setup


def noise_keys(setup: Setup) -> dict[str, tuple[int, int]]:
    """Return the keys of all that is drawn, by ``noise.<group>.<name>``: of layers, local readouts, and synapses."""
    network, rule = setup.network, setup.rule
    drawn = {layer: network.model_of(layer).noise for layer in network.layers}
    drawn |= {f"{layer}_readout": network.readout.noise for layer in network.layers[:-1]}
    drawn |= {f"w_{item.name}": rule.noise for item in network.all_projections if setup.learns_by_rule(item)}
    return {
        f"noise.{group}.{name}": key_of("noise", network.seed, group, name)
        for group, noise in drawn.items()
        for name, _ in noise
    }


def draws_noise(setup: Setup) -> bool:
    """Return whether anything of a network is drawn in each step."""
    return bool(noise_keys(setup))
