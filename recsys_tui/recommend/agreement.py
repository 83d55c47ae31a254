"""Which stages of the model speak for an item of a list."""

from __future__ import annotations

from collections.abc import Sequence

from recsys_tui.recommend.answers import Reason

# One stage each, in the order in which they are trained, by the parts of a score that it gives.
STAGE_PARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("profile", ("profile",)),
    ("content", ("content",)),
    ("interaction", ("interaction",)),
    ("sequence", ("sequence", "encoder")),
)
# What is less rounds to nothing where a part is shown.
LEAST = 0.005


def stages_that_agree(reasons: Sequence[Reason]) -> tuple[bool, ...] | None:
    """For each of ``STAGE_PARTS`` whether it raises the score; None where the score was not made of them."""
    parts = {reason.kind: reason.contribution for reason in reasons}
    if not any(kind in parts for _, kinds in STAGE_PARTS for kind in kinds) or len(parts) == 1:
        return None
    return tuple(sum(parts.get(kind, 0.0) for kind in kinds) >= LEAST for _, kinds in STAGE_PARTS)
