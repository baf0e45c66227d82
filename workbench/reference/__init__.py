"""Exact gradients: the Brian2 network as a JAX function, and its derivative."""

from workbench.common.importing import import_brian2

import_brian2()
