"""Garbage is collected between keys, in small pieces; everything is walked in a long pause alone."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from recsys_tui.tui import rare_collection
from recsys_tui.tui.rare_collection import LONG_PAUSE, MANY_LEFT, MUCH_MADE, PAUSE, RareCollection


class Knot:
    """Refers to itself, so that a collection alone gives it back."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def oldest() -> Iterator[list[int]]:
    """Notes collections of the oldest generation, and gives back what a test froze."""
    collected: list[int] = []

    def note(phase: str, details: dict[str, int]) -> None:
        if phase == "stop" and details["generation"] == 2:
            collected.append(details["collected"])

    gc.collect()
    gc.callbacks.append(note)
    yield collected
    gc.callbacks.remove(note)
    gc.unfreeze()


def make_much() -> None:
    """Enough for collections of the middle generation."""
    for _ in range(MUCH_MADE):
        gc.collect(1)


def test_it_waits_for_a_pause_between_keys(oldest: list[int]):
    async def type_and_pause() -> None:
        rare = RareCollection()
        rare.heard()
        make_much()
        await asyncio.sleep(PAUSE * 0.6)
        rare.heard()
        await asyncio.sleep(PAUSE * 0.7)
        assert oldest == []  # a key came between
        await asyncio.sleep(PAUSE)
        assert len(oldest) == 1
        await asyncio.sleep(PAUSE * 2)
        assert len(oldest) == 1

    asyncio.run(type_and_pause())


def test_a_pause_in_which_little_was_made_is_left_alone(oldest: list[int]):
    async def press() -> None:
        RareCollection().heard()
        await asyncio.sleep(PAUSE * 2)

    asyncio.run(press())
    assert oldest == []


def test_what_is_much_is_frozen_and_what_is_little_is_not(oldest: list[int]):
    rare = RareCollection()
    rare.begin()
    try:
        gc.freeze()
        before = gc.get_freeze_count()
        little = [Knot() for _ in range(MANY_LEFT // 100)]
        gc.collect()
        assert gc.get_freeze_count() <= before
        much = [Knot() for _ in range(MANY_LEFT)]
        gc.collect()
        assert gc.get_freeze_count() >= before + len(much) + len(little)
    finally:
        rare.end()
    before = gc.get_freeze_count()
    much += [Knot() for _ in range(MANY_LEFT)]
    gc.collect()
    assert gc.get_freeze_count() <= before


def test_what_was_frozen_is_given_back_in_a_long_pause(monkeypatch: pytest.MonkeyPatch, oldest: list[int]):
    now = 100.0
    monkeypatch.setattr(rare_collection.time, "monotonic", lambda: now)
    rare = RareCollection()
    knot = Knot()
    there = weakref.ref(knot)
    rare.settled()
    del knot
    gc.collect()
    assert there() is not None
    now += LONG_PAUSE
    rare.tick()
    assert there() is not None  # nobody did anything yet
    monkeypatch.setattr(rare, "_wait", lambda seconds: None)
    rare.heard()
    now += LONG_PAUSE / 2
    rare.tick()
    assert there() is not None
    now += LONG_PAUSE / 2
    rare.tick()
    assert there() is None
    collections = len(oldest)
    now += LONG_PAUSE
    rare.tick()
    assert len(oldest) == collections  # once is enough


def test_python_goes_on_as_before_when_it_ends():
    before = list(gc.callbacks)
    rare = RareCollection()
    rare.end()
    rare.begin()
    assert len(gc.callbacks) == len(before) + 1
    rare.end()
    rare.end()
    assert gc.callbacks == before
