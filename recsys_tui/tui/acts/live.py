"""Likes and dislikes of the person on screen, which re-rank their list at once: undo, redo, only trying."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.recommend.live_edits import LiveEdits, Step, verdicts_to_write
from recsys_tui.recommend.session import Session
from recsys_tui.store.verdicts import Verdicts
from recsys_tui.tui.acts.person_on_screen import PersonOnScreen
from recsys_tui.tui.panes import HISTORY, RECOMMENDED
from recsys_tui.tui.state.workbench import NO_EDITS, NOTHING_SAID, PersonState
from recsys_tui.tui.widgets.line_table import LineTable

if TYPE_CHECKING:
    from textual.timer import Timer

UNDO, REDO = "undo", "redo"
PATIENCE = 0.7  # seconds after which it is told that writing waits, for another program or for what was asked before


@dataclass(frozen=True)
class _Written:
    """What came of writing to the log: the title of the item it was about, or the sentence that says why it failed."""

    title: str | None
    problem: str | None


class LiveActs(PersonOnScreen):
    """What is said of items. It is in the log before the screen says so."""

    def action_opinion(self, verdict: str) -> None:
        """Like or dislike the item under the cursor, for the person on screen; once more takes it back.

        Where another list is on its way, the item is the one that the cursor is on then.
        """
        if self.ranking and self._item_changes_with_list():
            self.when_ranked(lambda: self.action_opinion(verdict))
            return
        person = self._listener()
        if person is None:
            return
        item = self._item_under_cursor()
        if item is None:
            self.notify(say("live.no_item"), markup=False)
            return
        edits = self._edits(person).after(item, verdict)
        self._change(person, edits, edits.done[-1], UNDO)

    def action_undo(self) -> None:
        """Take back the latest opinion of the person on screen."""
        person = self._listener()
        if person is None:
            return
        edits = self._edits(person)
        if not edits.done:
            self.notify(say("live.nothing_to_undo", user=person.user), markup=False)
            return
        step = edits.done[-1]
        self._change(person, edits.undo(), Step(step.item, step.after, step.before), REDO)

    def action_redo(self) -> None:
        """Say again what was undone last."""
        person = self._listener()
        if person is None:
            return
        edits = self._edits(person)
        if not edits.undone:
            self.notify(say("live.nothing_to_redo", user=person.user), markup=False)
            return
        self._change(person, edits.redo(), edits.undone[-1], UNDO)

    def action_what_if(self) -> None:
        """Begin to try edits without keeping them; where that is going on, drop them."""
        person = self._listener()
        if person is None:
            return
        if person.what_if:
            self.drop_what_if()
            return
        if self.mode != "users":  # where it says that all is only tried
            self.action_mode("users")
        edits = self._edits(person)
        shown = None if person.answer is None else tuple(entry.item for entry in person.answer.items)
        self._person(
            replace(
                person, what_if=True, kept=edits.said, said=edits.said, trial=edits, before=shown,
                deed=say("live.what_if_begun"),
            )
        )  # fmt: skip

    def drop_what_if(self) -> None:
        """Forget what was only tried; the list is again what it was."""
        person = self.state.person
        if person is None or not person.what_if:
            return
        changed = person.said != person.kept
        self._end_what_if(person, person.kept, say("live.what_if_dropped", user=person.user), changed)

    def action_keep_what_if(self) -> None:
        """Write down all that was tried, as one."""
        person = self.state.person
        if person is None or not person.what_if:
            return
        rows, trial, user = verdicts_to_write(person.kept, person.said), person.trial, person.user
        dealt = person.dealt
        if not rows:
            self._end_what_if(person, person.kept, say("live.what_if_same"))
            return

        def written(done: _Written) -> None:
            waiting.stop()
            if done.problem is not None:
                self.notify(done.problem, severity="error", markup=False)
                return
            self.note_events(dealt, _for_test(rows))
            self.state = replace(self.state, edits={**self.state.edits, user: trial})
            now = self.state.person
            if now is None or now.user != user or not now.what_if:
                return
            if now.trial is trial:
                self._end_what_if(now, trial.said, say("live.what_if_kept", count=len(rows)))
            else:  # something more was tried meanwhile
                self._person(replace(now, kept=trial.said))

        waiting = self._tell_that_it_waits()
        self.ask(lambda session: _write(session, user, rows), written)

    def _end_what_if(self, person: PersonState, said: Verdicts, deed: str, changed: bool = False) -> None:
        """Show what holds again; a list that an A/B test dealt is dealt anew, where what was tried took its place."""
        self._person(replace(person, what_if=False, said=said, kept=NOTHING_SAID, trial=NO_EDITS, deed=deed))
        if changed or person.dealt is not None:
            self.ask_for_person()

    def on_line_table_chosen(self, event: LineTable.Chosen) -> None:
        """Enter on an item of the person: keep what is tried."""
        if event.table.id in (HISTORY, RECOMMENDED) and self.state.person is not None and self.state.person.what_if:
            self.action_keep_what_if()

    def step_back(self) -> bool:
        """What Escape undoes here before it leaves the view; False where there is nothing of it."""
        person = self.state.person
        if self.mode == "users" and person is not None and person.what_if:
            self.drop_what_if()
            return True
        back: Callable[[], bool] | None = getattr(self.view, "step_back", None)
        return back is not None and back()

    def _change(self, person: PersonState, edits: LiveEdits, step: Step, back: str) -> None:
        """Go over to ``edits``, by a step that the key ``back`` takes back: try it, or write it down; then rank."""
        if person.what_if:
            title = self._title(person, step.item)
            deed = _told(step, title, "live.tried", back)
            self._person(replace(person, trial=edits, said=edits.said, deed=deed), ranking=True)
        else:
            self._write_down(person.user, self._edits(person).said, edits, step, back)
        self.ask_for_person()

    def _write_down(self, user: str, before: Verdicts, edits: LiveEdits, step: Step, back: str) -> None:
        rows = verdicts_to_write(before, edits.said)
        former, before_it = self.state.edits.get(user), self.state.person
        dealt = None if before_it is None else before_it.dealt
        self.state = replace(self.state, edits={**self.state.edits, user: edits})

        def written(done: _Written) -> None:
            waiting.stop()
            if done.problem is not None:
                now = self.state.edits.get(user, edits)
                left = (former or LiveEdits(before)) if now is edits else now.without(step)
                self.state = replace(self.state, edits={**self.state.edits, user: left})
                self.notify(done.problem, severity="error", markup=False)
                return
            self.note_events(dealt, _for_test(rows))
            person = self.state.person
            if person is not None and person.user == user and not person.what_if:
                titles = {**person.titles, step.item: done.title}
                deed = _told(step, done.title, "live.noted", back)
                self._person(replace(person, said=edits.said, titles=titles, deed=deed), ranking=True)

        waiting = self._tell_that_it_waits()
        self.ask(lambda session: _write(session, user, rows, step.item), written)

    def _tell_that_it_waits(self) -> Timer:
        return self.set_timer(PATIENCE, lambda: self.notify(say("live.waits"), markup=False))

    def _person(self, person: PersonState, ranking: bool = False) -> None:
        """Show a changed person; where they are not on screen, tell what was done.

        ``ranking``: their list is on its way, and all is drawn at once when it is there.
        """
        former = self.state.person
        self.state = replace(self.state, person=person)
        screen = self.screen_stack[0]
        hidden = self.mode != "users" or screen.has_class("low") or screen.maximized is not None
        if hidden and person.deed and (former is None or former.deed != person.deed):
            self.notify(person.deed, markup=False, timeout=3)
        if not ranking:
            self.draw()

    def _listener(self) -> PersonState | None:
        """The person on screen, once it is known what they said before; else it is told why nothing can be said."""
        person = self.state.person
        if person is None:
            self.notify(say("tui.press_u"), markup=False)
        elif not person.heard:
            self.notify(say("tui.ranking"), markup=False)
            return None
        return person

    def _edits(self, person: PersonState) -> LiveEdits:
        if person.what_if:
            return person.trial
        return self.state.edits.get(person.user) or LiveEdits(person.said)

    def _item_changes_with_list(self) -> bool:
        """Whether another list of the person puts another item under the cursor."""
        person, focused = self.state.person, self.focused
        if person is None or self.mode != "users" or self.screen is not self.screen_stack[0]:
            return person is not None and not person.heard
        return not person.heard or person.answer is None or (focused is not None and focused.id == RECOMMENDED)

    def _item_under_cursor(self) -> str | None:
        """Of the dialog on top where it has items, else of the view."""
        shown: list[Any] = [self.screen, self.view]
        look: Callable[[], str | None] | None = next(
            (one.item_under_cursor for one in shown if hasattr(one, "item_under_cursor")), None
        )
        return None if look is None else look()

    @staticmethod
    def _title(person: PersonState, item: str) -> str | None:
        listed = () if person.answer is None else person.answer.items
        titles = {entry.item: entry.title for entry in listed} | {entry.item: entry.title for entry in person.history}
        return titles.get(item) or person.titles.get(item)


def _write(session: Session, user: str, rows: list[tuple[str, str | None]], item: str | None = None) -> _Written:
    """On the session's thread: when this returns it is on the disk."""
    title = None if item is None else session.titles([item])[item]
    try:
        session.feedback.add([(user, one, verdict) for one, verdict in rows])
    except UserError as error:
        return _Written(title, str(error))
    return _Written(title, None)


def _for_test(rows: list[tuple[str, str | None]]) -> list[tuple[str, str]]:
    """What was said of items, as an A/B test notes it."""
    from recsys_tui.store.ab_records import CLEAR

    return [(item, verdict or CLEAR) for item, verdict in rows]


def _told(step: Step, title: str | None, how: str, back: str) -> str:
    """What was done, as a sentence."""
    what = say(f"live.says_{step.after or 'nothing'}", title=title or step.item)
    return " · ".join((what, say(how), say(f"live.back_{back}")))
