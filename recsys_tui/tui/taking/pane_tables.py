"""What the panes of the workbench hold, as tables for programs: with ids, whole times and numbers, and no signs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from recsys_tui.output.messages import say
from recsys_tui.tui.lines.compare import scored
from recsys_tui.tui.lines.person_rows import DISLIKED, LIKED
from recsys_tui.tui.taking.table import TakenTable, table_of_list

if TYPE_CHECKING:
    from recsys_tui.recommend.answers import Reason
    from recsys_tui.recommend.cluster_page import ClusterPage
    from recsys_tui.recommend.explanations.explanation import Explanation
    from recsys_tui.recommend.item_page import ItemPage
    from recsys_tui.tui.lines.compare import Pair
    from recsys_tui.tui.lines.person_rows import HistoryRow, ListRow
    from recsys_tui.tui.state.compare import PlacedItem
    from recsys_tui.tui.state.workbench import PersonState

SAID = {LIKED: "liked", DISLIKED: "disliked"}
DIGITS = 6
SCORE = "score"


def table_of_history(person: PersonState, rows: Sequence[HistoryRow], has_dates: bool) -> TakenTable:
    """Those rows of a history that are shown; ratings and times where this person's history has any."""
    rated = any(entry.rating is not None for entry in person.history)
    timed = any(entry.time is not None for entry in person.history)
    columns = ("item", "title", *(["rating"] if rated else []), *(["time"] if timed else []), "said")
    cells = []
    for row in rows:
        told: list[object] = [row.item, None if row.title == row.item else row.title]
        if rated:
            told.append(None if row.rating is None else float(f"{row.rating:.7g}"))
        if timed:
            told.append(_moment(row.time) if has_dates else row.time)
        cells.append((*told, SAID.get(row.mark, "")))
    return TakenTable(columns, tuple(cells), ("title", "said"))


def _moment(time: int | None) -> str | None:
    """Epoch milliseconds as ISO 8601, to the second where they are of whole ones."""
    if time is None:
        return None
    precision = "milliseconds" if time % 1000 else "seconds"
    return datetime.fromtimestamp(time / 1000, UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def table_of_shown_list(person: PersonState, rows: Sequence[ListRow]) -> TakenTable | None:
    """Those places of a list that are shown, with all that is known of each; None where there is no list."""
    answer = person.answer
    if answer is None:
        return None
    whole, shown = table_of_list(answer), {row.entry.rank for row in rows}
    kept = [entry.rank in shown for entry in answer.items]
    found = replace(
        whole,
        rows=tuple(row for row, keep in zip(whole.rows, kept, strict=True) if keep),
        document=replace(answer, items=tuple(entry for entry in answer.items if entry.rank in shown)).to_json(),
    )
    return _without_scores(found) if person.drafted else found


def _without_scores(table: TakenTable) -> TakenTable:
    """A list that two models drafted: their scores do not compare, and tell which of the two dealt an item."""
    rows = tuple(
        tuple(None if name == SCORE else cell for name, cell in zip(table.columns, row, strict=True))
        for row in table.rows
    )
    document = dict(table.document or {})
    document["items"] = [entry | {SCORE: None} for entry in document["items"]]
    return replace(table, rows=rows, document=document)


def table_of_why(parts: Sequence[Reason], found: Explanation | None) -> TakenTable:
    """What a score is made of, then, where they are worked out, the actions and the terms that speak for the item."""
    rows: list[tuple[object, ...]] = [
        ("part", one.kind, say(f"tui.component_{one.kind}"), round(one.contribution, DIGITS)) for one in parts
    ]
    if found is not None:
        rows += [
            (one.opinion or "action", one.item, one.title, round(one.contribution, DIGITS)) for one in found.history
        ]
        rows += [(one.kind, None, one.term, round(one.contribution, DIGITS)) for one in found.content if one.telling]
    return TakenTable(("kind", "id", "title", "contribution"), tuple(rows), ("kind", "title"))


def table_of_standing_out(page: ClusterPage) -> TakenTable:
    """Items and terms that a cluster takes more than everyone does; ``at_least``: lift and share are lower bounds."""
    rows = tuple(
        (kind, one.id, one.title, round(one.lift, DIGITS), round(one.share, DIGITS), one.at_least)
        for kind, entries in (("item", page.items), ("term", page.terms))
        for one in entries
    )
    return TakenTable(("kind", "id", "title", "lift", "share", "at_least"), rows, ("kind", "title"))


def table_of_takers(page: ItemPage) -> TakenTable:
    """The clusters that take an item, with nothing where too few people stand behind a figure; ``at_least``: share and
    lift are lower bounds."""
    rows = tuple(
        (one.cluster, one.name, _rounded(one.share), _rounded(one.lift), one.at_least) for one in page.clusters
    )
    return TakenTable(("cluster", "name", "share", "lift", "at_least"), rows, ("name",))


def table_of_joined(rows: Sequence[PlacedItem], a: str, b: str) -> TakenTable:
    """Those items of two lists that are shown, with their places in each; nothing where an item is not in a list."""
    cells = tuple((one.item, None if one.title == one.item else one.title, one.in_a, one.in_b, a, b) for one in rows)
    columns = ("item", "title", "rank_a", "rank_b", "model_a", "model_b")
    return TakenTable(columns, cells, ("title", "model_a", "model_b"))


def table_of_scores(pair: Pair) -> TakenTable:
    """The scores of two models, over all people or in a ``group`` of them; nothing where they are kept back."""
    rows = []
    for one in scored(pair):
        ends = (None, None) if one.found is None else (one.found.low, one.found.high)
        figures = (_rounded(value) for value in (one.a, one.b, one.delta, *ends))
        rows.append((one.metric, one.group, *figures, pair.a, pair.b))
    columns = ("metric", "group", "a", "b", "difference", "low", "high", "model_a", "model_b")
    return TakenTable(columns, tuple(rows), ("metric", "group", "model_a", "model_b"))


def _rounded(value: float | None) -> float | None:
    """A number as tables have it, zero without a sign."""
    return None if value is None else round(value, DIGITS) + 0.0


def table_of_periods(page: ItemPage) -> TakenTable:
    """How often an item was taken in each period; nothing where too few people stand behind one."""
    return TakenTable(("period", "count"), tuple((one.label, one.count) for one in page.periods), ("period",))
