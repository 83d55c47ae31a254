"""Work that is tried without the administrator's rights, who may read and write everything: tests may run as root."""

from __future__ import annotations

import hmac  # noqa: F401 - read here, where nobody may not look into the folder of the interpreter
import os
import signal
from collections.abc import Callable

from recsys_tui.output.errors import UserError

NOBODY = 65_534
FAILED = 99


def as_nobody(work: Callable[[], int]) -> int:
    """Run ``work`` in a child process without privileges and return its exit code."""
    child = os.fork()
    if child == 0:
        code = FAILED
        signal.alarm(20)  # a child that was let in must not hang in threads that it did not inherit
        try:
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            code = work()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def refused(work: Callable[[], object], message_id: str) -> bool:
    """Whether nobody is refused with that message."""

    def tried() -> int:
        try:
            work()
        except UserError as error:
            return 0 if error.message_id == message_id else 2
        return 1

    return as_nobody(tried) == 0
