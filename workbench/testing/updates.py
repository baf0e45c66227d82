"""Whether weights that change while time runs, are held to something or remember something do so as they should."""

from dataclasses import replace

import numpy as np

from workbench.declare.options import Target
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.engine.state import State
from workbench.model.outlasting import outlasting
from workbench.testing.agreement import agreement, error_of
from workbench.testing.case import Case
from workbench.testing.subject import DoesNotApplyError, FailedError, Subject

#: Learning rates that are tried, up to one at which weights come to what holds them.
_RATES = (0.1, 1.0, 10.0, 100.0, 1000.0)


def changes_weights_alike(subject: Subject) -> str:
    """See that weights that change while time runs, or are held to something, do so alike by all that computes them."""
    subject.refuse_other_engines()
    updates = subject.rule.updates
    if updates.every == "batch" and not updates.constraints:
        raise DoesNotApplyError("its weights change with each batch, and may be any")
    case = subject.alive()
    plan = _biting(case) if updates.constraints else _plan(case, _RATES[0])
    found = _changes(case, plan)
    if not all(change.any() for change in found.values()):
        raise FailedError("No weight onto some layer changes, so nothing was compared.")
    others = {
        "in each step": _changes(case.with_setup(form="clock"), plan),
        "by NumPy": _changes(case, plan, "numpy"),
        "trial by trial": _changes(case, plan, cut=True),
    }
    for how, weights in others.items():
        agreement(found, weights, f"Weights are others where they are computed {how}")
    largest = max(error_of(found[layer], some[layer], layer) for some in others.values() for layer in found)
    return f"{', '.join(others)}: relative error {largest:.0e}"


def _plan(case: Case, rate: float) -> Plan:
    return Plan(learning=True, update_after=np.resize([0, 2], len(case.trials)), learning_rate=rate)


def _biting(case: Case) -> Plan:
    """Return what to do so that the constraints hold some weight back, or raise where nothing does."""
    free = case.with_setup(rule=replace(case.setup.rule, updates=replace(case.setup.rule.updates, constraints=())))
    for rate in _RATES:
        plan = _plan(case, rate)
        held, loose = _changes(case, plan), _changes(free, plan)
        if not np.array_equal(held["hidden1"], loose["hidden1"]):
            return plan
    raise FailedError("Its constraints hold no weight back, whatever the learning rate.")


def _changes(case: Case, plan: Plan, target: Target = "cpp", cut: bool = False) -> dict[str, np.ndarray]:
    """Return by how much training changes the weights that the rule trains."""
    after = _trained(case, plan, target, cut).weights
    trained = [name for name in after if name != "readout" or case.setup.rule.trains_readout]
    return {name: after[name] - case.state.weights[name] for name in trained}


def _trained(case: Case, plan: Plan, target: Target = "cpp", cut: bool = False) -> State:
    """Return the state that training leaves, all trials in one run or each in one of its own."""
    made = simulator(case.setup, target)
    if not cut or plan.update_after is None:
        return made.run(case.state, case.trials, plan)[1]
    state = case.state
    for index in range(len(case.trials)):
        one = np.array([index])
        _, state = made.run(state, case.trials.take(one), replace(plan, update_after=plan.update_after[one]))
    return state


def carries_what_outlives_a_trial(subject: Subject) -> str:
    """See that what is to outlive a trial does so in training, however that is cut, and that evaluation leaves it."""
    subject.refuse_other_engines()
    case = subject.alive()
    groups = outlasting(case.setup)
    if not groups:
        raise DoesNotApplyError("all its variables begin anew with each trial")
    plan = _plan(case, _RATES[0])
    whole, cut = _trained(case, plan), _trained(case, plan, cut=True)
    for name, values in whole.outlasting.items():
        if not np.array_equal(values, cut.outlasting[name]):
            raise FailedError(f"'{name}' is another when trials are run one by one.")
    if not any(values.any() for values in whole.outlasting.values()):
        raise FailedError("All that outlives a trial is 0, so that nothing was compared.")
    looked_at = Plan(learning=True, record_gradient=True)
    back = np.arange(len(case.trials))[::-1].copy()
    forwards, after = simulator(case.setup).run(whole, case.trials, looked_at)
    backwards, _ = simulator(case.setup).run(whole, case.trials.take(back), looked_at)
    if after is not whole or not np.array_equal(backwards.loss[back], forwards.loss):
        raise FailedError("Trials that teach nothing change what outlives a trial.")
    begun = replace(whole, outlasting={})
    fresh, _ = simulator(case.setup).run(begun, case.trials, looked_at)
    if np.array_equal(fresh.gradient["hidden1"], forwards.gradient["hidden1"]):
        raise FailedError("What outlives a trial makes no difference to the next one.")
    return f"{', '.join(whole.outlasting)}, bit for bit"
