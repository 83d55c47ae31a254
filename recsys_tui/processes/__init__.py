"""Child processes that do one thing and tell their parent how far they are, and what came of it."""
