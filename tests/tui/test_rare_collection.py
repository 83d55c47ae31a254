"""Garbage of long standing is collected in a pause, not between two keys."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from recsys_tui.tui import rare_collection
from recsys_tui.tui.rare_collection import OFTEN_ENOUGH, PAUSE, RareCollection


@pytest.fixture
def oldest() -> Iterator[list[int]]:
    """Notes collections of the oldest generation."""
    collected: list[int] = []

    def note(phase: str, details: dict[str, int]) -> None:
        if phase == "stop" and details["generation"] == 2:
            collected.append(details["collected"])

    gc.callbacks.append(note)
    yield collected
    gc.callbacks.remove(note)


def test_it_waits_for_a_pause(monkeypatch: pytest.MonkeyPatch, oldest: list[int]):
    now = 100.0
    monkeypatch.setattr(rare_collection.time, "monotonic", lambda: now)
    rare = RareCollection()
    rare.tick()
    assert oldest == []  # nobody did anything
    rare.heard()
    rare.tick()
    now += PAUSE / 2
    rare.tick()
    assert oldest == []
    now += PAUSE / 2
    rare.tick()
    rare.tick()
    assert len(oldest) == 1
    rare.heard()
    now += PAUSE
    rare.tick()
    assert len(oldest) == 2


def test_python_goes_on_as_before_when_it_ends():
    before = gc.get_threshold()
    rare = RareCollection()
    rare.begin()
    try:
        assert gc.get_threshold() == (*before[:2], OFTEN_ENOUGH)
    finally:
        rare.end()
    assert gc.get_threshold() == before
    rare.end()
    assert gc.get_threshold() == before
