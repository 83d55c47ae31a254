"""Answers: ranking for one person or for all, from stored arrays, in NumPy."""
