"""Surrogate BPTT of the same network in snnTorch: training samples per second, on all cores.

Run by an interpreter that has snnTorch, NumPy and PyTorch; the workbench does not need them:

    python -m studies.throughput.yardstick --hidden 400 400 --seconds 20

The inputs are random spikes, as many as an MNIST image has: how fast it goes does not depend on what they mean.
"""

import itertools

import numpy as np
import snntorch
import torch
from snntorch import surrogate

from studies.throughput import timed
from studies.throughput.timed import N_INPUTS, N_OUTPUTS


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


def main() -> None:
    """Train random weights for some seconds, and print the speed."""
    asked = timed.arguments(__doc__)
    torch.set_num_threads(asked.threads)
    network = Network(asked.hidden)
    with torch.no_grad():
        for layer in network.into:
            layer.weight *= 10
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    data = [(torch.from_numpy(spikes), torch.from_numpy(labels)) for spikes, labels in timed.batches(asked.batch)]

    def train(number: int) -> None:
        spikes, labels = data[number]
        optimizer.zero_grad()
        outputs = network(spikes)
        loss = torch.nn.functional.cross_entropy(outputs.reshape(-1, N_OUTPUTS), labels.repeat(timed.N_STEPS))
        loss.backward()
        optimizer.step()

    print(timed.told(asked, timed.samples_per_second(train, asked)))


if __name__ == "__main__":
    main()
