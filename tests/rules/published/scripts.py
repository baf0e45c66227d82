"""The same rules in plain NumPy, step by step, as scripts have them: nothing of the workbench's is used here.

Each takes weights (n_pre, n_post) and spikes of both sides, (n_steps, n) for all trials one after the other, and
returns the weights after each trial.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Of voltage-based STDP: by which six short trials make a difference.
A_LTD, A_LTP = 5e-2, 1.5e-1


@dataclass(frozen=True)
class Spikes:
    """Spikes of both sides.

    Attributes
    ----------
    pre, post : ndarray of shape (n_trials, n_steps, n)
        1 where there is one.
    dt : float
        Length of a step [second].
    """

    pre: Array
    post: Array
    dt: float

    def steps(self) -> Iterator[tuple[bool, Array, Array]]:
        """Yield of each step whether a trial ends with it, and the spikes."""
        for pre, post in zip(self.pre, self.post, strict=True):
            for step in range(len(pre)):
                yield step == len(pre) - 1, pre[step][:, None], post[step][None, :]

    def fade(self, tau: float) -> float:
        """Return what is left of a trace after a step."""
        return float(np.exp(-self.dt / tau))


def pair(w: Array, spikes: Spikes, soft: float) -> list[Array]:
    """Return the weights of Brian2's example of STDP (Song, Miller and Abbott 2000)."""
    x, y = np.zeros((len(w), 1)), np.zeros((1, w.shape[1]))
    found = []
    for ends, pre, post in spikes.steps():
        x, y = x * spikes.fade(20e-3), y * spikes.fade(20e-3)
        x = x + pre
        w = np.clip(w - 0.105 * (1 - soft + soft * w) * y * pre, 0, 1)
        y = y + post
        w = np.clip(w + 0.1 * (1 - soft + soft * (1 - w)) * x * post, 0, 1)
        found += [w] if ends else []
    return found


def triplet(w: Array, spikes: Spikes) -> list[Array]:
    """Return the weights of Pfister and Gerstner's rule, all to all, with bounds (NEST's stdp_triplet_synapse)."""
    r1 = r2 = np.zeros((len(w), 1))
    o1 = o2 = np.zeros((1, w.shape[1]))
    found = []
    for ends, pre, post in spikes.steps():
        r1, r2 = r1 * spikes.fade(16.8e-3), r2 * spikes.fade(101e-3)
        o1, o2 = o1 * spikes.fade(33.7e-3), o2 * spikes.fade(125e-3)
        down = pre * o1 * (7e-3 + 2.3e-3 * r2)
        up = post * (r1 + pre) * (5e-3 + 6.2e-3 * o2)
        w = np.clip(w - down + up, 0, 1)
        r1, r2, o1, o2 = r1 + pre, r2 + pre, o1 + post, o2 + post
        found += [w] if ends else []
    return found


def inhibitory(w: Array, spikes: Spikes) -> list[Array]:
    """Return the conductances of Vogels et al. 2011: eta (y - alpha) at pre, eta x at post."""
    x, y = np.zeros((len(w), 1)), np.zeros((1, w.shape[1]))
    alpha = 2 * 80 * 20e-3
    found = []
    for ends, pre, post in spikes.steps():
        x, y = x * spikes.fade(20e-3) + pre, y * spikes.fade(20e-3)
        w = np.clip(w + 0.05 * ((y - alpha) * pre + x * post), 0, 1)
        y = y + post
        found += [w] if ends else []
    return found


def bcm(w: Array, spikes: Spikes) -> list[Array]:
    """Return the weights of the BCM rule with a threshold that slides over trials."""
    dt = spikes.dt
    a, r, theta = np.zeros((len(w), 1)), np.zeros((1, w.shape[1])), np.zeros((1, w.shape[1]))
    slow, fast, unit = spikes.fade(1.0), spikes.fade(5e-3), 100.0
    found = []
    for ends, pre, post in spikes.steps():
        a = a * fast + pre / (5e-3 * unit)
        r = r * fast
        # All decays; then the threshold takes what is left of the rate, and the rate the spike.
        theta = theta * slow + dt / 1.0 * (unit * (r / unit) ** 2)
        r = r + post / 5e-3
        w = w + dt * a * r * (r - theta) / unit**2
        found += [w] if ends else []
    return found


def calcium(w: Array, spikes: Spikes) -> list[Array]:
    """Return the efficacies of Graupner and Brunel 2012 without noise, by Euler's method."""
    c = np.zeros_like(w)
    found = []
    for ends, pre, post in spikes.steps():
        c = c * spikes.fade(20e-3) + 1.0 * pre + 2.0 * post
        slope = -w * (1 - w) * (0.5 - w) + 321.808 * (1 - w) * (c > 1.3) - 200.0 * w * (c > 1.0)
        w = w + spikes.dt * slope / 15.0
        found += [w] if ends else []
    return found


def competitive(w: Array, spikes: Spikes) -> list[Array]:
    """Return the weights of Diehl and Cook 2015: potentiation at postsynaptic spikes, normalized after each trial."""
    x = np.zeros((len(w), 1))
    found = []
    for ends, pre, post in spikes.steps():
        x = np.where(pre > 0, 1.0, x * spikes.fade(20e-3))
        w = np.clip(w + 0.05 * post * (x - 0.4) * np.clip(1 - w, 0, 1) ** 0.2, 0, 1)
        if ends:
            w = w * (2.5 / w.sum(axis=0))
        found += [w] if ends else []
    return found


def scaling(w: Array, spikes: Spikes) -> list[Array]:
    """Return the weights of van Rossum, Bi and Turrigiano's synaptic scaling, equation 3; rates fade exactly."""
    dt, goal = spikes.dt, 10.0
    rate, missed = np.zeros((1, w.shape[1])), np.zeros((1, w.shape[1]))
    found = []
    for ends, _, post in spikes.steps():
        # A rate adds up while it fades over one second.
        missed = missed + dt * goal - rate * (1 - spikes.fade(1.0))
        rate = rate * spikes.fade(1.0) + post
        w = w + dt * w * (0.1 * (goal - rate) + 0.01 * missed)
        found += [w] if ends else []
    return found


def clopath(w: Array, spikes: Spikes) -> list[Array]:
    """Return the weights of voltage-based STDP with a neuron of conductances, whose spikes are given (SI units)."""
    dt = spikes.dt
    x = np.zeros((len(w), 1))
    u1, u2, h = (np.zeros((1, w.shape[1])) for _ in range(3))
    v, conductance = np.zeros((1, w.shape[1])), np.zeros((1, w.shape[1]))
    found = []
    for ends, pre, post in spikes.steps():
        slope = (-30e-9 * v + 50e-9 * conductance * (70e-3 - v)) / 300e-12
        v, conductance = v + dt * slope, conductance - dt * conductance / 5e-3
        conductance = conductance + (w * pre).sum(axis=0)
        x = x * spikes.fade(15e-3) + pre / 15
        u1 = u1 * spikes.fade(40e-3) + dt * v / 40e-3 + 10e-3 * post
        u2 = u2 * spikes.fade(30e-3) + dt * v / 30e-3 + 10e-3 * post
        h = h * spikes.fade(1.0) + dt * v + 0.1e-3 * post
        down = pre * A_LTD * (h / 3.4641016e-3) ** 2 * np.maximum(u1 - 10e-3 * post, 0) / 1e-3
        w = np.clip(w - down + post * A_LTP * x * np.maximum(u2, 0) / 1e-3, 0, 3)
        v = np.where(post > 0, 0.0, v)
        if ends:
            found.append(w)
            v, conductance = np.zeros_like(v), np.zeros_like(v)
    return found
