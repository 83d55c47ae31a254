"""The list that draws only what is seen, the charts, and the filter of the user picker."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest
from textual.app import App, ComposeResult
from textual.strip import Strip

from recsys_tui.tui.filters.users import matching_users, why_nobody
from recsys_tui.tui.widgets.charts import bar, bar_rows, columns
from recsys_tui.tui.widgets.line_table import Column, LineTable, fit
from tests.tui.painting import painted


@pytest.mark.parametrize(
    ("text", "width", "right", "expected"),
    [
        ("abc", 5, False, "abc  "),
        ("abc", 5, True, "  abc"),
        ("abcdef", 4, False, "abc…"),
        ("银色的港湾", 6, False, "银色 …"),
        ("银色", 4, False, "银色"),
        ("x", 0, False, ""),
    ],
)
def test_text_fits_its_cells(text: str, width: int, right: bool, expected: str):
    assert fit(text, width, right) == expected


def test_bars_and_columns():
    assert bar(0.5, 4) == "██"
    assert bar(1.2, 3) == "███"
    assert bar(0, 3) == ""
    assert bar(0.3125, 2) == "▋"
    assert [line.plain for line in columns([0.0, 1.0], 2, 2)] == [" █", " █"]
    rows = [line.plain for line in bar_rows([("5", 10), ("4", "<10 people")], 20)]
    assert rows[1].endswith("<10 people")
    assert "█" not in rows[1]
    assert columns([], 10, 3) == []


class Shown(App[None]):
    def compose(self) -> ComposeResult:
        yield LineTable((Column("id", 8, right=True), Column("title")), "empty")


async def painted_lines(app: App[None], of: Callable[[], object]) -> set[int]:
    """The lines of the screen that were painted anew after something was done."""
    lines: set[int] = set()
    table = app.query_one(LineTable)
    draw = table.render_line

    def drawn(y: int) -> Strip:
        lines.add(y)
        return draw(y)

    table.render_line = drawn  # type: ignore[method-assign]
    of()
    await painted(app)
    table.render_line = draw  # type: ignore[method-assign]
    return lines


def rows_of(titles: list[str]) -> Callable[[int, int], list[tuple[str, str]]]:
    return lambda start, stop: [(str(place), titles[place]) for place in range(start, stop)]


async def test_a_list_paints_what_changed_alone():
    titles = [f"row {place}" for place in range(30)]
    app = Shown()
    async with app.run_test(size=(40, 10)):
        table = app.query_one(LineTable)
        table.show(30, rows_of(titles))
        await painted(app)
        assert await painted_lines(app, lambda: table.show(30, rows_of(list(titles)))) == set()
        assert await painted_lines(app, lambda: table.move_to(3)) == {1, 4}
        # Shown as it was before the cursor moved: it is another picture than the one on screen.
        assert await painted_lines(app, lambda: table.show(30, rows_of(titles), cursor=0)) == set(range(10))
        titles[20] = "another"  # below what is seen
        assert await painted_lines(app, lambda: table.show(30, rows_of(titles))) == set()
        titles[2] = "another"
        assert await painted_lines(app, lambda: table.show(30, rows_of(titles))) == set(range(10))
        assert await painted_lines(app, lambda: table.show(29, rows_of(titles))) == set(range(10))
        table.columns = (Column("id", 4), Column("title"))
        assert await painted_lines(app, lambda: table.show(29, rows_of(titles))) == set(range(10))


async def test_a_million_rows_cost_a_screenful():
    fetched: list[int] = []

    def fetch(start: int, stop: int) -> list[tuple[str, str]]:
        fetched.append(stop - start)
        return [(str(place), f"row {place}") for place in range(start, stop)]

    app = Shown()
    async with app.run_test(size=(40, 10)) as pilot:
        table = app.query_one(LineTable)
        table.show(1_000_000, fetch)
        table.focus()
        await pilot.press("G")
        assert table.cursor == 999_999
        await pilot.press("pageup", "k", "j", "down", "up")
        assert table.cursor == 999_999 - 8
        await pilot.press("g")
        assert table.cursor == 0
        await pilot.pause()
        assert sum(fetched) < 5_000
        text = "\n".join("".join(segment.text for segment in table.render_line(y)) for y in range(10))
        assert "row 0" in text
        assert "row 8" in text


async def test_an_empty_list_says_so_and_bears_every_key():
    app = Shown()
    async with app.run_test(size=(40, 10)) as pilot:
        table = app.query_one(LineTable)
        table.focus()
        await pilot.press("j", "k", "G", "g", "pagedown", "pageup", "enter")
        assert "empty" in "".join(segment.text for segment in table.render_line(1))


USERS = pl.DataFrame(
    {
        "id": ["12", "112", "120", "a.b", "A(b", "x"],
        "count": pl.Series([1, 2, 3, 4, 5, 600], dtype=pl.UInt32),
        "cluster": pl.Series([0, 1, 1, 2, 1, 0], dtype=pl.Int16),
    }
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["12", "112", "120", "a.b", "A(b", "x"]),
        ("12", ["12", "120", "112"]),
        ("c1", ["112", "120", "A(b"]),
        ("c1 12", ["120", "112"]),
        ("heavy", ["x"]),
        ("light", ["12", "112"]),
        ("a(", ["A(b"]),
        (".", ["a.b"]),
        ("zzz", []),
    ],
)
def test_filtering_users(text: str, expected: list[str]):
    assert USERS["id"][matching_users(USERS, text)].to_list() == expected


def test_a_cluster_is_no_token_before_there_are_clusters():
    unclustered = USERS.with_columns(pl.lit(None, pl.Int16).alias("cluster"))
    assert matching_users(unclustered, "c1").to_list() == []


@pytest.mark.parametrize(
    ("text", "clustered", "reason"),
    [
        ("c1 heavy", False, "tui.no_groups_yet"),
        ("c99", True, None),
        ("xxxx:rock", True, "tui.unknown_token"),
        ("liked:nothing", True, None),
        ("abc", False, None),
    ],
)
def test_why_nobody_matches_is_told_where_it_lies_in_the_data(text: str, clustered: bool, reason: str | None):
    users = USERS if clustered else USERS.with_columns(cluster=pl.lit(None, pl.Int32))
    assert why_nobody(users, text, None) == reason
