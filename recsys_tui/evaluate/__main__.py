"""The process that tries one model: reads the split of a folder, writes the model's lists there, tells its parent.

Its argument has ``folder`` and the fields of a contender's request; see :mod:`recsys_tui.processes.telling_child`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from recsys_tui.processes.telling_child import Tell, tell_parent


def try_model(document: dict[str, Any], tell: Tell, orphaned: Callable[[], bool]) -> dict[str, Any]:
    """Try the model that the document asks for."""
    from recsys_tui.evaluate.contender import ContenderRequest, run_contender
    from recsys_tui.evaluate.split_folder import read_split
    from recsys_tui.store.atomic_files import told_apart

    folder = Path(document.pop("folder"))
    request = ContenderRequest(**document)
    lists = folder / f"{request.name}.parquet"
    with told_apart(lists):
        return run_contender(read_split(folder), request, lists, tell, orphaned).to_json()


if __name__ == "__main__":
    sys.exit(tell_parent(try_model))
