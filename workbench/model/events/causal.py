"""Learning from spikes as they come, without the history of the trial: for trials too long to keep.

With the letters of `workbench.model.events.lowering`, steps counted from 0 since the last flush, and sums over those
before,

    G = sum Q^-u dt C P^u,    F = sum dt E Q^u,    H = sum dt (E Q^u G' + D P^u)    (G' with the step u itself)

belong to the postsynaptic neuron. A spike at step f, with beta = P^-f b, adds (F G - H) beta to g, takes G beta from
the synapse's A and adds beta to the presynaptic a. A flush adds F A + H a to g; after n steps A becomes Q^n (A + G a),
and a becomes P^n a. Powers of the inverse grow, so that a flush comes before they cost digits.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from brian2 import NeuronGroup

from workbench.declare.projection import Projection
from workbench.model import schedule
from workbench.model.assembly import Parts
from workbench.model.bindings import Binding, Propagator
from workbench.model.events.lowering import EventForm
from workbench.model.events.places import add_places
from workbench.model.integration import scalar_declarations
from workbench.model.renaming import Held
from workbench.text.linear import LinearSystem
from workbench.text.syntax import identifiers

Texts = dict[tuple[int, int], str]


def add_causal(
    parts: Parts,
    layer: str,
    incoming: Sequence[Projection],
    form: EventForm,
    held: Held,
) -> None:
    """Add the group `Parts.sweep_of`, which lets each spike add to `g` at once.

    Parameters
    ----------
    parts, layer, incoming, form, held
        As of `workbench.model.events.replay.add_sweep`; a form without mixing.
    """
    name = parts.sweep_of(incoming[0])
    traces, filters = range(len(form.traces.states)), range(len(form.filters.states))
    texts = [*form.drive.values(), *form.from_trace.values(), *form.from_filter.values(), *form.jumps]
    read = {word for text in texts for word in identifiers(text)}
    used = [key for key in held.numbers if key in read]
    sums = [f"G_{row}_{column}" for row in filters for column in traces]
    sums += [f"F_{row}" for row in filters] + [f"H_{column}" for column in traces]
    given = ["given", *(f"taken_{row}" for row in filters)]
    powers = [*_square("U", traces), *_square("V", filters), *_square("W", filters)]
    powers += [f"beta_{column}" for column in traces]
    steps = [*_square("P", traces), *_square("Q", filters), *_square("Pi", traces), *_square("Qi", filters)]
    declared = [f"{variable} : 1" for variable in (*sums, *given)]
    declared += held.declarations(used)
    # Brian2 has no temporary names for scalars.
    declared.append(scalar_declarations(["begins", *powers, *(f"new_{name}" for name in powers), *steps]))
    group = NeuronGroup(len(parts.groups[layer]), "\n".join(declared), name=f"{name}*", namespace={})
    parts.add(name, group, "learning")
    parts.bindings += [Binding(f"{name}.{key}", held.numbers[key]) for key in used]
    for system, order, letter in ((form.traces, form.order, "P"), (form.filters, 0, "Q")):
        parts.propagators += _propagators(name, system, held.numbers, order, letter)
    parts.refer(name, "since", "clock")
    for word in sorted(word for word in read if word.endswith("_post")):
        group.variables.add_reference(word, parts.groups[layer], word.removesuffix("_post"))
    parts.run_code(name, "advance", _advance(form), schedule.ADVANCE, "learning", "learning")
    parts.run_code(name, "give", _give(form), schedule.GIVE, "learning", "learning")
    parts.run_code(name, "accumulate", _accumulate(form), schedule.LEARN, "learning", "learning")
    parts.refer(name, "trial_end", "clock")
    for projection in incoming:
        _add_rows(parts, projection, form)


def _add_rows(parts: Parts, projection: Projection, form: EventForm) -> None:
    """Let spikes change rows of the synapses, and a flush all of them; here is what both are told."""
    layer, source = projection.target, projection.terminals
    held = parts.groups[parts.sweep_of(projection)].variables
    synapses = parts.groups[f"w_{projection.name}"].variables
    n_pre, n_post = len(parts.groups[source]), len(parts.groups[layer])
    traces, filters = range(len(form.traces.states)), range(len(form.filters.states))
    dtype = synapses["g"].dtype
    for row in filters:
        synapses.add_array(f"A_{row}", size=projection.n_synapses, dtype=dtype)
    for column in traces:
        held.add_array(f"a_{column}_{source}", size=n_pre, dtype=dtype, index=f"trace_number_{source}")
    told: dict[str, Any] = {
        "estimate": synapses["g"],
        "accumulators": [synapses[f"A_{row}"] for row in filters],
        "traces": [held[f"a_{column}_{source}"] for column in traces],
        "n_pre": n_pre,
        "n_post": n_post,
        **add_places(parts.groups[f"w_{projection.name}"], projection),
    }
    _add_arrivals(parts, projection, form, told)
    _add_flush(parts, parts.sweep_of(projection), form, told)


def _add_arrivals(parts: Parts, projection: Projection, form: EventForm, told: dict[str, Any]) -> None:
    """Let each spike change a row of the synapses."""
    name, source = parts.sweep_of(projection), projection.terminals
    held = parts.groups[name].variables
    needed = [f"beta_{column}" for column in range(len(form.traces.states))]
    parts.run_template(
        name,
        "rows",
        "rows",
        schedule.ROWS,
        "learning",
        "learning",
        needed=needed,
        spikes=parts.groups[source].variables["_spikespace"],
        given=held["given"],
        taken=[held[f"taken_{row}"] for row in range(len(form.filters.states))],
        beta=[held[name] for name in needed],
        **told,
    )


def _add_flush(parts: Parts, name: str, form: EventForm, told: dict[str, Any]) -> None:
    """Let a flush change all synapses."""
    held = parts.groups[name].variables
    traces, filters = range(len(form.traces.states)), range(len(form.filters.states))

    def table(letter: str, rows: range, columns: range) -> list[list[Any]]:
        return [[held[f"{letter}_{row}_{column}"] for column in columns] for row in rows]

    parts.run_template(
        name,
        "flush",
        "flush",
        schedule.SWEEP,
        "learning",
        "flush",
        G=table("G", filters, traces),
        F=[held[f"F_{row}"] for row in filters],
        H=[held[f"H_{column}"] for column in traces],
        P=table("P", traces, traces),
        Q=table("Q", filters, filters),
        U=table("U", traces, traces),
        V=table("V", filters, filters),
        **told,
    )


def _square(letter: str, size: range) -> list[str]:
    return [f"{letter}_{row}_{column}" for row in size for column in size]


def _propagators(
    owner: str, system: LinearSystem, constants: Mapping[str, str], order: int, letter: str
) -> list[Propagator]:
    size = range(len(system.states))

    def entries(name: str) -> tuple[tuple[str, int, int], ...]:
        return tuple((f"{name}_{row}_{column}", row, column) for row in size for column in size)

    return [
        Propagator(owner, system, dict(constants), entries(letter), (), order),
        Propagator(owner, system, dict(constants), entries(f"{letter}i"), (), order, inverse=True),
    ]


def _product(left: Texts, right: Texts, row: int, column: int, inner: range) -> str:
    """Return an entry of the product of two matrices of texts; entries that are not there are 0."""
    terms = [f"{left[row, k]} * {right[k, column]}" for k in inner if (row, k) in left and (k, column) in right]
    return " + ".join(terms) or "0"


def _named(letter: str, rows: range, columns: range) -> Texts:
    return {(row, column): f"{letter}_{row}_{column}" for row in rows for column in columns}


def _advance(form: EventForm) -> str:
    """Return the powers U = P^k, V = Q^k, W = Q^-k and beta = P^-k b for the k-th step since the last flush."""
    traces, filters = range(len(form.traces.states)), range(len(form.filters.states))
    new, kept = ["begins = int(since == 0)"], []
    for letter, by, size in (("U", "P", traces), ("V", "Q", filters), ("W", "Qi", filters)):
        for row in size:
            for column in size:
                after = _product(_named(by, size, size), _named(letter, size, size), row, column, size)
                new.append(f"new_{letter}_{row}_{column} = begins * {int(row == column)} + (1 - begins) * ({after})")
                kept.append(f"{letter}_{row}_{column} = new_{letter}_{row}_{column}")
    for row in traces:
        after = " + ".join(f"Pi_{row}_{column} * beta_{column}" for column in traces)
        new.append(f"new_beta_{row} = begins * ({form.jumps[row]}) + (1 - begins) * ({after})")
        kept.append(f"beta_{row} = new_beta_{row}")
    return "\n".join([*new, *kept])


def _give(form: EventForm) -> str:
    """Return what a spike in this step gives to g and takes from each A; sums begin anew after a flush."""
    traces, filters = range(len(form.traces.states)), range(len(form.filters.states))
    lines = ["goes_on = int(since > 0)"]
    lines += [f"{name} = goes_on * {name}" for name in _sums(form)]
    for row in filters:
        lines.append(f"taken_{row} = " + " + ".join(f"G_{row}_{column} * beta_{column}" for column in traces))
    lines.append(
        "given = "
        + " + ".join(
            [*(f"F_{row} * taken_{row}" for row in filters), *(f"-H_{column} * beta_{column}" for column in traces)]
        )
    )
    return "\n".join(lines)


def _sums(form: EventForm) -> list[str]:
    traces, filters = range(len(form.traces.states)), range(len(form.filters.states))
    return [
        *(f"G_{row}_{column}" for row in filters for column in traces),
        *(f"F_{row}" for row in filters),
        *(f"H_{column}" for column in traces),
    ]


def _accumulate(form: EventForm) -> str:
    traces, filters = range(len(form.traces.states)), range(len(form.filters.states))
    drive = {place: f"({text})" for place, text in form.drive.items()}
    lines = []
    for row in filters:
        for column in traces:
            through = {
                (k, column): f"({_product(drive, _named('U', traces, traces), k, column, traces)})" for k in filters
            }
            lines.append(
                f"G_{row}_{column} += dt * ({_product(_named('W', filters, filters), through, row, column, filters)})"
            )
    for column in filters:
        terms = [f"({text}) * V_{row}_{column}" for row, text in form.from_filter.items()]
        lines.append(f"read_{column} = dt * ({' + '.join(terms) or '0'})")
    for column in traces:
        terms = [f"read_{row} * G_{row}_{column}" for row in filters]
        terms += [f"dt * ({text}) * U_{row}_{column}" for row, text in form.from_trace.items()]
        lines.append(f"H_{column} += {' + '.join(terms) or '0'}")
    lines += [f"F_{column} += read_{column}" for column in filters]
    return "\n".join(lines)
