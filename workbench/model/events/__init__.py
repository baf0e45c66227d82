"""Learning that costs its events: which rules have such a form, and the forms."""
