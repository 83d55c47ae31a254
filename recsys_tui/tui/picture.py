"""The screen as a picture that asks for nothing when it is looked at."""

from __future__ import annotations

import re

# Fonts come from the machine that shows it.
_ASKING = re.compile(r"@font-face\s*\{.*?\}|<!--.*?-->", re.DOTALL)


def self_contained(svg: str) -> str:
    """A picture without what would be fetched from elsewhere."""
    return _ASKING.sub("", svg)
