"""``python -m recsys_tui.data.synthetic NAME OUT [--seed N]`` writes an invented dataset."""

from __future__ import annotations

import sys
from pathlib import Path

from recsys_tui.data.synthetic import circle, crowd, films, shop
from recsys_tui.output.console import complain
from recsys_tui.output.messages import say

WRITERS = {
    "films": (films.write_films, films.SEED),
    "shop": (shop.write_shop, shop.SEED),
    "circle": (circle.write_circle, circle.SEED),
    "crowd": (crowd.write_crowd, crowd.SEED),
}


def main(arguments: list[str]) -> int:
    """Write the named dataset; returns the exit code (2 where the arguments are not understood)."""
    match arguments:
        case [name, folder] if name in WRITERS:
            write, shipped = WRITERS[name]
            write(Path(folder), shipped)
        case [name, folder, "--seed", seed] if name in WRITERS and seed.isdecimal():
            WRITERS[name][0](Path(folder), int(seed))
        case _:
            complain(say("data.synthetic_usage", names="|".join(WRITERS)))
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
