"""Networks in continuous time: spikes at the very times at which thresholds are crossed, and the gradient by these."""
