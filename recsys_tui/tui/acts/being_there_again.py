"""Being there again: what the workbench looked like is noted as it changes, and is there the next time."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from textual.widget import Widget

from recsys_tui.output.errors import UserError
from recsys_tui.recommend.list_options import ListOptions, list_options
from recsys_tui.store.remembered import Place, Remembered
from recsys_tui.tui import messages as told
from recsys_tui.tui.acts.people import PeopleActs
from recsys_tui.tui.keymap.keys import MODES
from recsys_tui.tui.state.workbench import PLAIN, RANKERS, Asked
from recsys_tui.tui.themes import CONTRAST, DEFAULT_THEME, theme_names

if TYPE_CHECKING:
    from recsys_tui.data.pseudonyms import Pseudonyms

OF_ITEMS = ("only_items", "exclude_items", "pin")


class BeingThereAgain(PeopleActs):
    """Theme and place; nothing is remembered where there is no memory, as in tests of something else."""

    _remembered = Remembered()
    _chosen_theme: str | None = None
    # Of those who were on screen under a tag.
    _ids: Mapping[str, str] = MappingProxyType({})

    def on_load(self) -> None:
        self.register_theme(CONTRAST)
        if self.memory is not None:
            self._remembered = self.memory.read()
        wanted = self._remembered.theme_now(self.settings.theme)
        self.start_with_theme(wanted if wanted in theme_names() else DEFAULT_THEME)

    def on_mount(self) -> None:
        if self.config_problem is not None:
            self.notify(self.config_problem, severity="warning", markup=False, timeout=10)

    def use_theme(self, name: str) -> None:
        """Take a theme, and remember it."""
        self.theme = self._chosen_theme = name

    def on_data_ready(self, event: told.DataReady) -> None:
        """Go to the place of last time, unless the person is somewhere already."""
        defaults = self.settings.defaults
        asked = PLAIN if defaults.k is None else Asked(defaults.k)
        ranked_by = defaults.model if defaults.model in RANKERS else RANKERS[0]
        self.state = replace(self.state, asked=asked, ranked_by=str(ranked_by))
        self.call_next(self._go_back, event.users["id"])  # once all know that the data is there

    def _go_back(self, users: Any) -> None:
        key = self._key
        place = self._remembered.places.get(key) if key is not None else None
        if place is not None and self.state.person is None and self.mode == "home":
            self._go_to(place, users)

    def _go_to(self, place: Place, users: Any) -> None:
        options = _without_items(place.options) if self._items_have_tags else place.options
        asked = Asked(place.k or self.state.asked.k, options_of(options))
        ranked_by = place.model if place.model in RANKERS else self.state.ranked_by
        self.state = replace(self.state, asked=asked, ranked_by=ranked_by)
        user = None if place.user is None else self._shown(place.user)
        if user is not None and users.index_of(user) is not None:
            self.show_person(user)
        if place.mode in MODES and place.mode != self.mode:
            self.action_mode(place.mode)
        if place.maximised is not None:
            self.call_after_refresh(self._maximise, place.maximised)

    def _maximise(self, name: str) -> None:
        pane = next((widget for widget in self.view.walk_children(Widget) if widget.id == name), None)
        if pane is not None:
            self.screen_stack[0].maximize(pane, container=False)
            pane.focus()

    def _tick(self) -> None:
        super()._tick()
        if self.memory is not None and (now := self._now()) != self._remembered:
            self._remembered = now
            memory = self.memory
            self._filtering.submit(lambda: memory.write(now), kind="memory")

    def exit(self, result: int | None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """End; the place is where the person is now."""
        self._remembered = self._now()
        super().exit(result, return_code, message)

    def remember_now(self) -> None:
        """Note the place, as the program ended."""
        if self.memory is not None:
            self.memory.write(self._remembered)

    def _now(self) -> Remembered:
        """What is to be remembered now."""
        now = self._remembered
        if self._chosen_theme is not None:
            now = replace(now, theme=self._chosen_theme, configured_theme=self.settings.theme)
        key = self._key
        return now if key is None else now.with_place(key, self._place())

    def show_person(self, user: str | None) -> None:
        """Show a person; where that is by a tag, their id is looked up, by which the place is noted."""
        super().show_person(user)
        if user is None or self._pseudonyms is None or user in self._ids:
            return

        def take(known: str) -> None:
            self._ids = {**self._ids, user: known}

        self.ask(lambda session: session.names.stored(user), take)

    @property
    def _pseudonyms(self) -> Pseudonyms | None:
        return None if self.state.dataset is None else self.state.dataset.pseudonyms

    def _shown(self, user: str) -> str:
        """What a person is called on screen."""
        return user if self._pseudonyms is None else self._pseudonyms.of(user)

    def _stored(self, user: str) -> str | None:
        """By what they are noted; None where that is not known yet."""
        return user if self._pseudonyms is None else self._ids.get(user)

    @property
    def _items_have_tags(self) -> bool:
        """Whether items are people who are shown by pseudonyms: then no item is remembered."""
        dataset = self.state.dataset
        return dataset is not None and dataset.shared_ids and self._pseudonyms is not None

    @property
    def _key(self) -> str | None:
        """Of the workspace of the open data."""
        session = self._work.session if self._work is not None else None
        return session.workspace.key if session is not None and self.state.dataset is not None else None

    def _place(self) -> Place:
        state = self.state
        maximised = self.screen_stack[0].maximized if self.screen_stack else None
        options = written_options(state.asked.options)
        return Place(
            self.mode,
            self._stored(state.person.user) if state.person is not None else None,
            state.ranked_by,
            state.asked.k,
            _without_items(options) if self._items_have_tags else options,
            maximised.id if maximised is not None else None,
        )


def _without_items(options: Mapping[str, Any]) -> dict[str, Any]:
    """Written options without those that name items."""
    return {name: value for name, value in options.items() if name not in OF_ITEMS}


def written_options(options: ListOptions) -> dict[str, Any]:
    """Options as a person writes them, those that are not what they are by themselves."""
    plain = ListOptions()
    found: dict[str, Any] = {
        name: getattr(options, name)
        for name in ("repeat", "products_only", "diversity", "hide_popular")
        if getattr(options, name) != getattr(plain, name)
    }
    lists = {
        "where": [str(condition) for condition in options.where],
        "only_items": list(options.only or ()),
        "exclude_items": list(options.exclude),
        "pin": list(options.pin),
    }
    return found | {name: values for name, values in lists.items() if values}


def options_of(written: Mapping[str, Any]) -> ListOptions:
    """Options from what was written; plain ones where they make no sense any more."""
    with suppress(UserError, TypeError):
        return list_options(**written)
    return ListOptions()
