"""What every part stands on: errors, files, arrays, locks, and the fingerprint of our own code."""
