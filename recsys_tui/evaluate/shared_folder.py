"""The folder that the processes of a comparison share: gone afterwards, however the comparison ends."""

from __future__ import annotations

import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType

from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.store.folder_lock import folder_lock

PREFIX, LOCK = ".evaluate-", "lock"
# Sent where a terminal is closed or a system shuts down; each would end the program without tidying up.
ENDINGS = (signal.SIGHUP, signal.SIGTERM)
SIGNAL_EXIT = 128


@contextmanager
def shared_folder(root: Path) -> Iterator[Path]:
    """An empty folder in ``root`` that is gone afterwards; what comparisons that were killed left there goes too.

    Raises ``UserError`` (exit 1) where nothing can be written there.
    """
    purpose = say("evaluate.comparing")
    with ExitStack() as stack:
        stack.enter_context(_tidy_endings())
        with folder_lock(root / "evaluate.lock", purpose, wait=10.0):  # between making a folder and locking it
            _sweep(root, purpose)
            name = stack.enter_context(tempfile.TemporaryDirectory(prefix=PREFIX, dir=root, ignore_cleanup_errors=True))
            stack.enter_context(folder_lock(Path(name) / LOCK, purpose))
        yield Path(name)


def _sweep(root: Path, purpose: str) -> None:
    for folder in root.glob(f"{PREFIX}*"):
        with suppress(UserError), folder_lock(folder / LOCK, purpose):  # whose comparison lives holds it
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _tidy_endings() -> Iterator[None]:
    """Let signals that end the program unwind it; one that is ignored (``nohup``) stays so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    taken = [each for each in ENDINGS if signal.getsignal(each) is signal.SIG_DFL]
    for each in taken:
        signal.signal(each, _end)
    try:
        yield
    finally:
        for each in taken:
            signal.signal(each, signal.SIG_DFL)


def _end(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(SIGNAL_EXIT + number)
