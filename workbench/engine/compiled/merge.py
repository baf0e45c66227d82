"""One translation unit out of the sources that Brian2 generates.

Compiling them one by one parses the same headers some fifty times. Merged they give the same program, several times
sooner; code that runs once per process (reading, writing, connecting) is not optimised, which saves half of the rest.
Some things are put in that Brian2 has no word for: code that runs only in some steps, loops over all-to-all synapses
without index arrays, and functions to call in place of a main program.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from workbench.common.errors import BuildError
from workbench.engine.compiled.library_source import Array, library, without_files

_FUNCTION = re.compile(
    r"^void (_(?:run|before_run|after_run)_(\w+))\(\)\n\{\n\s*using namespace brian;\n", re.MULTILINE
)
_LOOP = re.compile(r"for\(int _idx=0; _idx<[^;]+; _idx\+\+\)\n\s*\{\n")
_END = re.compile(r"\}\s*\}\s*\Z")
_SUM = re.compile(r"(?P<target>\w+)\[\w+_synaptic_(?P<side>pre|post)\[_idx\]\] \+= _synaptic_var;\n")
_ONCE = re.compile(
    r"(?:objects|network|run|synapses_classes)\.cpp|(?:before_run|after_run)_.*|.*_synapses_create_array_codeobject\.cpp"
)
_INDEX = re.compile(r"const int32_t _(?P<side>pre|post)synaptic_idx = \w+\[_idx\];\n")
_OF_POST = re.compile(r"const (?P<kind>double|float) (?P<name>\w+) = \w+\[_postsynaptic_idx\];")
_WRITTEN = re.compile(r"\[_postsynaptic_idx\]\s*[-+*/]?=")
# Sums, differences and products of names.
_BRACKETS = re.compile(r"\((?P<inside>[-+* ]*[A-Za-z_]\w*(?:[-+* ]+[A-Za-z_]\w*)*)\)")

#: How many sums are made side by side: as many additions as begin before the first of them has ended.
_ROWS = 8


def merge(
    project: Path, gates: Mapping[str, str], dense: Mapping[str, tuple[int, int]], arrays: Sequence[Array]
) -> str:
    """Return the text of one source file that is the whole library.

    Parameters
    ----------
    project : Path
        The folder that Brian2 wrote its sources to.
    gates : mapping of str to str
        Name of a code object -> C++ condition without which it does nothing.
    dense : mapping of str to (int, int)
        Name of a code object that visits all synapses of an all-to-all connection -> (n_pre, n_post).
    arrays : sequence of Array
        Those that can be asked for, by their numbers.

    Returns
    -------
    str
        C++ source; compile it with the project folder as include path.

    Raises
    ------
    BuildError
        Where the generated sources do not look as expected.
    """
    # Brian2 2.11 has a source beside its headers too.
    folders = (project, project / "brianlib", project / "code_objects")
    sources = [path for folder in folders for path in sorted(folder.glob("*.cpp")) if path.name != "main.cpp"]
    texts: list[str] = []
    once: list[str] = []
    gated: set[str] = set()
    for number, path in enumerate(sources):
        text = without_files(path.read_text()) if path.name == "objects.cpp" else path.read_text()
        found = _FUNCTION.search(text)
        if path.parent.name == "code_objects" and found:
            gate = gates.get(found.group(2), "") if found.group(1).startswith("_run_") else ""
            gated |= {found.group(2)} if gate else set()
            text = _code_object(text, found, number, gate, dense.get(found.group(2)))
        text = re.sub(r"^namespace \{", f"namespace unit_{number} {{", text, flags=re.MULTILINE)
        if _ONCE.fullmatch(path.name):
            once.append(f'#pragma GCC push_options\n#pragma GCC optimize("O0")\n{text}\n#pragma GCC pop_options')
        else:
            texts.append(text)
    missing = sorted(set(gates) - gated)
    if missing:
        raise BuildError(f"Brian2 generated no code for {', '.join(missing)}, which should run in some steps only.")
    # The headers must be read outside the part that is not optimised, so that part comes last.
    return "\n".join([*texts, *once, library(project, arrays)])


def _code_object(text: str, head: re.Match[str], number: int, gate: str, dense: tuple[int, int] | None) -> str:
    """Return a code object's source among others: it sees its own helpers, and does nothing where its gate is shut."""
    inside = f"    using namespace unit_{number};\n" if "namespace {" in text else ""
    inside += f"    if (!({gate})) return;\n" if gate else ""
    text = text[: head.end()] + inside + text[head.end() :]
    return text if dense is None else _dense_loop(text, *dense)


def _dense_loop(text: str, n_pre: int, n_post: int) -> str:
    """Count through an all-to-all connection; contiguous reads vectorise, reads through index arrays do not.

    Each operation stays the one that it was, and sums keep their order.
    """
    before, *bodies = _LOOP.split(text)
    if len(bodies) != 1:
        raise BuildError(f"Brian2's code over synapses has {len(bodies)} loops; one was expected.")
    body, ended = _END.subn("", _INDEX.sub(r"const int32_t _\g<side>synaptic_idx = _\g<side>;\n", bodies[0]))
    if not ended:
        raise BuildError("Brian2's code over synapses goes on after its loop, which was expected to be the last.")
    place = f"        const int _idx = _pre*{n_post} + _post;\n"
    total = _SUM.search(body)
    if total is not None and total.group("side") == "pre":
        loops = _sums_of_rows(f"{place}{body}", n_pre, n_post)
    else:
        once, body = _of_post_alone(body, n_post) if total is None else ("", body)
        body = _SUM.sub(r"\g<target>[_post] += _synaptic_var;\n", body)
        loops = (
            f'{once}    for(int _pre=0; _pre<{n_pre}; _pre++)\n    {{\n    _Pragma("GCC ivdep")\n'
            f"    for(int _post=0; _post<{n_post}; _post++)\n    {{\n{place}{body}    }}\n    }}\n"
        )
    return f"{before}{loops}}}\n"


def _sums_of_rows(body: str, n_pre: int, n_post: int) -> str:
    """Return loops that sum over the targets of each source, of some at a time: no sum waits for its last addition."""
    inside = _SUM.sub("_sum[_row] += _synaptic_var;\n", body)
    (target,) = {match.group("target") for match in _SUM.finditer(body)}

    def rows(first: int, last: int, count: int) -> str:
        each = f"    for(int _row=0; _row<{count}; _row++)"
        return (
            f"    for(int _first={first}; _first<{last}; _first+={count})\n    {{\n"
            f"    std::decay<decltype({target}[0])>::type _sum[{count}];\n"
            f"{each} _sum[_row] = {target}[_first + _row];\n"
            f"    for(int _post=0; _post<{n_post}; _post++)\n{each}\n    {{\n"
            f"        const int _pre = _first + _row;\n{inside}    }}\n"
            f"{each} {target}[_first + _row] = _sum[_row];\n    }}\n"
        )

    together = n_pre - n_pre % _ROWS
    return rows(0, together, _ROWS) + rows(together, n_pre, 1)


def _of_post_alone(body: str, n_post: int) -> tuple[str, str]:
    """Return the code of what a loop over synapses has in brackets of its target alone, and the body that reads it.

    Found once for each target, and not for every source anew, which takes longer than to read it.
    """
    reads = {match["name"]: match for match in _OF_POST.finditer(body)}
    kept: dict[str, tuple[str, str]] = {}

    def keep(match: re.Match[str]) -> str:
        names = re.findall(r"\w+", match["inside"])
        kinds = {reads[name]["kind"] for name in names if name in reads}
        if match["inside"] in reads or len(kinds) != 1 or not set(names) <= reads.keys():
            return match[0]
        name, _ = kept.setdefault(match[0], (f"_of_post_{len(kept)}", kinds.pop()))
        return f"({name}[_post])"

    if _WRITTEN.search(body):
        return "", body
    body = _BRACKETS.sub(keep, body)
    if not kept:
        return "", body
    once = "".join(f"    {kind} {name}[{n_post}];\n" for name, kind in kept.values())
    once += f"    for(int _post=0; _post<{n_post}; _post++)\n    {{\n        const int32_t _postsynaptic_idx = _post;\n"
    once += "".join(f"        {match[0]}\n" for match in reads.values())
    once += "".join(f"        {name}[_post] = {bracket};\n" for bracket, (name, _) in kept.items())
    return f"{once}    }}\n", body
