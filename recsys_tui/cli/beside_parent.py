"""``python -m recsys_tui.cli.beside_parent``: ``recsys`` as a child of the workbench, which it does not outlive."""

import sys

from recsys_tui.cli.start import main
from recsys_tui.processes.orphans import end_with_parent

if __name__ == "__main__":
    end_with_parent(sys.stdout)
    sys.exit(main())
