"""Whether `g` moves with what it is said to depend on, and with nothing else: changes of one variable, in Brian2.

The spikes are given, so that nothing acts by way of what neurons do. A variable of the synapse's own two neurons is
changed in one neuron alone, and no synapse of another may move with it; of other neurons it is changed in all. Weights
are changed for one step, forward weights for one in which no spike reads them, so that only learning does.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from workbench.audit.locality.dependency_graph import OWN, Provenance
from workbench.audit.locality.moved import Moved
from workbench.audit.locality.state_variables import kept_variables
from workbench.common.errors import ModelError
from workbench.declare.recording import Recording, Spikes
from workbench.declare.trials import Trials
from workbench.engine.interpreted.network import InterpretedNetwork, Moment
from workbench.engine.interpreted.stepwise import stepwise
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.engine.state import State
from workbench.model.neuron_text import states_of
from workbench.model.setup import Setup

Array = NDArray[np.float64]

#: What a variable is changed to: a little more, enough for an error neuron to spike, and another sign.
_CHANGES: tuple[Callable[[Array], Array], ...] = (
    lambda values: values + 0.1,
    lambda values: values + 3.0,
    lambda values: values - 3.0,
    lambda values: -values,
)

#: At how many steps each is changed at least.
_TIMES = 4


def perturbed(setup: Setup, graph: Provenance, state: State, trials: Trials, quiet_end: bool = False) -> list[Moved]:
    """Return, for each variable of a network and for what is still to come, whether an estimate moves with it.

    Parameters
    ----------
    setup : Setup
        Whose rule has equations.
    graph : Provenance
        What the estimate of some weights depends on.
    state : State
        Weights with which all layers spike and learn.
    trials : Trials
        The first is presented.
    quiet_end : bool
        Whether the spikes that are given leave out those of the last step of the loss's window.

    Returns
    -------
    list of Moved
        Variables that the analysis has nothing to say about (a neuron's own dynamics, where another variable of these
        is read) are left out.
    """
    trial = trials.take(np.zeros(1, dtype=np.int64))
    # An update while time runs would take the estimate with it.
    plain = replace(setup, form="clock", forced_capacity=0, every="batch")
    recording, _ = simulator(plain, "numpy").run(state, trial, Plan(learning=True, record_spikes=True))
    if quiet_end:
        last = setup.network.steps_in_window[1] - 1
        recording = replace(recording, spikes={name: _without(each, last) for name, each in recording.spikes.items()})
    forced = replace(
        plain, forced_capacity=setup.network.n_steps * max(setup.network.n_inputs, *setup.network.layer_sizes.values())
    )
    # No batch ends, so that the estimate stays when the trial is over.
    with stepwise(forced, state, trial, Plan(learning=True), recording.spikes) as network:
        return list(_Experiment(setup, graph, network, _steps_of_spikes(setup, trial, recording)).run())


def _without(spikes: Spikes, step: int) -> Spikes:
    """Return spikes but for those of a step."""
    kept = spikes.step != step
    return Spikes(spikes.trial[kept], spikes.step[kept], spikes.neuron[kept])


def _steps_of_spikes(setup: Setup, trial: Trials, recording: Recording) -> dict[str, set[int]]:
    """Return the steps in which a layer spikes, and those in which its spikes arrive at terminals."""
    found = {layer: set(spikes.step.tolist()) for layer, spikes in recording.spikes.items()}
    found["inputs"] = set(trial.step.tolist())
    for item in setup.network.all_projections:
        found[item.terminals] = {step + item.delay for step in found[item.source]}
    return found


class _Experiment:
    def __init__(
        self, setup: Setup, graph: Provenance, network: InterpretedNetwork, spikes: dict[str, set[int]]
    ) -> None:
        self._setup = setup
        self._graph = graph
        self._steps = network
        self._spikes = spikes
        self._direct = graph.read_directly()

    def run(self) -> Iterator[Moved]:
        n_steps = self._setup.network.n_steps
        kept = []
        for _ in range(n_steps):
            kept.append(self._steps.keep())
            self._steps.step()
        before = self._estimate()
        if not before.any():
            raise ModelError("The rule has no estimate for this trial, so that nothing can move.")
        for item in kept_variables(self._setup, self._steps.model):
            owner, variable = item.owner, item.variable
            expected = self._said(owner, variable)
            if expected is None:
                continue
            moved = beyond = False
            for place, number in enumerate(self._times(owner, variable)):
                # What is read in a few steps only is looked for in all of them.
                if place >= _TIMES and (moved or not expected):
                    break
                for change in _CHANGES:
                    self._steps.go_back(kept[number])
                    self._change(owner, variable, change)
                    self._steps.step(n_steps - number - 1)
                    differs = self._estimate() != before
                    moved |= bool(differs.any())
                    beyond |= self._beyond(owner, variable, differs)
            yield Moved(owner, variable, expected, moved, beyond)
        yield Moved("inputs", "spikes to come", False, self._peeks(kept, self._other_spikes))
        yield Moved("readout", "targets to come", False, self._peeks(kept, self._other_targets))

    def _peeks(self, kept: list[Moment], change: Callable[[int], None]) -> bool:
        """Return whether the estimate after some step is another where what comes later is."""
        table = self._steps.model.tables["targets"].values
        was = table.copy()
        moved = False
        for number in range(len(kept) - 1):
            self._steps.go_back(kept[number])
            change(number)
            self._steps.step()
            found = self._estimate()
            table[...] = was
            moved |= bool((found != self._matrix(kept[number + 1][f"w_{self._graph.projection.name}", "g"])).any())
        return moved

    def _other_spikes(self, now: int) -> None:
        later = self._steps.get("inputs", "_timebins") > now
        neuron = self._steps.get("inputs", "neuron_index")
        neuron[later] = (neuron[later] + 1) % self._setup.network.n_inputs
        self._steps.put("inputs", "neuron_index", neuron)

    def _other_targets(self, now: int) -> None:
        rows = self._steps.model.tables["targets"].values
        rows[1 if self._setup.targets == "trial" else now + 1 :] += 1.0

    def _times(self, owner: str, variable: str) -> list[int]:
        """Return the steps at which a variable is changed: forward weights where none of their spikes is about."""
        n_steps = self._setup.network.n_steps
        steps = list(range(n_steps // 5, n_steps))
        if variable == "w" and _is_weight(owner, variable):
            group = self._steps.model.parts.groups[owner]
            names = {item.name: name for name, item in self._steps.model.parts.groups.items()}
            spikes = self._spikes.get(names[group.source.name], set())
            steps = [step for step in steps if step not in spikes]
            if not steps:
                raise ModelError(
                    f"'{owner}' carries a spike in each step, so that its weights cannot be changed alone."
                )
        first = [steps[place] for place in np.linspace(0, len(steps) - 1, min(_TIMES, len(steps))).astype(int)]
        return list(dict.fromkeys([*first, *steps]))

    def _estimate(self) -> NDArray[np.float64]:
        return self._matrix(self._steps.get(f"w_{self._graph.projection.name}", "g"))

    def _matrix(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return values of synapses as a matrix, 0 where there is no synapse."""
        projection = self._graph.projection
        if projection.dense:
            return values.reshape(projection.ends)
        found = np.zeros(projection.ends)
        found[projection.indices.pre, projection.indices.post] = values
        return found

    def _change(self, owner: str, variable: str, change: Callable[[Array], Array]) -> None:
        """Change a variable and run a step; weights are put back, so that they act on nothing but learning."""
        was = self._steps.get(owner, variable)
        values = change(was)
        if owner in self._own():
            values[1:] = was[1:]
        self._steps.put(owner, variable, values)
        self._steps.step()
        if _is_weight(owner, variable):
            self._steps.put(owner, variable, was)

    def _own(self) -> set[str]:
        return {f"w_{(own := self._graph.projection).name}", own.terminals, own.target}

    def _beyond(self, owner: str, variable: str, differs: NDArray[np.bool_]) -> bool:
        """Return whether synapses differ that are not of the neuron, or are not the synapse, that was changed."""
        projection, rest = self._graph.projection, differs.copy()
        if owner == projection.terminals:
            rest[slice(None) if self._is_summed(owner, variable) else 0] = False
        elif owner == projection.target:
            rest[:, 0] = False
        elif owner == f"w_{projection.name}":
            pre, post = (0, 0) if projection.dense else (int(ends[0]) for ends in projection.indices)
            rest[slice(None) if self._setup.rule.sums else pre, post] = False
        else:
            return False
        return bool(rest.any())

    def _is_summed(self, owner: str, variable: str) -> bool:
        """Return whether each postsynaptic neuron sums a variable up over its synapses, which all read the sum."""
        return any((node.owner, node.variable) == (owner, variable) and node.place not in OWN for node in self._direct)

    def _said(self, owner: str, variable: str) -> bool | None:
        """Return whether the analysis says that the estimate depends on a variable; None where it says nothing."""
        if variable in {"w", "b"} and owner != f"w_{self._graph.projection.name}":
            # What makes neurons spike by them is not changed here.
            read = [edge for edge in self._graph.edges if edge.weights == owner and not edge.acted_on]
            return any(edge.reader in self._direct for edge in read)
        if any((node.owner, node.variable) == (owner, variable) for node in self._direct):
            return True
        dynamics = self._dynamics(owner)
        own = {node.variable for node in self._direct if node.owner == owner}
        return None if variable in dynamics and own & dynamics else False

    def _dynamics(self, owner: str) -> frozenset[str]:
        if owner not in self._setup.network.layers:
            return frozenset()
        model = self._setup.network.model_of(owner)
        return frozenset(states_of(model))


def _is_weight(owner: str, variable: str) -> bool:
    return owner.startswith(("w_", "b_")) and variable in {"w", "b"}
