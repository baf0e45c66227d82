"""Networks in continuous time: spikes at the very times at which thresholds are crossed, and the gradient by these."""

from workbench.common.importing import import_brian2

import_brian2()
