"""One trial of a network in JAX, and its gradient where that is carried along with time."""

from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from workbench.declare.network import Network
from workbench.model.program import Program
from workbench.reference.blocks import scan_in_blocks
from workbench.reference.forward_mode import Ends, by_weight, carry_along
from workbench.reference.input_events import added_by_events
from workbench.reference.mode import Mode
from workbench.reference.numbers import Values
from workbench.reference.step import Given, Step


@dataclass(frozen=True, eq=False)
class Trial:
    """A trial of all networks that have a program's operations.

    Attributes
    ----------
    program : Program
        The operations of a step.
    network : Network
        Whose texts (drive, surrogate, loss) belong to the program; its numbers are passed in.
    mode : Mode
        How spikes and resets are treated.
    """

    program: Program
    network: Network
    mode: Mode

    @cached_property
    def step(self) -> Step:
        """One step of it."""
        return Step(self.program, self.network, self.mode)

    @cached_property
    def added(self) -> dict[int, str]:
        """The operations of whose weights it is given what they add."""
        return added_by_events(self.program, self.mode.direction)

    def run(
        self,
        weights: dict[str, Any],
        constants: Values,
        inputs: Any,
        rasters: dict[str, Any],
        in_window: Any,
        target: Any,
        outside: Values,
    ) -> dict[str, Any]:
        """Run the trial.

        Parameters
        ----------
        weights : dict of str to array of shape (n_pre, n_post)
            By name; in place of those of inputs what these add, (n_steps, n_post), as `added_by_events` has it.
        constants, outside : dict of (group, variable) to array
            The numbers; and what the variables that outlive a trial begin with, and what neurons draw in each step.
        inputs, rasters : array, dict of str to array, of bool of shape (n_steps, n_neurons)
            The inputs' spikes, where they are read, and recorded spikes by layer.
        in_window : array of shape (n_steps,)
            1 within the readout's window, else 0.
        target : array of shape (n_outputs,) or (n_steps, n_outputs)
            Of the trial or of each step.

        Returns
        -------
        dict of str to tree of arrays
            ``loss`` (by readout), ``output`` (n_outputs,), ``spikes`` (by layer, where decided here),
            ``differing`` and ``wrong`` (decisions that differ from the raster, within the tolerance and beyond it); in
            forward mode ``gradient``, a dict by readout of dicts by weights.
        """
        noise, begun = self.step.divided(outside)
        known = {number: weights[name] for number, name in self.added.items()}
        fixed = dict(constants) | begun | {(f"w_{layer}", "w"): array for layer, array in weights.items()}
        fixed |= {} if target.ndim == 2 else dict.fromkeys(self.step.targets, target)
        given = Given(inputs, rasters, in_window, target if target.ndim == 2 else None, known, noise)
        start = (self.step.start(fixed), jnp.zeros(()), jnp.zeros(()))
        window = in_window.sum()
        told: dict[str, Any] = {"spikes": {}}
        if self.mode.direction == "forward":
            carry, slopes = carry_along(partial(self.step, fixed), start, given, weights, _ends_of(self.network))
            slope_of = {name: slopes[name, "loss"].sum(axis=1) / window for name in self.step.readouts}
            told["gradient"] = {name: by_weight(slope, weights) for name, slope in slope_of.items()}
        else:
            carry, told["spikes"] = scan_in_blocks(partial(self._steps, fixed), start, given, self.mode.block)
        final, differing, wrong = carry
        told |= {"output": final["readout", "output_sum"] / window, "differing": differing, "wrong": wrong}
        return told | {"loss": {readout: final[readout, "loss"].sum() / window for readout in self.step.readouts}}

    def _steps(self, fixed: Values, carry: Any, given: Given) -> tuple[Any, dict[str, Any]]:
        """Run any number of steps; return the state afterwards, and the spikes that were decided here."""
        after, (emitted, _) = jax.lax.scan(partial(self.step, fixed), carry, given)
        return after, emitted


def _ends_of(network: Network) -> dict[str, Ends]:
    """Return the ends of each weight, by name of the weights."""
    found = {}
    for item in network.all_projections:
        n_pre, n_post = item.ends
        pre, post = np.repeat(np.arange(n_pre), n_post), np.tile(np.arange(n_post), n_pre)
        found[item.name] = Ends(pre, post, n_post) if item.dense else Ends(*item.indices, n_post)
    return found
