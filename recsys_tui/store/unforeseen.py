"""What to say about an error that nobody foresaw: one sentence, whether a command or the workbench stumbled over it."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.output.neutralise import neutral_id
from recsys_tui.processes.out_of_memory import POLARS_FAILED, out_of_memory, ran_out
from recsys_tui.store.home import NO_PATH, Home

_NO_THREAD_PATTERN = re.compile("can't start new thread")  # a RuntimeError without a number
_NO_TEMPORARY_PATTERN = re.compile("No usable temporary directory found")  # where nothing may be written, or it is full
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def is_told(error: BaseException) -> bool:
    """Whether an error is one of a library or of ours, and not what ends programs, such as ``KeyboardInterrupt``."""
    return isinstance(error, Exception) or type(error).__name__ == POLARS_FAILED


def sentence_of(error: BaseException, home: Callable[[], Home]) -> str:
    """What a person can do something about is said; of anything else, where the details are, in the log of ``home``."""
    if ran_out(error):
        return out_of_memory()
    if isinstance(error, RuntimeError) and _NO_THREAD_PATTERN.fullmatch(str(error)):
        return say("cli.no_thread")
    if isinstance(error, OSError) and (said := _of_the_system(error)) is not None:
        return said
    if isinstance(error, FileNotFoundError) and _NO_TEMPORARY_PATTERN.match(error.strerror or ""):
        return say("cli.no_temporary")
    from recsys_tui.processes.told_process import stands_nowhere
    from recsys_tui.store.error_log import log_error

    if isinstance(error, FileNotFoundError) and stands_nowhere():
        return say("cli.nowhere")
    log = None
    with suppress(UserError):  # the home folder itself cannot be used
        log = log_error(home(), error)
    return say("cli.unexpected", kind=type(error).__name__, log=log or say("cli.no_log"))


def _of_the_system(error: OSError) -> str | None:
    path = neutral_id(str(error.filename))
    if error.errno in _FULL:
        if error.filename is None:  # files are told apart where they are written; what is left is a stream
            return say("cli.output_stopped", reason=error.strerror)
        return say("store.disk_full", path=path)
    if error.errno == errno.EIO and error.filename is None:  # the terminal is gone
        return say("cli.output_stopped", reason=error.strerror)
    if isinstance(error, PermissionError) and error.filename and not isinstance(error.filename, int):
        owner = _owner_of(Path(os.fsdecode(error.filename)))
        return say("cli.not_yours", path=path, owner=owner) if owner else say("cli.no_permission", path=path)
    if error.errno in NO_PATH and error.filename:
        return say("cli.no_path", path=path, reason=error.strerror)
    return None


def _owner_of(path: Path) -> str | None:
    """The name of another account whose a file is; None where it is one's own or nobody can tell."""
    try:
        if path.stat().st_uid == os.geteuid():
            return None
    except (OSError, ValueError, AttributeError):  # not there, or a system without such accounts
        return None
    try:
        return neutral_id(path.owner())
    except (OSError, KeyError, NotImplementedError):  # an account without a name
        return str(path.stat().st_uid)
