"""Study files: what they may say, what they become, and how their mistakes are told."""

import hashlib
import json
import os
import pickle
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.networks import REGISTRY
from workbench.catalogue.loading import Source
from workbench.catalogue.registry import Offer, Registry
from workbench.common.errors import StudyError, WorkbenchError
from workbench.declare.claims import Claims
from workbench.declare.learning_signal import LearningSignal
from workbench.declare.neuron import NeuronModel
from workbench.declare.neuron_models import LEAKY_INTEGRATOR, LIF
from workbench.declare.parameter import Parameter
from workbench.declare.rule import Rule
from workbench.declare.task import Task, TaskData
from workbench.declare.trials import Trials
from workbench.study.file.grid import expand
from workbench.study.file.reading import load_study
from workbench.study.file.run_config import RunConfig
from workbench.study.results import identity
from workbench.study.results.identity import checksum, run_id
from workbench.study.run.assemble import make_setup
from workbench.study.run.network import make_network

LEARNS = Rule(
    name="learns",
    title="Learns",
    synapse="dg/dt = error_post : second",
    signal=LearningSignal(feedback="random_direct"),
    parameters=(
        Parameter(name="tau", default="20 ms", doc="A time constant."),
        Parameter(name="power", default=2.0, doc="A number."),
        Parameter(name="steps", default=3, doc="A whole number."),
        Parameter(name="reset", default="constant", choices=("constant", "differentiated"), doc="A word."),
    ),
)
STILL = Rule(name="still", title="Still", engine="none", claims=Claims(estimates="nothing"))
SLOW = NeuronModel(name="slow", equations="", drive="v - 1", parameters=(("tau_mem", "90 ms"), ("theta", 2.0)))


def toy_data() -> TaskData:
    trials = Trials(np.array([0, 1, 1]), np.array([2], np.int32), np.array([0], np.int32), np.eye(2))
    first, second, third = (trials.take(np.array(index)) for index in ([0, 1], [1, 0], [0, 1, 0]))
    return TaskData(3, 2, 10, 1e-3, first, second, third)


TOY = Task(name="toy", title="Toy", load=toy_data, parameters=(Parameter(name="n_train", default=100, doc="Trials."),))


def a_registry() -> Registry:
    source = Source("test")
    return Registry(
        {
            **REGISTRY.offers,
            Rule: {rule.name: Offer(rule, source) for rule in (LEARNS, STILL)},
            Task: {TOY.name: Offer(TOY, source)},
            NeuronModel: {neuron.name: Offer(neuron, source) for neuron in (LIF, LEAKY_INTEGRATOR, SLOW)},
        }
    )


PLAIN = """question = "Which rule?"
seeds = [0, 1]
[[task]]
name = "toy"
[[rule]]
name = "learns"
"""

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str) -> Path:
        path = tmp_path / "my_study" / "study.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def configs(path: Path) -> tuple[RunConfig, ...]:
    return expand(load_study(path), a_registry())


def test_plain_study_gets_every_default(write: Write) -> None:
    first, second = configs(write(PLAIN))
    assert (first.study, first.task, first.rule, first.feedback) == ("my_study", "toy", "learns", "random_direct")
    assert (first.seed, second.seed) == (0, 1)
    assert first.network.hidden == (60, 60)
    assert dict(first.network.neuron_parameters) == dict(LIF.parameters)
    assert dict(first.network.surrogate_parameters) == {"gamma": 1.0, "beta": 5.0}
    assert dict(first.train.optimizer_parameters) == {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
    assert (first.train.epochs, first.train.batch, first.train.learning_rate, first.train.chunk) == (
        10,
        32,
        0.005,
        1024,
    )
    assert (first.measure.probe, first.measure.evaluate_every) == (128, 1)
    assert dict(first.parameters) == {"power": 2.0, "reset": "constant", "steps": 3, "tau": "20 ms"}
    assert dict(first.task_parameters) == {"n_train": 100}


def test_study_is_called_after_its_file_unless_that_is_study_toml(write: Write, tmp_path: Path) -> None:
    assert load_study(write(PLAIN)).name == "my_study"
    (tmp_path / "depth.toml").write_text(PLAIN)
    assert load_study(tmp_path / "depth.toml").name == "depth"


FULL = """question = "Which rule?"
seeds = [7, 3]
[network]
hidden = [20]
neuron_parameters = { tau_mem = "30 ms", v_th = 2 }
surrogate = "boxcar"
surrogate_parameters = { gamma = 0.5 }
weights = { hidden_std = 3.0 }
[train]
epochs = 4
learning_rate = 1
optimizer_parameters = { beta1 = 0.5 }
[measure]
probe = 0
[[task]]
name = "toy"
parameters = { n_train = 50 }
[[task]]
name = "toy"
network = { hidden = [5, 6], neuron = "slow", weights = { readout_std = 2.0 } }
train = { epochs = 5, optimizer_parameters = { beta2 = 0.9 } }
[[rule]]
name = "learns"
feedback = "symmetric"
parameters = { power = 3, tau = "0.1 s" }
train = { epochs = 6, optimizer = "sgd" }
[[rule]]
name = "still"
"""


def test_later_words_override_earlier_ones(write: Write) -> None:
    runs = configs(write(FULL))
    order = [(run.network.hidden, run.rule, run.seed) for run in runs]
    assert order == [
        (hidden, rule, seed) for hidden in ((20,), (5, 6)) for rule in ("learns", "still") for seed in (7, 3)
    ]
    first, second = runs[0], runs[4]
    assert (first.train.epochs, second.train.epochs, runs[2].train.epochs, runs[6].train.epochs) == (6, 6, 4, 5)
    assert (first.train.learning_rate, first.measure.probe) == (1.0, 0)
    assert (dict(first.task_parameters), dict(second.task_parameters)) == ({"n_train": 50}, {"n_train": 100})
    assert dict(first.parameters) == {"power": 3.0, "reset": "constant", "steps": 3, "tau": "100 ms"}
    assert (runs[0].feedback, runs[2].feedback) == ("symmetric", "none")
    # Tables are merged key by key ...
    assert (first.network.weights.hidden_std, first.network.weights.readout_std) == (3.0, 1.0)
    assert (second.network.weights.hidden_std, second.network.weights.readout_std) == (3.0, 2.0)
    assert dict(runs[2].train.optimizer_parameters) == {"beta1": 0.5, "beta2": 0.999, "epsilon": 1e-8}
    assert dict(runs[6].train.optimizer_parameters) == {"beta1": 0.5, "beta2": 0.9, "epsilon": 1e-8}
    assert dict(first.network.neuron_parameters) == {"tau_mem": "30 ms", "tau_syn": "10 ms", "v_th": 2.0}
    assert dict(second.network.surrogate_parameters) == {"gamma": 0.5, "beta": 1.0}
    # ... but parameters belong to the name beside them.
    assert dict(second.network.neuron_parameters) == {"tau_mem": "90 ms", "theta": 2.0}
    assert first.train.optimizer_parameters == ()


def test_rule_may_be_there_twice_with_another_training(write: Write) -> None:
    runs = configs(write(PLAIN + '[[rule]]\nname = "learns"\ntrain = { learning_rate = 0.02 }'))
    assert [(run.rule, run.seed, run.train.learning_rate) for run in runs] == [
        ("learns", seed, rate) for rate in (0.005, 0.02) for seed in (0, 1)
    ]


def test_configuration_is_hashable_and_comes_back_from_json_and_between_processes(write: Write) -> None:
    runs = configs(write(FULL))
    assert len(set(runs)) == len(runs) == 8
    for run in runs:
        for again in (RunConfig.model_validate_json(run.model_dump_json()), pickle.loads(pickle.dumps(run))):
            assert again == run
            assert hash(again) == hash(run)
    with pytest.raises(ValueError, match="frozen"):
        runs[0].seed = 5


def configs_of(path: Path) -> tuple[RunConfig, ...]:
    path.parent.mkdir()
    path.write_text(PLAIN)
    return configs(path)


def changed(old: str, new: str, text: str = FULL) -> str:
    assert old in text
    return text.replace(old, new, 1)


MISTAKES = {
    # Keys
    changed("optimizer_parameters = { beta1", "optimiser = 1\noptimizer_parameters = { beta1"): (
        ": 'train.optimiser' is not a key. Did you mean 'optimizer'?"
    ),
    changed("seeds", "seed"): ": 'seed' is not a key. Did you mean 'seeds'?",
    changed("[measure]", "[measures]"): ": 'measures' is not a key. Did you mean 'measure'?",
    changed("hidden_std", "hidden_sdt"): ": 'network.weights.hidden_sdt' is not a key. Did you mean 'hidden_std'?",
    changed("{ epochs = 5", "{ epoch = 5"): ", [[task]] 2: 'train.epoch' is not a key. Did you mean 'epochs'?",
    changed('feedback = "symmetric"', 'feedbak = "symmetric"'): (
        ", [[rule]] 1: 'feedbak' is not a key. Did you mean 'feedback'?"
    ),
    changed('question = "Which rule?"', ""): (
        ": 'question' is missing; it must be a sentence, the question that the study answers."
    ),
    changed('name = "still"', ""): ", [[rule]] 2: 'name' is missing; it must be the name of a rule.",
    # Values
    changed("Which rule?", ""): ": 'question' must be a sentence, the question that the study answers, not ''.",
    changed("seeds", 'target = "cython"\nseeds'): (
        ": 'target' must be 'cpp' (compiled) or 'numpy' (without a compiler, slow), not 'cython'."
    ),
    changed("optimizer_parameters = { beta1 = 0.5", "optimizer_parameters = { beta1 = 1.5"): (
        ": Optimizer 'adam': 'beta1' must be from 0 to below 1, not 1.5."
    ),
    changed("gamma = 0.5", "gamma = 0"): ": Surrogate 'boxcar': 'gamma' must be above 0, not 0.",
    changed(
        "[7, 3]", "[]"
    ): ": 'seeds' must be a list of 1 to 100000 whole numbers from 0 to below 2**63, all different, not [].",
    changed("[7, 3]", "[7, 7]"): "whole numbers from 0 to below 2**63, all different, not [7, 7].",
    changed("[7, 3]", "[7, -3]"): "whole numbers from 0 to below 2**63, all different, not [7, -3].",
    changed("[7, 3]", "[7, 0.5]"): "whole numbers from 0 to below 2**63, all different, not [7, 0.5].",
    changed("[7, 3]", "3"): "whole numbers from 0 to below 2**63, all different, not 3.",
    changed("hidden = [20]", "hidden = [20, 0]"): "whole numbers from 1 to 10**6, not [20, 0].",
    changed("hidden = [20]", "hidden = 20"): "whole numbers from 1 to 10**6, not 20.",
    changed("epochs = 4", "epochs = 'ten'"): ": 'train.epochs' must be a whole number from 0 to 10**9, not 'ten'.",
    changed("epochs = 4", "epochs = -1"): ": 'train.epochs' must be a whole number from 0 to 10**9, not -1.",
    changed("epochs = 4", "epochs = true"): ": 'train.epochs' must be a whole number from 0 to 10**9, not true.",
    changed("learning_rate = 1", "learning_rate = -1"): ": 'train.learning_rate' must be a number above 0, not -1.",
    changed("learning_rate = 1", "learning_rate = nan"): "must be a number above 0, not NaN.",
    changed("learning_rate = 1", "learning_rate = inf"): "must be a number above 0, not Infinity.",
    changed(
        "hidden_std = 3.0", "hidden_std = -3.0"
    ): ": 'network.weights.hidden_std' must be a number from 0 to 1e9, not -3.0.",
    changed("{ gamma = 0.5 }", "{ gamma = [0.5] }"): (
        ": 'network.surrogate_parameters' must be a table of numbers and quantities such as '20 ms', "
        'not {"gamma": [0.5]}.'
    ),
    changed("{ gamma = 0.5 }", "3"): ": 'network.surrogate_parameters' must be a table of numbers",
    changed("[measure]\nprobe = 0", "measure = 3")
    .replace("measure = 3", "", 1)
    .replace("seeds", "measure = 3\nseeds", 1): ": 'measure' must be a table, not 3.",
    changed("{ epochs = 5, optimizer_parameters = { beta2 = 0.9 } }", "{ batch = 0 }"): (
        ", [[task]] 2: 'train.batch' must be a whole number of trials from 1 to 10**9, not 0."
    ),
    PLAIN.replace("[[task]]", "[task]"): ': \'task\' must be one or more tables [[task]], not {"name": "toy"}.',
    'question = "Which?"\nseeds = [0]\ntask = ["toy"]\nrule = []\n': (
        ": 'task' must be one or more tables [[task]], not [\"toy\"]."
    ),
    'question = "Which?"\nseeds = [0]\ntask = []\n[[rule]]\nname = "learns"': (
        ": 'task' must be one or more tables [[task]], not []."
    ),
    'question = "Which?"\nseeds = [0]\n[[task]]\nname = "toy"': (
        ": 'rule' is missing; it must be one or more tables [[rule]]."
    ),
    # Bounds
    changed("epochs = 4", "epochs = 4\nbatch = 9223372036854775808"): (
        ": 'train.batch' must be a whole number of trials from 1 to 10**9, not 9223372036854775808."
    ),
    changed(
        "epochs = 4", f"epochs = {'1' * 40}"
    ): ": 'train.epochs' must be a whole number from 0 to 10**9, not 1111111",
    changed("epochs = 4", f"epochs = 0x{'f' * 5000}"): ", not a number of thousands of digits.",
    changed("epochs = 4", f"epochs = {'1' * 5000}"): " is not TOML: Exceeds the limit (4300 digits)",
    changed("learning_rate = 1", f"learning_rate = {'1' * 400}"): "must be a number above 0, not 1111111",
    changed(
        "n_train = 50", f"n_train = {2**63}"
    ): ", [[task]] 1: 'toy': parameter 'n_train' must fit into 64 bits, unlike 922",
    changed("power = 3", f"power = {'1' * 400}"): "'learns': parameter 'power' must fit into 64 bits, unlike 1111",
    changed("power = 3", "power = nan"): ", [[rule]] 1: 'parameters' must be a table of numbers",
    changed("power = 3", "power = -inf"): ", [[rule]] 1: 'parameters' must be a table of numbers",
    changed("hidden = [20]", f"hidden = {[1] * 101}"): "'network.hidden' must be a list of at most 100 layer sizes",
    changed("hidden = [20]", "hidden = [1000001]"): "whole numbers from 1 to 10**6, not [1000001].",
    changed("hidden_std = 3.0", "hidden_std = 1e10"): "must be a number from 0 to 1e9, not 10000000000.0.",
    changed(
        "hidden = [20]", f"hidden = {'[' * 500}{']' * 500}"
    ): " is not a study: it is nested deeper than 16 levels.",
    changed(
        "hidden = [20]", f"hidden = {'[' * 5000}{']' * 5000}"
    ): " is not a study: it is nested deeper than 16 levels.",
    changed("hidden = [20]", f"{'a.' * 5000}a = 1"): " is not a study: it is nested deeper than 16 levels.",
    changed('name = "still"', f'name = "{"x" * 5000}"'): ", [[rule]] 2: 'name' must be the name of a rule, not 'xxxxxx",
    changed('name = "still"', 'name = "a\\u001b[31m/b"'): r"No installed plugin offers a rule 'a\x1b[31m/b'.",
    changed('"Which rule?"', "1979-05-27T07:32:00Z"): ', not "1979-05-27 07:32:00+00:00".',
    # Names
    changed(
        'name = "still"', 'name = "stil"'
    ): ", [[rule]] 2: No installed plugin offers a rule 'stil'. Did you mean 'still'?",
    changed(
        'name = "toy"', 'name = "tty"'
    ): ", [[task]] 1: No installed plugin offers a task 'tty'. Did you mean 'toy'?",
    changed("hidden = [20]", 'hidden = [20]\nneuron = "lyf"'): (
        ": No installed plugin offers a neuron model 'lyf'. Did you mean 'lif'?"
    ),
    changed('neuron = "slow"', 'neuron = "show"'): ", [[task]] 2: No installed plugin offers a neuron model 'show'.",
    changed("hidden = [20]", 'hidden = [20]\nreadout = "lif"'): (
        ": the readout must have an `output`, and 'lif' has none. Name another."
    ),
    changed("hidden = [20]", 'hidden = [20]\nloss = "cross_entropie"'): (
        ": No installed plugin offers a loss 'cross_entropie'. Did you mean 'cross_entropy'?"
    ),
    changed('"boxcar"', '"boxcart"'): ": No installed plugin offers a surrogate 'boxcart'. Did you mean 'boxcar'?",
    changed(
        'optimizer = "sgd"', 'optimizer = "sdg"'
    ): ", [[rule]] 1: No installed plugin offers an optimizer 'sdg'. Did you mean 'sgd'?",
    changed(
        "epochs = 4", 'epochs = 4\noptimizer = "adamw"'
    ): ": No installed plugin offers an optimizer 'adamw'. Did you mean 'adam'?",
    changed('feedback = "symmetric"', 'feedback = "symetric"'): (
        ", [[rule]] 1: rule 'learns' does not take feedback 'symetric'. Did you mean 'symmetric'?"
    ),
    changed('name = "still"', 'name = "still"\nfeedback = "symmetric"'): (
        ", [[rule]] 2: rule 'still' does not take feedback 'symmetric'. There are: 'none'."
    ),
    # Parameters
    changed("power = 3", "pwoer = 3"): ", [[rule]] 1: 'learns' has no parameter 'pwoer'. Did you mean 'power'?",
    changed("power = 3", 'power = "3"'): ", [[rule]] 1: 'learns': parameter 'power' must be a number, not '3'.",
    changed("power = 3", "steps = 3.5"): ", [[rule]] 1: 'learns': parameter 'steps' must be a whole number, not 3.5.",
    changed("power = 3", 'reset = "constnat"'): (
        ", [[rule]] 1: 'learns': parameter 'reset' cannot be 'constnat'. Did you mean 'constant'?"
    ),
    changed("power = 3", "reset = 3"): ", [[rule]] 1: 'learns': parameter 'reset' cannot be 3. There are: 'constant', ",
    changed('tau = "0.1 s"', 'tau = "20 mV"'): (
        ", [[rule]] 1: 'learns': parameter 'tau' must be a quantity in second, not '20 mV'."
    ),
    changed('tau = "0.1 s"', "tau = 20"): "parameter 'tau' must be a quantity in second, not 20.",
    changed('tau = "0.1 s"', 'tau = "20 msec"'): "parameter 'tau' must be a quantity in second, not '20 msec'.",
    changed("n_train = 50", "n_tarin = 50"): ", [[task]] 1: 'toy' has no parameter 'n_tarin'. Did you mean 'n_train'?",
    changed('tau_mem = "30 ms"', 'tau_men = "30 ms"'): ": 'lif' has no parameter 'tau_men'. Did you mean 'tau_mem'?",
    changed('tau_mem = "30 ms"', 'tau_mem = "-30 ms"'): (
        ": Neuron 'lif': time constant 'tau_mem' must be positive, not -0.03 s."
    ),
    changed("{ gamma = 0.5 }", "{ gama = 0.5 }"): ": 'boxcar' has no parameter 'gama'. Did you mean 'gamma'?",
    changed("{ beta1 = 0.5 }", "{ bta1 = 0.5 }"): ": 'adam' has no parameter 'bta1'. Did you mean 'beta1'?",
    # Twice the same
    FULL + '[[rule]]\nname = "learns"\nfeedback = "symmetric"\nparameters = { tau = "0.1 s", power = 3.0 }\n'
    'train = { epochs = 6, optimizer = "sgd" }': (
        ", [[rule]] 3: rule 'learns' with this feedback, training and these parameters is listed before, in [[rule]] 1."
    ),
    FULL + '[[rule]]\nname = "learns"\nfeedback = "symmetric"\nparameters = { tau = "100*ms", power = 3 }\n'
    'train = { epochs = 6, chunk = 7, optimizer = "sgd" }': (
        ", [[rule]] 3: rule 'learns' with this feedback, training and these parameters is listed before, in [[rule]] 1."
    ),
    PLAIN + '[[rule]]\nname = "learns"\nfeedback = "random_direct"\ntrain = { epochs = 10 }': (
        ", [[rule]] 2: rule 'learns' with this feedback, training and these parameters is listed before, in [[rule]] 1."
    ),
    PLAIN + '[[task]]\nname = "toy"\nnetwork = { hidden = [60, 60] }': (
        ", [[task]] 2: task 'toy' with this network, training and these parameters is listed before, in [[task]] 1."
    ),
    # Not TOML
    changed("seeds = [7, 3]", "seeds = [7, 3"): " is not TOML: ",
    changed("seeds = [7, 3]", "seeds = [7, 3]\nseeds = [1]"): " is not TOML: Cannot overwrite a value (at line 3, ",
}


@pytest.mark.parametrize(("text", "message"), MISTAKES.items(), ids=[m.strip(" ,:.")[:50] for m in MISTAKES.values()])
def test_mistake_is_told_where_it_was_made(write: Write, text: str, message: str) -> None:
    path = write(text)
    with pytest.raises(StudyError, match=re.escape(message)) as caught:
        configs(path)
    told = str(caught.value)
    assert told.startswith(str(path))
    assert "\n" not in told
    assert told.endswith((".", "?"))


def test_long_values_are_told_in_short(write: Write) -> None:
    with pytest.raises(StudyError, match=r"not \[0, 1, 2, .*\.\.\.\.$"):
        configs(write(changed("[7, 3]", str([*range(100), 0]))))


def test_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(
        StudyError, match=r"nowhere.toml: the study file cannot be read \(No such file or directory\)\."
    ):
        load_study(tmp_path / "nowhere.toml")
    with pytest.raises(StudyError, match=r"the study file cannot be read \(Is a directory\)\."):
        load_study(tmp_path)
    (tmp_path / "latin.toml").write_bytes("seeds = [0]\nquestion = 'Où?'".encode("latin-1"))
    with pytest.raises(StudyError, match=r"latin.toml, line 2: the study file is not UTF-8 text. Save it as UTF-8\.$"):
        load_study(tmp_path / "latin.toml")


def test_file_that_is_no_regular_one_or_too_large_is_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    for path in (tmp_path / "pipe.toml", Path("/dev/zero"), Path("/dev/null")):
        with pytest.raises(
            StudyError, match=rf"^{path}: the study file is a device or a pipe\. Give a regular file\.$"
        ):
            load_study(path)
    large = tmp_path / "large.toml"
    with large.open("wb") as file:
        # A hole of 10 GB, which takes no room.
        file.truncate(10 * 2**30)
    with pytest.raises(StudyError, match=r"large.toml is larger than a study file may be, 1 MiB\."):
        load_study(large)
    with pytest.raises(StudyError, match=r"the study file cannot be read \(embedded null byte\)"):
        load_study("a\0b.toml")


@pytest.mark.parametrize("start", [b"\xef\xbb\xbf", b""])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_byte_order_mark_and_line_ends_are_no_part_of_a_study(tmp_path: Path, start: bytes, end: str) -> None:
    path = tmp_path / "my_study.toml"
    path.write_bytes(start + PLAIN.replace("\n", end).encode())
    assert configs(path) == configs_of(tmp_path / "other" / "my_study.toml")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_other_encodings_are_told(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "wide.toml"
    path.write_bytes(PLAIN.replace("Which", "Où").encode(encoding))
    with pytest.raises(StudyError, match=r"wide.toml(, line \d: the study file is not UTF-8 text| is not TOML: )"):
        load_study(path)


def test_delay_beyond_all_steps_is_refused(write: Write) -> None:
    for value in ("1e308", "0.5", '"1e300 s"', '"2 mV"', "-1"):
        section = configs(write(PLAIN.replace("[[task]]", f"[network]\ndelays = {{ hidden1 = {value} }}\n[[task]]")))
        with pytest.raises(WorkbenchError, match="The delay to 'hidden1' must be a time of whole steps of 1 ms"):
            make_network(section[0].network, toy_data().format, a_registry(), 0)


def an_id(path: Path, rule: Rule = LEARNS, data: str = "sum", version: str = "1", neuron: NeuronModel = LIF) -> str:
    return run_id(configs(path)[0], rule, data, version, [neuron, LEAKY_INTEGRATOR])


def test_run_id_does_not_see_what_changes_no_result(write: Write, tmp_path: Path) -> None:
    first = an_id(write(PLAIN))
    assert an_id(write(PLAIN.replace("[[task]]", "[train]\nchunk = 7\n[[task]]"))) == first
    assert an_id(write(PLAIN.replace("Which", "What"))) == first
    assert an_id(write(PLAIN.replace("[0, 1]", "[0, 5, 6]"))) == first
    assert an_id(write(PLAIN + '[[rule]]\nname = "still"')) == first
    assert an_id(write(PLAIN + "parameters = { power = 2 }\ntrain = { learning_rate = 0.005 }")) == first
    (tmp_path / "elsewhere.toml").write_text(PLAIN)
    assert an_id(tmp_path / "elsewhere.toml") == first


SPELT = """[network]
neuron_parameters = { tau_mem = "TAU" }
delays = { hidden1 = "TAU" }
[[task]]
name = "toy"
[[rule]]
name = "learns"
parameters = { tau = "TAU" }
"""


def test_run_id_sees_values_of_quantities_and_not_how_they_are_written(write: Write) -> None:
    def spelt(tau: str) -> str:
        return an_id(write(PLAIN[: PLAIN.index("[[task]]")] + SPELT.replace("TAU", tau)))

    assert {spelt(tau) for tau in ("5 ms", "5*ms", "0.005 s", "5000 us", "5e-3 second")} == {spelt("5.0 ms")}
    assert spelt("5.1 ms") != spelt("5 ms")
    declared = [
        an_id(write(PLAIN), replace(LEARNS, parameters=(replace(LEARNS.parameters[0], default=tau),)))
        for tau in ("20 ms", "20*ms", "0.02 s", "21 ms")
    ]
    assert len(set(declared[:3])) == 1
    assert declared[3] != declared[0]
    models = [an_id(write(PLAIN), neuron=LIF.with_parameters({"tau_mem": tau})) for tau in ("20 ms", "0.02 s", "21 ms")]
    assert models[0] == models[1] != models[2]


def test_run_id_sees_everything_else(write: Write) -> None:
    ids = {
        an_id(write(PLAIN)),
        an_id(write(PLAIN.replace("[0, 1]", "[1]"))),
        an_id(write(PLAIN.replace("[[task]]", "[train]\nlearning_rate = 0.01\n[[task]]"))),
        an_id(write(PLAIN.replace("[[task]]", "[measure]\nprobe = 64\n[[task]]"))),
        an_id(write(PLAIN.replace("[[task]]", "[network]\nhidden = [60]\n[[task]]"))),
        an_id(write(PLAIN + 'feedback = "symmetric"')),
        an_id(write(PLAIN + "parameters = { power = 2.5 }")),
        an_id(write(PLAIN), rule=replace(LEARNS, synapse="dg/dt = 2 * error_post : second")),
        an_id(write(PLAIN), neuron=replace(LIF, reset="v = 0")),
        an_id(write(PLAIN), data="another"),
        an_id(write(PLAIN), version="2"),
    }
    assert len(ids) == 11


def test_run_id_is_the_hash_of_canonical_json(write: Write) -> None:
    (config, _) = configs(write(PLAIN))
    content = json.loads(config.model_dump_json())
    assert content.pop("study") == "my_study"
    assert content.pop("condition") == {}
    assert content["train"].pop("chunk") == 1024
    rule = json.loads(json.dumps(STILL, default=vars))
    text = json.dumps([content, rule, "sum", "1", [], []], sort_keys=True, separators=(",", ":"))
    assert run_id(config, STILL, "sum", "1") == hashlib.sha256(text.encode()).hexdigest()[:16]


def test_checksum_sees_every_array_of_a_task() -> None:
    data = toy_data()
    sums = {checksum(data), checksum(replace(data, n_steps=11)), checksum(replace(data, dt=2e-3))}
    for split in ("train", "validation", "test"):
        trials = getattr(data, split)
        start = trials.start.copy()
        start[1] = 1 - start[1]
        changed = {"start": start} | {name: getattr(trials, name) + 1 for name in ("step", "neuron", "target")}
        for name, array in changed.items():
            sums.add(checksum(replace(data, **{split: replace(trials, **{name: array})})))
    assert len(sums) == 15
    assert checksum(toy_data()) == checksum(data)


def test_edited_code_gives_results_other_names(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    (config, _) = configs(write(PLAIN))
    first = identity.identify(config, a_registry(), "sum")
    assert identity.identify(config, a_registry(), "sum") == first
    monkeypatch.setattr(identity, "code_that_makes_results", lambda: "edited")
    assert identity.identify(config, a_registry(), "sum") != first


def test_network_has_the_window_of_its_task_and_the_scale_of_its_study(write: Write) -> None:
    section = configs(write(PLAIN))[0].network
    data = replace(toy_data(), window=(2, 7))
    plain = make_network(section, toy_data().format, a_registry(), 0)
    assert (plain.steps_in_window, plain.scale_surrogate) == ((0, 10), False)
    scaled = write(PLAIN.replace("[[task]]", "[network]\nscale_surrogate = true\n[[task]]"))
    network = make_network(configs(scaled)[0].network, data.format, a_registry(), 0)
    assert (network.steps_in_window, network.scale_surrogate) == ((2, 7), True)
    assert checksum(data) != checksum(toy_data())


def test_rule_of_a_run_has_the_numbers_of_its_study(write: Write) -> None:
    (config, _) = configs(write(PLAIN + "parameters = { power = 3, tau = '5 ms' }"))
    setup = make_setup(config, toy_data().format, 4, a_registry())
    assert {item.name: item.default for item in setup.rule.parameters} == dict(config.parameters)
    assert setup.rule.values() == {"power": 3.0, "steps": 3.0, "tau": 0.005}
