"""Where the console scripts begin: a ^C while the program itself is read is one sentence too."""

from __future__ import annotations

import os

INTERRUPTED = 130


def main() -> int:
    """Run the command of this process; returns its exit code."""
    try:
        from recsys_tui.cli.entry import main as run
    except KeyboardInterrupt:
        import signal

        signal.signal(signal.SIGINT, signal.SIG_IGN)
        os.write(2, b"Interrupted.\n")  # what says it elsewhere may be what was not read yet
        return INTERRUPTED
    return run()
