"""One translation unit out of the sources that Brian2 generates.

Compiling them one by one parses the same headers some fifty times. Merged they give the same program, several times
sooner; code that runs once per process (reading, writing, connecting) is not optimised, which saves half of the rest.
Some things are put in that Brian2 has no word for: code that runs only in some steps, loops over all-to-all synapses
without index arrays, and functions to call in place of a main program.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from workbench.engine.entry import Array, library, without_files
from workbench.errors import BuildError

_FUNCTION = re.compile(
    r"^void (_(?:run|before_run|after_run)_(\w+))\(\)\n\{\n\s*using namespace brian;\n", re.MULTILINE
)
_LOOP = re.compile(r"for\(int _idx=0; _idx<[^;]+; _idx\+\+\)\n\s*\{\n")
_SUM = re.compile(r"(?P<target>\w+)\[\w+_synaptic_(?P<side>pre|post)\[_idx\]\] \+= _synaptic_var;\n\s*\}")
_ONCE = re.compile(
    r"(?:objects|network|run|synapses_classes)\.cpp|(?:before_run|after_run)_.*|.*_synapses_create_array_codeobject\.cpp"
)
_INDEX = re.compile(r"const int32_t _(pre|post)synaptic_idx = \w+\[_idx\];\n")


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
    gated = set()
    for number, path in enumerate(sources):
        text = path.read_text()
        found = _FUNCTION.search(text)
        if path.parent.name == "code_objects" and found:
            name = found.group(2)
            inside = f"    using namespace unit_{number};\n" if "namespace {" in text else ""
            if name in gates and found.group(1).startswith("_run_"):
                inside += f"    if (!({gates[name]})) return;\n"
                gated.add(name)
            text = text[: found.end()] + inside + text[found.end() :]
            if name in dense:
                text = _dense_loop(text, *dense[name])
        if path.name == "objects.cpp":
            text = without_files(text)
        text = re.sub(r"^namespace \{", f"namespace unit_{number} {{", text, flags=re.MULTILINE)
        if _ONCE.fullmatch(path.name):
            text = f'#pragma GCC push_options\n#pragma GCC optimize("O0")\n{text}\n#pragma GCC pop_options'
            once.append(text)
        else:
            texts.append(text)
    missing = sorted(set(gates) - gated)
    if missing:
        raise BuildError(f"Brian2 generated no code for {', '.join(missing)}, which should run in some steps only.")
    # The headers must be read outside the part that is not optimised, so that part comes last.
    return "\n".join([*texts, *once, library(project, arrays)])


def _dense_loop(text: str, n_pre: int, n_post: int) -> str:
    """Count through an all-to-all connection; contiguous reads vectorise, reads through index arrays do not."""
    found = _SUM.search(text)
    into_pre = found is not None and found.group("side") == "pre"
    loop = (
        f"for(int _pre=0; _pre<{n_pre}; _pre++)\n    {{\n    double _sum = 0;\n    "
        + ("" if into_pre else '_Pragma("GCC ivdep")')
        + f"\n    for(int _post=0; _post<{n_post}; _post++)\n    {{\n        const int _idx = _pre*{n_post} + _post;\n"
    )
    text, loops = _LOOP.subn(loop, text)
    text = _INDEX.sub(lambda match: f"const int32_t _{match.group(1)}synaptic_idx = _{match.group(1)};\n", text)
    if into_pre:
        text = _SUM.sub(r"_sum += _synaptic_var;\n    }\n    \g<target>[_pre] += _sum;\n    }", text)
    elif found is not None:
        text = _SUM.sub(r"\g<target>[_post] += _synaptic_var;\n    }\n    }", text)
    else:
        text = re.sub(r"\}\s*\Z", "}\n}\n", text)
    if loops != 1:
        raise BuildError(f"Brian2's code over synapses has {loops} loops; one was expected.")
    return text
