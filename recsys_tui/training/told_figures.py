"""What a stored model measured on held-out lists, as it may be told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recsys_tui.output.crowd_gate import CrowdGate


def measured_on_few(manifest: Mapping[str, Any]) -> bool:
    """Whether the held-out lists, one a person, were of too few people to tell how well any model did on them."""
    lists = manifest.get("lists")
    return lists is not None and not CrowdGate().open_for(int(lists["validation"]))


def told_parts(manifest: Mapping[str, Any]) -> dict[str, float]:
    """NDCG@10 of each part alone; nothing where too few people stand behind it."""
    return {} if measured_on_few(manifest) else dict(manifest["parts"])
