"""What every action of the workbench stands on: the state, the screen that draws it, and the threads behind it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from collections.abc import Mapping as Named
from functools import partial
from importlib import import_module
from pathlib import Path, PurePath
from typing import Any, ClassVar

from textual import events
from textual.actions import ActionParseResult
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static

from recsys_tui.data.dataset import Mapping
from recsys_tui.output.messages import say
from recsys_tui.recommend.reading_ahead import ReadingAhead
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.store.remembered import Memory
from recsys_tui.store.settings import Settings
from recsys_tui.training.job import DEVICES, HORIZONS, TrainingRequest
from recsys_tui.tui import messages as told
from recsys_tui.tui.background import JobRunner, WorkerThread
from recsys_tui.tui.dialogs.dialog import Dialog
from recsys_tui.tui.first_theme import FirstThemeApp
from recsys_tui.tui.keymap.availability import why_not
from recsys_tui.tui.keymap.keys import FOOTER_KEYS, WORKBENCH_KEYS, short_word
from recsys_tui.tui.keymap.registry import key_name, keys_of, keys_so_far, registered_keys
from recsys_tui.tui.rare_collection import RareCollection
from recsys_tui.tui.sizes import size_classes
from recsys_tui.tui.state.workbench import WorkbenchState
from recsys_tui.tui.views.home import HomeView
from recsys_tui.tui.widgets.key_line import KeyHint, KeyLine
from recsys_tui.tui.widgets.top_bar import TopBar
from recsys_tui.tui.work import Answer, SessionWork
from recsys_tui.tui.workbench_screen import Modes, WorkbenchScreen

BETWEEN_VIEWS = 0.005
LONGEST_DIALOG = 3.0  # seconds that keys wait for a dialog
HERE = Path(__file__).parent

# All but the first, in the order in which they are put in place: their modules are read then, not before.
LATER_VIEWS = {
    "users": "UsersView",
    "train": "TrainView",
    "clusters": "ClustersView",
    "items": "ItemsView",
    "compare": "CompareView",
}


def view_class(name: str) -> type[Widget]:
    """The view of a mode; its module has the name of the mode."""
    found: type[Widget] = getattr(import_module(f"recsys_tui.tui.views.{name}"), LATER_VIEWS[name])
    return found


def _read_dialogs() -> None:
    """Read what was not needed yet, before somebody asks for it and waits."""
    registered_keys()


class WorkbenchBase(FirstThemeApp):
    """One dataset at a time, its state and its views. Handlers alone change ``state``; views are shown it."""

    # Those of the first view; the others' are read as they are put in place.
    CSS_PATH: ClassVar[list[str | PurePath]] = ["app.tcss", "views/home.tcss"]
    ALLOW_IN_MAXIMIZED_VIEW = "TopBar, KeyLine"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = WORKBENCH_KEYS

    def __init__(
        self,
        data: str | None,
        mapping: Mapping | None = None,
        home: Home | None = None,
        preset: str | None = None,
        no_train: bool = False,
        open_session: Callable[..., Session] | None = None,
        settings: Settings | None = None,
        memory: Memory | None = None,
        config_problem: str | None = None,
        pseudonyms: bool = False,
        ahead: ReadingAhead | None = None,
    ) -> None:
        super().__init__()
        self.settings = settings or Settings()
        self.pseudonyms = pseudonyms
        self.memory, self.config_problem = memory, config_problem
        self.set_keymap({name: ",".join(map(key_name, keys)) for name, keys in self.settings.keys.items()})
        self.home = home or Home.resolve()
        self.state = WorkbenchState()
        self.mode = "home"
        self.views_there = False
        self.all_there = threading.Event()  # the same, for the thread of the session
        self._mode_wanted: str | None = None
        self.parting: str | None = None
        self.opened_as: str | None = None
        self._data, self._mapping, self._preset, self._no_train = data, mapping, preset, no_train
        self._open_session = open_session or partial(Session.open, pseudonyms=pseudonyms)
        self._users: Any = None
        self._planned: list[str] = []
        self._worker = WorkerThread("session", self.post_message, self.home)
        self._filtering = WorkerThread("filter", self.post_message, self.home)
        self._jobs = JobRunner(self.post_message)
        self._work: SessionWork | None = None
        self._ahead = ahead
        self._garbage = RareCollection()

    def get_default_screen(self) -> Screen[Any]:
        """The screen that all views are on."""
        return WorkbenchScreen(id="_default")

    def compose(self) -> ComposeResult:
        yield TopBar(id="top")
        with Modes(initial="home", id="modes"):
            yield HomeView(id="home")
        yield Static(say("tui.too_small"), markup=False, id="small")
        yield KeyLine(id="keys")

    async def mount_views(self, then: Callable[[], object]) -> None:
        """Put the next view that is not there yet in its place, until all are; then go on.

        They come after the first paint, which they would hold up, and one at a time, so that keys are heard between;
        the one that somebody wants to see comes first.
        """
        if not self.is_running:
            return
        switcher = self.screen_stack[0].query_one(Modes)
        waiting = [name for name in LATER_VIEWS if not switcher.query(f"#{name}")]
        if waiting:
            name = self._mode_wanted if self._mode_wanted in waiting else waiting[0]
            self.stylesheet.read(HERE / f"views/{name}.tcss")
            await switcher.add_content(view_class(name)(id=name))
            if self._mode_wanted == name:
                self.action_mode(name)
            # By a timer: keys are heard between, and the screen in front may be a dialog, which goes.
            self.set_timer(BETWEEN_VIEWS, partial(self.mount_views, then))
            return
        self._read_styles_of_dialogs()
        self.views_there = True
        self.all_there.set()
        self._filtering.submit(_read_dialogs)
        then()

    def _read_styles_of_dialogs(self) -> None:
        """Read the rules that dialogs alone have: where one opens first, all widgets go through all rules anew."""
        for widget in (OptionList(), Input(), Dialog[None]()):
            widget._post_register(self)
        self.stylesheet.read_all(sorted(HERE.glob("dialogs/*.tcss")))
        self.stylesheet.parse()

    def on_resize(self, event: events.Resize) -> None:
        for screen in self.screen_stack[:1]:
            before = screen.classes
            for name, applies in size_classes(event.size).items():
                screen.set_class(applies, name, update=False)
            if screen.classes != before:
                screen.update_node_styles()
        self.call_after_refresh(self.draw)

    def on_notify(self) -> None:
        """On a small screen what is said stands in place of what was said before: two would cover most of it."""
        if self.screen_stack and self.screen_stack[0].has_class("narrow"):
            self.clear_notifications()

    def draw(self) -> None:
        """Show the state on what is visible."""
        if not self.is_running or not self.screen_stack:
            return
        screen = self.screen_stack[0]
        if screen.query(f"#{self.mode}"):
            screen.query_one(TopBar).show(self.state, self.mode)
            self.view.show(self.state)
            screen.query_one(KeyLine).show(self._key_hints())
        if isinstance(self.screen, Dialog):
            self.screen.follow(self.state)

    def _key_hints(self) -> list[KeyHint]:
        """The keys most wanted in the mode, those there are."""
        entries = keys_so_far()
        names = [name for name in FOOTER_KEYS[self.mode] if name in entries]
        return [
            KeyHint(name, self.shown_key(name), short_word(name, entries[name].does), self.why_not(name) is None)
            for name in names
        ]

    def request_of(self, preset: str) -> TrainingRequest:
        """What to train where nobody says more than the preset."""
        model, defaults = self.state.model, self.settings.defaults
        horizon = model.horizon if model is not None else defaults.horizon or HORIZONS[0]
        return TrainingRequest(preset, horizon, defaults.seed or 0, defaults.device or DEVICES[0])

    def shown_key(self, name: str) -> str:
        """The first key of an id now, as it is shown; empty where there is none."""
        entry = keys_so_far().get(name)
        if entry is None:
            return ""
        return self.get_key_display(Binding(keys_of(entry, self.settings.keys)[0], entry.action))

    def why_not(self, name: str) -> str | None:
        """Why the key of an id can do nothing now; None where it can."""
        offers = [method for method in ("open_filter", "sort") if hasattr(self.view, method)]
        return why_not(name, self.state, self.mode, offers, self.shown_key)

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Named[str, DOMNode] | None = None,
    ) -> bool:
        """Do what a key asks for; where it can do nothing now, say why."""
        if isinstance(default_namespace, Dialog) and not (default_namespace.is_mounted and default_namespace.is_active):
            return True  # typed before it was there, or when it was gone
        bindings = (default_namespace or self)._bindings
        name = next((binding.id for _key, binding in bindings if binding.action == action and binding.id), None)
        reason = None if name is None else self.why_not(name)
        if reason is not None:
            self.notify(reason, markup=False)
            return True
        return await super().run_action(action, default_namespace, namespaces)

    def on_panel_reshaped(self) -> None:
        self.draw()

    async def on_event(self, event: events.Event) -> None:
        """Hear an event."""
        if isinstance(event, events.Key):
            self._garbage.heard()
        await super().on_event(event)

    def _tick(self) -> None:
        self._garbage.tick()
        if self.state.training:
            for bar in self.screen_stack[0].query(TopBar):  # none any more while the program ends
                bar.draw()

    @property
    def view(self) -> Any:
        """The view of the present mode."""
        return self.screen_stack[0].query_one(f"#{self.mode}")

    def ask(
        self, question: Callable[[Session], Answer], take: Callable[[Answer], None], kind: str | None = None
    ) -> None:
        """Work something out on the session's thread, then hand it to ``take`` on this one.

        A question of a ``kind`` replaces one of the same kind that waits. Nothing happens while no data is open.
        ``take`` has to look whether the person is still where they were when it was asked.
        """
        work = self._work
        if work is not None and work.session is not None:
            self._worker.submit(lambda: work.ask(question, take), kind=kind)

    def ask_for_dialog(self, question: Callable[[Session], Answer], show: Callable[[Answer], None], kind: str) -> None:
        """Work out what a dialog is to show, then have ``show`` open it. Keys typed meanwhile are for the dialog: where
        it takes too long they are dropped, for they would be commands to what is behind it."""
        if self._work is None or self._work.session is None:
            return
        turn = self.hold_keys(LONGEST_DIALOG, self.drop_keys)

        def take(answer: Answer) -> None:
            show(answer)
            self.go_on_with_keys(turn)

        self.ask(question, take, kind)

    def on_answered(self, event: told.Answered) -> None:
        event.take(event.value)

    def action_mode(self, mode: str) -> None:
        """Go to a mode; where its view is not there yet, as soon as it is."""
        there = bool(self.screen_stack[0].query(f"#{mode}"))
        self._mode_wanted = None if there else mode
        if not there:
            return
        if mode != self.mode:
            self.screen_stack[0].minimize()  # a pane of another mode
        self.mode = mode
        self.screen_stack[0].query_one(Modes).current = mode
        self.view.focus_first()
        self.call_after_refresh(self.draw)

    def action_filter(self) -> None:
        self.view.open_filter()

    def action_sort(self, direction: int) -> None:
        self.view.sort(direction)
