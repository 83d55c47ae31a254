"""Keys and commands: which there are, what they do, and when they can."""
