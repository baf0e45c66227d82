"""The hooks that offer parts of networks. Each docstring is a complete example."""

from collections.abc import Iterable

from workbench.catalogue.hook_markers import hookspec
from workbench.declare.decision import Decision
from workbench.declare.loss import Loss
from workbench.declare.neuron import NeuronModel
from workbench.declare.surrogate import Surrogate
from workbench.declare.transmission import Transmission


@hookspec
def workbench_neurons() -> Iterable[NeuronModel]:
    '''Offer neuron models.

    ::

        from collections.abc import Iterator

        from workbench import NeuronModel, hookimpl

        QUICK = NeuronModel(
            name="quick",
            equations="""dv/dt = (I - v) / tau_mem : 1
                         dI/dt = -I / tau_syn : 1""",
            drive="v - 1",
            reset="v = 0",
            parameters=(("tau_mem", "5 ms"), ("tau_syn", "2 ms")),
        )


        @hookimpl
        def workbench_neurons() -> Iterator[NeuronModel]:
            yield QUICK
    '''
    raise NotImplementedError  # pragma: no cover - pluggy never calls a specification


@hookspec
def workbench_losses() -> Iterable[Loss]:
    """Offer losses of a readout.

    ::

        from collections.abc import Iterator

        from workbench import Loss, hookimpl

        LOG_COSH = Loss(name="log_cosh", value="log(cosh(y - target))", error="tanh(y - target)")


        @hookimpl
        def workbench_losses() -> Iterator[Loss]:
            yield LOG_COSH
    """
    raise NotImplementedError  # pragma: no cover - pluggy never calls a specification


@hookspec
def workbench_decisions() -> Iterable[Decision]:
    """Offer decisions: which output of a readout counts as the answer.

    ::

        from collections.abc import Iterator

        from workbench import Decision, hookimpl

        LATE = Decision(name="late", code="score = score + elapsed * y")


        @hookimpl
        def workbench_decisions() -> Iterator[Decision]:
            yield LATE
    """
    raise NotImplementedError  # pragma: no cover - pluggy never calls a specification


@hookspec
def workbench_transmissions() -> Iterable[Transmission]:
    '''Offer transmissions: what a spike transmits of a weight.

    ::

        from collections.abc import Iterator

        from workbench import Transmission, hookimpl

        TIRED = Transmission(
            name="tired",
            equations="dx/dt = -x / tau : 1",
            on_spike="""sent = 1 - x
                        x += 0.3 * sent""",
            parameters=(("tau", "100 ms"),),
        )


        @hookimpl
        def workbench_transmissions() -> Iterator[Transmission]:
            yield TIRED
    '''
    raise NotImplementedError  # pragma: no cover - pluggy never calls a specification


@hookspec
def workbench_surrogates() -> Iterable[Surrogate]:
    """Offer surrogate derivatives of the spike.

    ::

        from collections.abc import Iterator

        from workbench import Surrogate, hookimpl

        LOGISTIC = Surrogate(
            name="logistic",
            derivative="gamma / cosh(beta * drive)**2",
            primitive="0.5 + gamma / beta * tanh(beta * drive)",
            parameters=(("gamma", 1.0), ("beta", 3.0)),
            height="gamma",
        )


        @hookimpl
        def workbench_surrogates() -> Iterator[Surrogate]:
            yield LOGISTIC
    """
    raise NotImplementedError  # pragma: no cover - pluggy never calls a specification
