"""Asking for what is shown of the person on screen, and taking it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from recsys_tui.output.messages import say
from recsys_tui.recommend.live_edits import LiveEdits
from recsys_tui.recommend.session import Session
from recsys_tui.tui.acts.ab_lists import AbListActs
from recsys_tui.tui.state.workbench import RANKERS

if TYPE_CHECKING:
    from recsys_tui.evaluate.ab.live_lists import Dealt
    from recsys_tui.recommend.answers import HistoryItem
    from recsys_tui.recommend.person_list import PersonList

LONGEST_RANKING = 2.0  # seconds that a key waits for a list


class PersonOnScreen(AbListActs):
    """Their history and their list, as everything is asked now. Both are replaced in place when they are there."""

    # The number of the list that was asked for last, and of the one that came last.
    _list_asked, _list_there = 0, 0
    _waiting: tuple[Callable[[], None], ...] = ()
    _waiting_turn = 0

    @property
    def ranking(self) -> bool:
        """Whether a list is on its way, and what is on screen is the one before it."""
        return self._list_there != self._list_asked

    def when_ranked(self, act: Callable[[], None]) -> None:
        """Do something with the list that is on its way; keys that come meanwhile wait behind it."""
        self._waiting = (*self._waiting, act)
        self._waiting_turn = self.hold_keys(LONGEST_RANKING, self._not_ranked)

    def _not_ranked(self) -> None:
        self._list_there = self._list_asked  # it may never come: nothing waits for it any more
        if self._waiting:
            self._waiting = ()
            self.notify(say("tui.ranking"), markup=False)

    def _ranked(self, number: int) -> None:
        self._list_there = number
        had = bool(self._waiting)
        while self._waiting and not self.ranking:
            first, *others = self._waiting
            self._waiting = tuple(others)
            first()
        if had and not self._waiting:
            self.go_on_with_keys(self._waiting_turn)

    def ask_for_person(self, with_history: bool = False) -> None:
        """Rank anew for the person on screen; their history is looked up where it is wanted, or not there yet."""
        person = self.state.person
        if person is None:
            return
        user, asked, model = person.user, self.state.asked, self.state.model
        ranked_by = self.state.ranked_by if model is None else model.ranker(self.state.ranked_by)
        tried = person.said if person.what_if else None
        edits = self.state.edits.get(user)
        if with_history or not person.history:
            self.ask(
                lambda session: session.history(user), lambda history: self._take_history(user, history), "history"
            )

        def ranked(session: Session) -> tuple[PersonList, Dealt | None]:
            if ranked_by == RANKERS[0] and tried is None:
                return self.live_test.person_list(session, user, asked.k, asked.options)
            from recsys_tui.recommend.person_list import person_list

            return person_list(session, user, asked.k, ranked_by, asked.options, tried), None

        self._list_asked += 1
        number = self._list_asked

        def take(found: tuple[PersonList, Dealt | None]) -> None:
            self._take_list(user, edits, *found)
            self._ranked(number)
            if found[0].answer is None and model is not None and self.state.model is model:
                self.model_gone(model.horizon)

        self.ask(ranked, take, "person")

    def model_gone(self, horizon: str) -> None:
        """What answered is in the store no more: another process took it away."""

    def _take_history(self, user: str, history: tuple[HistoryItem, ...]) -> None:
        person = self.state.person
        if person is not None and person.user == user:
            self.state = replace(self.state, person=replace(person, history=history))
            self.draw()

    def _take_list(self, user: str, edits: LiveEdits | None, found: PersonList, dealt: Dealt | None) -> None:
        """``edits``: those of this person when the list was asked for; later ones are not in it yet."""
        person = self.state.person
        if person is None or person.user != user:
            return
        if person.answer is None and found.answer is not None:
            self.ask(_warm, lambda _done: None, "warm")
        before = person.before
        shown = None if person.answer is None else person.answer.items
        if shown is not None and not person.what_if and (found.answer is None or found.answer.items != shown):
            before = tuple(entry.item for entry in shown)
        person = replace(person, answer=found.answer, before=before, titles=found.titles, heard=True, on_screen=dealt)
        person = replace(person, kept=found.said) if person.what_if else replace(person, said=found.said, dealt=dealt)
        self.state = replace(self.state, person=person)
        if edits is not None and self.state.edits.get(user) is edits:
            self.state = replace(self.state, edits={**self.state.edits, user: edits.standing(found.said)})
        self.draw()


def _warm(session: Session) -> None:
    """On the session's thread, while the person looks at their first list: the next one comes at once."""
    recommender = session.recommender()
    if recommender is not None:
        recommender.warm()
