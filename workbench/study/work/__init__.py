"""How the runs of a study are made: the list of them, processes, progress, verdict."""
