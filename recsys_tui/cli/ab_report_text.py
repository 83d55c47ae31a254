"""Reports of A/B tests as documents, tables and sentences."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from recsys_tui.evaluate.ab.report import WIN_SHARE, WINS, AbReport, report_document
from recsys_tui.evaluate.ab.sequential import SequentialDifference
from recsys_tui.evaluate.ab.words import method, notes, shown_p_value, verdict
from recsys_tui.output.console import CSV, JSON, Console
from recsys_tui.output.messages import say
from recsys_tui.output.writers import csv_table, json_document
from recsys_tui.store.ab_records import SPLIT, AbTest

if TYPE_CHECKING:
    from recsys_tui.evaluate.ab.simulate import Simulation

COLUMNS = ("outcome", "a", "b", "everyone", "delta", "low", "high", "p", "people")
COUNTS = ("sessions", "actions_per_session")


def told(found: AbReport) -> dict[str, Any]:
    """The document of a report."""
    test = found.test
    return report_document(found) | {
        "started": _time(test.started),
        "stopped": None if test.stopped is None else _time(test.stopped),
        "verdict": verdict(found),
        "notes": notes(found),
        "method": method(found),
    }


def show_report(found: AbReport, out: Console) -> None:
    """Print a report in the form that was asked for."""
    if out.options.form == JSON:
        out.data(json_document(told(found)))
        return
    if out.options.form == CSV:
        out.data(csv_table(COLUMNS, _rows(found)))
        return
    out.tell(_title(found.test))
    show_table(found, out)
    for sentence in (verdict(found), *notes(found), method(found)):
        out.sentence(sentence)


def show_simulation(found: Simulation, aa: bool, out: Console) -> None:
    """Print what came of simulated tests, with the report of the first."""
    if out.options.form == JSON:
        words = {"verdict": verdict(found.first), "notes": [say("ab.simulated_seen")], "method": method(found.first)}
        out.data(json_document(found.to_json() | words))
        return
    if out.options.form == CSV:
        out.data(csv_table(COLUMNS, _rows(found.first)))
        return
    asked, test = found.request, found.first.test
    out.tell(say("ab.title_simulated", a=test.a, b=test.b, mode=say(f"ab.mode_{test.mode}"), runs=asked.runs))
    show_table(found.first, out)
    low, high = found.bounds()
    shares = {"share": f"{found.share:.1%}", "low": f"{low:.1%}", "high": f"{high:.1%}"}
    size = {"people": f"{found.people:,}", "looks": asked.looks}
    out.sentence(say("ab.simulated", found=f"{found.found:,}", runs=f"{asked.runs:,}", **shares, **size))
    if aa:
        out.sentence(say("ab.simulated_errors", alpha=f"{found.first.alpha:.0%}"))
    elif asked.effect is not None:
        out.sentence(say("ab.simulated_power", effect=f"{asked.effect:g}", power=f"{asked.power:.0%}"))
    out.sentence(method(found.first))
    out.sentence(say("ab.simulated_seen"))


def show_table(found: AbReport, out: Console) -> None:
    """Print the figures of a report as a table."""
    headers = [
        say("ab.head_outcome"),
        *(say("ab.head_arm", arm=arm.arm, model=arm.model) for arm in found.arms),
        say("ab.head_difference"),
        say("ab.head_interval"),
        say("ab.head_p"),
        say("ab.head_people"),
    ]
    rows = [_cells(found, name, *values) for name, *values in _rows(found)]
    out.table(headers, rows, numbers=(1, 2, 3, 5, 6), whole=(0, 3, 4))


def _rows(found: AbReport) -> list[tuple[Any, ...]]:
    rows = []
    if found.wins is not None:
        rows.append((WINS, found.wins.a, found.wins.b, None, *_ends(found.primary), found.people))
    for name, one in found.outcomes.items():
        if name == WIN_SHARE and found.test.mode == SPLIT:
            continue
        rows.append((name, one.a, one.b, one.everyone, *_ends(one.difference), one.people))
    return rows


def _ends(difference: SequentialDifference | None) -> tuple[float | None, ...]:
    if difference is None:
        return (None,) * 4
    return difference.delta, difference.low, difference.high, difference.p


def _cells(found: AbReport, name: str, *values: Any) -> tuple[str, ...]:
    a, b, everyone, delta, low, high, p, people = values
    shape = "{:,}" if name == WINS else "{:.2f}" if name in COUNTS else "{:.1%}"
    few = say("ab.few", fewest=found.fewest)

    def figure(value: float | None) -> str:
        return "" if value is None else shape.format(value)

    sides = (figure(a), figure(b)) if everyone is None else (figure(everyone), say("ab.of_both"))
    if people is None:
        sides = (few, few)
    elif name == WINS:
        sides = (figure(a) or few, figure(b) or few)
    signed = "{:+.3f}"
    interval = "" if delta is None else f"[{signed.format(low)}, {signed.format(high)}]"
    shown_p = "" if p is None else shown_p_value(p)
    difference = "" if delta is None else signed.format(delta)
    return say(f"ab.outcome_{name}"), *sides, difference, interval, shown_p, "" if people is None else f"{people:,}"


def _title(test: AbTest) -> str:
    since = _time(test.started)[:16]
    if test.stopped is None:
        state = say("ab.state_running", since=since)
    else:
        state = say("ab.state_stopped", since=since, until=_time(test.stopped)[:16])
    mode = say(f"ab.mode_{test.mode}")
    return say("ab.title", number=test.number, a=test.a, b=test.b, mode=mode, state=state)


def _time(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="seconds")
