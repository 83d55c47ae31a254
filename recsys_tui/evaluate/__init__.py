"""Metrics over ranked lists and over classifiers."""
