"""The sequence encoder: causal self-attention over a history, trained in torch and served in NumPy."""
