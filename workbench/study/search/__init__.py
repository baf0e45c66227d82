"""The search for settings: the same number of draws for each rule, judged on validation data."""
