"""Vectors of texts, kept in the workspace so that no text is embedded twice by the same model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recsys_tui.output.messages import say
from recsys_tui.store.array_file import read_arrays
from recsys_tui.store.atomic_files import write_bytes
from recsys_tui.store.damage import DamagedFileError
from recsys_tui.store.version_folder import sweep_partial
from recsys_tui.store.workspace import Workspace

FOLDER = "text-vectors"
KEYS, ROWS = "keys", "rows"


def load_text_vectors(workspace: Workspace, stamp: str) -> dict[bytes, NDArray[np.float32]]:
    """Vectors by the hash of their text, as the model of that stamp made them; empty where there are none.

    A damaged file counts as none: its texts are embedded again.
    """
    try:
        arrays = read_arrays(_path(workspace, stamp))
        keys, rows = arrays[KEYS], arrays[ROWS]
    except (OSError, DamagedFileError, KeyError):
        return {}
    if keys.dtype != np.uint8 or rows.dtype != np.float32 or keys.ndim != 2 or rows.ndim != 2 or len(keys) != len(rows):
        return {}
    return {key.tobytes(): row for key, row in zip(keys, rows, strict=True)}


def save_text_vectors(workspace: Workspace, stamp: str, vectors: dict[bytes, NDArray[np.float32]]) -> None:
    """Replace what is kept; of other models nothing stays. Raises ``UserError`` (exit 1) where it cannot be written."""
    from safetensors.numpy import save

    path = _path(workspace, stamp)
    keys = np.frombuffer(b"".join(vectors), np.uint8).reshape(len(vectors), -1)
    content = save({KEYS: keys, ROWS: np.stack(list(vectors.values()))})
    with workspace.lock(say("store.storing_text_vectors")):
        sweep_partial(path.parent)
        write_bytes(path, content)
        for other in path.parent.iterdir():
            if other != path:
                other.unlink(missing_ok=True)


def _path(workspace: Workspace, stamp: str) -> Path:
    return workspace.folder / FOLDER / f"{stamp}.safetensors"
