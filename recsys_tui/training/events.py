"""What a training process tells its parent: one JSON line an event on its standard output."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

STAGES = ("user_profiles", "content_profiles", "interaction", "deep")
PRIVATE_STAGES = ("content_profiles", "statistics")  # of a training with differential privacy

STAGE_STARTED = "stage_started"
STAGE_PROGRESS = "stage_progress"
STAGE_FINISHED = "stage_finished"
CLUSTERS_FOUND = "clusters_found"
PARTS_MEASURED = "parts_measured"
NOTE = "note"
SAVED = "saved"
STOPPED = "stopped"
FAILED = "failed"
FINAL_KINDS = (SAVED, STOPPED, FAILED)


@dataclass(frozen=True)
class TrainingEvent:
    """One event of a training run.

    ``kind`` is one of the constants above. ``fraction`` (0 to 1) and ``seconds`` count within the stage, but for
    ``saved``, whose ``seconds`` are those of the whole run. ``note`` is a sentence for people. ``metrics`` holds what
    the stage measured (loss, ndcg@10, accuracy, auc, clusters …), with ``parts_measured`` the NDCG@10 of each part of
    the model alone on the validation lists. ``clusters`` comes with ``clusters_found``: name, size, cohesion, items
    (id, title, lift) and terms (text, lift) of each. ``exit_code`` comes with ``failed`` only.
    """

    kind: str
    stage: str | None = None
    fraction: float | None = None
    seconds: float | None = None
    note: str | None = None
    metrics: dict[str, float] = field(default_factory=dict)
    exit_code: int | None = None
    clusters: list[dict[str, Any]] = field(default_factory=list)

    def to_line(self) -> str:
        """The event as one line of JSON, without the fields that are empty."""
        return json.dumps({key: value for key, value in asdict(self).items() if value not in (None, {}, [])})

    @classmethod
    def from_line(cls, line: str) -> TrainingEvent:
        """Read :meth:`to_line` back. Raises ``ValueError`` for a line that is no event."""
        document = json.loads(line)
        if not isinstance(document, dict) or "kind" not in document:
            raise ValueError("no training event")
        return cls(**document)
