"""Comparing two models: which, for whom, over all people, and without knowing which is which."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from recsys_tui.output.errors import ExitCode
from recsys_tui.output.messages import say
from recsys_tui.recommend.session import Session
from recsys_tui.training.job import QUICK
from recsys_tui.tui.acts.shell import ShellActs
from recsys_tui.tui.compare_run import ComparisonRunner, ComparisonStarted, ComparisonTold
from recsys_tui.tui.dialogs.choice import ChoiceDialog, Offer
from recsys_tui.tui.state.compare import (
    ALIKE,
    CLASSIC_OF,
    LEFT,
    PRIVATE,
    ComparisonRun,
    Preference,
    TwoLists,
    chosen_pair,
    rankers_of,
)
from recsys_tui.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from recsys_tui.evaluate.stored_comparison import StoredComparison
    from recsys_tui.tui.dialogs.blind import BlindDialog

LEAVE = "leave"
BY_ITSELF = ("deep", "ease", "popular")


class CompareActs(ShellActs):
    """What is done with two models."""

    _comparisons: ComparisonRunner | None = None
    # What the comparison over all people was last looked up for, and what lists were last asked for.
    _compared_of: tuple[object, object] | None = None
    _lists_asked: tuple[object, ...] | None = None

    @property
    def comparisons(self) -> ComparisonRunner:
        """The comparison over all people that runs, if one does."""
        if self._comparisons is None:
            self._comparisons = ComparisonRunner(self.post_message)
        return self._comparisons

    def draw(self) -> None:
        """Show the state; while two models are looked at, first see to it that what is shown is of the state."""
        if self.mode == "compare" and self.is_running:
            self._follow_state()
        super().draw()

    def _follow_state(self) -> None:
        compared = chosen_pair(self.state)
        if compared != self.state.compared:
            self.state = replace(self.state, compared=compared)
        state = self.state
        about = (state.dataset, state.model)
        before = self._compared_of
        if state.dataset is not None and (before is None or about[0] is not before[0] or about[1] is not before[1]):
            self._compared_of = about
            self.ask(_stored, self._take_stored, kind="compare.stored")
        person, model = state.person, state.model
        if person is None or model is None:
            return
        tried = person.said if person.what_if else None
        wanted = (person.user, compared.a, compared.b, state.asked, person.said, tried, model)
        if self._lists_asked == wanted:
            return
        self._lists_asked = wanted
        able = rankers_of(model)
        if compared.a not in able or compared.b not in able:
            return
        user, asked, pair = person.user, state.asked, (compared.a, compared.b)

        def make(session: Session) -> TwoLists | None:
            from recsys_tui.recommend.person_list import person_list

            first, second = (person_list(session, user, asked.k, name, asked.options, tried).answer for name in pair)
            return None if first is None or second is None else TwoLists(wanted, user, first, second)

        self.ask(make, self._take_lists, kind="compare.lists")

    def _take_lists(self, lists: TwoLists | None) -> None:
        if lists is not None and lists.asked == self._lists_asked:
            self.state = replace(self.state, compared=replace(self.state.compared, lists=lists))
            self.draw()

    def _take_stored(self, found: tuple[StoredComparison | None, str | None]) -> None:
        stored, older = found
        self.state = replace(self.state, compared=replace(self.state.compared, stored=stored, older=older))
        self.draw()

    def show_person(self, user: str | None) -> None:
        """Show a person; where two models are looked at, there."""
        here, focused = self.mode == "compare", self.screen_stack[0].focused
        super().show_person(user)
        if here and self.mode != "compare":
            self.action_mode("compare")
            if focused is not None:
                focused.focus()

    def action_compare_side(self, side: str) -> None:
        """Choose model A or B."""
        model = self.state.model
        if model is None:
            self.notify(self.state.why_no_model, markup=False)
            return
        called = self.state.compared.called
        offers = [Offer(name, called(name), _held_out(ndcg)) for name, ndcg in model.rankers()]
        able, stored = rankers_of(model), self.state.compared.stored
        known = () if stored is None else stored.names
        offers += [Offer(name, name, say("compare.over_all_alone")) for name in known if not _can_rank(name, able)]

        def chosen(name: str | None) -> None:
            if name is not None:
                self._compare(**{side: name})

        self.push_screen(ChoiceDialog(say(f"compare.choose_{side}"), offers), chosen)

    def action_compare_swap(self) -> None:
        """A becomes B, and B becomes A."""
        compared = self.state.compared
        self._compare(a=compared.b, b=compared.a)

    def _compare(self, a: str | None = None, b: str | None = None) -> None:
        """Compare other models; choosing for one side what stands on the other swaps them."""
        old = self.state.compared
        new = replace(old, a=a or old.a, b=b or old.b)
        if new.a == new.b:
            new = replace(old, a=old.b, b=old.a)
        self.state = replace(self.state, compared=new)
        self.draw()

    def action_compare_run(self) -> None:
        """Ask which models to try on held-out data, then try them in the background."""
        if self._work is None or self._work.session is None:
            self.notify(say("tui.still_reading"), markup=False)
        elif self.comparisons.running:
            self.notify(say("compare.runs_already"), markup=False)
        else:
            self.ask_for_dialog(_models_for, self._choose_models, kind="compare.models")

    def _choose_models(self, names: tuple[str, ...]) -> None:
        from recsys_tui.tui.dialogs.model_choice import ModelChoice

        stored, model = self.state.compared.stored, self.state.model
        before = BY_ITSELF if stored is None else stored.names
        if model is not None and model.epsilon is not None:
            names, before = (PRIVATE, *names), (PRIVATE, *before)
        if len(self.screen_stack) == 1:
            self.push_screen(ModelChoice(names, [name for name in names if name in before]), self._run_comparison)

    def _run_comparison(self, names: tuple[str, ...] | None) -> None:
        if not names:
            return
        from recsys_tui.evaluate.comparison_job import ComparisonRequest

        model = self.state.model
        if model is None or model.epsilon is not None:
            request = ComparisonRequest(names, QUICK, epsilon=None if model is None else model.epsilon)
        else:
            request = ComparisonRequest(names, model.preset)
        self.ask(lambda session: self.comparisons.start(session, request), lambda _nothing: None)

    def on_comparison_started(self, event: ComparisonStarted) -> None:
        run = ComparisonRun(event.request.models, started=time.monotonic())
        self.state = replace(self.state, compared=replace(self.state.compared, run=run))
        self.draw()

    def on_comparison_told(self, event: ComparisonTold) -> None:
        from recsys_tui.evaluate.comparison_job import SAVED, STEP

        compared, told = self.state.compared, event.event
        if told.kind == STEP:
            if compared.run is not None:
                run = replace(compared.run, step=told.step, running=told.running, share=told.share)
                self.state = replace(self.state, compared=replace(compared, run=run))
                self._show_progress()
            return
        self.state = replace(self.state, compared=replace(compared, run=None))
        if told.kind == SAVED:
            self.ask(_stored, self._take_stored, kind="compare.stored")
            self.notify(say("compare.done"), markup=False)
            for sentence in told.notes:
                self.notify(sentence, severity="warning", markup=False, timeout=10)
        elif told.note:
            self.notify(told.note, severity="error", markup=False, timeout=10)
        else:
            self.notify(say("compare.stopped"), markup=False)
        self.draw()

    def _tick(self) -> None:
        super()._tick()
        if self.state.compared.run is not None:
            self._show_progress()

    def _show_progress(self) -> None:
        """Only what tells of it is drawn anew, several times a second."""
        if self.mode == "compare":
            self.draw()
        elif self.screen_stack:
            self.screen_stack[0].query_one(TopBar).show(self.state, self.mode)

    def action_stop_job(self) -> None:
        """End the comparison where one is looked at or nothing else runs, else the training."""
        if self.comparisons.running and (self.mode == "compare" or not self.state.training):
            threading.Thread(target=self.comparisons.stop, name="stopping", daemon=True).start()
        else:
            super().action_stop_job()

    def on_unmount(self) -> None:
        """Nothing of a comparison outlives the workbench."""
        if self.comparisons.running:
            self.comparisons.stop()

    def action_leave(self) -> None:
        """As always; but a comparison that runs is not given up without asking."""
        if self.state.training or self.state.compared.run is None:
            super().action_leave()
            return
        while len(self.screen_stack) > 1:
            self.pop_screen()
        offer = Offer(LEAVE, say("compare.quit"), say("compare.quit_about"))
        dialog = ChoiceDialog(say("compare.quit_title"), [offer], say("tui.quit_hint"))
        self.push_screen(dialog, lambda choice: None if choice is None else self.exit(int(ExitCode.DONE)))

    def action_blind(self) -> None:
        """Show the two lists without saying which is whose."""
        from recsys_tui.tui.dialogs.blind import BlindDialog

        if self.mode != "compare":
            self.action_mode("compare")
            self._follow_state()
        state = self.state
        if state.model is None or state.person is None:
            self.notify(say("tui.press_u") if state.model is not None else state.why_no_model, markup=False)
        elif not {state.compared.a, state.compared.b} <= set(rankers_of(state.model)):
            self.notify(say("compare.needs_lists"), markup=False)
        else:
            dialog = BlindDialog()
            self.push_screen(dialog, self._reveal)
            self.call_after_refresh(self.draw)

    def on_blind_dialog_picked(self, event: BlindDialog.Picked) -> None:
        """Note what is preferred for the person on screen, and go on with the next one."""
        compared, person = self.state.compared, self.state.person
        if person is None or compared.lists is None or compared.lists.user != person.user:
            return
        left = compared.on_the_left(person.user)
        right = compared.b if left == compared.a else compared.a
        model = None if event.side == ALIKE else left if event.side == LEFT else right
        preference = Preference(person.user, frozenset((compared.a, compared.b)), model)
        self.state = replace(self.state, compared=compared.with_preference(preference))
        self.action_neighbour(1)

    def on_blind_dialog_next(self) -> None:
        """Pass over a person."""
        self.action_neighbour(1)

    def _reveal(self, _nothing: None) -> None:
        compared = self.state.compared
        wins, losses, alike = compared.tally()
        if wins + losses + alike:
            from recsys_tui.tui.lines.compare import tally_sentence

            self.notify(tally_sentence(compared), markup=False, timeout=10)
        self.draw()


def _held_out(ndcg: float | None) -> str:
    return say("private.not_measured") if ndcg is None else say("compare.held_out", ndcg=f"{ndcg:.3f}")


def _can_rank(name: str, able: tuple[str, ...]) -> bool:
    """Whether a compared model is among those that can make lists here, whatever its name there."""
    return any(CLASSIC_OF.get(ranker, ranker) == name for ranker in able)


def _models_for(session: Session) -> tuple[str, ...]:
    """The models that can be tried on this data."""
    from recsys_tui.evaluate.classics import classics_for

    return ("deep", *classics_for(session.dataset))


def _stored(session: Session) -> tuple[StoredComparison | None, str | None]:
    """The comparison that is kept, and what has changed since."""
    from recsys_tui.evaluate.stored_comparison import load_comparison, model_mark

    stored = load_comparison(session.workspace)
    version = session.workspace.dataset_version()
    if stored is None or version is None:
        return stored, None
    return stored, stored.older_than(version.fingerprint, model_mark(session.model_info()))
