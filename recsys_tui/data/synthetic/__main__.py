"""``python -m recsys_tui.data.synthetic films OUT [SEED]`` writes a bundled dataset."""

from __future__ import annotations

import sys
from pathlib import Path

from recsys_tui.data.synthetic.films import SEED, write_films
from recsys_tui.output.messages import say

WRITERS = {"films": write_films}


def main(arguments: list[str]) -> int:
    """Write the named dataset; returns the exit code."""
    if len(arguments) not in (2, 3) or arguments[0] not in WRITERS or not "".join(arguments[2:] or "0").isdecimal():
        sys.stderr.write(say("data.synthetic_usage", names="|".join(WRITERS)) + "\n")
        return 2
    WRITERS[arguments[0]](Path(arguments[1]), int(arguments[2]) if len(arguments) == 3 else SEED)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
