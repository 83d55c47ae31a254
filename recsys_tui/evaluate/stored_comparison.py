"""The last comparison of models that was made of some data, kept in its workspace."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recsys_tui.evaluate.differences import SideBySide
from recsys_tui.output.crowd_gate import CROWD, counts_enough, smallest_crowd
from recsys_tui.store.atomic_files import read_json, write_json

if TYPE_CHECKING:
    from recsys_tui.store.stored_versions import StoredModelInfo
    from recsys_tui.store.workspace import Workspace

NAME = "comparison.json"
FORMAT = 9  # before, figures were told that are kept back now, and not of how many people they are
OLD_DATA, OLD_MODEL = "data", "model"


@dataclass(frozen=True)
class StoredComparison:
    """A finished comparison, and what it is of.

    ``document``: that of ``recsys evaluate --json``. ``fingerprint``: of the data; ``model``: of the model that
    answered then (see :func:`model_mark`), empty where there was none. ``preset``: with which the deep model was
    trained for it. ``created``: ISO time.
    """

    document: dict[str, Any]
    side_by_side: SideBySide
    fingerprint: str
    model: str
    preset: str
    created: str

    @property
    def names(self) -> tuple[str, ...]:
        """The compared models, in the order asked for."""
        return tuple(str(model["name"]) for model in self.document["models"])

    def figure(self, name: str, metric: str) -> float | None:
        """A model's figure; None where there is none."""
        for model in self.document["models"]:
            if model["name"] == name:
                value = model["metrics"].get(metric)
                return None if value is None else float(value)
        return None

    def satisfaction(self, name: str) -> float | None:
        """Mean worth of what a model's lists found; None where it was not measured, or of too few people."""
        for model in self.document["models"]:
            if model["name"] == name:
                value = (model.get("satisfaction") or {}).get("mean")
                return None if value is None else float(value)
        return None

    def older_than(self, fingerprint: str, model: str) -> str | None:
        """What has changed since: ``data``, ``model``, or nothing."""
        if self.fingerprint != fingerprint:
            return OLD_DATA
        return OLD_MODEL if self.model != model else None


def model_mark(info: StoredModelInfo | None) -> str:
    """What tells one stored model from the next; empty for none."""
    return "" if info is None else f"{info.preset} {info.horizon} {info.created}"


def save_comparison(workspace: Workspace, comparison: StoredComparison) -> None:
    """Keep a comparison, in the place of the one before. Raises ``UserError`` (exit 1) where that is not possible."""
    content = {
        "fingerprint": comparison.fingerprint,
        "model": comparison.model,
        "preset": comparison.preset,
        CROWD: smallest_crowd(),
        "created": comparison.created,
        "evaluation": comparison.document,
        "side_by_side": comparison.side_by_side.to_json(),
    }
    write_json(workspace.folder / NAME, {"format": FORMAT, "checksum": _checksum(content), **content})


def load_comparison(workspace: Workspace) -> StoredComparison | None:
    """The comparison that was kept; None where there is none, one that is not as this program wrote it, or one of
    smaller crowds than those of the settings."""
    document = read_json(workspace.folder / NAME)
    if document is None or document.pop("format", None) != FORMAT:
        return None
    try:
        if document.pop("checksum", None) != _checksum(document) or not counts_enough(document):
            return None
        evaluation = document["evaluation"]
        if not isinstance(evaluation["protocol"], str) or not isinstance(evaluation["models"], list):
            return None
        return StoredComparison(
            evaluation,
            SideBySide.from_json(document["side_by_side"]),
            str(document["fingerprint"]),
            str(document["model"]),
            str(document["preset"]),
            str(document["created"]),
        )
    except (KeyError, TypeError, RecursionError):
        return None


def _checksum(content: Mapping[str, Any]) -> str:
    return hashlib.blake2b(json.dumps(content, sort_keys=True).encode(), digest_size=16).hexdigest()
