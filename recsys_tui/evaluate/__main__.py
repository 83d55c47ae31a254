"""The process that tries one model: reads the split of a folder, writes the model's lists there, tells its parent.

Its one argument is a JSON document with ``folder`` and the fields of a contender's request. Standard output carries one
JSON document a line: ``step`` and ``share`` on the way, at the end ``result``, or ``failed`` with a sentence and
``exit_code``.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say

SECONDS_BETWEEN_REPORTS = 0.1


def main() -> int:
    """Try one model as the argument says; returns the exit code."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    # Libraries that print must not break the protocol: their standard output is our standard error.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    parent, told = os.getppid(), [0.0]

    def write(**document: object) -> None:
        out.write(json.dumps(document) + "\n")
        out.flush()

    def tell(step: str, share: float) -> None:
        if os.getppid() != parent:
            raise SystemExit(ExitCode.FAILED)
        now = time.monotonic()
        if now - told[0] >= SECONDS_BETWEEN_REPORTS:
            told[0] = now
            write(step=step, share=share)

    try:
        from recsys_tui.evaluate.contender import ContenderRequest, run_contender
        from recsys_tui.evaluate.split_folder import read_split
        from recsys_tui.store.atomic_files import told_apart

        document = json.loads(sys.argv[1])
        folder = Path(document.pop("folder"))
        request = ContenderRequest(**document)
        lists = folder / f"{request.name}.parquet"
        with told_apart(lists):
            result = run_contender(read_split(folder), request, lists, tell, lambda: os.getppid() != parent)
        write(result=result.to_json())
    except UserError as error:
        write(failed=str(error), exit_code=int(error.exit_code))
        return int(error.exit_code)
    except MemoryError:
        write(failed=say("models.out_of_memory"), exit_code=int(ExitCode.FAILED))
        return int(ExitCode.FAILED)
    return int(ExitCode.DONE)


if __name__ == "__main__":
    sys.exit(main())
