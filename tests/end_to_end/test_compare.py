"""`workbench compare`: the matrix says what is known of it, in the table and in JSON."""

import json
from pathlib import Path

import pytest

from tests.end_to_end.command import PLUGIN, WATCHED, Ended, workbench
from tests.end_to_end.conftest import Whole

RULES = "eprop,dcll,copy:symmetric,frozen"
NAMES = (
    "bptt_constant",
    "bptt_differentiated",
    "eprop:symmetric",
    "dcll:local_readout",
    "copy:symmetric",
    "frozen",
    "random",
)

Matrix = dict[tuple[str, str, str], float | None]


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plugin") / "copy.py"
    path.write_text(PLUGIN)
    return path


def compare(plugin: Path, *arguments: str, rules: str = RULES, watched: bool = False) -> Ended:
    given = ("--rules", rules, "--task", "yin_yang", "--hidden", "8", "--trials", "32", "--plugin", plugin)
    return workbench("compare", *given, *arguments, command=WATCHED if watched else ())


@pytest.fixture(scope="module")
def as_json(plugin: Path, whole: Whole) -> Ended:
    # The networks are those of the whole study, which compiles two at a time.
    assert whole.ended.code == 0
    return compare(plugin, "--json")


@pytest.fixture(scope="module")
def cosines(as_json: Ended) -> Matrix:
    assert (as_json.code, as_json.err) == (0, "")
    rows = json.loads(as_json.out)["alignment"]
    return {(row["layer"], row["estimate"], row["reference"]): row["cosine"] for row in rows}


def value(cosines: Matrix, layer: str, estimate: str, reference: str) -> float:
    found = cosines[layer, estimate, reference]
    assert found is not None
    return found


def test_matrix_holds_every_pair_in_every_layer(cosines: Matrix) -> None:
    assert set(cosines) == {(layer, one, other) for layer in ("hidden1", "readout") for one in NAMES for other in NAMES}
    for (layer, one, other), cosine in cosines.items():
        if "frozen" in (one, other) and layer == "hidden1":
            assert cosine is None
        else:
            assert cosine is not None
            assert abs(cosine) <= 1 + 1e-12
            assert cosine == pytest.approx(cosines[layer, other, one], abs=1e-12)


def test_eprop_with_one_hidden_layer_is_the_gradient_with_the_reset_constant(cosines: Matrix) -> None:
    assert value(cosines, "hidden1", "eprop:symmetric", "bptt_constant") == pytest.approx(1, abs=1e-9)
    # With the reset differentiated it is not, nor is another rule.
    assert abs(value(cosines, "hidden1", "eprop:symmetric", "bptt_differentiated")) < 0.999
    assert abs(value(cosines, "hidden1", "dcll:local_readout", "bptt_constant")) < 0.9


def test_readout_of_every_rule_learns_by_its_gradient(cosines: Matrix) -> None:
    for name in set(NAMES) - {"random"}:
        assert value(cosines, "readout", name, "bptt_constant") == pytest.approx(1, abs=1e-9)


def test_random_update_is_aligned_with_nothing(cosines: Matrix) -> None:
    for layer in ("hidden1", "readout"):
        for name in ("bptt_constant", "bptt_differentiated", "eprop:symmetric"):
            assert abs(value(cosines, layer, "random", name)) < 0.3


def test_rule_of_a_plugin_file_stands_beside_the_installed_ones(cosines: Matrix) -> None:
    assert value(cosines, "hidden1", "copy:symmetric", "eprop:symmetric") == pytest.approx(1, abs=1e-12)


def test_undefined_numbers_have_a_reason_and_others_none(as_json: Ended) -> None:
    for row in json.loads(as_json.out)["alignment"]:
        assert (row["cosine"] is None) == (row["magnitude"] is None) == bool(row["reason"])
    reasons = {row["reason"] for row in json.loads(as_json.out)["alignment"]}
    assert reasons == {"", "'frozen' makes no estimate for this layer."}


def test_table_says_the_same_as_json(plugin: Path, as_json: Ended, cosines: Matrix) -> None:
    ended = compare(plugin, watched=True)
    assert (ended.code, ended.err) == (0, "")
    # What a finished study does without is seen here.
    assert ended.out.splitlines()[-1] == "imported: brian2 jax"
    content = json.loads(as_json.out)
    assert f"Loss {content['loss']:.3f}, {content['spikes_per_trial']:.1f} hidden spikes per trial." in ended.out
    assert "- 'frozen' makes no estimate for this layer." in ended.out
    _, hidden, readout = ended.out.split("Layer '")
    for layer, text in (("hidden1", hidden), ("readout", readout)):
        rows = {cells[0]: cells[1:] for cells in map(str.split, text.splitlines()) if cells and cells[0] in NAMES}
        assert tuple(rows) == NAMES
        for one, cells in rows.items():
            shown = [cosines[layer, one, other] for other in NAMES]
            assert cells == ["-" if cosine is None else f"{cosine:.3f}" for cosine in shown]


#: Arguments beyond those that are in order -> what is said about them.
MISTAKES = {
    ("--rules", "eprop:symetric"): (
        "workbench compare, [[rule]] 1: rule 'eprop' does not take feedback 'symetric'. Did you mean 'symmetric'?"
    ),
    ("--rules", "bptt"): "--rules: name at least one rule besides 'bptt', which is in the matrix anyway.",
    ("--hidden", "8,0"): "--hidden: '8,0' is not a list of layer sizes such as '60,60'.",
    ("--hidden", "eight"): "--hidden: 'eight' is not a list of layer sizes such as '60,60'.",
    ("--task", "yin_yan"): (
        "workbench compare, [[task]] 1: No installed plugin offers a task 'yin_yan'. Did you mean 'yin_yang'?"
    ),
    ("--plugin", "nowhere.py"): "'nowhere.py' is not a Python file. Give the path of a plugin, such as my_rule.py.",
    ("--task", "late"): (
        "No neuron of 'hidden1' spikes in these 32 trials, so there is nothing to compare. "
        "Raise the weights or the number of trials."
    ),
}


@pytest.mark.parametrize(("arguments", "message"), MISTAKES.items(), ids=map(" ".join, MISTAKES))
def test_mistake_is_one_line(arguments: tuple[str, ...], message: str, plugin: Path) -> None:
    ended = compare(plugin, *arguments, rules="eprop")
    assert (ended.code, ended.out, ended.err) == (1, "", f"error: {message}\n")
