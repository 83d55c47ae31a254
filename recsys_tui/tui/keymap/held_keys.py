"""Keys are answered one after the other, however fast somebody types: none meets a screen that another one changes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump

# What a key leads to may be lost with the widget it was for; those behind it wait no longer than this for it.
LONGEST = 0.5  # seconds
# Once for the key itself, on its way up to the application; once for what its action sent to the widget, as Enter
# in a field does: a dialog is left by that alone.
ROUNDS = 2


class KeyHeard(Message):
    """Goes the way of a key, behind it: once it comes to the application, the key was there before."""

    bubble: ClassVar[bool] = True
    verbose: ClassVar[bool] = True

    def __init__(self, target: MessagePump, turn: int, rounds: int) -> None:
        super().__init__()
        self.target, self.turn, self.rounds = target, turn, rounds


class HeldKeysApp(App[int]):
    """An application in which a key waits for the one before it, and for a screen that has its widgets."""

    def __init__(self) -> None:
        super().__init__()
        self._held: deque[events.Key] = deque()
        self._turn = 0
        self._given_up: asyncio.TimerHandle | None = None  # is there while a turn lasts

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not self.screen_stack:
            return  # typed while the program ends: nothing is there to hear it
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
            return
        self._held.append(event)
        await self._next_key()

    async def _next_key(self) -> None:
        while self._held and self._given_up is None:
            if not self.screen_stack:
                self._held.clear()
                return
            screen = self.screen
            if not screen.is_mounted:
                # The screen comes to this once it is mounted and drawn, its first widget in focus.
                screen.call_after_refresh(self.post_message, KeyHeard(self, self._begin_turn(), 1))
                return
            event, target = self._held.popleft(), self.focused or screen
            await super().on_event(event)
            if event.is_forwarded and not target.post_message(KeyHeard(target, self._begin_turn(), ROUNDS)):
                self._end_turn()

    async def on_key_heard(self, message: KeyHeard) -> None:
        """Let the next key have its turn, once the last one has had all of its own."""
        message.stop()
        if message.turn != self._turn:
            return
        more = KeyHeard(message.target, message.turn, message.rounds - 1)
        if not (more.rounds and message.target.post_message(more)):
            self._end_turn()
            await self._next_key()

    def hold_keys(self, longest: float = LONGEST, late: Callable[[], None] | None = None) -> int:
        """Have the next keys wait for what the last one asked for; returns what ``go_on_with_keys`` is told.

        After ``longest`` seconds they go on whatever happened, and ``late`` is called.
        """
        self._end_turn()
        return self._begin_turn(longest, late)

    def drop_keys(self) -> None:
        """Forget the keys that wait."""
        self._held.clear()

    def go_on_with_keys(self, turn: int) -> None:
        """What the last key asked for is there."""
        self.post_message(KeyHeard(self, turn, 1))

    def _begin_turn(self, longest: float | None = None, late: Callable[[], None] | None = None) -> int:
        self._turn += 1
        wait, loop = LONGEST if longest is None else longest, asyncio.get_running_loop()
        self._given_up = loop.call_later(wait, self.call_later, self._give_up, self._turn, late)
        return self._turn

    def _end_turn(self) -> None:
        if self._given_up is not None:
            self._given_up.cancel()
            self._given_up = None

    async def _give_up(self, turn: int, late: Callable[[], None] | None) -> None:
        if turn == self._turn and self._given_up is not None:
            self._end_turn()
            if late is not None:
                late()
            await self._next_key()
