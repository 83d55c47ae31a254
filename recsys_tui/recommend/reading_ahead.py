"""Reading a large source in a process of its own, which stores what it read.

Who waits for it stays free to answer, begins before their own libraries are there, and gets the memory back that
reading takes. See :mod:`.reading_child` for its other side.
"""

from __future__ import annotations

import signal
import subprocess
import tempfile
from collections.abc import Callable
from importlib import import_module
from typing import Any, Self

from recsys_tui.data.fingerprint import stamp_of
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.processes.told_process import begin, listen
from recsys_tui.recommend.session import Session

LARGE = 3_000_000  # bytes; what is smaller is read before a process of its own has begun
# What the stored tables are read with; NumPy's masked arrays because Polars looks for one in every array it is given.
MEANWHILE = (
    "polars",
    "numpy.ma",
    "recsys_tui.store.dataset_files",
    "recsys_tui.store.array_file",
    "recsys_tui.data.overview",
)


class ReadingAhead:
    """A process that reads the source of a session."""

    def __init__(self, session: Session) -> None:
        self._path = session.identity.path
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child
        argument = {"home": str(session.home.root), "name": session.name, "identity": session.identity.to_json()}
        self._process = begin("recsys_tui.recommend.reading_child", argument, self._errors)
        self._stopped = False

    @classmethod
    def where_worthwhile(cls, session: Session) -> Self | None:
        """Begin where there is much to read; None where what is stored serves as it looks, where there is little, and
        where the system gives no further process.

        Raises ``UserError`` where what is stored, or who is forgotten, cannot be told.
        """
        size = sum(size for size, _changed in stamp_of(session.identity.path).values())
        if size < LARGE or session.looks_stored:
            return None
        try:
            return cls(session)
        except OSError:
            return None

    def wait(self, tell: Callable[[str, float | None], None]) -> dict[str, Any] | None:
        """Wait until what it read is stored, passing on its steps; returns what :mod:`.reading_child` says of it.
        What comes after it is imported meanwhile.

        Where it fails nothing is stored (None), and who reads the source hears why. Raises ``UserError`` (exit 1) where
        the system ended it, as for want of memory: reading here would be ended too.
        """
        for name in MEANWHILE:
            import_module(name)
        try:
            result, _failure = listen(self._process, lambda step, _share: tell(step, None))
            code = self._process.wait()
        finally:
            self._errors.close()
        if code == -signal.SIGKILL and not self._stopped:
            raise UserError("data.reading_ended", ExitCode.FAILED, path=self._path)
        return result

    def stop(self) -> None:
        """End it, if it runs: its result is wanted no more."""
        self._stopped = True
        self._process.kill()
        try:
            self._process.wait(1.0)
        except subprocess.TimeoutExpired:  # it waits for a disk, which nobody else has to
            return
