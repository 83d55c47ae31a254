"""How long a training will take, before it is started: from an earlier one of the same data, else from its size."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from recsys_tui.training.events import STAGES
from recsys_tui.training.job import HORIZONS
from recsys_tui.training.presets import PRESETS, Preset

# Of these stages a preset does as much as any other.
ALIKE_IN_PRESETS = ("user_profiles", "content_profiles")
# A machine that was as many times faster or slower in an earlier training than the formula says is taken at its word.
MOST_TIMES = 20.0


@dataclass(frozen=True)
class DataSize:
    """How much there is to learn from."""

    users: int
    items: int
    interactions: int


def by_size(size: DataSize, preset: Preset, horizon: str) -> dict[str, float]:
    """Seconds of each stage on two cores of a usual machine, by the terms that dominate each.

    User profiles cluster the people again and again; content profiles read the items; the interaction model solves for
    a dense item × item array (cubic in the head) and judges pairs of lists; the deep model draws candidates for every
    list from the whole catalogue, learns in epochs, and teaches its encoder every action again and again, up to the
    targets that the preset allows. Measured on 80,000 to a million actions, and right within a factor of three there.
    """
    events, items = size.interactions, size.items
    head = min(preset.head, items)
    lists = min(preset.lists, 10 * size.users)
    solving = 1.5e-10 * head**3
    experts = 0.5 + 4e-6 * events + solving
    scored = lists * min(items, 8_000)
    encoder = 0.0
    if preset.encoder is not None and horizon == "next":
        targets = min(preset.encoder.targets, preset.encoder.epochs * events)
        encoder = preset.encoders * targets * (preset.encoder.width / 64) * preset.encoder.blocks / 55_000
    return {
        "user_profiles": 2.0 + 3e-6 * events + 2e-4 * min(size.users, 50_000),
        "content_profiles": 0.1 + 1e-4 * items,
        "interaction": 2.0 + experts + 2e-7 * preset.pairs * min(items, 8_000),
        "deep": 1.0 + experts + encoder + 4e-7 * scored + 2e-4 * preset.epochs * lists,
    }


def expected_seconds(
    size: DataSize, preset: str, horizon: str, earlier: Iterable[Mapping[str, Any]] = ()
) -> dict[str, float]:
    """Seconds that each stage is expected to take.

    ``earlier``: manifests of the models that are stored of this data, newest first. A stage that one of the same preset
    and horizon went through takes as long again. What only others went through says how fast this machine is: the
    formula is scaled by it.
    """
    formula = by_size(size, PRESETS[preset], horizon)
    took: dict[str, float] = {}
    spent = foretold = 0.0
    for manifest in earlier:
        key = manifest["model"]
        if key["preset"] not in PRESETS:
            continue  # a private model has other stages
        same = (key["preset"], key["horizon"]) == (preset, horizon)
        seconds = {stage["name"]: float(stage["seconds"]) for stage in manifest["stages"]}
        if manifest.get("interrupted"):
            seconds.pop("deep", None)
        guess = by_size(size, PRESETS[key["preset"]], key["horizon"])
        for name, value in seconds.items():
            if same or name in ALIKE_IN_PRESETS:
                took.setdefault(name, value)
            spent, foretold = spent + value, foretold + guess.get(name, 0.0)
    pace = min(MOST_TIMES, max(1 / MOST_TIMES, spent / foretold)) if foretold > 0 and spent > 0 else 1.0
    return {name: took.get(name, pace * formula[name]) for name in STAGES}


def all_expected(size: DataSize, earlier: Iterable[Mapping[str, Any]] = ()) -> dict[str, dict[str, float]]:
    """The same of every preset and horizon, by ``preset-horizon``."""
    manifests = list(earlier)
    return {
        f"{preset}-{horizon}": expected_seconds(size, preset, horizon, manifests)
        for preset in PRESETS
        for horizon in HORIZONS
    }
