"""The user picker: filters as one types, over any number of users."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from recsys_tui.output.messages import say
from recsys_tui.tui.background import WorkerThread
from recsys_tui.tui.dialogs.picker import Picker
from recsys_tui.tui.filters.tags import with_tags
from recsys_tui.tui.filters.users import asks_for_tastes, matching_users, why_nobody
from recsys_tui.tui.widgets.charts import columns as column_chart
from recsys_tui.tui.widgets.line_table import Column

if TYPE_CHECKING:
    import polars as pl

    from recsys_tui.data.pseudonyms import Pseudonyms
    from recsys_tui.recommend.user_tastes import UserTastes

MOST_FOR_IDS = 12


class UserPicker(Picker):
    """Returns the id of the chosen user, or None. ``tastes`` gives what people lean to, None until it is known.

    ``pseudonyms``: where the ids of ``users`` are tags, what makes them.
    """

    def __init__(
        self,
        users: pl.DataFrame,
        has_dates: bool,
        worker: WorkerThread,
        tastes: Callable[[], UserTastes | None] = lambda: None,
        start: str = "",
        pseudonyms: Pseudonyms | None = None,
    ) -> None:
        super().__init__(worker, say("items.user_hint"), say("items.user_about"), say("tui.nobody_matches"), start)
        self._users, self._has_dates, self._tastes = users, has_dates, tastes
        self._pseudonyms = pseudonyms

    def know(self, users: pl.DataFrame) -> None:
        """Take the same users with more known of them."""
        self._users = users
        self.refilter()

    def nothing_for(self, text: str) -> str:
        """See :class:`Picker`: why what is asked for finds nobody, where that lies in the data."""
        reason = why_nobody(self._users, text, self._tastes())
        return self._nothing if reason is None else say(reason)

    @property
    def found(self) -> tuple[pl.DataFrame, pl.Series]:
        """The frame of users, and the places in it of those who match, in the order of the list."""
        return self._users, self._rows

    def columns(self) -> Sequence[Column]:
        """On a wide screen with what each likes, and how they rate."""
        shown = [
            Column(say("tui.user"), 0 if self._pseudonyms is None else self._pseudonyms.width, least=self._id_width),
            Column(say("tui.group"), 6, spare=1),
            Column(say("tui.actions_short"), 9, right=True, spare=2),
            Column(say("tui.mean"), 5, right=True, muted=True, spare=3),
        ]
        if self._rated:
            shown.append(Column("", 5, muted=True, spare=4))
        shown.append(Column(say("tui.last"), 10, right=True, muted=True, spare=5))
        if self._tastes() is not None:
            shown.append(Column(say("items.likes"), spare=6))
        return shown

    @cached_property
    def _id_width(self) -> int:
        """Cells that the ids are to have on any screen."""
        longest = self._users["id"].str.len_bytes().max() if self._users.height else 0
        return min(MOST_FOR_IDS, longest if isinstance(longest, int) else 0)

    @property
    def _rated(self) -> bool:
        return self._tastes() is not None and self._users["mean_rating"].null_count() < self._users.height

    def match(self, text: str) -> pl.Series | None:
        """See :class:`Picker`. What asks for tastes waits for them."""
        tastes = self._tastes()
        if tastes is None and asks_for_tastes(text):
            return None
        return matching_users(self._users, with_tags(text, self._users["id"], self._pseudonyms), tastes)

    def cells(self, places: pl.Series) -> list[tuple[str, ...]]:
        """See :class:`Picker`."""
        tastes, rated, found = self._tastes(), self._rated, self._users["code"].gather(places).to_list()
        likes: list[tuple[str, ...]] = [()] * len(found) if tastes is None else tastes.likes(found)
        ratings: list[tuple[int, ...]] = [()] * len(found) if tastes is None else tastes.ratings(found)
        rows = []
        for place, row in enumerate(self._users[places].iter_rows(named=True)):
            cells = [
                row["id"],
                "" if row["cluster"] is None else f"C{row['cluster']}",
                f"{row['count']:,}",
                "" if row["mean_rating"] is None else f"{row['mean_rating']:.1f}",
            ]
            if rated:
                counts = ratings[place]
                cells.append(column_chart(counts, len(counts), 1)[0].plain if any(counts) else "")
            cells.append(self._when(row["last"]))
            if tastes is not None:
                cells.append(", ".join(likes[place]))
            rows.append(tuple(cells))
        return rows

    def id_at(self, place: int) -> str:
        """See :class:`Picker`."""
        return str(self._users["id"][place])

    def title_of(self, matches: str, milliseconds: str) -> str:
        """See :class:`Picker`."""
        users = f"{self._users.height:,}"
        return say("tui.picker_title", users=users, matches=matches, milliseconds=milliseconds)

    def _when(self, last: int | None) -> str:
        if last is None:
            return ""
        return datetime.fromtimestamp(last / 1000, UTC).strftime("%Y-%m-%d") if self._has_dates else f"{last:,}"
