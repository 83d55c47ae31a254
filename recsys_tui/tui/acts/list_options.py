"""Options of every list: how long it is, what may be in it, how unlike its items are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.recommend.session import Session
from recsys_tui.tui.acts.person_on_screen import PersonOnScreen
from recsys_tui.tui.state.workbench import Asked

if TYPE_CHECKING:
    from recsys_tui.recommend.list_fields import ListFields
    from recsys_tui.tui.dialogs.list_options import Checked


class ListOptionsActs(PersonOnScreen):
    """What is asked of lists."""

    def action_list_options(self) -> None:
        """Open the dialog, once it is known what the items of this data have."""
        if self.state.model is None:
            self.notify(self.state.why_no_model, markup=False)
            return
        self.ask_for_dialog(_fields, self._open_list_options, kind="list fields")

    def _open_list_options(self, known: ListFields | None) -> None:
        from recsys_tui.tui.dialogs.list_options import ListOptionsDialog

        if known is not None and len(self.screen_stack) == 1:
            self.push_screen(ListOptionsDialog(self.state.asked, known, self._check_options), self._ask_of_lists)

    def _check_options(self, asked: Asked, take: Callable[[Checked], None]) -> None:
        self.ask(lambda session: _checked(session, asked), take, kind="list options")

    def _ask_of_lists(self, asked: Asked | None) -> None:
        if asked is None or asked == self.state.asked:
            return
        self.state = replace(self.state, asked=asked)
        self.ask_for_person()
        self.draw()


def _fields(session: Session) -> ListFields | None:
    from recsys_tui.recommend.list_fields import list_fields

    recommender = session.recommender()
    return None if recommender is None else list_fields(recommender)


def _checked(session: Session, asked: Asked) -> Checked:
    """What the options let in, or why they cannot be asked."""
    from recsys_tui.recommend.list_fields import items_let_in
    from recsys_tui.tui.dialogs.list_options import Checked

    recommender = session.recommender()
    if recommender is None:
        return Checked(say("tui.train_first"), False)
    try:
        allowed, items, emptied = items_let_in(recommender, asked.options)
    except UserError as error:
        return Checked(str(error), False)
    if emptied is not None:
        return Checked(emptied, False)
    return Checked(say("live.options_let_in", allowed=f"{allowed:,}", items=f"{items:,}"), True)
