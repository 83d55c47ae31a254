"""Does a model tell who was among the people it was trained on: attacks on it, and how far they get."""
