"""How much memory a training takes, and whether it fits."""

from __future__ import annotations

from recsys_tui.data.memory import SETTING, free_memory
from recsys_tui.models.catalogue_head import HEAD_BY_PRESET
from recsys_tui.output.console import human_bytes
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say

EASE, ALS = "ease", "als"
# Libraries and what is read; then by interaction, person and item; a head of h items takes four arrays of (2h)² single
# floats while its regressions are solved; the encoder is measured at a head of 4,000. Peaks by this (measured):
# ml-100k quick .7 (.8) and standard .9 (.8), ml-1m quick 1.0 (1.0) and standard 2.0 (2.1), a million people with ten
# million events quick 2.4 (2.4), 300,000 items with a million events quick 2.0 (1.9) and standard 3.8 (3.7), two
# million items with four million events quick 8.0 (8.3) GB. Of full the items are not measured.
BASE, INTERACTION, PERSON = 650_000_000, 100, 450
ENCODER_BY_PRESET = {"quick": 0, "standard": 400_000_000, "full": 1_000_000_000}
ITEM_BY_PRESET = {"quick": 3_300, "standard": 5_200, "full": 6_500}
MOST_AT_ONCE = 2
# The classic recommenders of a comparison. EASE takes arrays of items by items: 1.8 GB measured with 8,000 of them; ALS
# most for the more of people and items, the others by item. Measured with 2,000 people, 300,000 items and a million
# events: popularity .7, WARP 1.4, neighbours 1.5, the self-attention model 2.2, ALS 2.6 GB.
CLASSIC, EASE_CELL = 450_000_000, 21
CLASSIC_ITEM = {"popular": 400, "recent": 400, "knn": 3_200, "ease": 400, "als": 1_000, "mf": 1_000, "warp": 2_900}
SELF_ATTENTION_ITEM, ALS_MORE = 5_700, 6_000


def training_bytes(preset: str, people: int, items: int, interactions: int) -> int:
    """The most memory that training takes at any moment, about."""
    head = min(HEAD_BY_PRESET[preset], items)
    solving = 4 * (2 * head) ** 2 * 4
    encoder = ENCODER_BY_PRESET[preset] * head // HEAD_BY_PRESET[preset]
    each = INTERACTION * interactions + PERSON * people + ITEM_BY_PRESET[preset] * items
    return BASE + solving + encoder + each


def check_can_train(preset: str, people: int, items: int, interactions: int) -> None:
    """Raise ``UserError`` (exit 1) where that is more than is free; the sentence says what to do."""
    free = free_memory()
    needed = training_bytes(preset, people, items, interactions)
    if free is None or needed <= free:
        return
    smaller = training_bytes("quick", people, items, interactions)
    fits = preset != "quick" and smaller <= free
    advice = say("models.memory_quick", needed=human_bytes(smaller)) if fits else say("models.memory_less_data")
    sizes = {"needed": human_bytes(needed), "free": human_bytes(free)}
    raise UserError(
        "models.too_large_for_memory", ExitCode.FAILED, preset=preset, advice=advice, setting=SETTING, **sizes
    )


def trying_bytes(name: str, people: int, items: int, interactions: int) -> int:
    """The most memory that trying a classic recommender takes at any moment, about."""
    each = INTERACTION * interactions + PERSON * people + CLASSIC_ITEM.get(name, SELF_ATTENTION_ITEM) * items
    if name == EASE:
        each += EASE_CELL * min(items, HEAD_BY_PRESET["full"]) ** 2
    if name == ALS:
        each += ALS_MORE * max(people, items)
    return CLASSIC + each


def check_can_try(name: str, people: int, items: int, interactions: int) -> None:
    """Raise ``UserError`` (exit 1) where trying a classic recommender takes more memory than is free."""
    free = free_memory()
    needed = trying_bytes(name, people, items, interactions)
    if free is not None and needed > free:
        sizes = {"needed": human_bytes(needed), "free": human_bytes(free)}
        raise UserError("evaluate.too_large_for_memory", ExitCode.FAILED, name=name, setting=SETTING, **sizes)


def models_at_once(people: int, items: int, interactions: int, processors: int) -> int:
    """How many models a comparison tries at a time: two where there are processors and memory for both, else one."""
    free = free_memory()
    each = max(training_bytes("standard", people, items, interactions), trying_bytes(ALS, people, items, interactions))
    if processors < MOST_AT_ONCE or free is None or free < MOST_AT_ONCE * each:
        return 1
    return MOST_AT_ONCE
