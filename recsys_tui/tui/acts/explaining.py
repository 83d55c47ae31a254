"""Explaining the item under the cursor: first what is quick, then what would change it, which gives way to all else."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from recsys_tui.output.errors import UserError
from recsys_tui.recommend.session import Session
from recsys_tui.tui.acts.person_on_screen import PersonOnScreen
from recsys_tui.tui.state.workbench import RANKERS, WhyState

if TYPE_CHECKING:
    from recsys_tui.recommend.explanations.explanation import Explanation
    from recsys_tui.tui.views.users import UsersView

# Seconds that the cursor has to rest: running through a list explains nothing on the way.
REST = 0.15
LISTED = 10


class ExplainingActs(PersonOnScreen):
    """What is worked out for the pane that says why."""

    def on_users_view_looking(self, event: UsersView.Looking) -> None:
        event.stop()
        why = self.state.why
        if why is None or why.answer is not event.answer or why.item != event.item:
            self.state = replace(self.state, why=WhyState(event.answer, event.item))
            self.set_timer(REST, partial(self._explain, self.state.why))

    def _explain(self, why: WhyState | None, changes: bool = False) -> None:
        """Work it out, if the cursor still rests there."""
        person, asked = self.state.person, self.state.asked
        if why is None or self.state.why is not why or person is None or person.answer is not why.answer:
            return
        user, said = person.user, person.said
        model = RANKERS[0] if person.drafted else why.answer.model
        rank = next((entry.rank for entry in why.answer.items if entry.item == why.item), 0)
        stopped = partial(getattr, self._worker, "has_more")

        def question(session: Session) -> Explanation | None:
            from recsys_tui.recommend.explanations.explain import explain
            from recsys_tui.recommend.explanations.explanation import Seen
            from recsys_tui.recommend.explanations.sentences import language_of

            recommender = session.recommender()
            if recommender is None or (changes and stopped()):
                return None
            known = [item for item in said.liked if recommender.model.catalogue.ids.index(item) is not None]
            unwanted = [item for item in said.disliked if recommender.model.catalogue.ids.index(item) is not None]
            try:
                return explain(
                    recommender,
                    user,
                    why.item,
                    min(LISTED, asked.k),
                    model,
                    known,
                    unwanted,
                    asked.options,
                    language_of(None),
                    counterfactuals=changes,
                    stopped=stopped,
                    seen=Seen(rank, asked.k),
                )
            except UserError:  # the model was replaced, and this item is not in the new one
                return None

        self.ask(question, partial(self._take_explanation, why, changes), "changes" if changes else "why")

    def _take_explanation(self, why: WhyState, changes: bool, found: Explanation | None) -> None:
        if self.state.why is not why or found is None:
            return
        now = WhyState(why.answer, why.item, found, settled=changes)
        self.state = replace(self.state, why=now)
        if self.mode == "users":
            self.draw()
        if not changes:
            self._explain(now, changes=True)
