"""What surrounds the views: help, the palette, themes, panes that fill the screen, leaving."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from textual.binding import ActiveBinding
from textual.dom import DOMNode
from textual.filter import LineFilter
from textual.theme import BUILTIN_THEMES
from textual.widgets import Input

from recsys_tui.output.errors import ExitCode
from recsys_tui.output.messages import say
from recsys_tui.training.job import PRESETS
from recsys_tui.tui.acts.data import DataActs
from recsys_tui.tui.acts.people import PeopleActs
from recsys_tui.tui.acts.training import TrainingActs
from recsys_tui.tui.dialogs.choice import ChoiceDialog, Offer
from recsys_tui.tui.keymap.commands import Command, key_commands
from recsys_tui.tui.keymap.keys import MODES
from recsys_tui.tui.keymap.registry import registered_keys
from recsys_tui.tui.outside import hear_outside
from recsys_tui.tui.themes import CONTRAST, filters_of, theme_names
from recsys_tui.tui.widgets.key_line import KeyLine
from recsys_tui.tui.widgets.line_table import LineTable


class ShellActs(DataActs, TrainingActs, PeopleActs):
    """What is done with the workbench itself."""

    def on_mount(self) -> None:
        if not self.is_headless:
            hear_outside(self.end_from_outside)

    def end_from_outside(self) -> None:
        """Somebody ends the program, or its terminal is gone: the training keeps its best and ends by itself."""
        self._jobs.stop()
        self.exit(int(ExitCode.INTERRUPTED))

    def get_line_filters(self) -> list[LineFilter]:
        """How lines are changed before they are painted."""
        return filters_of(self, super().get_line_filters())

    # Help and palette

    def action_keys(self) -> None:
        from recsys_tui.tui.dialogs.help import HelpDialog

        active = self.screen.active_bindings
        commands = key_commands(active, self.get_key_display, self._pressing, self.why_not)
        self.push_screen(HelpDialog(self.mode, commands), self._run_command)

    def _pressing(self, entry: ActiveBinding) -> Callable[[], Any]:
        return lambda: self.run_action(entry.binding.action, entry.node)

    async def _run_command(self, command: Command | None) -> None:
        if command is not None:
            done = command.run()
            if asyncio.iscoroutine(done):
                await done

    def action_palette(self) -> None:
        from recsys_tui.tui.dialogs.palette import PaletteDialog

        self.push_screen(PaletteDialog(self.palette_commands()), self._run_command)

    def palette_commands(self) -> list[Command]:
        """Everything that can be done: keys of here, keys of the views of other modes, then what has no key."""
        active = self.screen.active_bindings
        commands = key_commands(active, self.get_key_display, self._pressing, self.why_not)
        present = {command.words for command in commands}
        nodes = self._acting()
        for name, entry in registered_keys().items():
            if name not in present and entry.does and name in nodes:
                run = self._elsewhere(name, entry.action)
                commands.append(Command(entry.does, run, self.shown_key(name), self.why_not(name), name))
        return [*commands, *self._unkeyed()]

    def _acting(self) -> dict[str, DOMNode]:
        """The widget, or the application, in which each id acts."""
        found: dict[str, DOMNode] = {}
        for node in (self, *self.screen_stack[0].walk_children()):
            for _key, binding in node._bindings:
                if binding.id is not None:
                    found.setdefault(binding.id, node)
        return found

    def _elsewhere(self, name: str, action: str) -> Callable[[], Any]:
        """Runs the action of an id where it acts, in the mode that shows it."""

        async def run() -> None:
            node = self._acting()[name]
            modes = [above.id for above in node.ancestors_with_self if above.id in MODES]
            if modes and modes[0] != self.mode:
                self.action_mode(str(modes[0]))
            await self.run_action(action, node)

        return run

    def _unkeyed(self) -> list[Command]:
        """Presets, models, data and themes."""
        from recsys_tui.tui.dialogs.start import start_offers

        found = []
        start, rank = self.why_not("train.start"), self.why_not("user.model")
        if self.state.training:
            start = say("tui.training_already")
        for preset in PRESETS:
            does = say("shell.train_preset", preset=preset, about=say(f"tui.about_{preset}"))
            found.append(Command(does, self._choosing_preset(preset), reason=start))
        for name in self._rankers():
            found.append(Command(say("shell.rank_by", model=name), self._ranking_by(name), reason=rank))
        for offer in start_offers(self.home):
            does = say("shell.open_data", name=offer.label)
            found.append(Command(does, self._opening(offer.value), words=offer.about))
        for theme in theme_names():
            found.append(Command(say("shell.use_theme", theme=theme), self._using_theme(theme)))
        return found

    def _rankers(self) -> list[str]:
        model = self.state.model
        return [] if model is None else [name for name, _ in model.rankers()]

    def _choosing_preset(self, preset: str) -> Callable[[], Any]:
        return lambda: self._chosen(self.request_of(preset))

    def _ranking_by(self, name: str) -> Callable[[], Any]:
        return lambda: self._rank_by(name)

    def _opening(self, data: str) -> Callable[[], Any]:
        return lambda: self._opened(data)

    def _using_theme(self, theme: str) -> Callable[[], Any]:
        return lambda: self.use_theme(theme)

    async def on_key_line_clicked(self, event: KeyLine.Clicked) -> None:
        entry = registered_keys()[event.name]
        await self._elsewhere(event.name, entry.action)()

    # Themes

    def action_themes(self) -> None:
        from recsys_tui.tui.dialogs.themes import ThemeDialog

        before = self.theme
        offers = [Offer(name, name, self._about_theme(name)) for name in theme_names()]

        def chosen(name: str | None) -> None:
            if name is None:
                self.theme = before
            else:
                self.use_theme(name)

        self.push_screen(ThemeDialog(offers, before, self._try_theme), chosen)

    def _about_theme(self, name: str) -> str:
        if name == CONTRAST.name:
            return say("shell.theme_contrast")
        theme = BUILTIN_THEMES[name]
        return say("shell.theme_terminal") if theme.ansi else "" if theme.dark else say("shell.theme_light")

    def _try_theme(self, name: str) -> None:
        self.theme = name

    def use_theme(self, name: str) -> None:
        """Take a theme."""
        self.theme = name

    # Panes

    def action_maximise(self) -> None:
        """Let the pane in use fill the screen, or give the others back their room."""
        screen = self.screen_stack[0]
        if screen.maximized is not None:
            screen.minimize()
        elif screen.focused is not None:
            screen.maximize(screen.focused, container=False)
        self.call_after_refresh(self.draw)

    def action_match(self, step: int) -> None:
        """Go to the next row that the filter left, or the previous one, round and round."""
        table = self.screen_stack[0].focused
        if isinstance(table, LineTable) and table.count:
            table.move_to((table.cursor + step) % table.count)
        else:
            self.notify(say("shell.no_list"), markup=False)

    # Leaving

    def action_interrupt(self) -> None:
        """^C: copy what is selected; else the person wants to leave."""
        focused = self.focused
        selected = focused.selected_text if isinstance(focused, Input) else ""
        selected = selected or self.screen.get_selected_text() or ""
        if selected:
            self.copy_to_clipboard(selected)
        else:
            self.action_leave()

    def action_leave(self) -> None:
        from recsys_tui.tui.dialogs.leave import leave_offers

        while len(self.screen_stack) > 1:
            self.pop_screen()
        if not self.state.training:
            self.exit(int(ExitCode.DONE))
            return
        self.push_screen(ChoiceDialog(say("tui.quit_title"), leave_offers(), say("tui.quit_hint")), self._leaving)

    def _leaving(self, choice: str | None) -> None:
        from recsys_tui.tui.dialogs.leave import DISCARDED, KEPT

        if choice is not None:
            self._planned = list(PRESETS)  # what would come next does not begin
        if choice == DISCARDED:
            self._jobs.discard()
            self.exit(int(ExitCode.DONE))
        elif choice == KEPT:
            # The child goes on by itself to save what it has, and ends; nobody needs to wait for it.
            self._jobs.stop()
            self.exit(int(ExitCode.DONE))
