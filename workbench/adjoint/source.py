"""The C++ of a layer: its steps with spikes that are given, and the way back through them."""

from collections.abc import Collection
from dataclasses import dataclass

from workbench.adjoint.frame import EACH, framed
from workbench.adjoint.lines import Arrive, Assign, Decide, Displace, Flow, Gather, Layer, Line
from workbench.adjoint.sweep_text import Back, backwards
from workbench.declare.references import Treatment
from workbench.text.cpp import in_cpp
from workbench.text.syntax import identifiers


@dataclass(frozen=True)
class Source:
    """The code of a layer for one treatment of spikes.

    Attributes
    ----------
    name : str
        Of its functions: ``forward_<name>``, ``back_<name>``, and ``late_<name>`` and ``early_<name>``, the way back in
        two parts, between which what other layers do in the same step comes in.
    layer : Layer
        Its lines.
    back : tuple of Back
        The way back.
    differing : collection of str
        The constants of which each neuron has its own.
    treatment : {"constant", "differentiated", "spike_times", "separated"}
        What the way back goes through at a spike.
    """

    name: str
    layer: Layer
    back: tuple[Back, ...]
    differing: Collection[str]
    treatment: Treatment

    @property
    def shared(self) -> set[str]:
        """The names that are one number for the whole layer."""
        lines = self.layer.lines
        return {item.to for item in lines if isinstance(item, Gather) or (isinstance(item, Assign) and item.shared)}

    @property
    def kept(self) -> tuple[str, ...]:
        """The names whose values the way back needs, of each step."""
        read = {name for item in self.back for name in item.reads()}
        found = [item.to for item in self.layer.lines if not isinstance(item, Decide)]
        begun = [begin for begin, _ in self.layer.carried.values()]
        return tuple(name for name in (*begun, *found) if name in read)

    @property
    def alive(self) -> tuple[str, ...]:
        """The variables to which something goes back from one step to that before."""
        touched = {term.to for item in self.back for term in item.terms}
        return tuple(key for key, (begin, end) in self.layer.carried.items() if begin in touched or end in touched)

    @property
    def across(self) -> tuple[str, ...]:
        """The names whose derivatives pass from the late to the early part of the way back."""
        late, early = self._parts()
        made = {item.line.to for item in late if not isinstance(item.line, Flow)}
        ends = {self.layer.carried[key][1] for key in self.alive} - made
        given = {term.to for item in late for term in item.terms} - made
        early_reads = {item.line.to for item in early} | {self.layer.carried[key][0] for key in self.alive}
        return tuple(sorted((given | ends) & early_reads))

    def _parts(self) -> tuple[tuple[Back, ...], tuple[Back, ...]]:
        """Return the way back from the end of a step to what arrives in it, and from there to its beginning."""
        lines = self.layer.lines
        arrives = next((number for number, item in enumerate(lines) if isinstance(item, Arrive)), len(lines))
        places = {item.to: number for number, item in enumerate(lines)}
        late = tuple(item for item in self.back if isinstance(item.line, Flow) or places[item.line.to] >= arrives)
        return late, self.back[len(late) :]

    def text(self) -> str:
        """Return the functions."""
        forward = [self._forward_line(item) for item in self.layer.lines]
        begin = {key: names[0] for key, names in self.layer.carried.items()}
        end = {key: names[1] for key, names in self.layer.carried.items()}
        keep = [self._kept(name) for name in self.kept]
        sent = [self._loop(f"sent[at] = {self._at(self.layer.sent)};")] if self.layer.sent else []
        body = [
            *(self._loop(f"{self._let(name)} = s_{key}[j];") for key, name in begin.items()),
            *forward,
            *keep,
            *sent,
        ]
        body += [self._loop(f"s_{key}[j] = {self._at(name)};") for key, name in end.items()]
        parts = [framed(self, "forward", body)]
        late, early = self._parts()
        parts.append(framed(self, "back", self._way_back(self.back, self._ends(), self._begins())))
        across = {f"x_{name}": name for name in self.across}
        parts.append(framed(self, "late", self._way_back(late, self._ends(), across)))
        parts.append(framed(self, "early", self._way_back(early, across, self._begins())))
        return "\n".join(parts)

    def _ends(self) -> dict[str, str]:
        return {f"s_{key}": self.layer.carried[key][1] for key in self.alive}

    def _begins(self) -> dict[str, str]:
        return {f"s_{key}": self.layer.carried[key][0] for key in self.alive}

    def _forward_line(self, line: Line) -> str:
        match line:
            case Assign(to=to, text=text, shared=True):
                return f"{to} = {self._cpp(text)};"
            case Assign(to=to, text=text):
                return self._loop(f"{self._let(to)} = {self._cpp(text)};")
            case Arrive(to=to, before=before, port=port):
                added = f"{self._at(before)} + " if before else ""
                return self._loop(f"{self._let(to)} = {added}now_{port}[j];")
            case Decide(to=to, drive=drive, condition=condition):
                return self._loop(
                    f"{self._let(to)} = (double) spikes[at];\n"
                    f"const bool differs = ({self._cpp(condition)}) != ({self._at(to)} > 0.5);\n"
                    f"const bool near = fabs({self._at(drive)}) < tolerance;\n"
                    "differing += (long) (differs & near);\nwrong += (long) (differs & !near);"
                )
            case Gather(to=to, of=of, how="sum"):
                return f"{to} = 0.0;\nfor (long j = 0; j < size; ++j) {to} += {self._at(of)};"
            case Gather(to=to, of=of):
                most = f"{to} = {self._at(of)} > {to} ? {self._at(of)} : {to};"
                return f"{to} = {of}[0];\nfor (long j = 0; j < size; ++j) {most}"
            case Displace(to=to, before=before, displaced=displaced, spikes=spikes):
                return self._loop(
                    f"{self._let(to)} = {self._at(spikes)} > 0.5 ? {self._cpp(displaced)} : {self._cpp(before)};"
                )

    def _kept(self, name: str) -> str:
        if name in self.shared:
            return f"h_{name}[trial * n_steps + step] = {name};"
        return self._loop(f"h_{name}[at] = {self._at(name)};")

    def _way_back(self, back: tuple[Back, ...], come: dict[str, str], go: dict[str, str]) -> list[str]:
        """Return the statements of a part of the way back, from what comes to it to what goes on."""
        names = {item.line.to for item in back} | {term.to for item in back for term in item.terms}
        names |= {*come.values(), *go.values()}
        vectors = sorted(names - self.shared)
        body = [f"double d_{name} = 0.0;" for name in sorted(names & self.shared)]
        body += [self._loop(f"{self._let(f'd_{name}')} = 0.0;") for name in vectors]
        read = {name for item in back for name in item.reads()}
        body += [self._recalled(name) for name in self.kept if name in read]
        spikes = self.layer.spikes
        if spikes in read:
            body.append(self._loop(f"{self._let(spikes)} = (double) spikes[at];"))
        body += [self._loop(f"{self._at(f'd_{name}')} += {place}[j];") for place, name in come.items()]
        outside = self.layer.sent if self.layer.sent else spikes
        if outside and any(item.line.to == outside for item in back):
            # A spike that comes later does what one in the next step would, in place of what it does.
            less = " - goes_on * outside[at + size]" if outside == spikes and self.treatment == "spike_times" else ""
            body.append(self._loop(f"{self._at(f'd_{outside}')} += outside[at]{less};"))
        for item in back:
            if isinstance(item.line, Arrive):
                body.append(self._loop(f"a_{item.line.port}[at] = {self._at(f'd_{item.line.to}')};"))
            body += [self._given_back(item.line.to, term.to, term.factor) for term in item.terms]
        return [*body, *(self._loop(f"{place}[j] = {self._at(f'd_{name}')};") for place, name in go.items())]

    def _given_back(self, of: str, to: str, factor: str) -> str:
        times = "" if factor == "1" else f" * {self._cpp(factor)}"
        if of in self.shared and to in self.shared:
            return f"d_{to} += d_{of}{times};"
        if to in self.shared:
            return f"for (long j = 0; j < size; ++j) d_{to} += {self._at(f'd_{of}')}{times};"
        return self._loop(f"{self._at(f'd_{to}')} += {self._at(f'd_{of}')}{times};")

    def _recalled(self, name: str) -> str:
        if name in self.shared:
            return f"const double {name} = h_{name}[trial * n_steps + step];"
        return self._loop(f"{self._let(name)} = h_{name}[at];")

    def _cpp(self, text: str) -> str:
        layer = self.layer
        names = {name: self._at(name) for name in identifiers(text)}
        names |= {name: f"k_{name}[j]" if name in self.differing else f"k_{name}" for name in layer.constants}
        names |= {
            name: f"g_{name}" if variable == "in_window" else f"g_{name}[j]"
            for name, (_, variable) in layer.given.items()
        }
        known = {item.to for item in layer.lines} | {begin for begin, _ in layer.carried.values()}
        known |= {f"d_{name}" for name in known}
        return in_cpp(text, {name: told for name, told in names.items() if name in known or told[:2] in ("k_", "g_")})

    def _at(self, name: str) -> str:
        """Return how C++ reads a name of a neuron, or of the layer."""
        of_layer = name.removeprefix("d_") in self.shared
        return name if of_layer or not self.layer.gathers else f"{name}[j]"

    def _let(self, name: str) -> str:
        return f"{name}[j]" if self.layer.gathers else f"double {name}"

    def _loop(self, code: str) -> str:
        """Return statements of each neuron, marked as such where neurons wait for each other."""
        return f"{EACH}{code}" if self.layer.gathers else code

    def arrays(self, forwards: bool) -> list[str]:
        """Return the names that a function keeps of each neuron while others are waited for."""
        layer = self.layer
        known = [begin for begin, _ in layer.carried.values()] + [item.to for item in layer.lines]
        vectors = list(dict.fromkeys(name for name in known if name not in self.shared))
        return vectors if forwards else [*vectors, *(f"d_{name}" for name in vectors)]

    @property
    def scratch(self) -> int:
        """How many numbers of each neuron a function keeps."""
        return len(self.arrays(forwards=False)) + len(self.layer.ports) if self.layer.gathers else 0


def sources(
    layers: tuple[Layer, ...], differing: Collection[tuple[str, str]], treatments: Collection[Treatment]
) -> dict[tuple[str, Treatment], Source]:
    """Return the code of all layers, by layer and treatment of spikes.

    Parameters
    ----------
    layers : tuple of Layer
        Of a network.
    differing : collection of (str, str)
        Groups and variables of which each neuron has a number of its own.
    treatments : collection of {"constant", "differentiated", "spike_times", "separated"}
        What the way back goes through at a spike.
    """
    found = {}
    for layer in layers:
        own = {name for name, key in layer.constants.items() if key in differing}
        for treatment in treatments:
            back = backwards(layer, treatment)
            found[layer.name, treatment] = Source(f"{layer.name}_{treatment}", layer, back, own, treatment)
    return found
