"""What plugins offer, by name: the hooks, and who offered what."""
