"""What stands around the statements of a layer in C++: where its arrays are, and the loops over trials and steps."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.adjoint.source import Source

#: Neurons that run through a trial at a time, so that their variables stay in the nearest cache.
_BLOCK = 256

_EACH_TRIAL = "for (long trial = 0; trial < call->n_trials; ++trial)"
_FORWARDS = "for (long step = call->first; step < call->last; ++step)"
_BACKWARDS = "for (long step = call->last - 1; step >= call->first; --step)"


def framed(source: "Source", part: str, body: Sequence[str]) -> str:
    """Return a function of a layer.

    Parameters
    ----------
    source : Source
        The layer's code.
    part : {"forward", "back", "late", "early"}
        What the function does.
    body : sequence of str
        The statements of a step.
    """
    layer, forwards = source.layer, part == "forward"
    head = [f'extern "C" __attribute__((visibility("default"))) void {part}_{source.name}(const Call* call)', "{"]
    head += ["const Fading fading;", "const long n_steps = call->n_steps, size = call->size;"]
    head += ["const double tolerance = call->tolerance;"]
    head += [
        f"const double k_{name} = call->constants[{number}][0];"
        for number, name in enumerate(layer.constants)
        if name not in source.differing
    ]
    inner = _pointers(source, forwards)
    step = [_FORWARDS if forwards else _BACKWARDS, "{", "const long base = step * size;", *_given(source)]
    if forwards:
        inner += _arrivals(source)
        step += [_arriving(port) for port in layer.ports]
    told = []
    if source.treatment == "spike_times" and not forwards:
        # After the last step there is none to compare with.
        step.append("const double goes_on = step + 1 < n_steps ? 1.0 : 0.0;")
    if forwards:
        inner.append("long differing = 0, wrong = 0;")
        told = ["call->off[2 * trial] += (double) differing;", "call->off[2 * trial + 1] += (double) wrong;"]
    if layer.gathers:
        arrays = enumerate(source.arrays(forwards))
        inner += [f"double* __restrict__ {name} = call->scratch + {k} * size;" for k, name in arrays]
        body = _joined(body)
        scalars = [f"double {name} = 0.0;" for name in sorted(source.shared)] if forwards else []
        all_of_them = "const long low = 0, width = size;"
        return "\n".join([*head, _EACH_TRIAL, "{", all_of_them, *inner, *step, *scalars, *body, "}", *told, "}", "}"])
    blocks = f"for (long low = 0; low < size; low += {_BLOCK})"
    width = f"const long width = size - low < {_BLOCK} ? size - low : {_BLOCK};"
    each = ["#pragma GCC ivdep", "for (long j = 0; j < width; ++j)", "{", "const long at = base + j;", *body, "}"]
    return "\n".join([*head, _EACH_TRIAL, blocks, "{", width, *inner, *step, *each, "}", *told, "}", "}"])


#: Before statements of each neuron, in a layer whose neurons wait for each other.
EACH = "each neuron: "


def _joined(body: Sequence[str]) -> list[str]:
    """Return statements with one loop for all that follow each other and are of each neuron."""
    found, held = list[str](), list[str]()
    for line in (*body, ""):
        if line.startswith(EACH):
            held.append(line.removeprefix(EACH))
            continue
        if held:
            found += ["#pragma GCC ivdep", "for (long j = 0; j < size; ++j) {", "const long at = base + j;", *held, "}"]
            held = []
        found.append(line)
    return found


def _arrivals(source: "Source") -> list[str]:
    """Return where the spikes of a trial are that bring something by each port."""
    found = []
    for k, port in enumerate(source.layer.ports):
        room = f"call->scratch + {len(source.arrays(False)) + k} * size" if source.layer.gathers else f"got_{port}"
        found += [] if source.layer.gathers else [f"double got_{port}[{_BLOCK}];"]
        found += [
            f"const Events* e_{port} = call->events[{k}];",
            f"long n_{port} = e_{port} ? e_{port}->start[trial] : 0;",
            f"const long stop_{port} = e_{port} ? e_{port}->start[trial + 1] : 0;",
            f"const double* w_{port} = call->weights[{k}];",
            f"double* room_{port} = {room};",
        ]
    return found


def _arriving(port: str) -> str:
    """Return where what arrives in a step by a port is found."""
    gathered = f"workbench_gather(e_{port}, w_{port}, n_{port}, stop_{port}, step, low, width, room_{port})"
    return f"if (e_{port}) n_{port} = {gathered};\nconst double* now_{port} = e_{port} ? room_{port} : a_{port} + base;"


def _pointers(source: "Source", forwards: bool) -> list[str]:
    """Return where the arrays of a trial are, or of a block of its neurons."""
    layer = source.layer
    low = "" if layer.gathers else " + low"
    each, whole = f" + trial * size{low};", f" + trial * n_steps * size{low};"
    found = [
        f"const double* __restrict__ k_{name} = call->constants[{number}]{low};"
        for number, name in enumerate(layer.constants)
        if name in source.differing
    ]
    states = layer.carried if forwards else source.alive
    found += [f"double* __restrict__ s_{name} = call->states[{k}]{each}" for k, name in enumerate(states)]
    found += [f"double* __restrict__ x_{name} = call->across[{k}]{each}" for k, name in enumerate(source.across)]
    found += [f"double* __restrict__ a_{port} = call->ports[{k}]{whole}" for k, port in enumerate(layer.ports)]
    for k, name in enumerate(source.kept):
        found.append(f"double* __restrict__ h_{name} = call->history[{k}]{';' if name in source.shared else whole}")
    if layer.spikes:
        found.append(f"const unsigned char* __restrict__ spikes = call->spikes{whole}")
    if layer.sent and forwards:
        found.append(f"double* __restrict__ sent = call->sent{whole}")
    if not forwards and (layer.sent or layer.spikes):
        found.append(f"const double* __restrict__ outside = call->outside{whole}")
    return found


def _given(source: "Source") -> list[str]:
    """Return where a step finds what it is given."""
    low = "" if source.layer.gathers else " + low"
    found = []
    for number, (name, (_, variable)) in enumerate(source.layer.given.items()):
        strides = [f"call->strides[{2 * number + k}]" for k in (0, 1)]
        place = f"call->given[{number}] + trial * {strides[0]} + step * {strides[1]}"
        one = f"const double g_{name} = *({place});"
        found.append(one if variable == "in_window" else f"const double* g_{name} = {place}{low};")
    return found
