"""Everything that is known of the open data: all columns, all findings with how to change them, sample rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Static

from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.output.neutralise import neutral_text
from recsys_tui.tui.background import WorkerThread
from recsys_tui.tui.dialogs.dialog import Dialog
from recsys_tui.tui.lines.findings import role_name, whole_finding, wrapped
from recsys_tui.tui.sample_rows import first_rows
from recsys_tui.tui.widgets.line_table import fit
from recsys_tui.tui.widgets.sample_grid import grid_lines

if TYPE_CHECKING:
    from recsys_tui.data.dataset import ColumnChoice, Dataset, Finding
    from recsys_tui.data.overview import Overview
    from recsys_tui.data.preview import Preview
    from recsys_tui.store.home import Home

SAMPLE_ROWS = 60
MOST_FILES = 12


@dataclass(frozen=True)
class Details:
    """What the dialog shows, but for the sample rows."""

    name: str
    facts: tuple[tuple[str, str], ...]
    columns: tuple[ColumnChoice, ...]
    findings: tuple[Finding, ...]
    weights: tuple[tuple[str, float], ...]
    note: str | None


def details_of(dataset: Dataset, overview: Overview, note: str | None) -> Details:
    """The details of a dataset."""
    given = ", ".join(f"{name}={value}" for name, value in dataset.mapping.to_json().items())
    files = [path.name for path in dataset.files]
    named = ", ".join(files[:MOST_FILES]) + (" …" if len(files) > MOST_FILES else "")
    facts = (
        ("home.details_path", str(dataset.path)),
        ("home.details_files", named),
        ("home.details_format", dataset.format),
        ("home.details_given", given or say("home.details_nothing_given")),
        ("tui.rows", f"{overview.rows:,}"),
        ("tui.interactions", f"{overview.interactions:,}"),
    )
    return Details(
        dataset.name,
        tuple((say(name), neutral_text(value)) for name, value in facts),
        dataset.columns,
        dataset.findings,
        tuple(dataset.weights.items()),
        note,
    )


class SampleRead(Message):
    """The first rows of the data, or why they cannot be read."""

    def __init__(self, preview: Preview | None, sentence: str) -> None:
        super().__init__()
        self.preview, self.sentence = preview, sentence


class DetailsDialog(Dialog[None]):
    """A scrolling page; Escape or d closes it."""

    CSS_PATH = "details.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,d", "dismiss(None)", say("tui.key_close"), id="details.close"),
        Binding("j", "scroll(1)", show=False, id="details.down"),
        Binding("k", "scroll(-1)", show=False, id="details.up"),
        Binding("g", "ends(True)", show=False, id="details.start"),
        Binding("G", "ends(False)", show=False, id="details.end"),
    ]

    def __init__(
        self, details: Details, dataset: Dataset, worker: WorkerThread, home: Home, pseudonyms: bool = False
    ) -> None:
        super().__init__()
        self._pseudonyms = pseudonyms
        self._details, self._dataset, self._worker, self._home = details, dataset, worker, home
        self._preview: Preview | None = None
        self._sentence = say("home.details_reading")
        self.lines: list[Text] = []

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="details") as box:
            box.border_title = Text(say("home.details_title", name=self._details.name))
            box.border_subtitle = say("home.details_keys")
            yield Static("", markup=False, id="details-page")

    def on_mount(self) -> None:
        self.query_one("#details").focus()
        data, home, tagged = self._dataset, self._home, self._pseudonyms

        def read() -> None:
            try:
                rows = first_rows(data.path, data.mapping, home, tagged, SAMPLE_ROWS, people_are_items=data.shared_ids)
                found, sentence = rows, ""
            except UserError as error:
                found, sentence = None, str(error)
            self.post_message(SampleRead(found, sentence))

        self._worker.submit(read, kind="sample")
        self.call_after_refresh(self._draw)

    def on_resize(self, _event: events.Resize) -> None:
        self.call_after_refresh(self._draw)

    def on_sample_read(self, event: SampleRead) -> None:
        event.stop()
        self._preview, self._sentence = event.preview, event.sentence
        self._draw()

    def action_scroll(self, steps: int) -> None:
        for box in self.query("#details"):
            box.scroll_relative(y=steps, animate=False)

    def action_ends(self, start: bool) -> None:
        for box in self.query("#details"):
            box.scroll_to(y=0 if start else box.max_scroll_y, animate=False)

    def _draw(self) -> None:
        if not self.is_mounted:
            return
        width = self.query_one("#details", VerticalScroll).scrollable_content_region.width
        if width < 10:
            return
        self.lines = page(self._details, width) + self._rows(width)
        self.query_one("#details-page", Static).update(Text("\n").join(self.lines))

    def _rows(self, width: int) -> list[Text]:
        head = [Text(""), Text(say("home.details_rows"), style="bold")]
        found = self._preview
        if found is None:
            return [*head, *(Text(line, style="dim") for line in wrapped(self._sentence, width))]
        roles = {choice.column: role_name(choice.role) for choice in found.choices}
        return head + grid_lines(found.columns, found.rows, roles, None, width, len(found.rows) + 2)


def page(details: Details, width: int) -> list[Text]:
    """The details as lines of a width, without the sample rows."""
    lines = [Text(say("home.details_data"), style="bold")]
    for name, value in details.facts:
        first, *more = wrapped(value, width - 14)
        lines.append(Text(fit(name, 14), style="dim").append(first, "not dim"))
        lines += [Text(" " * 14 + line) for line in more]
    lines += [Text(""), Text(say("home.details_columns"), style="bold")]
    for choice in details.columns:
        head = f"{fit(role_name(choice.role), 20)} {fit(choice.column, 22)} {choice.confidence:>4.0%}"
        lines.append(Text(fit(head, width).rstrip()))
        lines += [Text("  " + line, style="dim") for line in wrapped(choice.why, width - 2)]
    if details.weights:
        lines += [Text(""), Text(say("home.details_weights"), style="bold")]
        lines += [Text(fit(f"{fit(event, 24)} {weight:g}", width).rstrip()) for event, weight in details.weights]
    lines += [Text(""), Text(say("home.details_findings"), style="bold")]
    if details.note:
        lines += [Text(line, style="bold") for line in wrapped(f"! {details.note}", width)]
    for entry in details.findings:
        lines += whole_finding(entry, width)
        done = say(f"home.done_{entry.action.value}")
        lines[-1].append(f"  ({done})", style="dim")
    if not details.findings:
        lines.append(Text(say("tui.no_findings"), style="dim"))
    return lines
