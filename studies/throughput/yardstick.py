"""Surrogate BPTT of the same network in snnTorch: training samples per second, on all cores.

Run by an interpreter that has snnTorch, NumPy and PyTorch; the workbench does not need them:

    python studies/throughput/yardstick.py --hidden 400 400 --seconds 20

The inputs are random spikes, as many as an MNIST image has: how fast it goes does not depend on what they mean.
"""

import argparse
import itertools
import json
import os
import time

import numpy as np
import snntorch
import torch
from snntorch import surrogate

N_INPUTS, N_OUTPUTS, N_STEPS, SPIKES, BATCH = 784, 10, 100, 140, 128


class Network(torch.nn.Module):
    """Hidden layers of current-based leaky neurons, and a leaky readout without spikes."""

    def __init__(self, hidden: list[int]) -> None:
        super().__init__()
        decay = {"alpha": float(np.exp(-1 / 10)), "beta": float(np.exp(-1 / 20))}
        spike = surrogate.fast_sigmoid(slope=5)
        sizes = [N_INPUTS, *hidden]
        pairs = itertools.pairwise(sizes)
        self.into = torch.nn.ModuleList([torch.nn.Linear(pre, post, bias=False) for pre, post in pairs])
        self.hidden = torch.nn.ModuleList(
            [snntorch.Synaptic(**decay, spike_grad=spike, reset_mechanism="subtract") for _ in hidden]
        )
        self.out = torch.nn.Linear(hidden[-1], N_OUTPUTS, bias=False)
        self.readout = snntorch.Synaptic(**decay, reset_mechanism="none")

    def forward(self, spikes: torch.Tensor) -> torch.Tensor:
        """Return the readout's potential (n_steps, n_trials, n_outputs) for spikes (n_steps, n_trials, n_inputs)."""
        states = [layer.init_synaptic() for layer in self.hidden]
        read_current, read_potential = self.readout.init_synaptic()
        arriving = self.into[0](spikes)
        outputs = []
        for step in range(len(spikes)):
            reached = emitted = arriving[step]
            for number, layer in enumerate(self.hidden):
                reached = self.into[number](emitted) if number else reached
                emitted, *states[number] = layer(reached, *states[number])
            _, read_current, read_potential = self.readout(self.out(emitted), read_current, read_potential)
            outputs.append(read_potential)
        return torch.stack(outputs)


def batches(count: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Return batches of random spikes and labels."""
    generator = np.random.default_rng(0)
    made = []
    for _ in range(count):
        spikes = np.zeros((N_STEPS, BATCH, N_INPUTS), dtype=np.float32)
        for trial in range(BATCH):
            neurons = generator.choice(N_INPUTS, SPIKES, replace=False)
            spikes[generator.integers(1, 62, size=SPIKES), trial, neurons] = 1
        made.append((torch.from_numpy(spikes), torch.from_numpy(generator.integers(N_OUTPUTS, size=BATCH))))
    return made


def samples_per_second(hidden: list[int], seconds: float) -> float:
    """Return the training speed, the first batches apart."""
    network = Network(hidden)
    with torch.no_grad():
        for layer in network.into:
            layer.weight *= 10
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    data = batches(4)

    def train(spikes: torch.Tensor, labels: torch.Tensor) -> None:
        optimizer.zero_grad()
        outputs = network(spikes)
        loss = torch.nn.functional.cross_entropy(outputs.reshape(-1, N_OUTPUTS), labels.repeat(N_STEPS))
        loss.backward()
        optimizer.step()

    for batch in data[:2]:
        train(*batch)
    done, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        train(*data[done % len(data)])
        done += 1
    return done * BATCH / (time.perf_counter() - begun)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hidden", type=int, nargs="+", default=[400])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    speed = samples_per_second(arguments.hidden, arguments.seconds)
    print(json.dumps({"hidden": arguments.hidden, "threads": arguments.threads, "samples_per_second": round(speed, 1)}))
