"""What is told of how a stored model was trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recsys_tui.output.crowd_gate import CrowdGate, counts_enough
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


def still_told(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest of a model without what was measured on too few people for the crowds of the settings now.

    Of how many it was measured is told in whole crowds where these were smaller when it was.
    """
    from recsys_tui.output.crowd_counts import whole_crowds

    gate, few = CrowdGate(), measured_on_few(manifest)
    pairs, ratings = manifest["interaction"].get("pairs", 0), manifest["ratings"].get("ratings", 0)
    of_pairs = set() if gate.open_for(int(pairs)) and not few else set(manifest["interaction"])
    of_ratings = set() if gate.open_for(int(ratings)) else set(manifest["ratings"])

    coarse = set() if counts_enough(manifest) else {"pairs", "ratings"}

    def told(metrics: Mapping[str, float]) -> dict[str, float]:
        crowds = {name: float(whole_crowds(int(metrics[name]), gate)) for name in coarse & set(metrics)}
        metrics = dict(metrics) | crowds
        kept = {name: value for name, value in metrics.items() if name not in of_pairs | of_ratings}
        return {name: value for name, value in kept.items() if not (few and "@" in name)}

    return dict(manifest) | {
        "stages": [stage | {"metrics": told(stage["metrics"])} for stage in manifest["stages"]],
        "validation": told(manifest["validation"]),
        "interaction": told(manifest["interaction"]),
        "ratings": told(manifest["ratings"]),
        "epochs": manifest["epochs"] | ({"ndcg@10": []} if few else {}),
    }
