"""Printing one person's list: as a table, as CSV, or as one JSON document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from recsys_tui.output.console import CSV, JSON, Console
from recsys_tui.output.messages import say
from recsys_tui.output.probability import percent
from recsys_tui.output.writers import csv_table, json_document

if TYPE_CHECKING:
    from recsys_tui.recommend.answers import Recommendations, RecommendedItem

REASONS_SHOWN = 3


def _contributions(entry: RecommendedItem, kinds: Sequence[str]) -> list[float | None]:
    """What each kind of reason adds to the score of an item; None where it has no part in it."""
    parts = {reason.kind: reason.contribution for reason in entry.reasons}
    return [parts.get(kind) for kind in kinds]


def show_list(answer: Recommendations, note: str | None, out: Console) -> None:
    """Print a list; ``note``: a sentence about its model that was told already, which the JSON document repeats."""
    if out.options.form == JSON:
        document = answer.to_json()
        document["note"] = " ".join(part for part in (note, answer.note) if part) or None
        out.data(json_document(document))
        return
    if answer.note:
        out.tell(answer.note)
    if out.options.form == CSV:
        kinds = sorted({reason.kind for entry in answer.items for reason in entry.reasons})
        columns, told = answer.table()
        rows = [(*row, *_contributions(entry, kinds)) for row, entry in zip(told, answer.items, strict=True)]
        out.data(csv_table((*columns, *kinds), rows, ("title",)))
        return
    out.tell(
        say(
            "cli.list_title",
            user=say("cli.someone_new") if answer.user is None else answer.user,
            model=answer.model,
            preset=answer.preset,
            horizon=answer.horizon,
            cluster=answer.cluster_name or say("cli.no_cluster"),
        )
    )
    likely = say("cli.chance" if answer.has_chances else "cli.probability")
    headers = [say("cli.rank"), say("cli.item"), say("cli.title"), say("cli.score"), likely]
    rows_shown = []
    for entry in answer.items:
        row = [entry.rank, entry.item, entry.title or "", f"{entry.score:.3f}", percent(entry.foretold)]
        if any(shown.reasons for shown in answer.items):
            why = ", ".join(f"{reason.text} {reason.contribution:+.2f}" for reason in entry.reasons[:REASONS_SHOWN])
            row.append(why)
        rows_shown.append(row)
    if rows_shown and len(rows_shown[0]) > len(headers):
        headers.append(say("cli.why"))
    out.table(headers, rows_shown, numbers=(0, 3, 4))
