"""Random keys and sizes: no exception, and, in the full count, no callback of ours that holds the screen up.

1,000 keys; ``RECSYS_TEST_KEYS=10000`` presses more and bounds how long callbacks take, ``RECSYS_TEST_SEED`` other ones.
"""

from __future__ import annotations

import functools
import gc
import inspect
import os
import random
import shutil
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from textual import _callback
from textual.binding import Binding

from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.tui.app import WorkbenchApp
from recsys_tui.tui.audit_run import AuditRunner
from recsys_tui.tui.compare_run import ComparisonRunner
from tests.tui.test_every_key import settled
from tests.tui.test_workbench import FakeJobs, until

KEYS = int(os.environ.get("RECSYS_TEST_KEYS", "1000"))
SEED = int(os.environ.get("RECSYS_TEST_SEED", "20"))
# Beside other processes that share the core a callback is charged for what the caches lose: only the full count bounds.
MOST_SECONDS = 0.050 if "RECSYS_TEST_KEYS" in os.environ else float("inf")
TYPED = ("space", "backspace", "a", "e", "1", "c", "enter", "escape", "escape", "escape", "tab", "shift+tab")
WIDTHS, HEIGHTS = (40, 41, 60, 79, 80, 100, 120, 200), (10, 11, 16, 24, 36, 50)
EACH, RESIZE_EACH = 5, 40


class Slowest:
    """The callbacks of this program that took longest, by the processor time of the thread.

    Collections of garbage, which fall on whichever callback runs, count by themselves.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}
        self.collecting, self._began = 0.0, 0.0
        self.longest_collection = 0.0

    def note(self, name: str, seconds: float) -> None:
        self.seconds.setdefault(name, []).append(seconds)

    def worst(self) -> list[tuple[str, float]]:
        """The callbacks and the longest of the times that each took, longest first."""
        return sorted(((name, max(times)) for name, times in self.seconds.items()), key=lambda entry: -entry[1])

    def now(self) -> float:
        """Time of the thread but for collections."""
        return time.thread_time() - self.collecting

    def collected(self, phase: str, _info: dict[str, int]) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        if phase == "start":
            self._began = time.thread_time()
        else:
            took = time.thread_time() - self._began
            self.collecting += took
            self.longest_collection = max(took, self.longest_collection)


class Timed:
    """A coroutine whose steps are timed: what it waits for is not its own time."""

    def __init__(self, coroutine: Any, name: str, slowest: Slowest) -> None:
        self._steps, self._name, self._slowest = coroutine.__await__(), name, slowest

    def __await__(self) -> Generator[Any, Any, Any]:
        given = None
        while True:
            start = self._slowest.now()
            try:
                waited = self._steps.send(given)
            except StopIteration as end:
                return end.value
            finally:
                self._slowest.note(self._name, self._slowest.now() - start)
            given = yield waited


@contextmanager
def measured() -> Iterator[Slowest]:
    """Time every handler, action and callback of ours that the toolkit calls."""
    slowest, original = Slowest(), _callback._invoke

    async def invoke(callback: Callable[..., Any], *arguments: object) -> Any:
        name = name_of_ours(callback)
        if name is None:
            return await original(callback, *arguments)
        start = slowest.now()
        result = callback(*arguments[: _callback.count_parameters(callback)])
        slowest.note(name, slowest.now() - start)
        return await Timed(result, name, slowest) if inspect.isawaitable(result) else result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_callback, "_invoke", invoke)
        gc.callbacks.append(slowest.collected)
        try:
            yield slowest
        finally:
            gc.callbacks.remove(slowest.collected)


def name_of_ours(callback: Any) -> str | None:
    """What a callback is called, None for one of the toolkit."""
    while isinstance(callback, functools.partial):
        callback = callback.func
    function = getattr(callback, "__func__", callback)
    ours = str(getattr(function, "__module__", "")).startswith("recsys_tui")
    return str(getattr(function, "__qualname__", function)) if ours else None


async def test_random_keys_end_in_no_exception_and_hold_nothing_up(
    trained: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
):
    shutil.copytree(trained.home.root, tmp_path / "copy")
    monkeypatch.chdir(tmp_path)  # what is exported goes there
    monkeypatch.setattr(ComparisonRunner, "start", lambda *_given: None)
    monkeypatch.setattr(AuditRunner, "start", lambda *_given: None)
    seeded = random.Random(SEED)
    app = WorkbenchApp("films", None, Home(tmp_path / "copy"), no_train=True)
    app._jobs = FakeJobs()  # type: ignore[assignment]
    keys = sorted({binding.key for binding in Binding.make_bindings(app.BINDINGS)})
    history: list[str] = []
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.state.model is not None)
        app.exit = lambda *_given, **_named: None  # type: ignore[method-assign]
        app.load = lambda *_given: None  # type: ignore[method-assign]
        app.show_person("42")
        await until(pilot, lambda: app.state.person and app.state.person.answer)
        with measured() as slowest:
            for press in range(1, KEYS + 1):
                key = seeded.choice(seeded.choice((list(app.screen.active_bindings), keys, TYPED)))
                history.append(key)
                app.simulate_key(key)
                if press % EACH == 0:
                    await settled(app)
                    assert app._exception is None, history[-40:]
                if press % RESIZE_EACH == 0:
                    width, height = seeded.choice(WIDTHS), seeded.choice(HEIGHTS)
                    history.append(f"{width}×{height}")
                    await pilot.resize_terminal(width, height)
        assert app.is_running
        assert app._exception is None, history[-40:]
    worst = slowest.worst()
    assert len(worst) > 20, "the callbacks are measured"
    told = ", ".join(f"{name} {seconds * 1000:.0f} ms" for name, seconds in worst[:8])
    told += f"; longest collection of garbage {slowest.longest_collection * 1000:.0f} ms"
    assert [name for name, seconds in worst if seconds > MOST_SECONDS] == [], told
    request.node.user_properties.append(("slowest callbacks", told))
