"""User profiles (clusters of the behaviour matrix) and content profiles (text and attributes of items)."""
