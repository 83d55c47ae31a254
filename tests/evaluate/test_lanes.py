"""Work in lanes: side by side, in the order asked for, and all of it ended where anything ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial

import pytest

from recsys_tui.evaluate.lanes import Children, EndedError, in_lanes
from recsys_tui.output.errors import ExitCode, UserError


def sleeping() -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], text=True)


def test_results_keep_the_order_of_the_tasks_and_errors_their_place():
    def task(number: int) -> int:
        time.sleep(0.02 * (4 - number))  # the later ones end first
        if number == 2:
            raise UserError("evaluate.contender_said", ExitCode.FAILED, sentence="No.")
        return number

    for lanes in (1, 2, 9):
        found = in_lanes([partial(task, number) for number in range(4)], lanes, Children())
        assert [each if isinstance(each, int) else str(each) for each in found] == [0, 1, "No.", 3]


@pytest.mark.parametrize("lanes", [1, 2, 3])
def test_no_more_than_so_many_at_a_time_and_as_many_as_that(lanes: int):
    most, now, lock = [0], [0], threading.Lock()
    together = threading.Barrier(lanes)

    def task() -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        together.wait(20)  # passes only where so many are here at once
        with lock:
            now[0] -= 1

    in_lanes([task] * (2 * lanes), lanes, Children())
    assert most[0] == lanes


@pytest.mark.parametrize("ending", [KeyboardInterrupt, SystemExit, ZeroDivisionError])
def test_whatever_else_is_raised_ends_all_children_and_starts_no_other(ending: type[BaseException]):
    children, started, ready = Children(), list[subprocess.Popen[str]](), threading.Event()

    def waits() -> None:
        with children.running(sleeping) as process:
            started.append(process)
            ready.set()
            process.wait()

    def fails() -> None:
        assert ready.wait(20)
        raise ending

    with pytest.raises(ending):
        in_lanes([waits, fails, waits, waits], 2, children)
    assert [process.poll() for process in started] == [-9]
    with pytest.raises(EndedError), children.running(sleeping):
        pytest.fail("a child was started after the end")


def test_a_child_is_gone_where_its_own_part_fails():
    children = Children()
    with pytest.raises(ZeroDivisionError), children.running(sleeping) as process:
        raise ZeroDivisionError
    assert process.poll() == -9


WAITING = """
import subprocess, sys
import polars  # whose handler of interrupts lets a wait without an end go on

from recsys_tui.evaluate.lanes import Children, in_lanes

children = Children()


def waits():
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    with children.running(lambda: subprocess.Popen(command, text=True, start_new_session=True)) as process:
        sys.stdout.write(f"{process.pid}\\n")  # at once: print writes the end of a line by itself
        sys.stdout.flush()
        process.wait()


in_lanes([waits, waits], 2, children)
"""


def test_an_interrupt_reaches_whoever_waits_for_children():
    process = subprocess.Popen(
        [sys.executable, "-c", WAITING], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    pids = [int(process.stdout.readline()) for _lane in range(2)]
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)  # the children would sleep ten times as long
    assert "KeyboardInterrupt" in err
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
