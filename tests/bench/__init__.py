"""Measurements that a test must not make: times, memory, and long counts. ``python -m tests.bench`` runs them."""
