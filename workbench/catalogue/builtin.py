"""Offers what is built in besides rules and tasks, through the same hooks as anybody else's."""

from collections.abc import Iterator

from workbench.catalogue.hookspecs import hookimpl
from workbench.catalogue.literature import PUBLICATIONS
from workbench.declare import (
    conductance_neurons,
    constraint,
    decision,
    loss,
    neuron_models,
    optimizer,
    surrogate,
    transmission,
)
from workbench.declare.constraint import Constraint
from workbench.declare.decision import Decision
from workbench.declare.feedback import FEEDBACK, Pathway
from workbench.declare.loss import Loss
from workbench.declare.measure import Measure
from workbench.declare.neuron import NeuronModel
from workbench.declare.optimizer import Optimizer
from workbench.declare.publication import Publication
from workbench.declare.surrogate import Surrogate
from workbench.declare.transmission import Transmission
from workbench.measures.records import MEASURES


@hookimpl
def workbench_neurons() -> Iterator[NeuronModel]:
    """Yield the models of hidden neurons, and those of readouts."""
    for module in (neuron_models, conductance_neurons):
        yield from (item for item in vars(module).values() if isinstance(item, NeuronModel))


@hookimpl
def workbench_pathways() -> Iterator[Pathway]:
    """Yield the pathways of the learning signal."""
    yield from FEEDBACK.values()


@hookimpl
def workbench_losses() -> Iterator[Loss]:
    """Yield the losses of classes, and that of other targets."""
    yield from (
        loss.CROSS_ENTROPY,
        loss.FIRST_SPIKE_CROSS_ENTROPY,
        loss.EXPONENTIAL_TIME_CROSS_ENTROPY,
        loss.SQUARED_ERROR,
    )


@hookimpl
def workbench_decisions() -> Iterator[Decision]:
    """Yield what may count as an answer."""
    yield from (item for item in vars(decision).values() if isinstance(item, Decision))


@hookimpl
def workbench_optimizers() -> Iterator[Optimizer]:
    """Yield the optimizers."""
    yield from (optimizer.SGD, optimizer.RMS, optimizer.RMAXPROP, optimizer.ADAM)


@hookimpl
def workbench_constraints() -> Iterator[Constraint]:
    """Yield what may hold of weights."""
    yield from (item for item in vars(constraint).values() if isinstance(item, Constraint))


@hookimpl
def workbench_transmissions() -> Iterator[Transmission]:
    """Yield short-term plasticity."""
    yield transmission.TSODYKS_MARKRAM


@hookimpl
def workbench_measures() -> Iterator[Measure]:
    """Yield all that is measured along training."""
    yield from MEASURES.values()


@hookimpl
def workbench_surrogates() -> Iterator[Surrogate]:
    """Yield the surrogate derivatives."""
    yield from (surrogate.FAST_SIGMOID, surrogate.BOXCAR, surrogate.PIECEWISE_LINEAR)
    yield from (surrogate.EXPONENTIAL, surrogate.ARCTAN, surrogate.SIGMOID)
    yield from (surrogate.TRUNCATED_QUADRATIC, surrogate.STRAIGHT_THROUGH)


@hookimpl
def workbench_publications() -> Iterator[Publication]:
    """Yield the sources of all that comes with the workbench."""
    yield from PUBLICATIONS
