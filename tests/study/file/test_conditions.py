"""Sweeps and variants: what they make of a study, and how their mistakes are told."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.study.file.test_spec import PLAIN, a_registry
from workbench.common.errors import StudyError
from workbench.study.file.grid import expand
from workbench.study.file.reading import load_study
from workbench.study.file.run_config import RunConfig
from workbench.study.results.identity import identify


@pytest.fixture
def runs(tmp_path: Path) -> Callable[[str], tuple[RunConfig, ...]]:
    """Return the runs of `PLAIN` with some more text."""

    def expanded(text: str) -> tuple[RunConfig, ...]:
        path = tmp_path / "study.toml"
        path.write_text(PLAIN + text)
        return expand(load_study(path), a_registry())

    return expanded


Runs = Callable[[str], tuple[RunConfig, ...]]


def test_axes_are_crossed_and_the_keys_of_one_change_together(runs: Runs) -> None:
    found = runs(
        '[[sweep]]\nname = "depth"\nlabels = [1, 2]\nnetwork.hidden = [[7], [7, 7]]\ntrain.learning_rate = [0.1, 0.2]\n'
        '[[sweep]]\nnetwork.neuron_parameters.tau_mem = ["10 ms", "20 ms", "30 ms"]\n'
    )
    assert len(found) == 2 * 3 * 2
    assert {run.condition for run in found} == {
        (("depth", depth), ("tau_mem", f"{tau} ms")) for depth in (1, 2) for tau in (10, 20, 30)
    }
    for run in found:
        depth, tau = (label for _, label in run.condition)
        assert len(run.network.hidden) == depth
        assert run.train.learning_rate == pytest.approx(0.1 * int(depth))
        assert str(dict(run.network.neuron_parameters)["tau_mem"]).startswith(str(tau).partition(" ")[0])


def test_variant_changes_several_keys_and_a_rule_may_leave_some_out(runs: Runs) -> None:
    found = runs(
        '[[rule]]\nname = "still"\nvariants = ["slow"]\n[[variant]]\nname = "plain"\n'
        '[[variant]]\nname = "slow"\nnetwork.neuron = "slow"\ntask.n_train = 7\nrule.power = 3\n'
    )
    assert [(run.rule, dict(run.condition)["variant"]) for run in found if run.seed == 0] == [
        ("learns", "plain"),
        ("learns", "slow"),
        ("still", "slow"),
    ]
    plain, slow, _ = (run for run in found if run.seed == 0)
    assert (plain.network.neuron, slow.network.neuron) == ("lif", "slow")
    assert (dict(plain.task_parameters)["n_train"], dict(slow.task_parameters)["n_train"]) == (100, 7)
    assert (dict(plain.parameters)["power"], dict(slow.parameters)["power"]) == (2.0, 3.0)


def test_sweep_goes_before_what_tasks_and_rules_say(runs: Runs) -> None:
    text = "train = { learning_rate = 5.0 }\n[[sweep]]\ntrain.learning_rate = [0.1, 0.2]\n"
    assert {run.train.learning_rate for run in runs(text)} == {0.1, 0.2}


def test_axis_of_a_rule_is_none_of_a_rule_without_its_parameter(runs: Runs) -> None:
    """It has one run, not one at each value that changes nothing of it."""
    found = runs('[[rule]]\nname = "still"\n[[sweep]]\nrule.power = [1, 2, 3]\n')
    assert [(run.rule, run.condition) for run in found if run.seed == 0] == [
        ("learns", (("power", 1),)),
        ("still", ()),
        ("learns", (("power", 2),)),
        ("learns", (("power", 3),)),
    ]


@pytest.mark.parametrize("first", [0, 1], ids=["names first", "parameters first"])
def test_axis_of_a_surrogate_is_none_of_one_without_its_parameter(runs: Runs, first: int) -> None:
    """Whichever of the two axes comes first."""
    axes = [
        '[[sweep]]\nnetwork.surrogate = ["arctan", "straight_through"]\n',
        "[[sweep]]\nnetwork.surrogate_parameters.beta = [1.0, 2.0]\n",
    ]
    found = [run for run in runs(axes[first] + axes[1 - first]) if run.seed == 0]
    assert {frozenset(run.condition): dict(run.network.surrogate_parameters) for run in found} == {
        frozenset({("surrogate", "arctan"), ("beta", 1.0)}): {"gamma": 1.0, "beta": 1.0},
        frozenset({("surrogate", "arctan"), ("beta", 2.0)}): {"gamma": 1.0, "beta": 2.0},
        frozenset({("surrogate", "straight_through")}): {"gamma": 1.0},
    }
    assert len(found) == 3


def test_axis_may_name_a_surrogate_with_its_parameters(runs: Runs) -> None:
    """Then they are meant for it, and what it does not have is refused."""
    text = '[[sweep]]\nnetwork.surrogate = ["arctan", "boxcar"]\nnetwork.surrogate_parameters.{} = [1.0, 2.0]\n'
    numbers = [dict(run.network.surrogate_parameters)["beta"] for run in runs(text.format("beta")) if run.seed == 0]
    assert numbers == [1.0, 2.0]
    with pytest.raises(StudyError, match=r"'arctan' has no parameter 'bta'. Did you mean 'beta'"):
        runs(text.format("bta"))


def test_names_of_conditions_are_no_part_of_a_run(runs: Runs) -> None:
    one, other = (
        runs(f'[[sweep]]\nname = "{name}"\ntrain.batch = [1, 2]\n')[0] for name in ("batches", "trials_an_update")
    )
    assert one.condition != other.condition
    assert identify(one, a_registry(), "data") == identify(other, a_registry(), "data")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[sweep]]\n", r"\[\[sweep\]\] 1: there is no key to sweep over"),
        ("[[sweep]]\nnetwork.hiden = [[1]]\n", r"\[\[sweep\]\] 1, value 1: 'network.hiden' is not a key. .*'hidden'"),
        ("[[sweep]]\ntrain.batch = 3\n", r"\[\[sweep\]\] 1: 'train' must be a table of keys, each with a list"),
        (
            "[[sweep]]\ntrain.batch = [3, 0]\n",
            r"\[\[sweep\]\] 1, value 2: 'train.batch' must be a whole .* not 0",
        ),
        ("[[sweep]]\ntrain.batch = [3, 3]\n", "two values are called alike"),
        ("[[sweep]]\ntrain.batch = [3]\ntrain.epochs = [1, 2]\n", "train.batch 1, train.epochs 2"),
        (
            "[[sweep]]\ntrain.batch = [3]\n[[sweep]]\ntrain.batch = [4]\n",
            r"'batch' is there before, in \[\[sweep\]\] 1",
        ),
        ("[[sweep]]\nrule.powr = [1]\n", "no rule of the study has a parameter 'powr'. .*'power'"),
        ("[[sweep]]\ntask.n_tran = [1]\n", "no task of the study has a parameter 'n_tran'. .*'n_train'"),
        (
            "[[sweep]]\nnetwork.surrogate_parameters.bta = [1.0]\n",
            r"\[\[sweep\]\] 1: no surrogate of the study has a parameter 'bta'. .*'beta'",
        ),
        (
            "[[sweep]]\nnetwork.neuron_parameters = [{ tau_men = '5 ms' }]\nlabels = [1]\n",
            r"no neuron of the study has a parameter 'tau_men'. .*'tau_mem'",
        ),
        ("[[sweep]]\nrule.power = ['a']\n", r"\[\[rule\]\] 1, power a: 'learns': parameter 'power' must be a number"),
        ('[[variant]]\nname = "a"\n[[variant]]\nname = "a"\n', r"\[\[variant\]\] 2: a variant 'a' is there before"),
        ('variants = ["b"]\n[[variant]]\nname = "a"\n', r"\[\[rule\]\] 1: there is no variant 'b'. .*'a'"),
        ('variants = ["b"]\n', r"\[\[rule\]\] 1: there is no variant 'b'"),
        ('[[sweep]]\nname = "a"\nreplicate = true\ntrain.batch = [1]\n', "repetitions .* have no 'name'"),
        ('[[sweep]]\nname = "a*"\ntrain.batch = [1]\n', r"a 'name' may not end in '\*'"),
        ("[[sweep]]\ntrain.epochs = [5, 3]\nmeasure.probe_at = [[1, 5], [1, 5]]\n", "has epoch 5, and there are 3"),
        ("[[sweep]]\nmeasure.descent = [512]\nmeasure.probe_at = [[1]]\n", "'measure.probe_at' lacks one of them"),
        ("[[sweep]]\nmeasure.passive = [true]\nmeasure.probe = [0]\n", "'measure.passive' needs a 'measure.probe'"),
    ],
)
def test_mistake_is_told_where_it_is(runs: Runs, text: str, message: str) -> None:
    with pytest.raises(StudyError, match=message):
        runs(text)


def test_more_conditions_than_anybody_means_are_refused(runs: Runs) -> None:
    axis = f"train.{{}} = {list(range(1, 401))}\n"
    text = "".join("[[sweep]]\n" + axis.format(key) for key in ("epochs", "batch"))
    with pytest.raises(StudyError, match="the axes have 160000 conditions"):
        runs(text)
