"""What a network's shared library offers: prepare, the addresses of arrays, run.

Brian2 writes a program that is started once for each run and passes arrays as files. As a library the same code runs in
the process that asks for it, and numbers are written into its arrays and read from them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workbench.common.errors import BuildError


@dataclass(frozen=True)
class Array:
    """An array of the program.

    Attributes
    ----------
    name : str
        In C++.
    kind : {"fixed", "growing", "rows"}
        An array, a vector, or a vector of rows.
    given : bool
        Whether it holds spikes that a group is given, of which none is read that was not given.
    """

    name: str
    kind: Literal["fixed", "growing", "rows"]
    given: bool = False


_BODY = re.compile(r"brian_start\(\);(?P<body>.*)set_from_command_line\(args\);\s*network\.run\([^;]*;", re.DOTALL)
_STEP = re.compile(r"^\s*network\.add\(&defaultclock, (?P<function>\w+)\);\n", re.MULTILINE)
_SET = re.compile(r"^void set_variable_by_name\(.*?^\}\n", re.DOTALL | re.MULTILINE)
_WRITE = re.compile(r"^void _write_arrays\(\).*?^\}\n", re.DOTALL | re.MULTILINE)
_ZEROS = re.compile(
    r"^ *(?P<name>\w+)(?: = new (?P<type>\w+)\[\d+\]|\.resize\(\d+\));\s*"
    r"for\(int i=0; i<(?P<size>\d+); i\+\+\) (?P=name)\[i\] = 0;\n",
    re.MULTILINE,
)
_RANGES = re.compile(r"^.* (\w+)\[i\] = \d+ \+ i;", re.MULTILINE)
_OPEN = re.compile(r"\.open\(\"(static_arrays/[^\"]+)\"")
_COMPLAINT = re.compile(r"std::cout << \"Error opening static array[^;]*;")

_HEAD = """
#include <cstring>
#include <stdexcept>
#define WORKBENCH_OFFERS extern "C" __attribute__((visibility("default")))

namespace {
template<class T> void* flattened(DynamicArray2D<T>& rows, long long* size)
{
    // By element: whether a row by itself is a reference or a copy differs between versions of Brian2.
    static std::vector<T> flat;
    flat.resize((size_t) rows.n * rows.m);
    for (size_t row = 0, place = 0; row < (size_t) rows.n; row++)
        for (size_t column = 0; column < (size_t) rows.m; column++)
            flat[place++] = rows(row, column);
    *size = flat.size();
    return flat.data();
}
}
"""

_ZEROED = """
#include <cstdlib>
#include <cstring>
#ifdef __linux__
#include <sys/mman.h>
#endif
static std::string static_arrays_folder;
static int static_arrays_missing;

// Rows of a large matrix are read in any order: with large pages the processor finds them without looking them up.
template<class T> static T* zeros(size_t size)
{
    const size_t page = 1 << 21;
    void* memory = 0;
    if (size * sizeof(T) < page)
        return new T[size]();
    if (posix_memalign(&memory, page, size * sizeof(T)))
        throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
    madvise(memory, size * sizeof(T), MADV_HUGEPAGE);
#endif
    std::memset(memory, 0, size * sizeof(T));
    return static_cast<T*>(memory);
}
"""

_PREPARE = """
WORKBENCH_OFFERS int workbench_prepare(const char* folder)
try
{
    using namespace brian;
    static bool begun = false;
    if (begun)
    {
%s
    }
    else
    {
        static_arrays_missing = 0;
        static_arrays_folder = folder;
        brian_start();
        if (static_arrays_missing) return static_arrays_missing;
        begun = true;
    }
    %s
    return 0;
}
catch (const std::exception&)
{
    return -1;
}
"""

_RUN = """
WORKBENCH_OFFERS const char* workbench_run(long long steps)
{
    using namespace brian;
#ifdef __SSE__
    // A trace that has faded away costs a hundred times more where it is not taken for 0.
    const unsigned int before = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(before | 0x8040);
#endif
    const char* error = 0;
    try
    {
        for (long long step = 0; step < steps; step++)
        {
%s
            defaultclock.tick();
        }
    }
    catch (const std::exception& thrown)
    {
        static std::string told;
        told = thrown.what();
        error = told.c_str();
    }
#ifdef __SSE__
    __builtin_ia32_ldmxcsr(before);
#endif
    return error;
}
"""


def library(project: Path, arrays: Sequence[Array]) -> str:
    """Return the functions that the library offers, as C++ to be put behind all other sources.

    Parameters
    ----------
    project : Path
        The folder that Brian2 wrote its sources to.
    arrays : sequence of Array
        Those that can be asked for, by their numbers.

    Raises
    ------
    BuildError
        Where Brian2's main program does not look as expected.
    """
    text = (project / "main.cpp").read_text()
    body = _BODY.search(text)
    if body is None or text.count("network.run(") != 1:
        raise BuildError("Brian2's main program does not set variables and then run once, as was expected.")
    before, _, steps = body["body"].partition("network.clear();")
    functions = _STEP.findall(steps)
    if not functions or _STEP.sub("", steps).strip():
        raise BuildError("Brian2's main program does something else than to run one object after the other.")
    inner = before.strip().removeprefix("{").strip()
    objects = (project / "objects.cpp").read_text()
    # Brian2 fills an array of indices with zeros first.
    kept = set(_RANGES.findall(objects)) | {array.name for array in arrays if array.given}
    zeros = [found for found in _ZEROS.findall(objects) if found[0] not in kept]
    emptied = [f"{array.name}.clear();" for array in arrays if array.kind == "growing"]
    emptied += [f"{array.name}.resize(0, 0);" for array in arrays if array.kind == "rows"]
    emptied += [
        f"std::memset({name}, 0, sizeof({kind}) * {size});" if kind else f"{name}.assign({size}, 0);"
        for name, kind, size in zeros
    ]
    prepare = _PREPARE % ("\n".join(f"        {line}" for line in emptied), inner)
    return "\n".join(
        [
            _HEAD,
            prepare,
            _addresses(arrays),
            _RUN % "\n".join(f"            {name}();" for name in functions),
        ]
    )


def _addresses(arrays: Sequence[Array]) -> str:
    ways = {
        "fixed": "*size = _num_{name}; return {name};",
        "growing": "*size = {name}.size(); return {name}.data();",
        "rows": "return flattened({name}, size);",
    }
    cases = [
        f"        case {number}: {ways[array.kind].format(name=array.name)}" for number, array in enumerate(arrays)
    ]
    return "\n".join(
        [
            "WORKBENCH_OFFERS void* workbench_array(int number, long long* size)\n{\n    using namespace brian;",
            "    switch (number)\n    {",
            *cases,
            "    }\n    *size = -1;\n    return 0;\n}",
        ]
    )


def without_files(text: str) -> str:
    """Return the source of all arrays without the code that sets and writes them by file.

    Raises
    ------
    BuildError
        Where that code is not where it was expected.
    """
    for pattern, instead in ((_SET, ""), (_WRITE, "void _write_arrays() {}\n")):
        text, count = pattern.subn(instead, text)
        if count != 1:
            raise BuildError("Brian2's code that reads and writes arrays is not where it was expected.")
    text = _ZEROS.sub(_zeroed, text)
    text = _OPEN.sub(r'.open(static_arrays_folder + "\1"', text)
    text = _COMPLAINT.sub("static_arrays_missing++;", text)
    return text.replace("void _init_arrays()", f"{_ZEROED}\nvoid _init_arrays()", 1)


def _zeroed(match: re.Match[str]) -> str:
    """Return the allocation of an array of zeros, as the system does it fastest."""
    name, kind, size = match.group("name", "type", "size")
    return f"    {name} = zeros<{kind}>({size});\n" if kind else f"    {name}.assign({size}, 0);\n"
