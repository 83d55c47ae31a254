"""What the A/B test that runs is told: lists on screen, and what the person does with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from recsys_tui.recommend.session import Session
from recsys_tui.tui.base import WorkbenchBase

if TYPE_CHECKING:
    from recsys_tui.evaluate.ab.live_lists import Dealt, LiveTest


class AbListActs(WorkbenchBase):
    """Lists are dealt, and everything is noted, on the session's thread."""

    _live_test: LiveTest | None = None
    # The list that was noted last.
    _noted: Dealt | None = None

    @property
    def live_test(self) -> LiveTest:
        """What deals the lists of a test; for the session's thread."""
        if self._live_test is None:
            from recsys_tui.evaluate.ab.live_lists import LiveTest

            self._live_test = LiveTest()
        return self._live_test

    def draw(self) -> None:
        """Show the state; a list of a test that comes on screen with it is noted."""
        super().draw()
        person = self.state.person
        dealt = None if person is None or person.what_if else person.on_screen
        if self.is_running and self.mode == "users" and dealt is not None and dealt != self._noted:
            self._noted = dealt
            self._note_shown(dealt)

    def _note_shown(self, dealt: Dealt) -> None:
        self.ask(lambda session: self.live_test.note_shown(session, dealt), _nothing)

    def note_events(self, dealt: Dealt | None, happened: Sequence[tuple[str, str]]) -> None:
        """Note what was done with items, as (item, kind), where a test dealt the list that the person was shown."""
        if dealt is None or not happened:
            return
        done = tuple(happened)

        def note(session: Session) -> None:
            self.live_test.note_events(session, dealt, done)

        self.ask(note, _nothing)


def _nothing(_done: None) -> None:
    """There is nothing to show."""
