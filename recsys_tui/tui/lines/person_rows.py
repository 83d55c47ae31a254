"""The rows of the Users mode: what somebody took and says, and what is recommended to them, as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from recsys_tui.output.messages import say
from recsys_tui.output.probability import percent
from recsys_tui.recommend.agreement import stages_that_agree
from recsys_tui.recommend.answers import RecommendedItem
from recsys_tui.recommend.live_edits import rank_moves
from recsys_tui.store.verdicts import DISLIKE, LIKE
from recsys_tui.training.job import PRIVATE
from recsys_tui.tui.lines.figures import LEAST_DECIMALS, decimals_apart, plain
from recsys_tui.tui.state.workbench import PersonState, WorkbenchState

LIKED, DISLIKED = "♥", "✗"
MARKS = {LIKE: LIKED, DISLIKE: DISLIKED}
AGREES, DISAGREES = "●", "○"
BY_TIME, BY_RATING, BY_TITLE = "time", "rating", "title"
SAME_PLACE = "="
UNKNOWN = "–"


@dataclass(frozen=True)
class HistoryRow:
    """One line of the history. ``said_when``: when something was said of it, empty where nothing is."""

    item: str
    mark: str
    rating: float | None
    title: str
    said_when: str
    time: int | None = None

    def cells(self, with_ratings: bool, has_dates: bool) -> tuple[str, ...]:
        """The cells of the table; ratings where this data has any."""
        rating = "" if self.rating is None else f"{self.rating:g}"
        when = self.said_when or _when(self.time, has_dates)
        return (self.mark, rating, self.title, when) if with_ratings else (self.mark, self.title, when)


@dataclass(frozen=True)
class Order:
    """How the history is sorted: by time (newest first), by rating (best first) or by title; or the other way."""

    by: str = BY_TIME
    reverse: bool = False

    def next(self, with_ratings: bool) -> Order:
        """The next way to sort."""
        ways = (BY_TIME, BY_RATING, BY_TITLE) if with_ratings else (BY_TIME, BY_TITLE)
        place = ways.index(self.by) if self.by in ways else 0
        return Order(ways[(place + 1) % len(ways)])

    def turned(self) -> Order:
        """The same, the other way round."""
        return Order(self.by, not self.reverse)

    def sorted(self, rows: Sequence[HistoryRow]) -> list[HistoryRow]:
        """Rows that come newest first, in this order."""
        result = list(rows)
        if self.by == BY_RATING:
            result.sort(key=lambda row: -float("inf") if row.rating is None else row.rating, reverse=True)
        elif self.by == BY_TITLE:
            result.sort(key=lambda row: row.title.casefold())
        return result[::-1] if self.reverse else result


NEWEST_FIRST = Order()


def history_rows(state: WorkbenchState, person: PersonState, order: Order, typed: str) -> list[HistoryRow]:
    """What was said and is not in the history on top, the newest first; then the history. ``typed``: the filter."""
    taken = {entry.item for entry in person.history}
    said = [*reversed(person.said.liked), *reversed(person.said.disliked)]
    known = {item: _said_when(state, person, item) for item in said}
    fresh = [
        HistoryRow(item, _mark(person, item), None, person.titles.get(item) or item, known[item])
        for item in said
        if item not in taken
    ]
    rows = [
        HistoryRow(
            entry.item,
            _mark(person, entry.item) if entry.item in known else "",
            entry.rating,
            entry.title or entry.item,
            known.get(entry.item, ""),
            entry.time,
        )
        for entry in person.history
    ]
    rows = [*fresh, *order.sorted(rows)]
    return [row for row in rows if matches(typed, row.title, row.item)] if typed else rows


def matches(typed: str, *texts: str) -> bool:
    """Whether each word that was typed is in one of the texts, whatever its case."""
    return all(any(word in text.casefold() for text in texts) for word in typed.casefold().split())


def _mark(person: PersonState, item: str) -> str:
    return MARKS.get(person.said.of(item) or "", "")


def _said_when(state: WorkbenchState, person: PersonState, item: str) -> str:
    """When it was said: only tried, now (in this sitting), or earlier."""
    if person.what_if and person.kept.of(item) != person.said.of(item):
        return say("live.tried_now")
    edits = state.edits.get(person.user)
    return say("live.now" if edits is not None and item in edits.touched else "live.earlier")


def _when(time: int | None, has_dates: bool) -> str:
    if time is None:
        return ""
    return datetime.fromtimestamp(time / 1000, UTC).strftime("%Y-%m") if has_dates else f"{time:,}"


@dataclass(frozen=True)
class ListRow:
    """One place of the list: the item, how it moved (``▲2``, ``▼1``, ``=``, ``new``), and the decimals of scores.

    ``chances``: whether the model tells any, as a private one does not.
    """

    entry: RecommendedItem
    move: str
    decimals: int = LEAST_DECIMALS
    chances: bool = True

    @property
    def score(self) -> str:
        """Its score, as far as it tells the places of the list apart."""
        return plain(self.entry.score, self.decimals)

    @property
    def title(self) -> str:
        """Its title, else its id."""
        return self.entry.title or self.entry.item

    def cells(self, slim: bool) -> tuple[str, ...]:
        """The cells of the table; a slim one has no room for score and agreement."""
        entry = self.entry
        likely = percent(entry.foretold) if self.chances else UNKNOWN
        if slim:
            return str(entry.rank), self.title, likely, self.move
        return str(entry.rank), self.title, self.score, likely, self.move, dots(entry)


def list_rows(person: PersonState, typed: str) -> list[ListRow]:
    """The list as it is shown; ``typed``: the filter."""
    items = () if person.answer is None else person.answer.items
    moves = [""] * len(items)
    if person.before is not None:
        moves = [move_text(move) for move in rank_moves(person.before, [entry.item for entry in items])]
    decimals = decimals_apart([entry.score for entry in items])
    chances = person.answer is None or person.answer.preset != PRIVATE
    rows = [ListRow(entry, move, decimals, chances) for entry, move in zip(items, moves, strict=True)]
    if not typed:
        return rows
    return [row for row in rows if matches(typed, row.title, row.entry.item, *row.entry.categories)]


def move_text(move: int | None) -> str:
    """Places that an item rose as they are shown; None: it is new."""
    if move is None:
        return say("live.new_place")
    return SAME_PLACE if move == 0 else f"▲{move}" if move > 0 else f"▼{-move}"


def dots(entry: RecommendedItem) -> str:
    """Which stages speak for an item, one dot each; empty where one part alone ranked."""
    agree = stages_that_agree(entry.reasons)
    return "" if agree is None else "".join(AGREES if one else DISAGREES for one in agree)
