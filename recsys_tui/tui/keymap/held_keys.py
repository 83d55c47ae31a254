"""Keys that are pressed before a dialog is there in full wait for it, in their order."""

from __future__ import annotations

from textual import events
from textual.app import App


class HeldKeysApp(App[int]):
    """An application in which no action meets a screen without its widgets, however fast somebody types."""

    def __init__(self) -> None:
        super().__init__()
        self._held: list[events.Event] = []

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded:
            if not self.screen_stack:  # typed while the program ends: nothing is there to hear it
                return
            screen, waited = self.screen, event in self._held
            if not screen.is_mounted or (self._held and not waited):
                if not waited:
                    self._held.append(event)
                # The screen comes to this once it is mounted and drawn, its first widget in focus.
                screen.call_after_refresh(self.post_message, event)
                return
            if waited:
                del self._held[: self._held.index(event) + 1]
        await super().on_event(event)
