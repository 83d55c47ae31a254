"""Killed at random moments while it opens, trains, notes likes and an A/B test, and forgets: a few kills of each.

With the kills in ``tests/store`` there are twenty; ``python -m tests.bench kills`` makes two hundred.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from recsys_tui.recommend.session import Session
from tests.trust.killed_acts import AbLogging, ForgettingWithoutModel, Opening, Reading, Training

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")


def test_opening_data_that_grew(tmp_path: Path):
    act = Reading(tmp_path, random.Random(1))
    for number in range(3):
        act.strike(number)
    act.finish()


def test_opening_it_in_the_workbench(tmp_path: Path):
    Opening(tmp_path, random.Random(1)).strike(0)


def test_liking_while_an_ab_test_runs(trained_copy: Session, tmp_path: Path):
    act = AbLogging(tmp_path, random.Random(2), trained_copy.home)
    for number in range(2):
        act.strike(number)
    assert any(act.acknowledged.values())


def test_training(trained_copy: Session, tmp_path: Path):
    Training(tmp_path, random.Random(3), trained_copy.home).strike(0)


def test_forgetting(tmp_path: Path):
    act = ForgettingWithoutModel(tmp_path, random.Random(4))
    for number in range(3):
        act.strike(number)
    act.finish()
