"""Sentences of the ``models``, ``profiles``, ``training`` and ``recommend`` rooms."""

from __future__ import annotations

ENGLISH: dict[str, str] = {
    "models.stage_user_profiles": "user profiles",
    "models.stage_content_profiles": "content profiles",
    "models.stage_interaction": "interaction model",
    "models.stage_deep": "deep model",
    "models.training_discarded": "Training was stopped and nothing of it was kept.",
    "models.training_killed": "Training was ended by the system, most often for want of memory; close other programs, or train with --preset quick.",
    "models.training_ended": "Training ended unexpectedly (code {code}): {detail}",
}
