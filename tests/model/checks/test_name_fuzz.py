"""Whatever authors call things: a name is refused before anything runs, or changes no number.

`python -m tests.model.checks.test_name_fuzz 500` tries more of them.
"""

import builtins
import keyword
import random
import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from string import Template

import brian2
import numpy as np
from brian2.core.functions import DEFAULT_CONSTANTS, DEFAULT_FUNCTIONS
from brian2.core.namespace import DEFAULT_UNITS
from numpy.typing import NDArray

import workbench
from workbench.common.errors import WorkbenchError
from workbench.declare.learning_signal import LearningSignal
from workbench.declare.network import Network
from workbench.declare.neuron import NeuronModel
from workbench.declare.optimizer import ADAM
from workbench.declare.options import Target
from workbench.declare.parameter import Parameter
from workbench.declare.rule import Rule
from workbench.declare.rule_parts import OnStep
from workbench.measures.alignment import relative_error
from workbench.model.brian2_session import numpy_code
from workbench.model.build import build_model
from workbench.model.checks.reserved_names import IN_NEURONS, IN_SYNAPSES, why_not
from workbench.model.checks.setup import check
from workbench.model.setup import Setup
from workbench.reference.bptt import reference
from workbench.reference.forward_pass import ForwardPass
from workbench.testing.case import Case, random_case
from workbench.text.cpp_keywords import CPP_WORDS

#: What has a name, with one that nothing else has.
NEUTRAL = {
    "number": "mass",  # a parameter of hidden neurons
    "state": "slow",
    "output_number": "width",
    "output_state": "late",
    "trace": "seen",
    "post": "held",
    "unit": "aux",
    "output_unit": "handed",
    "filter": "smooth",
    "signal": "third",
    "factor": "factor",  # a parameter of the rule
    "part": "part",  # a subexpression of hidden neurons
    "post_part": "portion",  # and of what the rule keeps in them
}

#: Names that no other thing can have here.
TAKEN = IN_NEURONS | IN_SYNAPSES | {"v", "I", "tau_mem", "tau_syn", "g", "w", *ADAM.state, *dict(ADAM.parameters)}

#: The names that the exact gradient depends on.
OF_NEURONS = ("number", "state", "output_number", "output_state", "part")


def setup_with(names: Mapping[str, str]) -> Setup:
    """Return a setup in which each thing has the name that it is given, or its neutral one."""

    def filled(text: str) -> str:
        return Template(text).substitute({**NEUTRAL, **names})

    neuron = NeuronModel(
        name="mine",
        equations=filled("""$part = 0.2 * $state : 1
                            dv/dt = (I - v - $part) / tau_mem : 1
                            dI/dt = -I / tau_syn : 1
                            d$state/dt = (v - $state) / $number : 1"""),
        drive=filled("v - 1 - 0.5 * $part"),
        reset=filled("v -= 1\n$state += 0.3"),
        parameters=(("tau_mem", "8 ms"), ("tau_syn", "4 ms"), (filled("$number"), "5 ms")),
        initial=((filled("$state"), 0.1),),
    )
    readout = NeuronModel(
        name="mine_too",
        equations=filled("""dv/dt = (I - v) / tau_mem : 1
                            dI/dt = -I / tau_syn : 1
                            d$output_state/dt = (v - $output_state) / $output_number : 1"""),
        output=filled("$output_state"),
        parameters=(("tau_mem", "8 ms"), ("tau_syn", "4 ms"), (filled("$output_number"), "6 ms")),
    )
    rule = Rule(
        name="mine",
        title="Mine",
        pre=filled("d$trace/dt = -$trace / ${number}_post : 1"),
        pre_on_spike=filled("$trace += 1 + $factor"),
        post=filled("""$post_part = $factor * $state : 1
                       d$post/dt = (psi + $post_part - $post) / $number : 1"""),
        on_step=OnStep(
            code=filled("$unit = 0.5 * $unit + $factor * $signal * $number / (5*ms)"), state=(filled("$unit"),)
        ),
        output_step=OnStep(
            code=filled("$output_unit = error + $factor * $output_state * $output_number / (6*ms)"),
            state=(filled("$output_unit"),),
        ),
        synapse=filled("""d$filter/dt = (psi_post * ${trace}_pre - $filter) / ${output_number}_readout : 1
            dg/dt = (${signal}_post + ${unit}_post) * $filter
                    + $factor * ${post}_post * ${state}_post * ${trace}_pre : second"""),
        signal=LearningSignal(
            name=filled("$signal"), source=filled("$output_unit"), relay=filled("$signal * psi + $factor * $state")
        ),
        parameters=(Parameter(name=filled("$factor"), default=0.3, doc="Some factor."),),
    )
    network = Network(n_inputs=3, hidden=(3, 2), n_outputs=2, n_steps=12, neuron=neuron, readout=readout)
    return Setup(network=network, rule=rule, feedback="symmetric", optimizer=ADAM, trial_capacity=4, event_capacity=64)


def refused(names: Mapping[str, str]) -> str:
    """Return why names are refused; empty where they are not."""
    try:
        check(setup_with(names))
    except WorkbenchError as error:
        return str(error)
    return ""


@cache
def expected(target: Target) -> tuple[Case, dict[str, NDArray[np.float64]], dict[str, NDArray[np.float64]]]:
    """Return the network with neutral names, its estimate, and the exact gradient."""
    case = random_case(setup_with({}), count=2, rate=0.3)
    # All neurons spike.
    case = case.with_weights(**{name: np.abs(weights) for name, weights in case.state.weights.items()})
    recording = case.record(target)
    exact = reference(case.setup).gradients(
        ForwardPass(case.state.weights, case.state.feedback, case.trials, recording)
    )
    return case, recording.gradient, exact.mean


def fault(setup: Setup, target: Target = "numpy", exact: bool = False) -> str:
    """Return in what a setup's numbers differ from those of the neutral one; empty where they do not."""
    neutral, estimate, gradient = expected(target)
    case = replace(neutral, setup=setup)
    recording = case.record(target)
    pairs = [(f"estimate of {layer}", recording.gradient[layer], array) for layer, array in estimate.items()]
    if exact:
        found = reference(setup).gradients(ForwardPass(case.state.weights, case.state.feedback, case.trials, recording))
        pairs += [(f"gradient of {layer}", found.mean[layer], array) for layer, array in gradient.items()]
    # A NaN is no error below the bound.
    return ", ".join(what for what, one, other in pairs if not relative_error(one, other).value < 1e-12)


def identifiers_in(folders: Sequence[Path]) -> set[str]:
    """Return all words of sources."""
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in {".cpp", ".h", ".py_"}]
    return {word for path in files for word in re.findall(r"[A-Za-z_]\w*", path.read_text())}


def words() -> list[str]:
    """Return every name that something else has, or might have."""
    with numpy_code():
        groups = build_model(replace(setup_with({}), form="clock")).parts.groups
        groups |= build_model(replace(setup_with({}), form="causal")).parts.groups
    found = {*dir(builtins), *keyword.kwlist, *keyword.softkwlist, *DEFAULT_FUNCTIONS, *DEFAULT_CONSTANTS}
    found |= {*list(DEFAULT_UNITS)[::10], *sorted(CPP_WORDS)[::20], *IN_NEURONS, *IN_SYNAPSES}
    found |= {*groups, *(variable for group in groups.values() for variable in group.variables)}
    theirs, ours = (Path(package.__file__ or "").parent for package in (brian2, workbench))
    found |= identifiers_in([theirs / "codegen", theirs / "devices", ours / "model", ours / "engine"])
    return sorted(found | {*NEUTRAL.values(), "beta", "gamma", "y", "np", "jnp", "jax", "S", "E", "Q"})


#: What names of other things are made of.
PARTS = (
    "hidden1", "hidden2", "readout", "inputs", "after", "array", "dynamic", "ptr", "num", "trace", "first", "rule",
    "target", "synapse", "wanted", "new", "1", "2", "P", "Q", "U", "G", "F", "H", "w", "b", "v", "x", "I", "X", "Pi",
    "tau", "mem", "syn", "pre", "post", "record", "pool", "sweep", "error", "psi", "slow", "seen", "mass", "given",
    "beta",
)  # fmt: skip

NO_NAMES = (
    "", " ", "1a", "a b", "a-b", "a.b", "a\nb", "a;b", "a#b", "é", "\ufb01", "\xb5", "x²", "_", "__", "a'b", '"',
)  # fmt: skip


#: What else a name may look like.
FORMS = (
    "{}_pre", "{}_post", "{}_readout", "trace_{}", "first_{}", "{}__x", "rule__{}", "_{}", "{}_", "{}_1", "new_{}",
)  # fmt: skip


def hostile(generator: random.Random, reserved: Sequence[str]) -> str:
    """Return a name that may be taken, or none."""
    word = generator.choice(reserved)
    form = generator.choice(("{}", "{}", "{}", "{}", *FORMS, ""))
    return form.format(word) or generator.choice(NO_NAMES)


def harmless(generator: random.Random) -> str:
    """Return a name that looks like those that are made of others."""
    if generator.random() < 0.7:
        return "_".join(generator.choices(PARTS, k=generator.randint(1, 4)))
    letters = "abcdefgxyzABCXYZ"
    return generator.choice(letters) + "".join(generator.choices(f"{letters}0123456789_", k=generator.randint(0, 8)))


def drawn(generator: random.Random, reserved: Sequence[str]) -> dict[str, str]:
    """Return names for some things, one of which may be taken."""
    names = {thing: harmless(generator) for thing in NEUTRAL if generator.random() < 0.5}
    names = {thing: name for thing, name in names.items() if not why_not(name) and name not in TAKEN}
    if generator.random() < 0.7:
        names[generator.choice(list(NEUTRAL))] = hostile(generator, reserved)
    if generator.random() < 0.4:
        # Two things of one name.
        one, other = generator.sample(list(NEUTRAL), 2)
        names[one] = names.get(other, NEUTRAL[other])
    return names


def tried(seeds: Sequence[int], compiled: int = 0) -> tuple[list[str], Counter[str]]:
    """Return what went wrong, and how examples ended; of those not refused, some are compiled, and some differentiated.

    Parameters
    ----------
    seeds : sequence of int
        One for each example.
    compiled : int
        How many of them are compiled too. For every eighth with other names of neurons the exact gradient is compared.
    """
    reserved = words()
    faults, ends = [], Counter[str]()
    for seed in seeds:
        names = drawn(random.Random(seed), reserved)
        try:
            if refused(names):
                ends["refused"] += 1
                continue
            setup = setup_with(names)
            exact = not names.keys().isdisjoint(OF_NEURONS) and ends["equal"] % 8 == 0
            wrong = fault(setup, exact=exact)
            ends["differentiated"] += exact
            if not wrong and ends["compiled"] < compiled:
                wrong = fault(setup, "cpp")
                ends["compiled"] += 1
        except Exception as error:
            # Whatever it is, nobody may see it.
            wrong = f"{type(error).__name__}: {error}"
        faults += [f"seed {seed}: {names}: {wrong}"] if wrong else []
        ends["wrong" if wrong else "equal"] += 1
    return faults, ends


def test_name_is_refused_or_changes_no_number() -> None:
    faults, ends = tried(range(12))
    assert not faults
    assert ends["refused"] >= 3
    assert ends["equal"] >= 3


def test_other_numbers_are_seen() -> None:
    setup = setup_with({})
    assert not fault(setup)
    rule = setup.rule.with_parameters({"factor": 0.31})
    assert fault(replace(setup, rule=rule)) == "estimate of hidden1, estimate of hidden2"
    neuron = setup.network.neuron.with_parameters({"mass": "5.1 ms"})
    told = fault(replace(setup, network=replace(setup.network, neuron=neuron)), exact=True)
    assert "estimate of hidden1" in told
    assert "gradient of hidden1" in told


def _main(count: int, first: int = 10_000) -> None:
    faults, ends = tried(range(first, first + count), compiled=12)
    print(*faults, sep="\n")
    print(f"{len(faults)} of {count} names; {dict(ends)}")


if __name__ == "__main__":
    _main(*map(int, sys.argv[1:]))
