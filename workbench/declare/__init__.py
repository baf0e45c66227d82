"""What users declare, as frozen data: rules, neurons, networks, tasks and all that belongs to them."""
