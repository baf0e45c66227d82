"""The sweep back over a trial: what each presynaptic spike contributes to `g`, from the history of its target.

With the letters of `workbench.model.events.lowering`, and all primed values those of the step after (0 after the last),

    lambda = E + nu',    kappa = D + dt lambda C,    mu = kappa + mu' P,    nu = lambda (1 + dt M) Q,

and a spike at this step adds dt mu b to g: the adjoint of the rule's own equations, the same sum in another order.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from brian2 import NeuronGroup

from workbench.declare.projection import Projection
from workbench.model import schedule
from workbench.model.assembly import Parts
from workbench.model.bindings import Binding, Propagator
from workbench.model.events.lowering import EventForm
from workbench.model.events.places import add_places
from workbench.model.renaming import Held, declaration
from workbench.text.linear import LinearSystem
from workbench.text.syntax import identifiers, statements

#: Neurons that are swept over at a time: the variables of so many stay in registers and in the nearest cache.
_BLOCK = 128


class _Incoming(NamedTuple):
    """What the sweep is told of some weights: what learns, the spikes of the trial, and which synapses there are."""

    estimate: Any
    spike_steps: Any
    spike_neurons: Any
    n_pre: int
    first: Any
    column: Any


def add_sweep(
    parts: Parts,
    layer: str,
    incoming: Sequence[Projection],
    form: EventForm,
    held: Held,
) -> None:
    """Add the group `Parts.sweep_of`, which lets the spikes of a trial add to `g` at its end.

    Parameters
    ----------
    parts : Parts
        Gets the group; has the layers and the weights.
    layer : str
        Which the plastic synapses reach.
    incoming : sequence of Projection
        These synapses; they have one rule, so that all of them learn from one sweep.
    form : EventForm
        Of their rule.
    held : Held
        What its coefficients may read.
    """
    name = parts.sweep_of(incoming[0])
    code = _statements(form)
    read = {word for _, expression in statements(code) for word in identifiers(expression)}
    carried = [f"mu__{trace}" for trace in form.traces.states] + [f"nu__{state}" for state in form.filters.states]
    variables, differing = _add_group(parts, incoming[0], form, carried, held, read)
    words = sorted(word for word in read if word.endswith("_post"))
    dtype = parts.groups[f"w_{incoming[0].name}"].variables["g"].dtype
    variables.add_auxiliary_variable("contributed", dtype=dtype)
    parts.run_template(
        name,
        "sweep",
        "sweep",
        schedule.SWEEP,
        "learning",
        "sweep",
        code=code,
        carried=[variables[variable] for variable in carried],
        differing=differing,
        incoming=[_told_of(parts, item) for item in incoming],
        contribution=_growing(variables, "contribution", dtype),
        size=len(parts.groups[layer]),
        block=_BLOCK,
        **_add_history(parts, incoming[0], words, dtype),
    )


def _told_of(parts: Parts, projection: Projection) -> _Incoming:
    group = parts.groups[f"w_{projection.name}"]
    spikes = _add_spikes(parts, parts.sweep_of(projection), projection.terminals)
    return _Incoming(group.variables["g"], *spikes, projection.ends[0], **add_places(group, projection))


def _add_group(
    parts: Parts, incoming: Projection, form: EventForm, carried: Sequence[str], held: Held, read: Collection[str]
) -> tuple[Any, list[Any]]:
    """Add the sweep's group: what it carries, the numbers that it reads, and its propagators.

    Returns
    -------
    variables : Variables
        Of the group.
    differing : list of ArrayVariable
        Those that hold a number of each neuron.
    """
    name = parts.sweep_of(incoming)
    used = [key for key in held.numbers if key in read]
    declared = [f"{variable} : 1" for variable in carried]
    declared += held.declarations(used)
    entries: dict[str, bool] = {}
    for system, order in ((form.traces, form.order), (form.filters, 0)):
        homogeneous = _entries(system)
        entries |= {entry: held.differ(system) for entry, _, _ in homogeneous}
        parts.propagators.append(Propagator(name, system, dict(held.numbers), homogeneous, (), order))
    size = len(parts.groups[incoming.target])
    declared += [declaration(entry, differs=differs) for entry, differs in entries.items()]
    group = NeuronGroup(size, "\n".join(declared), name=f"{name}*", namespace={})
    parts.add(name, group, "learning")
    parts.bindings += [Binding(f"{name}.{key}", held.numbers[key]) for key in used]
    for scalar in ("step", "n_steps"):
        parts.refer(name, scalar, "clock")
    found = group.variables
    differing = [key for key in used if key in held.differing] + [key for key, differs in entries.items() if differs]
    return found, [found[key] for key in differing]


def _add_history(parts: Parts, incoming: Projection, read: list[str], dtype: Any) -> dict[str, Any]:
    """Let the sweep's group keep the history of what the sweep reads, and return what the sweep is told of it."""
    name, layer = parts.sweep_of(incoming), incoming.target
    held = parts.groups[name].variables
    history, kept, weighed = {}, [], {}
    for word in read:
        held.add_auxiliary_variable(word, dtype=dtype)
        variable = word.removesuffix("_post")
        if layer in parts.unweighed and variable == parts.rule.signal:
            item = parts.unweighed[layer]
            before = _growing(held, f"{word}_unweighed", dtype)
            kept.append((before, item.by, item.n_rows))
            weighed = {"name": word, "history": before, "matrix": item.matrix, "n_rows": item.n_rows}
        else:
            history[word] = _growing(held, f"{word}_history", dtype)
            kept.append((history[word], parts.groups[layer].variables[variable], len(parts.groups[layer])))
    parts.run_template(name, "keep", "keep", schedule.LEARN, "learning", "learning", history=kept)
    return {"history": history, "signal": weighed}


def _add_spikes(parts: Parts, name: str, source: str) -> tuple[Any, Any]:
    """Let the sweep's group remember a source's spikes of a trial, and return their steps and neurons."""
    held = parts.groups[name].variables
    remembered = {key: _growing(held, f"{key}_{source}", np.int32) for key in ("spike_steps", "spike_neurons")}
    parts.run_template(
        name,
        "remember",
        "remember",
        schedule.REMEMBER,
        "learning",
        "learning",
        spikes=parts.groups[source].variables["_spikespace"],
        n_pre=len(parts.groups[source]),
        **remembered,
    )
    return remembered["spike_steps"], remembered["spike_neurons"]


def _growing(held: Any, name: str, dtype: Any) -> Any:
    held.add_dynamic_array(name, size=0, dtype=dtype, index=f"{name}_number")
    return held[name]


def _entries(system: LinearSystem) -> tuple[tuple[str, int, int], ...]:
    reach = system.reaches()
    pairs = [(row, column) for row in range(len(reach)) for column in range(len(reach)) if reach[row][column]]
    return tuple((f"P__{system.states[row]}__{system.states[column]}", row, column) for row, column in pairs)


def _statements(form: EventForm) -> str:
    """Return a step of the sweep, and what a spike at this step contributes."""
    traces, filters = form.traces.states, form.filters.states
    lines = []
    for number, state in enumerate(filters):
        read = [f"({form.from_filter[number]})"] if number in form.from_filter else []
        lines.append(f"lambda__{state} = {_sum([*read, f'nu__{state}'])}")

    def through(entries: Mapping[tuple[int, int], str], column: int) -> list[str]:
        return [f"dt * lambda__{filters[row]} * ({text})" for (row, other), text in entries.items() if other == column]

    for number, trace in enumerate(traces):
        read = [f"({form.from_trace[number]})"] if number in form.from_trace else []
        after = [f"mu__{traces[row]} * {entry}" for entry, row, column in _entries(form.traces) if column == number]
        lines.append(f"new_mu__{trace} = {_sum([*read, *through(form.drive, number), *after])}")
    spike = [f"new_mu__{trace} * ({jump})" for trace, jump in zip(traces, form.jumps, strict=True) if jump != "0"]
    if form.pulse in form.from_trace:
        spike.append(f"({form.from_trace[form.pulse]})")
    spike += through(form.drive, form.pulse)
    lines.append(f"contributed = dt * ({_sum(spike)})")
    lines += [f"mu__{trace} = new_mu__{trace}" for trace in traces]
    for number, state in enumerate(filters):
        lines.append(f"mixed__{state} = {_sum([f'lambda__{state}', *through(form.mixing, number)])}")
    for number, state in enumerate(filters):
        after = [
            f"mixed__{filters[row]} * {entry}" for entry, row, column in _entries(form.filters) if column == number
        ]
        lines.append(f"nu__{state} = {_sum(after)}")
    return "\n".join(lines)


def _sum(terms: list[str]) -> str:
    return " + ".join(terms) or "0"
