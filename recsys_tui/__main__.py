"""``python -m recsys_tui``: the same as ``recsys``."""

import sys

from recsys_tui.cli.start import main

if __name__ == "__main__":
    sys.exit(main())
