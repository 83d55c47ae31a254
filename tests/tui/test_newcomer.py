"""The session of a newcomer at 80×24, recorded: open, find somebody, like two items, read why, take the list along."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile
from pathlib import Path

import pytest

from recsys_tui.output.messages import say
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from tests.tui.newcomer import DOWN, ENTER, NEW, ListedItem, Newcomer

Start = Callable[..., Newcomer]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts the program for a newcomer, in a folder of the test's own; whatever still runs at the end is ended."""
    folder = tmp_path / "where I work"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    monkeypatch.chdir(folder)
    started: list[Newcomer] = []

    def one(*arguments: str) -> Newcomer:
        started.append(Newcomer(arguments))
        return started[-1]

    yield one
    for newcomer in started:
        newcomer.ends()


def test_the_bundled_films(trained_copy: Session, start: Start):
    newcomer = start("open", "films", "--home", str(trained_copy.home.root), "--no-train")
    newcomer.waits_for("films", "model: quick", "1,500", say("tui.density"))
    _find_somebody_and_please_them(newcomer, trained_copy.home, "films")


@pytest.mark.skipif("RECSYS_TEST_LONG" not in os.environ, reason="takes minutes: python -m tests.bench long runs it")
@pytest.mark.real_data
@pytest.mark.slow
def test_a_small_movielens_from_the_beginning(real_data: Callable[[str], Path], start: Start, tmp_path: Path):
    data, home = str(real_data("ml-latest-small")), tmp_path / "fresh"
    newcomer = start("open", data, "--home", str(home), "--preset", "quick")
    newcomer.waits_for(
        "ml-latest-small", "100,836", "610", say("tui.no_model")
    )  # what it is, before anything is trained
    newcomer.waits_for("▶", say("models.stage_user_profiles"), say("models.stage_deep"), seconds=60)
    newcomer.waits_for("model: quick", "ndcg@10", seconds=300)
    _find_somebody_and_please_them(newcomer, Home(home), data)


def _find_somebody_and_please_them(newcomer: Newcomer, home: Home, data: str) -> None:
    assert "u User" in newcomer.last_line()
    user = _find_somebody_who_likes_comedies(newcomer)
    listed = newcomer.listed()
    assert len(listed) >= 10
    assert [item.rank for item in listed] == list(range(1, len(listed) + 1))
    assert all(item.moved is None for item in listed)

    for _ in range(2):
        assert "+ Like" in newcomer.last_line()
        before = newcomer.listed()
        title, after = newcomer.likes_the_first()
        assert title not in [item.title for item in after]
        _moves_are_true(before, after)

    _read_why(newcomer)
    assert newcomer.listed() == after

    path = _export(newcomer)
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [int(row["rank"]) for row in rows] == list(range(1, len(rows) + 1))
    for row, item in zip(rows, after, strict=False):
        assert row["title"].startswith(item.title.removesuffix("…").rstrip())

    assert newcomer.quits() == 0
    stands = Session.open(data, home=home).feedback.entries()
    assert [(one.user, one.verdict) for one in stands] == [(user, "like"), (user, "like")]


def _find_somebody_who_likes_comedies(newcomer: Newcomer) -> str:
    newcomer.presses(b"u", "genre:comedy, liked:")  # the picker says what can be typed
    newcomer.looks_until(lambda _screen: newcomer.people_counted()[1])
    people, match = newcomer.people_counted()
    assert match == people
    newcomer.program.write(b"genre:comedy")
    newcomer.looks_until(lambda _screen: 0 < newcomer.people_counted()[1] < people)
    offered = newcomer.people_offered()
    place = next(place for place, row in enumerate(offered) if "Comedy" in row)
    user = offered[place].split()[0]
    for _ in range(place):
        newcomer.program.write(DOWN)
    newcomer.presses(ENTER, f"User {user} ", say("tui.recommended"), "●")
    assert "4 Users" in newcomer.line_on_top()
    return user


def _moves_are_true(before: Sequence[ListedItem], after: Sequence[ListedItem]) -> None:
    """Each row of both screens says how many places it moved; one that says it is new was on neither."""
    ranks = {item.title: item.rank for item in before}
    assert any(item.moved for item in after)
    for item in after:
        if item.moved == NEW:
            assert item.title not in ranks
        elif item.title in ranks:
            assert item.moved == ranks[item.title] - item.rank, item


def _read_why(newcomer: Newcomer) -> None:
    """In words, and in parts that sum to the score."""
    first = newcomer.listed()[0].title.removesuffix("…")
    assert "x Why" in newcomer.last_line()
    newcomer.presses(b"x", "Why #1", first[:40], "because of", say("live.because"))
    lines = newcomer.box("Why")
    score = next(found for line in lines if (found := re.search(r"score: (−?[\d.]+)", line)))
    above = takewhile(lambda line: say("live.because") not in line, lines)
    parts = [found[1] for line in above if (found := re.match(r" *[●○]? *[a-z-]+ +([+−]\d+\.\d{2,6}) ", line))]
    numbers = [float(part.replace("−", "-")) for part in parts]
    assert len(numbers) >= 5
    assert sum(numbers) == pytest.approx(float(score[1].replace("−", "-")), abs=0.01 * len(numbers))
    newcomer.presses(b"x", say("tui.recommended"), "▲")


def _export(newcomer: Newcomer) -> Path:
    newcomer.presses(b"e", say("take.export_csv"), say("take.export_svg"))
    newcomer.presses(ENTER, say("take.folder", folder="/")[:8], "recommendations.csv", say("tui.recommended"))
    newcomer.presses(ENTER, say("take.written", path="/")[:8])
    files = list(Path.cwd().iterdir())
    assert [path.suffix for path in files] == [".csv"]
    return files[0]
