"""What the audit of the explanations found, as plain frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recsys_tui.tui.state.workbench import ModelState


@dataclass(frozen=True)
class AuditState:
    """Of which ``model``; ``running``: it is being measured. ``document``: what ``recsys audit --faithfulness --json``
    says, None before; ``problem``: why it says nothing."""

    model: ModelState | None = None
    running: bool = False
    document: Mapping[str, Any] | None = None
    problem: str | None = None


NOT_AUDITED = AuditState()
