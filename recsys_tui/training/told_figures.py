"""What is told of how a stored model was trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.store.stored_versions import StoredModelInfo


def learned_on(info: StoredModelInfo) -> str:
    """The kind of device that a model has learned on; of an older model what was asked for."""
    return str(info.manifest.get("learned_on", info.key.device))


def measured_on_few(manifest: Mapping[str, Any]) -> bool:
    """Whether the held-out lists, one a person, were of too few people to tell how well any model did on them. Of a
    private model, which holds nothing out, nothing was measured in the first place."""
    lists = manifest.get("lists")
    return lists is not None and "privacy" not in manifest and not CrowdGate().open_for(int(lists["validation"]))


def told_parts(manifest: Mapping[str, Any]) -> dict[str, float]:
    """NDCG@10 of each part alone; nothing where too few people stand behind it."""
    return {} if measured_on_few(manifest) else dict(manifest["parts"])
