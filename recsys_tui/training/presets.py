"""How much work each preset does."""

from __future__ import annotations

from dataclasses import dataclass, field

from recsys_tui.models.catalogue_head import HEAD_BY_PRESET
from recsys_tui.models.classics.biased_factors import BiasedSettings
from recsys_tui.models.encoder.self_attention import AttentionSettings


@dataclass(frozen=True)
class Preset:
    """``lists``: training lists of the deep model. ``pairs``: lists that the interaction model draws pairs from.

    ``blend_lists``: lists that the blend is learned from. ``epochs`` and ``candidates`` (a list) are the deep
    model's; ``head`` bounds dense item × item arrays. ``encoder``: how its sequence encoder is built and trained; None
    leaves it out. ``encoders``: how many of them, of different seeds, are averaged. ``ratings``: how ratings are
    foretold, where there are any.
    """

    name: str
    head: int
    lists: int
    pairs: int
    blend_lists: int
    candidates: int
    epochs: int
    encoder: AttentionSettings | None = None
    encoders: int = 1
    ratings: BiasedSettings = field(default_factory=BiasedSettings)


# Sized for a GPU; a CPU does it too, and takes many times as long as standard.
LARGE = AttentionSettings(width=128, blocks=2, heads=4, window=100, epochs=20, targets=16_000_000, negatives=1_024)


PRESETS = {
    "quick": Preset(
        "quick", HEAD_BY_PRESET["quick"], 2_000, 2_000, 1_000, 150, 6, ratings=BiasedSettings(width=8, sweeps=3)
    ),
    "standard": Preset("standard", HEAD_BY_PRESET["standard"], 24_000, 6_000, 1_500, 150, 8, AttentionSettings()),
    "full": Preset("full", HEAD_BY_PRESET["full"], 60_000, 12_000, 3_000, 200, 12, LARGE, 2),
}
