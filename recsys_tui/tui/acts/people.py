"""The person on screen: picking one, the next one, what ranks for them, and why."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from recsys_tui.data.dataset import TimeKind
from recsys_tui.output.messages import say
from recsys_tui.recommend.session import Session
from recsys_tui.tui import messages as told
from recsys_tui.tui.acts.looking_through import LookingThrough
from recsys_tui.tui.acts.person_on_screen import PersonOnScreen
from recsys_tui.tui.dialogs.choice import ChoiceDialog, Offer
from recsys_tui.tui.state.workbench import RANKERS, PersonState

if TYPE_CHECKING:
    from recsys_tui.recommend.user_tastes import UserTastes

NAME_WIDTH = 12
FOR = "for "
TASTES = "tastes"


class PeopleActs(PersonOnScreen, LookingThrough):
    """What is done with one person."""

    # The data, its frame of users, and the places in that which the picker found last, in its order; None: all.
    _found: tuple[object, Any, Any] | None = None

    def action_pick_user(self) -> None:
        from recsys_tui.tui.dialogs.user_picker import UserPicker

        if self._users is None:
            self.notify(say("tui.still_reading"), markup=False)
            return
        dataset = self.state.dataset
        has_dates = dataset is not None and dataset.time_kind is TimeKind.TIME
        tags = None if dataset is None else dataset.pseudonyms
        picker = UserPicker(self._users, has_dates, self._filtering, lambda: self.made(TASTES), pseudonyms=tags)

        def picked(user: str | None) -> None:
            if user is not None:
                self._found = (self._work, *picker.found)
                self.show_person(user)

        self.push_screen(picker, picked)
        self.make(TASTES, _tastes_of, picker.refilter)

    def on_model_ready(self, event: told.ModelReady) -> None:
        """A picker that is open goes on with what the model knows of people."""
        from recsys_tui.tui.dialogs.user_picker import UserPicker

        for screen in self.screen_stack:
            if isinstance(screen, UserPicker) and event.users is not None:
                screen.know(event.users)

    def show_person(self, user: str | None) -> None:
        """Show a person; the list comes when it is ranked."""
        if user is None or self._work is None:
            return
        former = self.state.person
        if former is not None and former.what_if and former.said != former.kept:
            self.notify(say("live.what_if_dropped", user=former.user), markup=False)
        self.state = replace(self.state, person=PersonState(user))
        self.ask_for_person(with_history=True)
        if self.mode == "users":
            self.draw()
        else:
            self.action_mode("users")

    def action_neighbour(self, step: int) -> None:
        person = self.state.person
        if person is None or self._users is None:
            self.notify(say("tui.press_u"), markup=False)
            return
        user = self._neighbour(person.user, step)
        if user is not None:
            self.show_person(user)

    def _neighbour(self, user: str, step: int) -> str | None:
        """Who comes next: among those whom the picker found last, else among all."""
        if self._found is not None and self._found[0] is self._work:
            _data, users, places = self._found
            here = users["id"].index_of(user)
            place = None if here is None else places.index_of(here)
            if place is not None:
                return str(users["id"][int(places[(place + step) % len(places)])])
        ids = self._users["id"]
        place = ids.index_of(user)
        return None if place is None else str(ids[(place + step) % len(ids)])

    def action_choose_ranker(self) -> None:
        """Choose what ranks: the deep model or one of its parts, or the model of the other horizon."""
        model = self.state.model
        if model is None:
            self.notify(self.state.why_no_model, markup=False)
            return
        asked = model.ranker(self.state.ranked_by)
        rankers = [name for name, _ in model.rankers()]
        offers = [
            Offer(name, f"{'●' if name == asked else ' '} {name:<{NAME_WIDTH}}", self._about_ranker(name, ndcg))
            for name, ndcg in model.rankers()
        ]
        for horizon in model.horizons:
            if horizon != model.horizon:
                label = say("live.horizon_label", horizon=horizon)
                about = say("live.horizon_about", about=say(f"train.about_{horizon}"))
                offers.append(Offer(f"{FOR}{horizon}", f"  {label:<{NAME_WIDTH}}", about))
        person = self.state.person
        dealt = person is not None and person.dealt is not None
        hint = say("ab.ranker_hint" if dealt else "live.ranker_hint")
        self.push_screen(ChoiceDialog(say("live.choose_ranker"), offers, hint, rankers.index(asked)), self._rank_by)

    def _about_ranker(self, name: str, ndcg: float | None) -> str:
        """What a ranker is, with what it measured, and who ranks in its place for the person on screen."""
        about = say(f"live.ranker_{name}")
        if ndcg is not None:
            about = say("live.ranker_about", ndcg=f"{ndcg:.4f}", about=about)
        answer = None if self.state.person is None else self.state.person.answer
        if answer is None or name != self.state.ranked_by or answer.model not in RANKERS[1:] or answer.model == name:
            return about
        return say("live.ranker_served", about=about, part=answer.model)

    def _rank_by(self, name: str | None) -> None:
        if name is None or name == self.state.ranked_by:
            return
        if name.startswith(FOR):
            if self._work is not None:
                self._worker.submit(partial(self._work.take_horizon, name.removeprefix(FOR)))
            return
        self.state = replace(self.state, ranked_by=name)
        self.ask_for_person()
        self.draw()

    def action_why(self) -> None:
        from recsys_tui.tui.views.users import UsersView

        view = self.view
        if not isinstance(view, UsersView) or self.state.person is None:
            self.notify(say("tui.press_u"), markup=False)
            return
        view.turn_to_why()


def _tastes_of(session: Session) -> UserTastes:
    from recsys_tui.recommend.user_tastes import UserTastes

    return UserTastes.of(session)
