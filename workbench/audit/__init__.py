"""Experiments on rules: what a rule estimates, beside the exact gradient of the same trials."""

from workbench.common.importing import import_brian2

import_brian2()
