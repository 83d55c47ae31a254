"""The files of one stored model. One that is private keeps what it says of all people apart from the people themselves.

``model.safetensors`` of a private model holds noisy statistics, what was solved from them, and the catalogue; together
with ``privacy.json``, which says what is promised, it may be handed on. ``people.safetensors`` holds everybody's
history, which answers are for, and the manifest a checksum of the data: these two may not.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from recsys_tui.store.array_file import read_arrays, write_arrays
from recsys_tui.store.atomic_files import write_json
from recsys_tui.store.workspace import ARRAYS

PEOPLE, PROMISE = "people.safetensors", "privacy.json"
OF_PEOPLE = ("history.", "people.")


def write_model_files(folder: Path, manifest: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write the arrays of a model; of a private one in two files, and what it promises beside them."""
    if "privacy" not in manifest:
        write_arrays(folder / ARRAYS, arrays)
        return
    write_arrays(folder / ARRAYS, {name: each for name, each in arrays.items() if not name.startswith(OF_PEOPLE)})
    write_arrays(folder / PEOPLE, {name: each for name, each in arrays.items() if name.startswith(OF_PEOPLE)})
    write_json(folder / PROMISE, manifest["privacy"])


def read_model_files(folder: Path, manifest: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """The arrays of :func:`write_model_files`. Raises :class:`DamagedFileError` for a file that does not hold up."""
    if "privacy" not in manifest:
        return read_arrays(folder / ARRAYS)
    return read_arrays(folder / ARRAYS) | read_arrays(folder / PEOPLE)
