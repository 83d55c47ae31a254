"""``python -m recsys_tui.tui.screenshot DATA OUT.svg [--user ID] [--mode MODE] [--size 120x36]``: a picture.

Drives the real workbench without a terminal, over the stored model; nothing is trained.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from pathlib import Path

from recsys_tui.output.console import complain
from recsys_tui.output.errors import ExitCode
from recsys_tui.output.messages import say
from recsys_tui.store.home import Home
from recsys_tui.tui.app import WorkbenchApp
from recsys_tui.tui.keymap.keys import MODES
from recsys_tui.tui.taking.picture import self_contained

PATIENCE = 60.0
SETTLING = 1.0  # for what is worked out behind the screen


async def _take(
    data: str, user: str | None, item: str | None, mode: str, width: int, height: int, keys: list[str]
) -> str | None:
    """The screen as SVG after ``keys`` were pressed, or None where it did not come up in time."""
    app = WorkbenchApp(data, None, Home.resolve(), no_train=True)
    async with app.run_test(size=(width, height)) as pilot:
        deadline = time.monotonic() + PATIENCE
        asked = False
        while app.return_value is None and time.monotonic() < deadline:
            await pilot.pause(0.05)
            if app.state.model is None:
                continue
            if user is not None and not asked:
                app.show_person(user)
                asked = True
            if user is None or (app.state.person is not None and app.state.person.answer is not None):
                if item is not None:
                    app.show_item(item)
                app.action_mode(mode)
                await pilot.pause(0.3)
                await pilot.press(*keys)
                while user and mode == "users" and not _explained(app) and time.monotonic() < deadline:
                    await pilot.pause(0.05)
                await pilot.pause(SETTLING)
                return self_contained(app.export_screenshot(title=f"recsys-tui open {data}"))
    return None


def _explained(app: WorkbenchApp) -> bool:
    """Whether why the item under the cursor is there was worked out to the end."""
    return app.state.why is not None and app.state.why.settled


def main(arguments: list[str] | None = None) -> int:
    """Write the picture; returns the exit code."""
    parser = argparse.ArgumentParser(prog="recsys_tui.tui.screenshot")
    parser.add_argument("data")
    parser.add_argument("out", type=Path)
    parser.add_argument("--user")
    parser.add_argument("--item")
    parser.add_argument("--keys", default="")
    parser.add_argument("--mode", choices=MODES, default="home")
    parser.add_argument("--size", default="120x36")
    chosen = parser.parse_args(arguments)
    width, height = (int(side) for side in chosen.size.split("x"))
    picture = asyncio.run(
        _take(
            chosen.data,
            chosen.user,
            chosen.item,
            chosen.mode,
            width,
            height,
            [key for key in chosen.keys.split(",") if key],
        )
    )
    if picture is None:
        complain(say("tui.no_picture", data=chosen.data))
        return int(ExitCode.NOT_TRAINED)
    chosen.out.write_text(picture, encoding="utf-8")
    return int(ExitCode.DONE)


if __name__ == "__main__":
    sys.exit(main())
