"""The stages in order, in a process of their own that reports progress as JSON lines."""
