"""Crowds only in what a comparison measures beside lists: a classifier's figures, errors of ratings, settings tried."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recsys_tui.cli.entry import main
from recsys_tui.data import cleaning
from recsys_tui.output.crowd_gate import SETTING

PEOPLE = 60


def compared(data: Path, model: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What ``evaluate --json`` says of one model."""
    given = ["evaluate", str(data), "--models", model, "--preset", "quick", "--protocol", "last", "--json"]
    assert main([*given, "--home", str(data.parent / "home")]) == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)["models"][0]
    return document


def written(folder: Path, name: str, rows: list[str]) -> Path:
    """The rows as a file of its own."""
    path = folder / f"{name}.csv"
    path.write_text(name + "\n" + "\n".join(rows) + "\n")
    return path


def rated_rows(rated: Callable[[int, int], bool]) -> list[str]:
    """Ten actions of each person, one a day: with a rating where ``rated`` says so of the person and the step."""
    random = np.random.default_rng(0)
    return [
        f"u{person},i{item},{1 + (person + item) % 5 if rated(person, step) else ''},"
        f"{1_600_000_000 + 86_400 * (20 * person + step)}"
        for person in range(PEOPLE)
        for step, item in enumerate(random.permutation(20)[:10])
    ]


@pytest.mark.parametrize(("lacking", "told"), [(3, False), (20, True)])
def test_figures_of_a_classifier(tmp_path: Path, capsys: pytest.CaptureFixture[str], lacking: int, told: bool):
    """Those who have all six items have no untouched one beside what they take: the pairs are of the others."""
    random = np.random.default_rng(0)
    rows = [
        f"u{person},i{item},{1_600_000_000 + 86_400 * (20 * person + step)}"
        for person in range(PEOPLE)
        for step, item in enumerate(random.permutation(6)[: 4 if person < lacking else 6])
    ]
    found = compared(written(tmp_path, "user,item,timestamp", rows), "deep", capsys)
    assert bool(found["classifier"]) is told


@pytest.mark.parametrize(("raters", "told"), [(1, False), (20, True)])
def test_errors_of_settings_that_are_tried(tmp_path: Path, capsys: pytest.CaptureFixture[str], raters: int, told: bool):
    """Settings are tried on the last but one action, which ``raters`` people rated; nobody rated the last."""
    rows = rated_rows(lambda person, step: step < 7 or (step == 8 and person < raters))
    found = compared(written(tmp_path, "user,item,rating,timestamp", rows), "mf", capsys)
    assert bool(found["tried"]) is told
    assert found["ratings"] == {}


@pytest.mark.parametrize(("silent", "told"), [(0, 60), (3, 50), (20, 40)])
def test_how_few_rated_nothing_held_out(tmp_path: Path, capsys: pytest.CaptureFixture[str], silent: int, told: int):
    """All but ``silent`` people rated their last action, which a comparison and a training hold out."""
    rows = rated_rows(lambda person, step: step < 9 or person >= silent)
    data = written(tmp_path, "user,item,rating,timestamp", rows)
    assert compared(data, "mf", capsys)["ratings"]["count"] == told
    assert main(["train", str(data), "--preset", "quick", "--json", "--home", str(tmp_path / "home")]) == 0
    assert json.loads(capsys.readouterr().out)["ratings"]["ratings"] == told


def test_events_against_are_told_again_of_as_many_as_are_enough_now(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    """Data is stored with what was found in it, for crowds of as many as were enough then."""
    rows = [f"u{n},x{n % 3},purchase" for n in range(40)] + [f"u{n},x{n % 3},return" for n in range(3)]
    data = written(tmp_path, "user,item,event", rows)
    for smallest in (5, 30):
        monkeypatch.setenv(SETTING, str(smallest))
        assert main(["inspect", str(data), "--json", "--home", str(tmp_path / "home")]) == 0
        findings = json.loads(capsys.readouterr().out)["findings"]
        (against,) = (entry for entry in findings if entry["code"] == "counts_against")
        assert against["count"] == smallest
        assert against["message"].startswith(f"Up to {smallest} events")


@pytest.mark.parametrize("few", [3, 20])
def test_how_few_took_something_back(tmp_path: Path, capsys: pytest.CaptureFixture[str], few: int):
    """Two things of three are taken by everybody but 20, and sent back by ``few`` of those who have them. Beside what
    is counted in lists and in time, neither how dense the data is nor how many events repeat tells how few."""
    random = np.random.default_rng(0)
    taken = [(f"u{n}", f"i{item}") for n in range(60) for item in range(6) if (n + item) % 3]
    back = [next(pair for pair in taken if pair[0] == f"u{n}") for n in range(few)]
    day = 86_400
    rows = [f"{user},{item},purchase,{1_600_000_000 + day * int(random.integers(60))}" for user, item in taken]
    rows += [f"{user},{item},return,{1_600_000_000 + day * 61}" for user, item in back]
    data = written(tmp_path, "user,item,event,timestamp", rows)
    assert main(["inspect", str(data), "--json", "--home", str(tmp_path / "home")]) == 0
    told = json.loads(capsys.readouterr().out)
    assert sum(bar["count"] or 0 for bar in told["periods"]) <= len(taken) - few
    assert round(told["density"] * 60 * 6) == len(taken) - few
    (repeats,) = (entry for entry in told["findings"] if entry["code"] == "repeated_pairs")
    assert repeats["count"] == -(-few // 10) * 10
    assert repeats["message"].startswith(f"Up to {repeats['count']} events repeat")


def inspected(data: Path, capsys: pytest.CaptureFixture[str], home: str = "home") -> dict[str, Any]:
    """What ``inspect --json`` says, with findings by their codes."""
    assert main(["inspect", str(data), "--json", "--home", str(data.parent / home)]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told | {"findings": {entry["code"]: entry for entry in told["findings"]}}


@pytest.mark.parametrize("few", [3, 20])
def test_how_often_things_are_bought_again_tells_not_how_few_sent_something_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], few: int
):
    """Of the events that buy again, and their share, the purchases followed, and so how many were sent back, which no
    bar tells; and how many pairs were bought, of which those that lists count would leave what was sent back."""
    day = 86_400
    bought = [(f"u{n}", f"i{item}") for n in range(60) for item in range(6) if (n + item) % 3]
    again = [pair for place, pair in enumerate(bought) if place % 5 == 0]
    back = [next(pair for pair in bought if pair[0] == f"u{n}" and pair not in again) for n in range(few)]
    times = [("purchase", bought, 0), ("purchase", again, 40), ("return", back, 90)]
    rows = [
        f"{user},{item},{kind},{1_600_000_000 + day * (first + place % 30)}"
        for kind, pairs, first in times
        for place, (user, item) in enumerate(pairs)
    ]
    data = written(tmp_path, "user,item,event,timestamp", rows)
    for _ in range(2):  # as it is read, and as it is stored
        told = inspected(data, capsys)
        entry, share, exact = (
            told["findings"]["repeat_consumption"], told["repeat_share"], len(again) / len(bought + again)
        )  # fmt: skip
        assert entry["count"] == -(-len(again) // 10) * 10
        assert entry["message"].startswith(f"Up to {entry['count']} events take again")
        assert share == pytest.approx(exact, abs=5 / len(rows))
        assert share == pytest.approx(round(share * len(rows) / 10) * 10 / len(rows), abs=1e-6)


@pytest.mark.parametrize("few", [3, 20])
def test_how_few_took_nothing_of_something(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, few: int
):
    """Of a quantity of nought nothing is in a history: the pairs of a person and an item, as repeats tell them, less
    those that lists count, or all rows less those that take something, would be how few rows are so."""
    day = 86_400
    bought = [(f"u{n}", f"i{item}") for n in range(60) for item in range(6) if (n + item) % 3]
    again = [pair for place, pair in enumerate(bought) if place % 5 == 0]
    nothing = [(f"u{n}", next(f"i{item}" for item in range(6) if not (n + item) % 3)) for n in range(few)]
    rows = [
        f"{user},{item},{units},{1_600_000_000 + day * (first + place % 30)}"
        for units, pairs, first in ((2, bought, 0), (1, again, 40), (0, nothing, 60))
        for place, (user, item) in enumerate(pairs)
    ]
    data = written(tmp_path, "user,item,quantity,timestamp", rows)
    with monkeypatch.context() as earlier:  # as a version of the program stored it that did not look for these
        earlier.setattr(cleaning, "events_for_nothing", lambda _table: 0)
        assert inspected(data, capsys)["findings"]["repeated_pairs"]["count"] == len(again)
    for home in ("home", "another"):
        told = inspected(data, capsys, home)
        counts = {code: entry["count"] for code, entry in told["findings"].items()}
        assert counts["counts_nothing"] == -(-few // 10) * 10
        assert counts["repeated_pairs"] == counts["repeat_consumption"] == -(-len(again) // 10) * 10
        tens = told["repeat_share"] * len(rows) / 10
        assert tens == pytest.approx(round(tens), abs=1e-4)


@pytest.mark.parametrize(("column", "takes", "takes_not"), [("event", "purchase", "return"), ("quantity", "2", "0")])
def test_that_nothing_repeats_tells_not_how_few_rows_are_in_no_history(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    column: str, takes: str, takes_not: str,
):  # fmt: skip
    """Three people send back what they took elsewhere, or take nothing of it, and nobody does anything twice: all rows
    less the pairs that lists count, as how dense the data is tells them, would be how few these are."""
    taken = [(n, item) for n in range(60) for item in range(6) if (n + item) % 3]
    rows = [f"u{n},i{item},{takes},{1_600_000_000 + 86_400 * (n % 30)}" for n, item in taken]
    rows += [f"u{n},i{-n % 3},{takes_not},{1_600_000_000 + 86_400 * 40}" for n in range(3)]
    data = written(tmp_path, f"user,item,{column},timestamp", rows)
    with monkeypatch.context() as earlier:  # as a version of the program stored it that did not say so
        earlier.setattr(cleaning, "may_repeat", lambda _findings: False)
        assert "repeated_pairs" not in inspected(data, capsys)["findings"]
    for home in ("home", "another"):
        told = inspected(data, capsys, home)
        assert told["interactions"] - round(told["density"] * 60 * 6) == 3
        assert told["findings"]["repeated_pairs"]["count"] == 10
        assert told["findings"]["repeated_pairs"]["message"].startswith("Up to 10 events repeat")


@pytest.mark.parametrize(("buyers", "told"), [(3, False), (20, True)])
def test_how_often_a_few_buy_again(tmp_path: Path, capsys: pytest.CaptureFixture[str], buyers: int, told: bool):
    """Everybody looks, a few buy, and buy again: that says nothing of what people do, and a bar of it is kept back."""
    rows = [f"u{n},i{item},view,{1_600_000_000 + 86_400 * item}" for n in range(60) for item in range(6)]
    rows += [f"u{n},i1,purchase,{1_600_000_000 + 86_400 * (20 + step)}" for n in range(buyers) for step in range(2)]
    found = inspected(written(tmp_path, "user,item,event,timestamp", rows), capsys)
    assert ("repeat_consumption" in found["findings"]) is told
    assert (found["repeat_share"] > 0) is told


def test_how_often_a_few_buy_again_is_told_no_more_once_they_are_not_enough(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    """The data was stored when they were, or by a version of the program that told it of anybody."""
    rows = [f"u{n},i{item},view,{1_600_000_000 + 86_400 * item}" for n in range(60) for item in range(6)]
    rows += [f"u{n},i1,purchase,{1_600_000_000 + 86_400 * (20 + step)}" for n in range(7) for step in range(2)]
    data = written(tmp_path, "user,item,event,timestamp", rows)
    for smallest, told in ((5, True), (10, False)):
        monkeypatch.setenv(SETTING, str(smallest))
        found = inspected(data, capsys)
        assert ("repeat_consumption" in found["findings"]) is told
        assert (found["repeat_share"] > 0) is told


@pytest.mark.parametrize("few", [3, 20])
def test_how_few_invoices_were_cancelled(tmp_path: Path, capsys: pytest.CaptureFixture[str], few: int):
    """That a row is cancelled is that it counts against its item, of which no more is told than up to how many do."""
    rows = [f"{n},u{n % 60},i{n % 7},2,{1_600_000_000 + 86_400 * (n % 20)}" for n in range(180)]
    rows += [f"C{n},u{n},i{n % 7},-2,{1_600_000_000 + 86_400 * 30}" for n in range(few)]
    data = written(tmp_path, "invoice,user,item,quantity,timestamp", rows)
    for _ in range(2):
        found = inspected(data, capsys)["findings"]
        assert found["cancellations"]["count"] == found["counts_against"]["count"] == -(-few // 10) * 10
        assert found["cancellations"]["message"].startswith(f"Up to {found['cancellations']['count']} rows")


@pytest.mark.parametrize(("column", "usual", "few"), [("rating", "45", "123"), ("event", "bc", "a")])
def test_bars_beside_how_many_rows_have_no_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], column: str, usual: str, few: str
):
    """What is told of how many rows have a rating, or a kind of event, leaves of bars that are told those that are not:
    without the rows that have none, these are of six people."""
    rows = [
        (n, item, "" if item == 1 and n >= 40 else few[n % len(few)] if item == 0 and n < 6 else usual[(n + item) % 2])
        for n in range(60)
        for item in range(5)
    ]
    data = written(tmp_path, f"user,item,{column},timestamp",
                   [f"u{n},i{item},{value},{1_600_000_000 + 86_400 * item}" for n, item, value in rows])  # fmt: skip
    told = inspected(data, capsys)
    bars = {bar["label"]: bar["count"] for bar in told[f"{column}s"]}
    assert "unparsable_ratings" in told["findings"] or "event_weights" in told["findings"]
    untold = {label for label, count in bars.items() if count is None}
    assert len({n for n, _, value in rows if value in untold}) >= 10
    assert any(bars.values())


@pytest.mark.parametrize(("back", "told"), [(0, 60), (3, 60), (20, 40), (50, 10), (57, 10)])
def test_how_few_have_the_only_item(tmp_path: Path, capsys: pytest.CaptureFixture[str], back: int, told: int):
    """Of one item, how dense the data is says who has it, and who had it before; another that nobody has any more, as
    lists say, makes no difference."""
    rows = [f"u{n},i,purchase,{1_600_000_000 + 86_400 * (n % 20)}" for n in range(60)]
    rows += [f"u{n},i,return,{1_600_000_000 + 86_400 * 40}" for n in range(back)]
    gone = [f"u{n},j,{kind},{1_600_000_000 + 86_400 * 40}" for n in range(15) for kind in ("purchase", "return")]
    for home, more in (("home", []), ("another", gone)):
        found = inspected(written(tmp_path, "user,item,event,timestamp", rows + more), capsys, home)
        assert round(found["density"] * 60 * found["items"]) == told
        assert back in (0, 20) or not any(bar["count"] for bar in found["periods"])


@pytest.mark.parametrize(("newcomers", "each"), [(0, 0), (1, 13), (3, 13), (20, 2)])
def test_how_much_is_learned_from_beside_all_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], newcomers: int, each: int
):
    """Who came after the cut is in neither part: the totals of the data less both would be what a few of them did."""
    random = np.random.default_rng(0)
    rows = [
        f"u{person},i{item},{1_600_000_000 + 86_400 * (10 * step + person % 9)}"
        for person in range(PEOPLE)
        for step, item in enumerate(random.permutation(20)[:10])
    ]
    late = [f"n{who},i{item},{1_600_000_000 + 86_400 * 109}" for who in range(newcomers) for item in range(each)]
    data, home = written(tmp_path, "user,item,timestamp", rows + late), str(tmp_path / "home")

    def said(*arguments: str) -> dict[str, Any]:
        assert main([*arguments, "--json", "--home", home]) == 0
        document: dict[str, Any] = json.loads(capsys.readouterr().out)
        return document

    whole = said("inspect", str(data))
    found = said("evaluate", str(data), "--models", "popular", "--protocol", "temporal")
    left = whole["users"] - found["train_users"]
    actions = whole["interactions"] - found["train_interactions"] - found["test_interactions"]
    if newcomers in (0, 20):
        assert (left, actions) == (newcomers, each * newcomers)
    else:
        assert left == 10
        assert found["train_interactions"] % 10 == 0
