"""Study files of any content, and plugins of any behaviour, end in one sentence: the same door as the command line's.

Nothing is trained: a study that can be planned ends there. `python -m tests.study.file.test_fuzz 3000` tries more of
them.
"""

import random
import signal
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import NoReturn

import pytest

from tests.study.work.test_runner import a_registry
from workbench.command import main as cli
from workbench.common.errors import StudyError

PLANNED = "It can be planned."

GOOD = """question = "Which rule?"
seeds = [7, 3]
target = "cpp"
[network]
hidden = [20, 5]
recurrent = true
delays = { hidden1 = "2 ms", readout = "1 ms" }
neuron_parameters = { tau_mem = "30 ms", v_th = 2 }
surrogate = "boxcar"
surrogate_parameters = { gamma = 0.5 }
weights = { hidden_mean = 1.5, hidden_std = 3.0 }
[train]
epochs = 4
batch = 16
learning_rate = 0.01
optimizer_parameters = { beta1 = 0.5 }
[measure]
probe = 2
passive = true
[[task]]
name = "toy"
parameters = { how = "well" }
[[task]]
name = "toy"
network = { hidden = [5, 6], neuron = "alif", weights = { readout_std = 2.0 } }
train = { epochs = 5, optimizer_parameters = { beta2 = 0.9 } }
[[rule]]
name = "eprop"
feedback = "random_direct"
parameters = { behaviour = "well" }
train = { epochs = 6, optimizer = "sgd" }
[[rule]]
name = "still"
variants = ["slow"]
[[variant]]
name = "plain"
[[variant]]
name = "slow"
network = { weights = { hidden_std = 1.5 } }
[[sweep]]
name = "delay"
labels = ["short", 5]
network = { delays = { hidden1 = ["2 ms", "5 ms"] } }
rule = { behaviour = ["well", "well"] }
[[sweep]]
train = { batch = [16, 32] }
[search]
draws = 2
epochs = 1
seeds = [1, 2]
network = { weights = { readout_std = { low = 1.0, high = 5.0, log = true } } }
train = { learning_rate = { low = 1e-3, high = 0.1 }, optimizer = ["adam", "sgd"] }
"""

#: Values that stand where others are expected, as TOML writes them.
ODD = (
    "-1", "0", "1", "-0.0", "nan", "-inf", "1e308", "1e-320", "1e400", "9223372036854775807", "9223372036854775808",
    "1" * 40, "1" * 400, "1" * 5000, "0x" + "f" * 5000, "true", "false", '""', '" "', '"a/b"', '"../.."', '"[/x]"',
    '"$\\\\frac{"', '"\\u001b[31mred"', '"a\\u0000b"', '"' + "x" * 5000 + '"', '"é中😀"', '"5 ms"', '"-5 ms"', '"0 ms"',
    '"1e999 ms"', '"nan ms"', '"5 mV"', '"5 lightyears"', '"5*ms"', '"1e-99999999999999999999 ms"',
    '"1e99999999999999999999 ms"', "1979-05-27T07:32:00Z", "07:32:00", "[]",
    "{}", "[[]]",
    "[1, 'a']", "{ a = 1 }", "{ name = 3 }", "[" * 500 + "]" * 500, "[" * 17 + "]" * 17, "[{ a = [{ b = [] }] }]",
    "[" + ", ".join(map(str, range(3000))) + "]", "'''\nlines\n'''", "lif", "=",
)  # fmt: skip

#: Bytes that are put somewhere.
PIECES = (
    b"\xef\xbb\xbf", b"\xff\xfe", b"\x00", b"\xe9", b"\xed\xa0\x80", b"\r", b"\t", b"\x1b[31m", b"]", b"[",
    b"[[", b'"', b"'''",
    b"=", b"#", b"\n\n", b"{", b"a.b.c = 1\n", b"[[rule]]\n", b"[network]\n", b"[rule]\n",
    "é".encode(), b"\xf4\x90\x80\x80",
)  # fmt: skip


def malformed(generator: random.Random) -> bytes:
    """Return the good study, changed in one to three places."""
    content = GOOD.encode()
    for _ in range(generator.choice((1, 1, 1, 2, 3))):
        content = generator.choice(CHANGES)(content, generator)
    return content


def _other_value(content: bytes, generator: random.Random) -> bytes:
    lines = content.split(b"\n")
    places = [index for index, line in enumerate(lines) if b" = " in line]
    if not places:
        return content
    index = generator.choice(places)
    key, _, value = lines[index].partition(b" = ")
    odd = generator.choice(ODD).encode()
    inner = value.count(b" = ")
    if inner and generator.random() < 0.7:
        parts = value.split(b" = ")
        place = generator.randrange(1, inner + 1)
        rest = parts[place].partition(b", ") if b", " in parts[place] else (b"", b" }", b"")
        parts[place] = odd + rest[1] + rest[2]
        value = b" = ".join(parts)
    else:
        value = odd
    lines[index] = key + b" = " + value
    return b"\n".join(lines)


def _other_lines(content: bytes, generator: random.Random) -> bytes:
    lines = content.split(b"\n")
    one, other = generator.randrange(len(lines)), generator.randrange(len(lines))
    how = generator.choice(("drop", "twice", "swap", "cut"))
    if how == "drop":
        del lines[one]
    elif how == "twice":
        lines.insert(other, lines[one])
    elif how == "swap":
        lines[one], lines[other] = lines[other], lines[one]
    else:
        lines = lines[:one] or [b""]
    return b"\n".join(lines)


def _other_bytes(content: bytes, generator: random.Random) -> bytes:
    place = generator.randrange(len(content) + 1)
    length = generator.choice((0, 0, 1, 5))
    return content[:place] + generator.choice(PIECES) + content[place + length :]


def _other_key(content: bytes, generator: random.Random) -> bytes:
    words = ("name", "hidden", "train", "network", "epochs", "rule", "task", "seeds", "parameters", "weights", "how")
    old, new = generator.choice(words), generator.choice((*words, '""', "a.b", '"\\u001b"', "x" * 300, "nmae"))
    return content.replace(old.encode(), new.encode(), generator.choice((1, 1, -1)))


def _other_encoding(content: bytes, generator: random.Random) -> bytes:
    text = content.decode("utf-8", "replace")
    return text.encode(generator.choice(("utf-16", "utf-8-sig", "utf-32-le", "cp037")), "replace")


CHANGES: Sequence[Callable[[bytes, random.Random], bytes]] = (
    _other_value, _other_value, _other_value, _other_value, _other_lines, _other_lines, _other_bytes, _other_key,
    _other_encoding,
)  # fmt: skip

HOOKS = {"workbench_rules": "Rule", "workbench_tasks": "Task", "workbench_neurons": "NeuronModel"}

#: What a hook does.
BODIES = (
    "sys.exit(0)", "sys.exit('words')", "exit()", "raise SystemExit", "raise BaseException('x')", "raise GeneratorExit",
    "raise StopIteration", "raise Odd", "raise Odd()", "1 / 0", "return None", "return 3", "return 'text'",
    "return b'x'",
    "return Odd()", "return Odd", "return [Odd()]", "return [None]", "return KIND", "return [KIND]",
    "return iter(int, 1)",
    "return itertools.count()", "return itertools.repeat(Odd())", "return {}", "return {'a': 1}", "return []",
    "return ()",
    "yield", "yield from ()", "yield Odd()", "yield 1; sys.exit(0)", "yield KIND()", "yield KIND(name=3)",
    "hook()", "while True: yield 1",
    "yield KIND(name='x', title='x')", "return (sys.exit(0) for _ in range(3))",
    "raise RecursionError", "raise MemoryError", "raise EOFError", "raise OSError(32, 'pipe')",
    "raise WorkbenchError('mine')",
    "sys.stdout = None; return []", "import nowhere", "raise Exception('a' * 10**6)", "raise Exception('\\x1b[31m\\n')",
    "raise UnicodeDecodeError('utf-8', b'x', 0, 1, 'no')", "return Mean()", "yield type('Sub', (KIND,), {})",
)  # fmt: skip

PLUGIN = """import itertools, sys
from workbench import NeuronModel, Rule, Task, WorkbenchError, hookimpl

class Odd(BaseException):
    def __repr__(self): raise SystemExit(0)
    __str__ = __eq__ = __hash__ = __repr__
    def __getattr__(self, name): raise SystemExit(0)

class Mean:
    def __iter__(self): return self
    def __next__(self): raise SystemExit(0)

@hookimpl
def HOOK():
    BODY
"""


def broken_plugins() -> Iterator[str]:
    """Yield texts of plugins, each broken in a way of its own."""
    for hook, kind in HOOKS.items():
        for body in BODIES:
            yield (
                PLUGIN.replace("BODY", body).replace("HOOK", hook).replace("hook()", f"{hook}()").replace("KIND", kind)
            )


def ended(*arguments: str) -> tuple[object, str, str]:
    """Run the command line in this process; return its exit code, its output and its errors."""
    out, errors = StringIO(), StringIO()
    before = sys.argv, signal.getsignal(signal.SIGINT)
    sys.argv = ["workbench", *arguments]
    code: object = "no end"
    try:
        with redirect_stdout(out), redirect_stderr(errors):
            cli.main()
    except SystemExit as end:
        code = end.code
    finally:
        sys.argv = before[0]
        signal.signal(signal.SIGINT, before[1])
    return code, out.getvalue(), errors.getvalue()


def fault(code: object, out: str, errors: str, of: str) -> str:
    """Return in what a command did not end in one sentence that names what is wrong; empty where it did."""
    if code != 1 or out:
        return f"ended with {code!r} and said {out[:200]!r}"
    line = errors.removesuffix("\n")
    if not (line.startswith("error: ") and line.isprintable() and line.endswith((".", "?", ")"))):
        return f"said {errors[:300]!r}"
    if len(line) > 2100 or "Traceback" in line:
        return f"said too much: {line[:300]!r}"
    return "" if of in line or PLANNED in line else f"did not name '{of}': {line[:300]!r}"


def planned(*_: object) -> NoReturn:
    raise StudyError(PLANNED)


@pytest.fixture
def planning_only(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = a_registry()
    monkeypatch.setattr("workbench.study.work.preparing.load_registry", lambda _: registry)
    monkeypatch.setattr("workbench.study.work.run_list.commit_of", lambda _: "")
    monkeypatch.setattr("workbench.study.work.runner.opened", planned)


def tried_studies(folder: Path, seeds: Sequence[int]) -> tuple[list[str], Counter[str]]:
    """Return what went wrong with malformed studies, and how the others ended."""
    faults, ends = [], Counter[str]()
    path = folder / "fuzzed.toml"
    for seed in seeds:
        path.write_bytes(malformed(random.Random(seed)))
        try:
            end = ended("run", str(path))
        except BaseException as error:
            faults.append(f"seed {seed}: {type(error).__name__}: {error}")
            continue
        found = fault(*end, str(path))
        faults += [f"seed {seed}: {found}"] if found else []
        ends["planned" if PLANNED in end[2] else "refused"] += 1
    return faults, ends


def tried_plugins(folder: Path, texts: Sequence[str]) -> list[str]:
    """Return what went wrong with broken plugins."""
    faults = []
    for number, text in enumerate(texts):
        path = folder / f"broken{number}.py"
        path.write_text(text)
        try:
            found = fault(*ended("list", "rules", "--plugin", str(path)), str(path))
        except BaseException as error:
            found = f"{type(error).__name__}: {error}"
        faults += [f"{text[text.index('def workbench') :]!r}: {found}"] if found else []
    return faults


@pytest.mark.usefixtures("planning_only")
def test_malformed_studies_end_in_a_sentence(tmp_path: Path) -> None:
    faults, ends = tried_studies(tmp_path, range(150))
    assert not faults
    assert ends["refused"] > 75
    assert ends["planned"] > 5
    tomllib.loads(GOOD)
    (tmp_path / "good.toml").write_text(GOOD)
    assert PLANNED in ended("run", str(tmp_path / "good.toml"))[2]


def test_broken_plugins_end_in_a_sentence_that_names_them(tmp_path: Path) -> None:
    faults = tried_plugins(tmp_path, list(broken_plugins())[::5])
    assert not faults


LOADERS = ("sys.exit(0)", "raise Odd", "return None", "return 3", "return Odd()", "yield 1", "raise KeyError('column')")


@pytest.mark.parametrize("body", LOADERS)
def test_loader_that_fails_is_named_with_its_task(tmp_path: Path, body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = PLUGIN.replace("HOOK", "workbench_tasks").replace(
        "    BODY", f"    yield Task(name='odd', title='Odd', load=load)\n\ndef load():\n    {body}"
    )
    (tmp_path / "odd.py").write_text(text)
    (tmp_path / "odd.toml").write_text(
        'question = "?"\nseeds = [0]\ntask = [{name = "odd"}]\nrule = [{name = "eprop"}]'
    )
    monkeypatch.setattr("workbench.study.work.runner.opened", planned)
    code, out, errors = ended("run", str(tmp_path / "odd.toml"), "--plugin", str(tmp_path / "odd.py"))
    assert not fault(code, out, errors, "Task 'odd'")
    assert PLANNED not in errors
    if body.startswith(("raise", "sys")):
        assert f"({tmp_path / 'odd.py'}, line 18)" in errors


def test_fault_is_seen_where_there_is_one() -> None:
    assert fault(0, "", "", "x")
    assert fault(1, "", "", "x")
    assert fault(1, "", "Traceback (most recent call last):\n  File\nKeyError: 'x'\n", "x")
    assert fault(1, "", "error: two\nlines.\n", "lines")
    assert fault(1, "", "error: \x1b[31mred.\n", "red")
    assert fault(1, "", "error: of another.\n", "x.toml")
    assert not fault(1, "", "error: x.toml: 'seed' is not a key. Did you mean 'seeds'?\n", "x.toml")


def _main(count: int) -> None:
    registry = a_registry()
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as name:
        plugin_faults = tried_plugins(Path(name), list(broken_plugins()))
        patch.setattr("workbench.study.work.preparing.load_registry", lambda _: registry)
        patch.setattr("workbench.study.work.run_list.commit_of", lambda _: "")
        patch.setattr("workbench.study.work.runner.opened", planned)
        faults, ends = tried_studies(Path(name), range(10_000, 10_000 + count))
    print(*plugin_faults, *faults, sep="\n")
    print(f"{len(plugin_faults)} of {len(HOOKS) * len(BODIES)} plugins, {len(faults)} of {count} studies; {dict(ends)}")


if __name__ == "__main__":
    _main(int(sys.argv[1]))
