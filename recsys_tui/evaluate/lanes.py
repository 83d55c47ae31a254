"""Work in child processes, some of it side by side, all of it ended together where anything ends it."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TypeVar

from recsys_tui.output.errors import UserError

T = TypeVar("T")
SECONDS_BETWEEN_LOOKS = 0.2


class Children:
    """The child processes that run for one piece of work; once they were ended, no other starts."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[str]] = set()
        self._ended = False
        self._lock = threading.Lock()

    @contextmanager
    def running(self, start: Callable[[], subprocess.Popen[str]]) -> Iterator[subprocess.Popen[str]]:
        """Start a child that :meth:`end` would end; it is killed where the block raises, and gone afterwards.

        Raises :class:`EndedError` after the end: instead of starting one, or as the block is left.
        """
        with self._lock:
            if self._ended:
                raise EndedError
            process = start()
            self._running.add(process)
        try:
            yield process
        except BaseException as error:
            process.kill()
            process.wait()
            if self._ended:  # what went wrong here is that its child was ended
                raise EndedError from error
            raise
        finally:
            with self._lock:
                self._running.discard(process)
        if self._ended:
            raise EndedError

    def end(self) -> None:
        """Kill all children."""
        with self._lock:
            self._ended = True
            for process in self._running:
                process.kill()


class EndedError(Exception):
    """All of the work was ended, and with it this part."""


def in_lanes(tasks: Sequence[Callable[[], T]], lanes: int, children: Children) -> list[T | UserError]:
    """What each task returns, or the ``UserError`` that it raises, in the order of the tasks; ``lanes`` at a time.

    Tasks wait for ``children``; whatever else ends one of them, or this thread (an interrupt), ends all children, and
    is raised.
    """
    with ThreadPoolExecutor(max_workers=max(1, lanes)) as pool:
        futures: list[Future[T | UserError]] = []
        try:
            futures += [pool.submit(_returned, task, children) for task in tasks]
            pending = set(futures)
            # Waiting without end would not notice a ^C: libraries install handlers that go on with what was waited for.
            while pending and not any(future.done() and future.exception() for future in futures):
                pending = wait(pending, SECONDS_BETWEEN_LOOKS, FIRST_EXCEPTION).not_done
            if pending or any(future.exception() for future in futures):
                children.end()
                wait(futures)
                # What ended the work comes before what was ended by it.
                futures.sort(key=lambda future: isinstance(future.exception(), EndedError | None))
            return [future.result() for future in futures]
        except BaseException:
            children.end()
            for future in futures:
                future.cancel()
            raise


def _returned(task: Callable[[], T], children: Children) -> T | UserError:
    try:
        return task()
    except UserError as error:
        return error
    except BaseException:
        children.end()  # here, before this lane takes up the next task
        raise
