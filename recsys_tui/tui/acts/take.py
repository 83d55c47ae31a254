"""Taking away what is on screen: copied to the clipboard, or written to a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.output.neutralise import neutral_text
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.tui.base import WorkbenchBase
from recsys_tui.tui.dialogs.choice import ChoiceDialog, Offer
from recsys_tui.tui.panes import MEMBERS
from recsys_tui.tui.widgets.line_table import LineTable

if TYPE_CHECKING:
    from recsys_tui.tui.taking.equivalent_command import Opened
    from recsys_tui.tui.taking.table import TakenTable

ID, USER, ROW, MARKDOWN, CSV, COMMAND, REPLACE, SVG = (
    "id",
    "user",
    "row",
    "markdown",
    "csv",
    "command",
    "replace",
    "svg",
)
# Characters of what many terminals take at most.
MANY_TAKE = 70_000


class TakeActs(WorkbenchBase):
    """What is done with what is on screen, without changing it."""

    def action_copy(self) -> None:
        """Offer what can be copied here; it is made of what is on screen now."""
        texts = self._texts()
        labels = {name: say(f"take.copy_{name}") for name in texts}
        width = max(map(len, labels.values()), default=0)
        offers = [Offer(name, labels[name].ljust(width), _beginning(text)) for name, text in texts.items()]
        dialog = ChoiceDialog(say("take.copy_title"), offers)
        self.push_screen(dialog, lambda name: None if name is None else self._send(name, texts[name]))

    def _texts(self) -> dict[str, str]:
        """What can be copied, by what it is."""
        texts: dict[str, str] = {}
        item, user = self._asked_view("item_under_cursor"), self._asked_view("user_under_cursor")
        for name, found in ((ID, item), (USER, user)):
            if found is not None:
                texts[name] = str(found)
        shown = self._shown_table()
        if shown is not None:
            row = self._row_under_cursor(shown.rows)
            if row is not None:
                texts[ROW] = "\t".join(str(cell) for cell in row)
            if shown.rows:
                texts[MARKDOWN], texts[CSV] = shown.as_markdown(), shown.as_csv()
        from recsys_tui.tui.taking.equivalent_command import shell_text

        try:
            texts[COMMAND] = shell_text(self.equivalent_command())
        except UserError as error:
            self.notify(str(error), markup=False)
        return texts

    def equivalent_command(self) -> list[str]:
        """The command that prints what is on screen. Raises ``UserError`` where none does."""
        from recsys_tui.tui.taking.equivalent_command import equivalent_command

        return equivalent_command(self.mode, self.state, self.opened(), self._asked_view("item_on_screen"))

    def opened(self) -> Opened:
        """What is open, as a command names it. Raises ``UserError`` where nothing is."""
        from recsys_tui.tui.taking.equivalent_command import Opened

        session = self._work.session if self._work is not None else None
        if session is None:
            raise UserError("take.nothing_open")
        mapping, path = session.identity.mapping, session.identity.path
        last = self.home.last_mapping(path)
        return Opened(
            self._opened_anywhere(path),
            path,
            mapping,
            None if self.home.root == Home.resolve().root else self.home.root,
            mapping.is_empty() and last is not None and not last.is_empty(),
            self.pseudonyms,
        )

    def _opened_anywhere(self, path: Path) -> str:
        """What is open as it is found from any folder: by its name where that finds it, else by its whole path."""
        from recsys_tui.data.bundled import named_folders

        folder = named_folders(self.home.datasets).get(self.opened_as or "")
        return self.opened_as if self.opened_as and folder is not None and folder.resolve() == path else str(path)

    def _asked_view(self, name: str) -> Any:
        """What a view says when it is asked by a name; None where it knows no such question."""
        method = getattr(self.view, name, None)
        return None if method is None else method()

    def _shown_table(self) -> TakenTable | None:
        """The focused list as it is shown; where text is focused, the table that it tells of."""
        from recsys_tui.tui.taking.table import table_of_screen

        told: TakenTable | None = self._asked_view("table_of_text")
        if told is not None:
            return told
        shown = self._asked_view("table_on_screen")
        return None if shown is None else table_of_screen(*shown)

    def _row_under_cursor(self, rows: tuple[tuple[object, ...], ...]) -> tuple[object, ...] | None:
        cursor = getattr(self.screen_stack[0].focused, "cursor", None)
        return rows[cursor] if isinstance(cursor, int) and cursor < len(rows) else None

    def _send(self, name: str, text: str) -> None:
        """To the clipboard of the terminal, which says nothing back."""
        self.copy_to_clipboard(text)
        size = f"{len(text):,}"
        sentence = "take.sent_much" if len(text) > MANY_TAKE else "take.sent"
        self.notify(say(sentence, what=say(f"take.copy_{name}"), size=size), markup=False)

    def action_export(self) -> None:
        """Offer the kinds of files that what is on screen can be written to."""
        from recsys_tui.tui.taking.table import KINDS

        table = self._exported_table()
        kinds = KINDS if table is not None and table.rows else ()
        offers = [Offer(kind, say(f"take.export_{kind}"), say(f"take.about_{kind}")) for kind in (*kinds, SVG)]

        def chosen(kind: str | None) -> None:
            if kind is not None:
                self._ask_name(kind, None if kind == SVG else table)

        self.push_screen(ChoiceDialog(say("take.export_title"), offers), chosen)

    def _exported_table(self) -> TakenTable | None:
        """What is focused as programs read it where the view knows that, else as it is shown."""
        told: TakenTable | None = self._asked_view("table_of_text") or self._asked_view("table_for_programs")
        return told or self._shown_table()

    def _ask_name(self, kind: str, table: TakenTable | None) -> None:
        from recsys_tui.tui.dialogs.file_name import FileNameDialog
        from recsys_tui.tui.taking.saving import check_place, default_name, target_of

        person = self.state.person
        whose = person.user if person is not None and self.mode in ("users", "compare") else ""
        what = (self.mode, whose) if table is None else (self._asked_view("name_of_table") or self.mode,)
        name = default_name(Path(self.state.name).stem, *what, kind=kind)

        def problem_of(typed: str) -> str | None:
            try:
                path = target_of(typed, kind)
                check_place(path)
                path.exists()
            except (UserError, OSError) as error:
                return str(error)
            return None

        def named(typed: str | None) -> None:
            if typed is not None:
                self._ask_to_replace(target_of(typed, kind), lambda path: self._write(kind, table, path))

        self.push_screen(FileNameDialog(say(f"take.export_{kind}"), name, problem_of), named)

    def _about(self, table: TakenTable | None) -> tuple[str, ...]:
        """The people whom a table, or else the picture of the screen, is about as a whole: it goes when they are
        forgotten. Of tables with ids of people their rows go. In a graph of people the page of an item is about one."""
        if self.mode == "clusters" and table is None:
            return tuple(
                str(row[0]) for row in self.screen_stack[0].query_one(f"#{MEMBERS}", LineTable).rows_in_sight()
            )
        data, item = self.state.dataset, self.state.item.item
        if self.mode == "items" and item is not None and data is not None and data.shared_ids:
            return (item,)
        person = self.state.person
        if person is None or self.mode not in ("users", "compare"):
            return ()
        return () if table is not None and self._asked_view("tells_of_all") else (person.user,)

    def _ask_to_replace(self, path: Path, write: Callable[[Path], None]) -> None:
        """Ask before a file is replaced."""
        if not path.exists():
            write(path)
            return
        offer = Offer(REPLACE, say("take.replace"))
        hint = say("take.exists_hint", path=neutral_text(str(path)))
        dialog = ChoiceDialog(say("take.exists"), [offer], hint)
        self.push_screen(dialog, lambda choice: None if choice is None else write(path))

    def _write(self, kind: str, table: TakenTable | None, path: Path) -> None:
        from recsys_tui.tui.taking.picture import picture_of, recorded_screen
        from recsys_tui.tui.taking.saving import save

        def written(noted: bool) -> None:
            shown = neutral_text(str(path))
            self.notify(say("take.written", path=shown), markup=False, timeout=8)
            if not noted:
                self.notify(say("forget.not_noted", path=shown), severity="warning", markup=False, timeout=15)

        about = self._about(table)

        def table_to_file(session: Session) -> bool:
            if table is None:
                return True
            return save(table.as_bytes(kind), path, session, about, table.people(session.names.people_are_items))

        def take_picture() -> None:
            recorded, title = recorded_screen(self), f"recsys-tui open {self.opened_as or self.state.name}"
            self.ask(lambda session: save(picture_of(recorded, title).encode(), path, session, about), written)

        if table is not None:
            self.ask(table_to_file, written)
        else:  # when the dialogs are gone
            self.clear_notifications()
            self.call_after_refresh(take_picture)


def _beginning(text: str) -> str:
    line = text.split("\n", 1)[0]
    return line if len(line) <= 48 else line[:47] + "…"
