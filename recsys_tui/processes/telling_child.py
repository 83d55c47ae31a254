"""A child process that does one thing and tells its parent: the side of the child.

Its one argument is a JSON document. Standard output carries one JSON document a line: ``step`` and ``share`` on the
way, at the end ``result``, or ``failed`` with a sentence and ``exit_code``.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.processes.orphans import end_with_parent
from recsys_tui.processes.out_of_memory import out_of_memory, ran_out

SECONDS_BETWEEN_REPORTS = 0.1

Tell = Callable[[str, float], None]


def tell_parent(work: Callable[[dict[str, Any], Tell, Callable[[], bool]], dict[str, Any]]) -> int:
    """Do the ``work``, tell what becomes of it, and return the exit code.

    ``work`` gets the argument, what to tell progress to (which ends the process where its parent is gone), and whether
    the parent is gone; it returns the result as plain values. Every new step is told, its share ten times a second.
    """
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    # Libraries that print must not break the protocol: their standard output is our standard error.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    parent, told = os.getppid(), [("", 0.0)]
    end_with_parent(out)

    def write(**document: object) -> None:
        out.write(json.dumps(document) + "\n")
        out.flush()

    def orphaned() -> bool:
        return os.getppid() != parent

    def tell(step: str, share: float) -> None:
        if orphaned():
            raise SystemExit(ExitCode.FAILED)
        now = time.monotonic()
        if step != told[0][0] or now - told[0][1] >= SECONDS_BETWEEN_REPORTS:
            told[0] = (step, now)
            write(step=step, share=share)

    try:
        write(result=work(json.loads(sys.argv[1]), tell, orphaned))
    except UserError as error:
        write(failed=str(error), exit_code=int(error.exit_code))
        return int(error.exit_code)
    except (MemoryError, ImportError) as error:
        if not ran_out(error):
            raise
        write(failed=out_of_memory(), exit_code=int(ExitCode.FAILED))
        return int(ExitCode.FAILED)
    return int(ExitCode.DONE)
