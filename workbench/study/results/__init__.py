"""What runs leave: files by content, checkpoints, weights, tables."""
