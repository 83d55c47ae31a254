"""The names that a configuration file may use: themes, models, keys."""

from __future__ import annotations

from recsys_tui.recommend.ranking import ALIASES, MODEL_NAMES
from recsys_tui.store.settings import Known
from recsys_tui.tui.keymap.registry import collisions, is_key, key_names, registered_keys
from recsys_tui.tui.themes import theme_names


def known_names() -> Known:
    """Everything there is; keys are looked for where they are asked for, which reads the whole workbench."""
    models = (*MODEL_NAMES, *ALIASES)
    return Known(theme_names(), models, registered_keys, key_names(), is_key, collisions)
