"""From a network's operations to the lines of each layer."""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, field

from workbench.adjoint.lines import Arrive, Assign, Decide, Displace, Gather, Layer, Line
from workbench.declare.network import Network
from workbench.model.operation import Operation
from workbench.model.program import Program
from workbench.model.renaming import held_numbers
from workbench.text.quantities import IN_EQUATIONS
from workbench.text.syntax import identifiers, substituted

#: What is given in each step or trial, besides noise.
_GIVEN = ("target", "due", "in_window")


class NotLoweredError(Exception):
    """A network whose adjoint is not lowered; the message says why."""


def read_layers(program: Program, network: Network, numbers: Container[tuple[str, str]]) -> tuple[Layer, ...]:
    """Return the steps of all layers.

    Parameters
    ----------
    program : Program
        The operations.
    network : Network
        Whose texts belong to them.
    numbers : container of (str, str)
        The groups and variables that hold a number which does not change during a trial.

    Raises
    ------
    NotLoweredError
        Where something is done that lines do not say.
    """
    return tuple(_Reader(program, network, numbers, name).layer() for name in network.layers)


@dataclass
class _Reader:
    """What is known of a layer while its operations are read."""

    program: Program
    network: Network
    numbers: Container[tuple[str, str]]
    name: str
    lines: list[Line] = field(default_factory=list)
    #: The name under which each variable is known by now, and how often it was set.
    current: dict[tuple[str, str], str] = field(default_factory=dict)
    first: dict[tuple[str, str], str] = field(default_factory=dict)
    count: dict[str, int] = field(default_factory=dict)
    constants: dict[str, tuple[str, str]] = field(default_factory=dict)
    given: dict[str, tuple[str, str]] = field(default_factory=dict)
    sent: str = ""
    decided: dict[str, str] = field(default_factory=dict)

    def layer(self) -> Layer:
        """Return the layer."""
        for operation in self.program.operations:
            self._read(operation)
        carried = {key: (name, self.current[key]) for key, name in self.first.items()}
        for owner, variable in carried:
            if owner != self.name:
                raise NotLoweredError(f"'{variable}' of all neurons of '{self.name}' goes on from step to step")
        by_name = {variable: names for (_, variable), names in carried.items()}
        self.sent = self.current.get((self.name, "emitted"), "")
        first = {key: value for key, value in self._first_values() if key in by_name}
        return Layer(self.name, tuple(self.lines), by_name, self.constants, self.given, self.sent, first, self.decided)

    def _first_values(self) -> Iterator[tuple[str, tuple[str, dict[str, tuple[str, str]]]]]:
        """Yield what variables are at the start of a trial, where that is not 0."""
        for operation in self.program.start:
            if operation.owner == self.name:
                for target, text in operation.statements:
                    read = {name: operation.names[name] for name in identifiers(text)}
                    if any(name.side == "temporary" or name.owner != self.name for name in read.values()):
                        raise NotLoweredError(f"'{target}' begins with what is not its layer's")
                    yield target, (text, {name: (item.owner, item.variable) for name, item in read.items()})

    def _read(self, operation: Operation) -> None:
        match operation.kind:
            case "transmit" | "sum":
                self._gather(operation)
            case "given" | "delay" | "draw":
                return
            case _ if not self._is_own(operation.owner):
                return
            case "threshold":
                self._decide(operation)
            case "greatest":
                ((target, text),) = operation.statements
                of = self._set("of__greatest", self._text(text, operation))
                self._append(Gather(self._new((self.name, operation.names[target].variable)), of, "largest"))
            case "reset":
                self._reset(operation)
            case "assign":
                self._assign(operation)

    def _is_own(self, owner: str) -> bool:
        return owner == self.name or owner in (f"{self.name}_pool", f"{self.name}_total")

    def _is_shared(self, owner: str) -> bool:
        return self.program.sizes[owner] == (1,) and owner != self.name

    def _assign(self, operation: Operation) -> None:
        own: dict[str, str] = {}
        for target, text in operation.statements:
            name = operation.names[target]
            written = self._text(text, operation, own)
            if name.side == "temporary":
                own[target] = self._set(target, written)
            else:
                self._append(
                    Assign(self._new((name.owner, name.variable)), written, self._is_shared(name.owner)),
                    (name.owner, name.variable),
                )

    def _decide(self, operation: Operation) -> None:
        own: dict[str, str] = {}
        *before, (_, condition) = operation.statements
        for target, text in before:
            own[target] = self._set(target, self._text(text, operation, own))
        model, surrogate = self.network.model_of(self.name).plain(), self.network.surrogate
        drive = self._set("drive__decided", self._text(model.drive, operation, own))
        held = {key: self._key(self.name, variable) for key, variable in held_numbers(surrogate).items()}
        slope = substituted(surrogate.derivative, {"drive": drive} | held)
        if model.refractory:
            slope = f"int(not ({self._text(model.refractory, operation, own)})) * ({slope})"
        self.decided = {variable: known for (owner, variable), known in self.current.items() if owner == self.name}
        spikes = self._new((self.name, "spikes"))
        self._append(
            Decide(spikes, drive, self._text(condition, operation, own), self._set("slope__decided", slope)),
            (self.name, "spikes"),
        )

    def _gather(self, operation: Operation) -> None:
        ((target, text),) = operation.statements[:1]
        name = operation.names[target]
        key = (name.owner, name.variable)
        if not self._is_own(name.owner):
            return
        if len(operation.statements) > 1:
            raise NotLoweredError(f"spikes do several things to '{self.name}'")
        weights = operation.owner.removeprefix("w_")
        if weights != operation.owner:
            self._arrive(operation, weights, key, target, text)
        elif operation.kind == "sum":
            of = self._set(f"of__{name.variable}", self._text(text, operation))
            self._append(Gather(self._new(key), of, "sum"), key)
        elif text.replace(" ", "") in (f"{target}+(1)", f"{target}+1"):
            before = self._current(key)
            counted = self._new((self.name, "counted"))
            self._append(Gather(counted, self.current[self.name, "spikes"], "sum"))
            self._append(Assign(self._new(key), f"{before} + {counted}", shared=True), key)
        else:
            raise NotLoweredError(f"spikes of '{self.name}' do what is not a count")

    def _arrive(self, operation: Operation, weights: str, key: tuple[str, str], target: str, text: str) -> None:
        plain = re.sub(r"[\s()]", "", text)
        if operation.kind == "transmit":
            if plain != f"{target}+w":
                raise NotLoweredError(f"a spike sends '{self.name}' something else than a weight")
            before = self._current(key)
        else:
            if plain != "w*emitted_pre":
                raise NotLoweredError(f"neurons send '{self.name}' something else than what they put out")
            before = ""
        self._append(Arrive(self._new(key), before, weights), key)

    def _reset(self, operation: Operation) -> None:
        own: dict[str, str] = {}
        displaced: dict[tuple[str, str], str] = {}
        adapts = self.network.model_of(self.name).adapts
        for target, text in operation.statements:
            name = operation.names[target]
            own[target] = self._set(f"{target}__displaced", self._text(text, operation, own))
            if name.side != "temporary":
                displaced[name.owner, name.variable] = own[target]
        spikes = self.current[self.name, "spikes"]
        for key, made in displaced.items():
            before = self._current(key)
            self._append(Displace(self._new(key), before, made, spikes, key[1] in adapts), key)

    def _text(self, text: str, operation: Operation, own: dict[str, str] | None = None) -> str:
        """Return an expression in the names of lines, of what is given, and of constants."""
        found = dict(own or {})
        for identifier in identifiers(text) - found.keys():
            name = operation.names.get(identifier)
            if name is None or (name.side == "temporary" and identifier in IN_EQUATIONS):
                # Units stand for themselves.
                continue
            found[identifier] = self._key(name.owner, name.variable)
        return substituted(text, found)

    def _key(self, owner: str, variable: str) -> str:
        """Return the name of a variable: as it is by now, given from outside, or a number."""
        key = (owner, variable)
        if key in self.current:
            return self.current[key]
        called = f"{variable}__of__{owner}"
        if key in self.numbers:
            self.constants[called] = key
            return called
        drawn = any(item.kind == "draw" and item.owner == owner for item in self.program.operations)
        if (variable in _GIVEN and owner in (self.name, "clock")) or (drawn and self._is_drawn(key)):
            self.given[called] = key
            return called
        if owner != self.name:
            raise NotLoweredError(f"'{self.name}' reads '{variable}' of '{owner}'")
        return self._current(key)

    def _is_drawn(self, key: tuple[str, str]) -> bool:
        draws = [item for item in self.program.operations if item.kind == "draw" and item.owner == key[0]]
        return any(target == key[1] for item in draws for target, _ in item.statements)

    def _current(self, key: tuple[str, str]) -> str:
        """Return the name of a variable by now; at the beginning of a step it is carried there."""
        if key not in self.current:
            self.first[key] = self.current[key] = self._new(key)
        return self.current[key]

    def _new(self, key: tuple[str, str]) -> str:
        """Return a name that nothing has yet."""
        variable = key[1] if key[0] == self.name else f"{key[1]}__shared"
        number = self.count.get(variable, 0)
        self.count[variable] = number + 1
        return f"{variable}__{number}"

    def _set(self, variable: str, text: str) -> str:
        """Append a line that sets a name to an expression, and return the name; names stand for themselves."""
        if text.isidentifier():
            return text
        name = self._new((self.name, variable))
        self._append(Assign(name, text))
        return name

    def _append(self, line: Line, key: tuple[str, str] | None = None) -> None:
        self.lines.append(line)
        if key is None and isinstance(line, Gather):
            variable = line.to.rpartition("__")[0]
            key = (self.name, variable)
        if key is not None:
            self.current[key] = line.to
