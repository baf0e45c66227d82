"""How long tests wait for what has to come: how fast a machine is, and what else it does, says nothing."""

#: After which nobody is still at work, but waits for ever [second].
HANGS = 1800
