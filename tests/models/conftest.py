"""Small data that the tests of the models share: people with tastes, some with no history at all."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.models.experts import Experts, fit_experts
from recsys_tui.models.held_out import HeldOut, hold_out
from recsys_tui.models.interaction import InteractionModel, fit_interaction_model, sample_pairs
from recsys_tui.profiles.content_profile_fitting import fit_content_profiles
from recsys_tui.profiles.user_profile_fitting import fit_user_profiles

PEOPLE, ITEMS, GROUPS = 160, 48, 3
WORDS = ("harbour", "lantern", "meadow")


def people_with_tastes(people: int = PEOPLE, items: int = ITEMS, seed: int = 5) -> Histories:
    """Histories of distinct items, mostly from the person's own third of the catalogue; the fourth person has none."""
    random = np.random.default_rng(seed)
    stretches, times, weights = [], [], []
    for person in range(people):
        length = 0 if person == 3 else int(random.integers(3, 19))
        own = np.arange(items) % GROUPS == person % GROUPS
        draw = np.where(own, 8.0, 1.0) / (1 + np.arange(items))
        stretches.append(random.choice(items, length, replace=False, p=draw / draw.sum()))
        times.append(np.sort(random.integers(0, 10_000, length)))
        weights.append(random.uniform(0.2, 1.8, length))
    indptr = np.concatenate([[0], np.cumsum([len(stretch) for stretch in stretches])]).astype(np.int64)
    return Histories(
        indptr,
        np.concatenate(stretches).astype(np.int32),
        np.concatenate(times).astype(np.int64),
        np.concatenate(weights).astype(np.float32),
        items,
    )


@pytest.fixture(scope="session")
def histories() -> Histories:
    """160 people, 48 items in three groups of taste."""
    return people_with_tastes()


@pytest.fixture(scope="session")
def item_table() -> pl.DataFrame:
    """A title, a category and a year for each of the 48 items, but none for the last."""
    rows = [
        {
            "title": f"The {WORDS[item % GROUPS]} of number {item}",
            "categories": [WORDS[item % GROUPS]],
            "year": 1980 + item,
        }
        for item in range(ITEMS - 1)
    ]
    return pl.DataFrame([*rows, {"title": None, "categories": None, "year": None}])


@pytest.fixture(scope="session")
def held_out(histories: Histories) -> HeldOut:
    """The histories cut for the horizon ``next``."""
    return hold_out(histories, "next", has_dates=True, most_lists=10_000, seed=1)


@pytest.fixture(scope="session")
def experts(held_out: HeldOut, item_table: pl.DataFrame) -> Experts:
    """All experts, fitted on the older part; the head leaves eight items out."""
    profiles, _, _ = fit_user_profiles(held_out.older, lambda _share, _metrics: None)
    content, _ = fit_content_profiles(item_table, 0)
    return fit_experts(
        held_out.older,
        profiles,
        content,
        head_limit=ITEMS - 8,
        has_dates=True,
        ease_ridge=20.0,
        report=lambda _share: None,
    )


@pytest.fixture(scope="session")
def interaction(experts: Experts, held_out: HeldOut) -> InteractionModel:
    """The interaction model on those experts."""
    return fit_interaction_model(sample_pairs(experts, held_out, 10_000, 0))[0]
