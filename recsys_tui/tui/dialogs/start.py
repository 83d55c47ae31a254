"""The start screen: data used lately, sets that have a name, and the files of this machine, filtered as one types."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Static

from recsys_tui.data.browsing import Listing, browse
from recsys_tui.data.bundled import named_folders
from recsys_tui.data.public_datasets import about_named
from recsys_tui.output.console import human_bytes
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.output.neutralise import neutral_text
from recsys_tui.store.home import Home, WorkspaceInfo
from recsys_tui.tui.background import WorkerThread
from recsys_tui.tui.dialogs.choice import Offer
from recsys_tui.tui.dialogs.dialog import Dialog
from recsys_tui.tui.widgets.line_table import Column, LineTable

MOST_RECENT = 12
OPEN, ENTER = "open", "enter"
# What a text begins with that is a path, not a part of a name.
PATH_STARTS = ("/", "~", ".")


@dataclass(frozen=True)
class Row:
    """One line: what is shown, and whether Enter opens ``target`` as data or goes into it."""

    name: str
    about: str
    target: str
    does: str = OPEN


class RowsFound(Message):
    """What fits the text of that number; ``sentence`` says why nothing is there to show."""

    def __init__(self, number: int, rows: tuple[Row, ...], sentence: str) -> None:
        super().__init__()
        self.number, self.rows, self.sentence = number, rows, sentence


class Checked(Message):
    """Whether some data can be read at all: an empty sentence, or the reason why not."""

    def __init__(self, target: str, sentence: str) -> None:
        super().__init__()
        self.target, self.sentence = target, sentence


class StartDialog(Dialog[str | None]):
    """Returns the path or the name of the chosen data, or None. The disk is read on the worker's thread alone.

    ``sentence``: why the data that was chosen before could not be opened.
    """

    CSS_PATH = "start.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", say("tui.key_close"), id="start.close"),
        Binding("down", "move(1)", show=False, priority=True, id="start.down"),
        Binding("up", "move(-1)", show=False, priority=True, id="start.up"),
        Binding("pagedown", "page(1)", show=False, priority=True, id="start.page_down"),
        Binding("pageup", "page(-1)", show=False, priority=True, id="start.page_up"),
        Binding("tab", "complete", say("home.key_complete"), priority=True, id="start.complete"),
    ]

    def __init__(self, home: Home, worker: WorkerThread, sentence: str = "", folder: Path | None = None) -> None:
        super().__init__()
        self._home, self._worker, self._sentence = home, worker, sentence
        self._folder = folder or _present_folder()
        self.rows: tuple[Row, ...] = ()
        self._number, self._answered = 0, 0
        self._wanted = False
        self._checking = ""

    def compose(self) -> ComposeResult:
        with Vertical(id="start") as box:
            box.border_title = say("tui.open_title")
            box.border_subtitle = say("home.start_keys")
            typed = Input(placeholder=say("home.start_hint"), id="start-text")
            typed.cursor_blink = False
            yield typed
            yield Static(self._sentence, markup=False, id="start-sentence")
            columns = (Column(say("tui.name")), Column(say("home.start_about"), muted=True))
            table = LineTable(columns, say("home.start_nothing"), id="start-list")
            table.can_focus = False
            yield table

    def on_mount(self) -> None:
        self._tell(self._sentence)
        self._look("")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._tell("")
        self._look(event.value)

    def _tell(self, sentence: str) -> None:
        line = self.query_one("#start-sentence", Static)
        line.update(sentence)
        line.display = bool(sentence)

    def _look(self, text: str) -> None:
        self._number += 1
        self._wanted, self._checking = False, ""
        number, home, folder = self._number, self._home, self._folder

        def look() -> None:
            try:
                rows, sentence = start_rows(text, home, folder), ""
            except UserError as error:
                rows, sentence = (), str(error)
            self.post_message(RowsFound(number, rows, sentence))

        self._worker.submit(look, kind="start")

    def on_rows_found(self, event: RowsFound) -> None:
        if event.number != self._number:
            return
        self.rows, self._answered = event.rows, event.number
        rows = [(row.name, row.about) for row in event.rows]
        empty = event.sentence or say("home.start_nothing")
        self.query_one(LineTable).show(len(rows), lambda start, stop: rows[start:stop], 0, empty)
        if self._wanted:
            self._choose()

    # A key may come before the dialog has its parts: then there is nothing to move in.
    def action_move(self, steps: int) -> None:
        for table in self.query(LineTable):
            table.action_move(steps)

    def action_page(self, pages: int) -> None:
        for table in self.query(LineTable):
            table.action_page(pages)

    def action_complete(self) -> None:
        """Write what is under the cursor into the line, so that one can go on from it."""
        row = self._row() if self.rows else None
        if row is not None and Path(row.target).is_absolute():
            self._write(row.target + "/" * (row.does == ENTER))

    def _write(self, text: str) -> None:
        line = self.query_one(Input)
        line.value = text
        line.cursor_position = len(text)

    def _row(self) -> Row | None:
        place = self.query_one(LineTable).cursor
        return self.rows[place] if place < len(self.rows) else None

    @on(Input.Submitted)
    @on(LineTable.Chosen)
    def _choose(self) -> None:
        # The rows on screen answer an earlier text until the listing is there: Enter waits for its own.
        self._wanted = self._answered != self._number
        if self._wanted or self._checking:
            return
        row, typed = self._row(), self.query_one(Input).value.strip()
        if row is not None and row.does == ENTER:
            self._write(row.target.rstrip("/") + "/")
        elif row is not None or typed:
            self._check(row.target if row is not None else typed)

    def _check(self, target: str) -> None:
        """Before anything else is given up: can this be read at all?"""
        self._checking = target
        datasets = self._home.datasets

        def check() -> None:
            from recsys_tui.data.folder_files import interactions_in
            from recsys_tui.data.locate import locate
            from recsys_tui.data.readers import read_table

            sentence = ""
            try:
                path = locate(target, datasets).path
                for part in interactions_in(path)[0][:1] if path.is_dir() else [path]:
                    read_table(part, 1)
            except UserError as error:
                sentence = str(error)
            self.post_message(Checked(target, sentence))

        self._worker.submit(check)

    def on_checked(self, event: Checked) -> None:
        if event.target != self._checking:
            return
        self._checking = ""
        if event.sentence:
            self._tell(event.sentence)
        else:
            self.dismiss(event.target)


def _present_folder() -> Path:
    """Where the program was started; the root where that folder is gone."""
    try:
        return Path.cwd()
    except OSError:
        return Path("/")


def start_rows(text: str, home: Home, folder: Path) -> tuple[Row, ...]:
    """What fits a text: of a path the entries of its folder, else data used lately, named sets and files at hand.

    Raises ``UserError`` (exit 2) for a folder that cannot be listed.
    """
    text = text.strip()
    if text.startswith(PATH_STARTS) or "/" in text:
        listing = browse(text, folder)
        return _listed(listing, above=not listing.wanted)
    infos = {info.path: info for info in reversed(home.workspaces())}
    offers = start_offers(home)
    named = named_folders(home.datasets)
    known = [
        Row(
            offer.label,
            _about(infos.get(named.get(offer.value, Path(offer.value)).resolve())) or offer.about,
            offer.value,
        )
        for offer in offers
    ]
    fitting = [row for row in known if text.lower() in row.name.lower()]
    try:
        return (*fitting, *_listed(browse(text, folder), above=not text))
    except UserError:
        return tuple(fitting)


def _about(info: WorkspaceInfo | None) -> str:
    """Of data that was opened before: when, which presets are trained, how large its workspace is."""
    if info is None:
        return ""
    presets = ", ".join(info.presets) or say("home.start_untrained")
    return say("home.start_used", when=info.used[:10] or "–", presets=presets, size=human_bytes(info.bytes))


def _listed(listing: Listing, above: bool) -> tuple[Row, ...]:
    """A folder as lines: itself, if it holds data, the one above it, and what is in it."""
    rows = []
    folder = str(listing.folder)
    if above and listing.tables:
        rows.append(
            Row(
                say("home.start_this", folder=neutral_text(folder)),
                say("home.start_tables", count=listing.tables),
                folder,
            )
        )
    if above and listing.folder.parent != listing.folder:
        rows.append(Row("../", neutral_text(str(listing.folder.parent)), str(listing.folder.parent), ENTER))
    for entry in listing.entries:
        if entry.is_folder:
            rows.append(Row(f"{entry.name}/", say("home.start_folder"), str(listing.folder / entry.path.name), ENTER))
        else:
            rows.append(Row(entry.name, human_bytes(entry.size), str(listing.folder / entry.path.name)))
    return tuple(rows)


def start_offers(home: Home) -> list[Offer]:
    """Recent data first, then sets that have a name (bundled, downloaded or made) and are not among it."""
    offers = []
    named = {path.resolve(): name for name, path in named_folders(home.datasets).items()}
    recent = [identity.path for identity in home.recent()[:MOST_RECENT]]
    for path in recent:
        if path in named:
            offers.append(_named_offer(named[path]))
        elif path.exists():
            offers.append(Offer(str(path), neutral_text(path.name), neutral_text(str(path.parent))))
    return offers + [_named_offer(name) for path, name in named.items() if path not in recent]


def _named_offer(name: str) -> Offer:
    return Offer(name, neutral_text(name), about_named(name))
