"""The item on screen: looking at one, at what is like it, going back; and picking one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on

from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.recommend.session import Session
from recsys_tui.tui.acts.live import LiveActs
from recsys_tui.tui.acts.looking_through import LookingThrough
from recsys_tui.tui.panes import SIMILAR
from recsys_tui.tui.state.items import SHOWN, ItemState
from recsys_tui.tui.widgets.line_table import LineTable

if TYPE_CHECKING:
    from recsys_tui.recommend.item_index import ItemIndex
    from recsys_tui.tui.views.items import ItemsView

ITEMS, INDEX = "items", "item index"
# Modes whose lists are of items: Enter there shows one, and Escape leads back.
LISTS = {"history": "users", "recommended": "users", "compare-lists": "compare"}


class ItemActs(LiveActs, LookingThrough):
    """What is done with one item."""

    def show_item(self, item: str | None) -> None:
        """Show an item; what is told of it comes as it is found."""
        if item is None or self._work is None:
            return
        here = self.state.item
        if self.mode == ITEMS and here.item is not None and here.item != item:
            trail, origin = (*here.trail, here.item), here.origin
        elif self.mode == ITEMS:
            trail, origin = here.trail, here.origin
        else:
            trail, origin = (), self.mode
        self._look_at(item, trail, origin)
        if self.mode != ITEMS:
            super().action_mode(ITEMS)

    def action_mode(self, mode: str) -> None:
        """Go to a mode; to items from a list of items with the item under its cursor."""
        if mode == ITEMS and self.mode in LISTS.values():
            item = self._item_under_cursor()
            if item is not None and item != self.state.item.item:
                self._look_at(item, (), self.mode)
        super().action_mode(mode)

    def _look_at(self, item: str, trail: tuple[str, ...], origin: str | None) -> None:
        person = self.state.person
        if self.mode == "users" and person is not None:
            from recsys_tui.store.ab_records import OPEN

            self.note_events(person.on_screen, [(item, OPEN)])
        self.state = replace(self.state, item=ItemState(item, self.state.item.by, trail=trail, origin=origin))
        self._ask_for_item()
        self.draw()

    def draw(self) -> None:
        """Show the state; an item that an earlier model told about is asked for anew."""
        item = self.state.item
        if self.mode == ITEMS and self.is_running and item.item is not None and item.model is not self.state.model:
            self._ask_for_item()
        super().draw()

    def _ask_for_item(self) -> None:
        here, model = self.state.item, self.state.model
        item, by, with_page = here.item, here.by, here.page is None or here.model is not model
        if item is None:
            return
        self.state = replace(self.state, item=replace(here, model=model))
        self.ask(lambda session: _told_of(session, item, by, with_page), self._take_item, "item")

    def _take_item(self, found: ItemState) -> None:
        here = self.state.item
        if (found.item, found.by) == (here.item, here.by):
            page = here.page if found.page is None else found.page
            here = replace(here, page=page, similar=found.similar, problem=found.problem)
            self.state = replace(self.state, item=here)
            if self.mode == ITEMS:
                self.draw()

    def on_items_view_way_wanted(self, event: ItemsView.WayWanted) -> None:
        here = self.state.item
        way = here.way_after(event.step)
        self.state = replace(self.state, item=replace(here, by=way, similar=None, problem=None))
        self._ask_for_item()
        self.draw()

    @on(LineTable.Chosen, f"#{SIMILAR}")
    def _chosen_similar(self) -> None:
        self.show_item(self._item_under_cursor())

    @on(LineTable.Chosen, ", ".join(f"#{name}" for name in LISTS))
    def _chosen_in_a_list(self) -> None:
        """Enter on an item of a list shows it; what is only tried is kept by Enter instead."""
        person = self.state.person
        if person is None or not (self.mode == "users" and person.what_if):
            self.show_item(self._item_under_cursor())

    def step_back(self) -> bool:
        """What Escape undoes here: the filter, then the way from item to item, then the way from another mode."""
        if self.mode != ITEMS:
            return super().step_back()
        view, here = self.view, self.state.item
        if view.clear_filter():
            return True
        if here.trail:
            self._look_at(here.trail[-1], here.trail[:-1], here.origin)
            return True
        if here.origin is not None and here.origin != ITEMS:
            self.action_mode(here.origin)
            return True
        return False

    # --- picking -----------------------------------------------------------------------------------------------------

    def action_pick_item(self) -> None:
        from recsys_tui.tui.dialogs.item_picker import ItemPicker

        data = self.state.dataset
        tags = None if data is None or not data.shared_ids else data.pseudonyms
        picker = ItemPicker(
            lambda: self.made(INDEX), self._filtering, self._verdict_on, self.action_opinion, pseudonyms=tags
        )
        self.push_screen(picker, self.show_item)
        self.make(INDEX, _index_of, picker.refilter)

    def _verdict_on(self, item: str) -> str | None:
        return None if self.state.person is None else self.state.person.said.of(item)


def _index_of(session: Session) -> ItemIndex:
    from recsys_tui.recommend.item_index import ItemIndex

    return ItemIndex.of(session)


def _told_of(session: Session, item: str, by: str, with_page: bool) -> ItemState:
    """On the session's thread: the page of an item where it is wanted, and what is like it."""
    from recsys_tui.recommend.item_page import item_page
    from recsys_tui.recommend.similar import needs_model, similar

    page = item_page(session, item) if with_page else None
    recommender = session.recommender() if needs_model(by) else None
    if needs_model(by) and recommender is None:
        return ItemState(item, by, page, problem=say("tui.train_first"))
    try:
        return ItemState(item, by, page, similar(session, recommender, item, SHOWN, by))
    except UserError as error:
        return ItemState(item, by, page, problem=str(error))
