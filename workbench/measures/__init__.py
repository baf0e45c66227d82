"""Numbers made of recordings and gradients: accuracy, alignment."""
