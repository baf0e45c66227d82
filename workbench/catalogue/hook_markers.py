"""What marks a hook, where it is specified and where a plugin implements it."""

import pluggy

#: Name of the plugin project, and of the entry-point group.
PROJECT = "workbench"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
