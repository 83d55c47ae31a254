"""The A/B test that runs, in the workbench: lists dealt by it, and what is noted of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from recsys_tui.evaluate.ab.arms import CLASSICS, Arm, load_arm
from recsys_tui.evaluate.ab.dealing import Shown, arm_for, counted_for, deal, passed_over
from recsys_tui.models.deep_candidates import DEEP
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.recommend.list_options import ListOptions
from recsys_tui.recommend.person_list import PersonList, person_list
from recsys_tui.store.ab_log import AbLog
from recsys_tui.store.ab_records import ARMS, INTERLEAVE, LIKE, AbTest, Visit

if TYPE_CHECKING:
    from recsys_tui.recommend.answers import Recommendations, RecommendedItem
    from recsys_tui.recommend.session import Session


@dataclass(frozen=True)
class Dealt:
    """A list that a test dealt: to whom, at which visit, what was shown."""

    test: AbTest
    visit: Visit
    shown: Shown

    @property
    def interleaved(self) -> bool:
        """Whether both arms made it together."""
        return self.test.mode == INTERLEAVE


class LiveTest:
    """Deals the lists of the workbench by the test that runs, if one does, and notes what happens. For one thread."""

    def __init__(self) -> None:
        self._arms: dict[tuple[Path, str], Arm] = {}
        self._touched: dict[tuple[Path, int], set[str]] = {}

    def person_list(self, session: Session, user: str, k: int, options: ListOptions) -> tuple[PersonList, Dealt | None]:
        """The list of a person as :func:`recsys_tui.recommend.person_list.person_list` has it; of the test if one runs.

        A test that cannot be served (its log is damaged, an arm is of other data) leaves the deep model's list, whose
        note says so. Raises ``UserError`` as that does.
        """
        try:
            test = AbLog(session.workspace.folder).running()
            if test is None or session.model_info() is None:
                return person_list(session, user, k, DEEP, options), None
            arms = {arm: self._arm(session, test.model_of(arm)) for arm in ARMS}
            return self._dealt(session, test, arms, user, k, options)
        except UserError as error:
            found = person_list(session, user, k, DEEP, options)
            return replace(found, answer=_with_note(found.answer, say("ab.not_served", problem=error))), None

    def _dealt(
        self, session: Session, test: AbTest, arms: dict[str, Arm], user: str, k: int, options: ListOptions
    ) -> tuple[PersonList, Dealt | None]:
        found: dict[str, PersonList] = {}

        def list_of(arm: str) -> list[str]:
            one = arms[arm]
            found[arm] = person_list(session, user, k, one.name, options, expert=one.expert)
            answer = found[arm].answer
            return [] if answer is None else [entry.item for entry in answer.items]

        stored = session.names.stored(user)
        visit = AbLog(session.workspace.folder).visit(test, stored, arm_for(test, stored), _model_of(session))
        shown = deal(test, visit, k, list_of)
        dealt = Dealt(test, visit, shown)
        first = next(iter(found.values()))
        note = say(f"ab.note_{test.mode}", a=test.a, b=test.b)
        if not dealt.interleaved or first.answer is None:
            return replace(first, answer=_with_note(first.answer, note)), dealt
        entries: dict[tuple[str, str | None], RecommendedItem] = {}
        for arm, one in found.items():
            for entry in () if one.answer is None else one.answer.items:
                entries[entry.item, arm] = entries[entry.item, None] = entry
        places = [replace(entries[each], rank=place, reasons=()) for place, each in enumerate(shown, 1)]
        mixed = replace(first.answer, items=tuple(places), model=say("ab.both_arms", a=test.a, b=test.b))
        return replace(first, answer=_with_note(mixed, note)), dealt

    def _arm(self, session: Session, name: str) -> Arm:
        """An arm, read once for each model."""
        info = session.model_info()
        if name not in CLASSICS or info is None:
            return Arm(name)
        place = (info.folder, name)
        if place not in self._arms:
            self._arms = {known: arm for known, arm in self._arms.items() if known[0] == info.folder}
            self._arms[place] = load_arm(session, name)
        return self._arms[place]

    def note_shown(self, session: Session, dealt: Dealt) -> None:
        """Note that a list is on screen. Raises ``UserError`` (exit 1) where that cannot be written."""
        log = AbLog(session.workspace.folder)
        if log.running() == dealt.test:
            log.show(dealt.visit, _stored(session, dealt.shown))

    def note_events(self, session: Session, dealt: Dealt, happened: Sequence[tuple[str, str]]) -> None:
        """Note what was done with a list: (item, kind) in their order; what was passed over on the way is noted too.

        Nothing is noted of a test that has ended. Where the visit was over by now, it is of a new one, to which the
        list still stood. Raises ``UserError`` (exit 1) where it cannot be written.
        """
        log = AbLog(session.workspace.folder)
        if log.running() != dealt.test:
            return
        visit = log.visit(dealt.test, dealt.visit.user, dealt.visit.arm, _model_of(session))
        place = (session.workspace.folder, visit.number)
        if visit.number != dealt.visit.number and place not in self._touched:
            log.show(visit, _stored(session, dealt.shown))
        touched = self._touched.setdefault(place, set())
        events = []
        for item, kind in happened:
            touched.add(item)
            if kind == LIKE:
                over = passed_over(dealt.shown, item, touched)
                touched.update(other for other, _, _ in over)
                events += over
            events.append((item, kind, counted_for(dealt.shown, item)))
        log.note(visit, [(session.names.stored_item(item), kind, arm) for item, kind, arm in events])


def _stored(session: Session, shown: Shown) -> Shown:
    """A list as it is written down: by ids."""
    return tuple((session.names.stored_item(item), arm) for item, arm in shown)


def _model_of(session: Session) -> str:
    """Which of the stored models ranks now, for the log."""
    info = session.model_info()
    return "" if info is None else f"{info.preset} {info.horizon} {info.created[:19]}"


def _with_note(answer: Recommendations | None, note: str) -> Recommendations | None:
    return None if answer is None else replace(answer, note=" ".join(part for part in (answer.note, note) if part))
