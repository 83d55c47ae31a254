"""What pickers look through, made once for the data that is open, on the session's thread, when it is first needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from recsys_tui.recommend.session import Session
from recsys_tui.tui.base import WorkbenchBase


class LookingThrough(WorkbenchBase):
    """Keeps what was made; with other data it is gone."""

    _made: tuple[object, dict[str, Any]] = (None, {})

    def made(self, name: str) -> Any:
        """What was made of a name for the data that is open; None while it is not there."""
        return self._made[1].get(name) if self._made[0] is self._work else None

    def make(self, name: str, build: Callable[[Session], Any], then: Callable[[], None]) -> None:
        """Make it unless it is there; ``then`` is called once it is."""
        work = self._work
        if self.made(name) is not None:
            return

        def take(value: Any) -> None:
            if self._made[0] is not work:
                self._made = (work, {})
            self._made[1][name] = value
            if self._work is work:
                then()

        self.ask(build, take, f"make {name}")
