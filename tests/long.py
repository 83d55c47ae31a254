"""What takes too long for every run of the tests: ``python -m tests.bench long`` runs it."""

from __future__ import annotations

import os

import pytest

LONG = pytest.mark.skipif("RECSYS_TEST_LONG" not in os.environ, reason="takes long: python -m tests.bench long runs it")
"""Marks a test, or one of its cases."""
