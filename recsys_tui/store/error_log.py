"""Where the details of unforeseen errors go: a file in the home folder, never the screen."""

from __future__ import annotations

import os
import traceback
from datetime import datetime

from recsys_tui.store.atomic_files import FILE_MODE, make_private_folder
from recsys_tui.store.home import Home


def log_error(home: Home, error: BaseException) -> str | None:
    """Append an error's traceback to the log; returns its path, or None where it cannot be written.

    A link in its place is not followed, and a pipe not waited for.
    """
    path = home.log_path
    lines = "".join(traceback.format_exception(error))
    try:
        make_private_folder(path.parent)
        how = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK
        descriptor = os.open(path, how, FILE_MODE)
        with os.fdopen(descriptor, "a", encoding="utf-8") as stream:
            stream.write(f"{datetime.now().isoformat(' ', 'seconds')}\n{lines}\n")
    except OSError:
        return None
    return str(path)
