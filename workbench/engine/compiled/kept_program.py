"""Forward dynamics that were read off Brian2's objects, kept beside compiled networks: to read them takes Brian2."""

import hashlib
import json
import sys
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from workbench.common.errors import BuildError
from workbench.common.importing import import_brian2
from workbench.engine.compiled.cache import entry_of
from workbench.engine.compiled.cache_entry import read_privately, write_privately
from workbench.engine.compiled.cache_folder import make_folder, refuse_unfit
from workbench.model.bindings import Binding, read_propagator
from workbench.model.operation import Name, Operation
from workbench.model.program import Program, ends_of
from workbench.model.setup import Setup
from workbench.model.structure import structure_of

#: Bytes that are read at most.
_MOST = 1 << 24


def forward_dynamics(setup: Setup) -> Program:
    """Return a setup's forward dynamics: as they were kept, or read off its Brian2 objects.

    Where Brian2 is there already they are read, which takes a moment then.

    Raises
    ------
    WorkbenchError
        Where the setup's equations do not hold together.
    """
    note = None if "brian2" in sys.modules else _note(setup)
    found = None if note is None else _kept(note, setup)
    if found is None:
        import_brian2()
        from workbench.model.read_program import read_program

        found = read_program(setup)
        if note is not None:
            # Without a note they are read again.
            with suppress(OSError):
                make_folder(note.parent)
                write_privately(note, _sealed(_text(found), note.name))
    return found


def _note(setup: Setup) -> Path | None:
    """Return the file in which a setup's dynamics are kept; None where the cache has no place."""
    with suppress(BuildError):
        entry = entry_of({"forward dynamics": structure_of(replace(setup, form="clock"))})
        refuse_unfit(entry.parent)
        return entry.with_suffix(".dynamics")
    return None


def _kept(note: Path, setup: Setup) -> Program | None:
    """Return what a note says; None where there is none, or it is not as it was written."""
    with suppress(OSError, ValueError):
        content = read_privately(note, _MOST)
        text = content[content.index(b"\n") + 1 :].decode()
        if content == _sealed(text, note.name):
            return _program(json.loads(text), setup)
    return None


def _sealed(text: str, name: str) -> bytes:
    """Return a text after a hash of it and of the name of its file."""
    return f"{hashlib.sha256(f'{name} {text}'.encode()).hexdigest()}\n{text}".encode()


def _text(program: Program) -> str:
    """Return a program without the ends of synapses, which are the network's."""
    return json.dumps({key: value for key, value in asdict(replace(program, ends={})).items() if key != "ends"})


def _program(told: dict[str, Any], setup: Setup) -> Program:
    return Program(
        operations=tuple(map(_operation, told["operations"])),
        start=tuple(map(_operation, told["start"])),
        sizes={name: tuple(size) for name, size in told["sizes"].items()},
        bindings=tuple(Binding(**entry) for entry in told["bindings"]),
        propagators=tuple(map(read_propagator, told["propagators"])),
        ends=ends_of(setup.network),
    )


def _operation(told: dict[str, Any]) -> Operation:
    statements = tuple((target, expression) for target, expression in told["statements"])
    names = {identifier: Name(**name) for identifier, name in told["names"].items()}
    return Operation(**told | {"statements": statements, "names": names})
