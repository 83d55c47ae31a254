"""What the parts of a model say about their own scores: the formula held fixed, and what each action adds to it."""
