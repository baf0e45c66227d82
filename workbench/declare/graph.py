"""What follows from a network's layers, populations and projections."""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

from workbench.declare.neuron import NeuronModel
from workbench.declare.neuron_values import Numbers, first_values_in, parameters_in
from workbench.declare.population import Population
from workbench.declare.projection import Projection
from workbench.declare.rule import Rule
from workbench.declare.stack import stacked


class Graph:
    """The layers of a network, and what connects them; its fields are those of `Network`."""

    n_inputs: int
    hidden: tuple[int, ...]
    n_outputs: int
    recurrent: bool
    delays: tuple[tuple[str, int], ...]
    populations: tuple[Population, ...]
    projections: tuple[Projection, ...]
    neuron: NeuronModel
    readout: NeuronModel
    n_steps: int
    window: tuple[int, int]
    seed: int
    fixed: tuple[str, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Sizes of the stack, from the input to the readout."""
        return (self.n_inputs, *self.hidden, self.n_outputs)

    @cached_property
    def stack(self) -> tuple[str, ...]:
        """Names of the layers of the stack above the input: ``hidden1``, ..., ``readout``."""
        return (*(f"hidden{index + 1}" for index in range(len(self.hidden))), "readout")

    @cached_property
    def layers(self) -> tuple[str, ...]:
        """Names of all neurons but the inputs: ``hidden1``, ..., populations, ``readout``."""
        return (*self.stack[:-1], *(item.name for item in self.populations), "readout")

    @cached_property
    def layer_sizes(self) -> dict[str, int]:
        """Sizes of all layers and populations above the input, by name."""
        beside = {item.name: item.size for item in self.populations}
        hidden = dict(zip(self.stack, self.hidden, strict=False))
        return hidden | beside | {"readout": self.n_outputs}

    @cached_property
    def learning_layers(self) -> tuple[str, ...]:
        """The layers below the readout that the network's rule teaches.

        They are those of the stack, and populations that it has weights onto.
        """
        reached = {item.target for item in self.all_projections if item.plastic and item.rule is None}
        return tuple(name for name in self.layers[:-1] if name in self.stack or name in reached)

    @cached_property
    def plastic_weights(self) -> tuple[str, ...]:
        """The names of the weights that learn, whatever the rule."""
        return tuple(item.name for item in self.all_projections if item.plastic)

    @cached_property
    def rules_beside(self) -> tuple[Rule, ...]:
        """The rules that some weights have of their own, each once."""
        return tuple(dict.fromkeys(item.rule for item in self.projections if item.rule is not None))

    @property
    def n_hidden(self) -> int:
        """How many neurons there are between the inputs and the readout."""
        return sum(self.hidden) + sum(item.size for item in self.populations)

    @property
    def spiking_layers(self) -> dict[str, int]:
        """Names and sizes of the layers that spike."""
        return {name: size for name, size in self.layer_sizes.items() if self.spikes(name)}

    def spikes(self, layer: str) -> bool:
        """Return whether a layer, or the inputs, send spikes."""
        return layer == "inputs" or self.model_of(layer).spiking

    def model_of(self, layer: str) -> NeuronModel:
        """Return the neuron model of a layer.

        Parameters
        ----------
        layer : str
            ``hidden1``, ..., ``readout``, or the name of a population.

        Returns
        -------
        NeuronModel
            That of the readout, of a population that has its own, or of all others.
        """
        return self.models[self.owner_of(layer)]

    def owner_of(self, layer: str) -> str:
        """Return under which name of `models` a layer's neuron model, and its numbers, are found."""
        if layer == "readout":
            return "readout"
        return layer if layer in self._apart else "neuron"

    @cached_property
    def _apart(self) -> dict[str, NeuronModel]:
        """The models of layers that have numbers of their own: another model than most, or one whose neurons differ."""
        beside = {item.name: item.neuron or self.neuron for item in self.populations}
        every = {layer: beside.get(layer, self.neuron) for layer in self.layers[:-1]}
        return {layer: model for layer, model in every.items() if model != self.neuron or not model.is_uniform}

    @cached_property
    def models(self) -> dict[str, NeuronModel]:
        """The neuron models: ``neuron``, ``readout``, and those of layers with numbers of their own by their names."""
        return {"neuron": self.neuron, "readout": self.readout} | self._apart

    def parameters_of(self, owner: str) -> Numbers:
        """Return the parameters of one of `models`, one for each neuron where they differ, in SI base units."""
        return self._numbers_of(owner, parameters_in, NeuronModel.values)

    def first_values_of(self, owner: str) -> Numbers:
        """Return the first values of one of `models`, as of `parameters_of`."""
        return self._numbers_of(owner, first_values_in, NeuronModel.first_values)

    def _numbers_of(
        self, owner: str, drawn: Callable[..., Numbers], same: Callable[[NeuronModel], dict[str, float]]
    ) -> Numbers:
        model = self.models[owner]
        if model.is_uniform or owner not in self.layer_sizes:
            return dict(same(model))
        return drawn(model, owner, self.layer_sizes[owner], self.seed)

    @property
    def hidden_models(self) -> tuple[NeuronModel, ...]:
        """The neuron models of the layers between inputs and readout; that of the stack comes first."""
        return tuple(model for name, model in self.models.items() if name != "readout")

    @property
    def steps_in_window(self) -> tuple[int, int]:
        """First step of the loss window, and the one after its last."""
        return (0, self.n_steps) if self.window == (0, 0) else self.window

    @cached_property
    def all_projections(self) -> tuple[Projection, ...]:
        """All weights: those of the stack from the input up, then those beside it."""
        given = {item.name: item for item in self.projections}
        own = self.of_stack
        if not self.hidden and "readout" not in given and any(item.target == "readout" for item in self.projections):
            own = ()
        names = {item.name for item in own}
        beside = [item for item in self.projections if item.name not in names]
        every = (*(given.get(item.name, item) for item in own), *beside)
        return tuple(replace(item, plastic=False) if item.name in self.fixed else item for item in every)

    @cached_property
    def of_stack(self) -> tuple[Projection, ...]:
        """The weights that the stack has by itself."""
        return stacked(self.sizes, self.stack, self.recurrent, dict(self.delays))

    def projection(self, name: str) -> Projection:
        """Return the projection of a name."""
        (found,) = [item for item in self.all_projections if item.name == name]
        return found

    @property
    def below_readout(self) -> tuple[str, ...]:
        """The layers and populations that reach the readout."""
        return tuple(dict.fromkeys(item.source for item in self.all_projections if item.target == "readout"))

    def way_up(self, layer: str) -> Projection | None:
        """Return the weights by which a hidden layer acts on the next, and its learning signal may come back.

        Parameters
        ----------
        layer : str
            ``hidden1``, ..., or the name of a population.

        Returns
        -------
        Projection or None
            In the stack those onto the layer above; of a population its only ones onto the readout, if there are.
        """
        if layer in self.stack:
            return self.projection(self.stack[self.stack.index(layer) + 1])
        found = [item for item in self.all_projections if (item.source, item.target) == (layer, "readout")]
        return found[0] if len(found) == 1 else None

    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes of all weights.

        Returns
        -------
        dict of str to tuple of int
            (n_pre, n_post) by name, or (n_synapses,) where not all neurons are connected. In the stack weights are
            called by the layer that they reach, or ``hidden1_recurrent`` where it reaches itself.
        """
        return {projection.name: projection.shape for projection in self.all_projections}
