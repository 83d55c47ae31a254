"""Generators of the bundled datasets: seeded, standard library only, the same bytes for everyone."""
