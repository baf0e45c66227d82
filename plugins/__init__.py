"""Learning rules, one to a file."""
