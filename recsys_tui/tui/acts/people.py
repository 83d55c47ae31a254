"""The person on screen: picking one, the next one, what ranks for them, and why."""

from __future__ import annotations

from dataclasses import replace

from recsys_tui.data.dataset import TimeKind
from recsys_tui.output.messages import say
from recsys_tui.tui import messages as told
from recsys_tui.tui.base import WorkbenchBase
from recsys_tui.tui.dialogs.user_picker import UserPicker
from recsys_tui.tui.state import PersonState


class PeopleActs(WorkbenchBase):
    """What is done with one person."""

    def on_history_ready(self, event: told.HistoryReady) -> None:
        person = self.state.person
        if person is not None and person.user == event.user:
            self.state = replace(self.state, person=replace(person, history=event.history))
            self.draw()

    def on_answer_ready(self, event: told.AnswerReady) -> None:
        person = self.state.person
        if person is not None and person.user == event.user:
            self.state = replace(self.state, person=replace(person, answer=event.answer))
            self.draw()

    def action_pick_user(self) -> None:
        if self._users is None:
            self.notify(say("tui.still_reading"), markup=False)
            return
        dataset = self.state.dataset
        has_dates = dataset is not None and dataset.time_kind is TimeKind.TIME
        self.push_screen(UserPicker(self._users, has_dates, self._filtering), self.show_person)

    def show_person(self, user: str | None) -> None:
        """Show a person; the list comes when it is ranked."""
        if user is None or self._work is None:
            return
        self.state = replace(self.state, person=PersonState(user))
        work, ranked_by = self._work, self.state.ranked_by
        self._worker.submit(lambda: work.person(user, ranked_by), kind="person")
        self.action_mode("users")

    def action_neighbour(self, step: int) -> None:
        person = self.state.person
        if person is None or self._users is None:
            self.notify(say("tui.press_u"), markup=False)
            return
        ids = self._users["id"]
        place = ids.index_of(person.user)
        if place is not None:
            self.show_person(ids[(place + step) % len(ids)])

    def action_ranker(self, step: int) -> None:
        person = self.state.person
        if self.state.model is None or person is None or self._work is None:
            self.notify(say("tui.press_u" if self.state.model is not None else "tui.train_first"), markup=False)
            return
        ranked_by = self.state.model.ranker_after(self.state.ranked_by, step)
        self.state = replace(self.state, ranked_by=ranked_by)
        work, user = self._work, person.user
        self._worker.submit(lambda: work.answer(user, ranked_by), kind="person")
        if self.mode != "users":
            self.action_mode("users")

    def action_why(self) -> None:
        if self.mode != "users" or self.state.person is None:
            self.notify(say("tui.press_u"), markup=False)
            return
        self.screen_stack[0].toggle_class("why")
        self.call_after_refresh(self.draw)
