"""What is built in: rules, tasks, neuron models, losses, optimizers, surrogate derivatives, pathways, measures."""

from collections.abc import Iterable
from typing import Any, TypeVar, get_args

from docs.markdown import block, code, codes, described, link, table
from workbench.catalogue.nouns import description
from workbench.catalogue.registry import Named, Offer, load_registry
from workbench.declare.constraint import Constraint
from workbench.declare.decision import Decision
from workbench.declare.feedback import Pathway
from workbench.declare.loss import Loss
from workbench.declare.measure import Measure, Of
from workbench.declare.neuron import NeuronModel
from workbench.declare.optimizer import Optimizer
from workbench.declare.parameter import Parameter
from workbench.declare.surrogate import Surrogate
from workbench.declare.transmission import Transmission

#: Who offers what comes with the workbench: plugins of others may be installed.
_OWN = "learning-rule-workbench"

Item = TypeVar("Item", bound=Named)

#: What measures are of, in the order of the page.
_OF = get_args(Of)


def _own(offers: Iterable[Offer[Any]]) -> list[Offer[Any]]:
    return [offer for offer in offers if offer.source.distribution == _OWN]


def _items(kind: type[Item]) -> list[Item]:
    return [offer.item for offer in _own(load_registry().all(kind).values())]


def _in_a_line(offer: Offer[Any]) -> str:
    """Return what something says of itself."""
    return described(description(offer), f"'{offer.item.name}'")


def _parameters(kind: str, offers: Iterable[Offer[Any]]) -> str:
    rows = []
    for offer in offers:
        parameters: tuple[Parameter, ...] = offer.item.parameters
        for item in parameters:
            what = described(item.doc, f"Parameter '{item.name}' of '{offer.item.name}'")
            what += f" One of {codes(item.choices)}." if item.choices else ""
            rows.append([code(offer.item.name), code(item.name), code(item.default), what])
    return table([kind, "parameter", "default", "meaning"], rows)


def _numbers(pairs: Iterable[tuple[str, object]]) -> str:
    return codes(f"{name} = {value}" for name, value in pairs)


def rules() -> str:
    """Return the rules, and their parameters."""
    offers = _own(load_registry().rules.values())
    rows = []
    for offer in offers:
        rule = offer.item
        wanted = rule.written_for
        needed = codes(filter(None, [wanted.neuron, *wanted.neurons_like_it, wanted.readout, wanted.targets]))
        rows.append([code(rule.name), _in_a_line(offer), code(rule.default_feedback), needed, link(rule.doi)])
    head = ["rule", "in a line", "feedback by default", "written for", "DOI"]
    return f"{table(head, rows)}\n\n{_parameters('rule', offers)}"


def tasks() -> str:
    """Return the tasks, and their parameters."""
    offers = _own(load_registry().tasks.values())
    rows = [[code(each.item.name), _in_a_line(each), code(each.item.targets), link(each.item.doi)] for each in offers]
    return f"{table(['task', 'in a line', 'targets', 'DOI'], rows)}\n\n{_parameters('task', offers)}"


def neurons() -> str:
    """Return the neuron models with their equations."""
    parts = []
    for offer in _own(load_registry().all(NeuronModel).values()):
        model = offer.item
        what = described(model.doc, f"Neuron model '{model.name}'")
        texts = {key: getattr(model, key) for key in ("drive", "reset", "refractory", "pooled", "output")}
        further = [f"{key}: {'; '.join(text.splitlines())}" for key, text in texts.items() if text]
        parts.append(f"**`{model.name}`**: {what} Parameters: {_numbers(model.parameters)}.")
        parts.append(block("\n".join([model.equations, *further])))
    return "\n\n".join(parts)


def losses() -> str:
    """Return the losses, as expressions."""
    rows = [
        [code(item.name), described(item.doc, item.name), code(item.value), code(item.error), code(item.share)]
        for item in _items(Loss)
    ]
    return table(["loss", "in a line", "of one output", "error", "share"], rows)


def decisions() -> str:
    """Return what may count as an answer, as statements."""
    rows = [[code(item.name), described(item.doc, item.name), code(item.code)] for item in _items(Decision)]
    return table(["decision", "the answer is", "in each step of the window"], rows)


def optimizers() -> str:
    """Return the optimizers, as statements."""
    parts = []
    for item in _items(Optimizer):
        told = f" Parameters: {_numbers(item.parameters)}." if item.parameters else ""
        what = f"**`{item.name}`**: {described(item.doc, item.name)}{told} {link(item.doi)}"
        parts += [what.rstrip(), block(item.code)]
    return "\n\n".join(parts)


def constraints() -> str:
    """Return what may hold of weights, as statements."""
    parts = []
    for item in _items(Constraint):
        told = f" Parameters: {_numbers(item.parameters)}." if item.parameters else ""
        parts.append(f"**`{item.name}`**: {described(item.doc, item.name)}{told} {link(item.doi)}".rstrip())
        lines = [*item.soften.splitlines(), *([f"total: sum of {item.total}"] if item.total else [])]
        lines += item.project.splitlines()
        parts += [block("\n".join(lines))] if lines else []
    return "\n\n".join(parts)


def transmissions() -> str:
    """Return what spikes may transmit, as equations and statements."""
    parts = []
    for item in _items(Transmission):
        told = f" Parameters: {_numbers(item.parameters)}. {link(item.doi)}"
        parts.append(f"**`{item.name}`**: {described(item.doc, item.name)}{told}".rstrip())
        first = [f"at first: {name} = {value:g}" for name, value in item.initial]
        parts.append(block("\n".join([item.equations, "at a spike:", *item.on_spike.splitlines(), *first])))
    return "\n\n".join(parts)


def surrogates() -> str:
    """Return the surrogate derivatives."""
    rows = []
    for item in _items(Surrogate):
        numbers = _numbers(item.parameters)
        what = described(item.doc, item.name)
        rows.append([code(item.name), what, code(item.derivative), numbers, link(item.doi)])
    return table(["surrogate", "in a line", "derivative by the drive", "by default", "DOI"], rows)


def pathways() -> str:
    """Return the feedback pathways."""
    rows = [[code(way.name), codes(way.known_as), described(way.doc, way.name)] for way in _items(Pathway)]
    return table(["pathway", "also called", "the learning signal comes"], rows)


def measures() -> str:
    """Return what is measured along training."""
    rows = [
        [code(each.name), each.of, described(each.doc, each.name), each.unit, each.better]
        for each in sorted(_items(Measure), key=lambda each: _OF.index(each.of))
    ]
    return table(["measure", "of", "meaning", "unit", "better"], rows)
