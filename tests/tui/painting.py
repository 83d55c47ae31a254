"""Waiting until what was asked for is painted."""

from __future__ import annotations

import asyncio
from typing import Any

from textual.app import App


async def painted(app: App[Any], times: int = 1) -> None:
    """Wait until the screen was painted, and again where handlers of that ask for more."""
    for _ in range(times):
        done = asyncio.Event()
        app.screen.call_after_refresh(done.set)
        async with asyncio.timeout(5):
            await done.wait()
