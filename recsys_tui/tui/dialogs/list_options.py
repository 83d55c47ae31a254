"""The dialog for options of lists: how long they are, and which items may be in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static

from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.recommend.list_fields import CATEGORIES, ListFields
from recsys_tui.tui.dialogs.dialog import Dialog
from recsys_tui.tui.list_form import ListForm
from recsys_tui.tui.state.workbench import Asked
from recsys_tui.tui.widgets.tick import Tick

TICKS = ("unseen", "products")
LOW = 18
WIDEST_HINT = 50  # cells of a field on the narrowest of usual screens


@dataclass(frozen=True)
class Checked:
    """What the session says of options: a sentence, and whether they can be asked."""

    sentence: str
    good: bool


# Works out, on the session's thread, what options let in, and hands it on here.
Check = Callable[[Asked, Callable[[Checked], None]], None]


class ListOptionsDialog(Dialog[Asked | None]):
    """Returns what is asked of lists from now on, or None for Escape. Every value is checked as it is typed."""

    CSS_PATH = "list_options.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", say("tui.key_close"), id="options.close"),
        Binding("enter", "apply", say("live.key_apply"), priority=True, id="options.apply"),
        Binding("ctrl+r", "clear_all", say("live.key_clear_all"), priority=True, id="options.clear"),
        Binding("down", "app.focus_next", show=False, priority=True, id="options.down"),
        Binding("up", "app.focus_previous", show=False, priority=True, id="options.up"),
    ]

    def __init__(self, asked: Asked, known: ListFields, check: Check) -> None:
        super().__init__()
        self._asked, self._known, self._check = asked, known, check
        self._generation, self._wanted = 0, False
        self._good: Asked | None = None

    def compose(self) -> ComposeResult:
        form = ListForm.of(self._asked, self._known)
        with Vertical(id="list-options") as box:
            box.border_title = say("live.options_title")
            box.border_subtitle = say("live.options_keys")
            with VerticalScroll(id="list-options-fields", can_focus=False):
                for name in self._offered():
                    with Horizontal(classes="option"):
                        yield Static(say(f"live.option_{name}"), markup=False, classes="option-name")
                        value = getattr(form, name)
                        if name in TICKS:
                            yield Tick(value, id=f"option-{name}")
                        else:
                            yield self._input(name, value)
            yield Static(say("live.options_checking"), markup=False, id="list-options-verdict")

    def _offered(self) -> list[str]:
        """The fields that this data has."""
        missing = set()
        if not self._known.categories:
            missing.add("category")
        if self._known.years is None:
            missing |= {"year_from", "year_to"}
        if not self._known.products:
            missing.add("products")
        return [field.name for field in fields(ListForm) if field.name not in missing]

    def _input(self, name: str, value: str) -> Input:
        known = self._known
        hint = ""
        if name == "category":
            hint = say("live.hint_category", category=known.categories[0])
        elif name.startswith("year") and known.years is not None:
            hint = say("live.hint_year", first=known.years[0], last=known.years[1])
        elif name == "where":
            hint = _hint_where([one for one in known.names if one != CATEGORIES])
        suggester = SuggestFromList(known.categories, case_sensitive=False) if name == "category" else None
        typed = Input(value, placeholder=hint, id=f"option-{name}", compact=True, suggester=suggester)
        typed.cursor_blink = False
        return typed

    def on_mount(self) -> None:
        self._look()

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.height < LOW, "low")

    def form(self) -> ListForm:
        """What stands in the fields."""
        found: dict[str, Any] = {field.name: getattr(ListForm(), field.name) for field in fields(ListForm)}
        for widget in (*self.query(Input), *self.query(Tick)):
            found[str(widget.id).removeprefix("option-")] = widget.value
        return ListForm(**found)

    @on(Input.Changed)
    @on(Tick.Changed)
    def _look(self) -> None:
        """Check what stands there now; an answer about what stood there before is dropped."""
        self._generation += 1
        self._wanted, self._good = False, None
        generation = self._generation
        try:
            asked = self.form().asked(self._asked.options, self._known)
        except UserError as error:
            self._tell(Checked(str(error), False))
            return

        def checked(found: Checked) -> None:
            if generation == self._generation and self.is_attached:
                self._good = asked if found.good else None
                self._tell(found)
                if self._wanted:
                    self.action_apply()

        self._check(asked, checked)

    def _tell(self, found: Checked) -> None:
        verdict = self.query_one("#list-options-verdict", Static)
        verdict.update(found.sentence if found.good else say("live.options_bad", problem=found.sentence))

    def action_apply(self) -> None:
        """Ask it of every list, once it is checked."""
        if self._good is not None:
            self.dismiss(self._good)
        else:
            self._wanted = True

    def action_clear_all(self) -> None:
        """Every field as it is by itself."""
        plain = ListForm()
        for name in self._offered():
            widget = self.query_one(f"#option-{name}")
            if isinstance(widget, Tick | Input):
                widget.value = getattr(plain, name)


def _hint_where(fields: Sequence[str]) -> str:
    """How a condition is written, with as many fields as fit."""
    if not fields:
        return say("live.hint_where_none")
    hints = [say("live.hint_where", field=fields[-1], fields=", ".join(fields[:count])) for count in range(1, 7)]
    return [hint for place, hint in enumerate(hints) if place == 0 or cell_len(hint) <= WIDEST_HINT][-1]
