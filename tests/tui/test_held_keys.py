"""Keys that come faster than screens do: each is heard by what the ones before it led to."""

from __future__ import annotations

import asyncio

import pytest
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Input, Static

from recsys_tui.tui.dialogs.dialog import Dialog
from recsys_tui.tui.keymap import held_keys
from recsys_tui.tui.keymap.held_keys import HeldKeysApp

NAMES = {"\r": "enter", "!": "escape", "?": "question_mark"}


class Asking(Dialog[str]):
    """Takes a text; Enter answers with it, Esc with nothing."""

    BINDINGS = [Binding("escape", "dismiss")]  # noqa: RUF012 - as Textual declares it

    def compose(self) -> ComposeResult:
        yield Input()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)


class Typed(HeldKeysApp):
    """Asks with "?", and notes answers and the letters that it hears itself."""

    BINDINGS = [Binding("question_mark", "ask"), *(Binding(key, f"note('{key}')") for key in "abqx")]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def compose(self) -> ComposeResult:
        yield Static("behind")

    def action_ask(self) -> None:
        self.push_screen(Asking(), lambda answer: self.heard.append(f"={answer}"))

    def action_note(self, key: str) -> None:
        self.heard.append(key)

    def type(self, keys: str) -> None:
        """Post keys as the terminal does when they come in one piece."""
        for key in keys:
            self.post_message(events.Key(NAMES.get(key, key), None if key == "!" else key))


async def heard(app: Typed, count: int) -> list[str]:
    for _ in range(500):
        if len(app.heard) >= count:
            break
        await asyncio.sleep(0.01)
    return app.heard


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("a?ab\rb", ["a", "=ab", "b"]),  # typed into the dialog that the key before them opens, then behind it
        ("?!q", ["=None", "q"]),
        ("?ab!x?q\rab", ["=None", "x", "=q", "a", "b"]),
        ("?\r?\r?!ab", ["=", "=", "=None", "a", "b"]),
    ],
)
async def test_keys_in_one_piece_are_heard_one_after_the_other(keys: str, expected: list[str]):
    app = Typed()
    async with app.run_test():
        app.type(keys)
        assert await heard(app, len(expected)) == expected


async def test_a_key_whose_widget_goes_holds_up_none(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(held_keys, "LONGEST", 0.05)

    class Lost(Typed):
        async def on_key_heard(self, message: held_keys.KeyHeard) -> None:
            message.stop()  # none is ever told of

    app = Lost()
    async with app.run_test():
        app.type("abqx")
        assert await heard(app, 4) == ["a", "b", "q", "x"]


async def test_letters_keep_their_order():
    app = Typed()
    keys = "abqx" * 50
    async with app.run_test():
        app.type(f"?{keys}\r")
        assert await heard(app, 1) == [f"={keys}"]


async def test_a_key_on_its_way_while_the_program_ends_is_no_error():
    app = Typed()
    async with app.run_test():
        app.type("a")
        assert await heard(app, 1) == ["a"]
        late = events.Key("b", "b")
        late._set_forwarded()
        screens = app._screen_stack[:]
        app._screen_stack.clear()
        await app.on_event(late)
        await app.on_event(events.Key("q", "q"))
        app._screen_stack.extend(screens)
        assert app.heard == ["a"]
