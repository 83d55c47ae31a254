"""The audit of the explanations in the workbench: by the command that anybody can run, in the background."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Static

from recsys_tui.cli.entry import main
from recsys_tui.evaluate.orderings import ATTRIBUTION, OTHERS
from recsys_tui.processes.told_process import CHILD
from recsys_tui.recommend.session import Session
from recsys_tui.tui.audit_run import AuditEnded, AuditRunner
from recsys_tui.tui.dialogs.audit import AuditDialog
from recsys_tui.tui.lines.audit import audit_lines
from recsys_tui.tui.state.audit import AuditState
from tests.alive import alive
from tests.tui.test_workbench import until, workbench

ORDERS = (ATTRIBUTION, *OTHERS)


def measured(value: float) -> dict[str, float]:
    return {"value": value, "low": value - 0.05, "high": value + 0.05}


DOCUMENT: dict[str, Any] = {
    "preset": "quick",
    "horizon": "next",
    "seed": 0,
    "faithfulness": {
        "people": 100,
        "steps": 4,
        "areas": {name: measured(0.8 - 0.1 * place) for place, name in enumerate(ORDERS)},
        "differences": {name: measured(0.1 * place) for place, name in enumerate(ORDERS) if place},
        "curves": {name: [1.0, 0.5 + 0.1 * place, 0.25, 0.0, 0.0] for place, name in enumerate(ORDERS)},
        "insertion_curves": {name: [0.0, 0.25, 0.5, 0.75, 1.0] for name in ORDERS},
        "counterfactuals_found": 0.9,
        "counterfactual_size": 2.25,
        "counterfactuals_verified": 1.0,
        "completeness_error": 3e-8,
    },
    "checks": {"stability": 0.97, "top_kept": 0.94, "randomised": 0.08},
}


def wait_until(there: Callable[[], object], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def wait_for(told: list[AuditEnded]) -> None:
    wait_until(lambda: told)


def text_of(state: AuditState, width: int) -> str:
    return "\n".join(line.plain for line in audit_lines(state, width))


@pytest.mark.parametrize("width", [74, 94])
def test_curves_areas_and_sentences_are_shown(width: int):
    text = text_of(AuditState(document=DOCUMENT), width)
    rows = {name: next(row for row in text.splitlines() if row.startswith(start)) for name, start in (
        ("attribution", "what explains it"), ("random", "anything, at random"),
    )}  # fmt: skip
    assert "█▄▂" in rows["attribution"]  # 1, a half, a quarter of the height, then nothing
    assert (" ▂▄▆█" in rows["attribution"]) is (width > 80)  # there is no room for it beside the others
    assert "0.800 [0.750, 0.850]" in rows["attribution"]
    assert ("+0.100 [+0.050, +0.150]" if width > 80 else "+0.10 [+0.05, +0.15]") in rows["random"]
    assert "90%" in text
    assert "2.2 actions" in text
    assert "3.0e-08" in text
    assert all(len(row) <= width for row in rows.values())


class FakeAudits:
    """Stands in for the process: what it was started with, and whether it was stopped."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.running = False
        self.stopped = 0

    def start(self, arguments: Sequence[str]) -> None:
        self.asked.append(list(arguments))
        self.running = True

    def stop(self) -> None:
        self.stopped += self.running
        self.running = False


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_it_runs_behind_the_workbench_and_tells_when_it_is_through(trained: Session, size: tuple[int, int]):
    audits = FakeAudits()
    async with workbench(trained, size) as (app, pilot):
        app._audits = audits  # type: ignore[assignment]
        await pilot.press("A")
        await until(pilot, lambda: isinstance(app.screen, AuditDialog) and audits.asked)
        asked = audits.asked[0]
        assert asked[:4] == ["audit", "films", "--faithfulness", "--people"]
        assert {"--no-train", "--json", "quick"} <= set(asked)
        assert "Measuring" in str(app.screen.query_one(Static).render())
        await pilot.press("escape")
        assert len(app.screen_stack) == 1
        app.post_message(AuditEnded(DOCUMENT, None))
        await until(pilot, lambda: app.state.audit.document is DOCUMENT)
        assert any("A shows" in note.message for note in app._notifications)
        await pilot.press("A")
        await until(pilot, lambda: isinstance(app.screen, AuditDialog))
        assert len(audits.asked) == 1  # it is known by now
        assert "what explains it" in str(app.screen.query_one(Static).render())
        audits.running = False
        await pilot.press("r")
        await until(pilot, lambda: len(audits.asked) == 2)
    assert audits.stopped == 1


async def test_why_nothing_was_found_is_told(trained: Session):
    async with workbench(trained) as (app, pilot):
        app._audits = FakeAudits()  # type: ignore[assignment]
        await pilot.press("A")
        await until(pilot, lambda: isinstance(app.screen, AuditDialog))
        app.post_message(AuditEnded(None, "Nobody in this data has 5 actions or more."))
        await until(pilot, lambda: "Nobody" in str(app.screen.query_one(Static).render()))


def test_the_command_itself_is_run(trained: Session, capsys: pytest.CaptureFixture[str]):
    told: list[AuditEnded] = []
    runner = AuditRunner(told.append)  # type: ignore[arg-type]
    asked = [
        "audit",
        "films",
        "--faithfulness",
        "--people",
        "3",
        "--no-train",
        "--json",
        "--home",
        str(trained.home.root),
    ]
    runner.start(asked)
    wait_for(told)
    assert told[0].problem is None
    assert main(asked) == 0
    assert told[0].document == json.loads(capsys.readouterr().out)


def test_a_command_that_fails_says_why_and_one_that_is_stopped_nothing():
    told: list[AuditEnded] = []
    runner = AuditRunner(told.append)  # type: ignore[arg-type]
    runner.start(["audit", "no-such-data", "--faithfulness", "--json"])
    wait_for(told)
    assert told[0].document is None
    assert "no-such-data" in str(told[0].problem)
    runner.start(["audit", "films", "--faithfulness", "--json"])
    runner.stop()
    assert not runner.running
    assert len(told) == 1


KILLED = """
import os, sys, time
from recsys_tui.tui.audit_run import AuditRunner

runner = AuditRunner(lambda _message: True)
runner.start(["evaluate", "films", "--home", sys.argv[1]])
print(runner._process.pid, flush=True)
time.sleep(600)
"""


def test_it_ends_some_seconds_after_a_workbench_that_was_killed(tmp_path: Path):
    home = tmp_path / "home"
    with subprocess.Popen([*CHILD[:2], "-c", KILLED, str(home)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        wait_until(home.exists)
        assert alive(child)
        parent.kill()
    wait_until(lambda: not alive(child), seconds=30)
