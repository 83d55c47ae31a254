"""Vectors of the texts of items, by a sentence-embedding model in a folder that the person names.

The method is that of Reimers and Gurevych, Sentence-BERT (2019); the model is theirs who made it. Nothing is asked of
any network, and no code of the folder runs.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.dataset import CATEGORIES, TAGS, TEXT, TITLE, Dataset
from recsys_tui.data.text_model_folder import check_text_model, text_model_stamp
from recsys_tui.models.devices import choose_device, use_one_thread
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.output.neutralise import neutral_text
from recsys_tui.profiles.item_terms import LONGEST_TEXT
from recsys_tui.profiles.item_vectors import given_rows

if TYPE_CHECKING:
    import polars as pl

    from recsys_tui.store.workspace import Workspace

LIBRARY = "sentence_transformers"
# No network, no progress bars of others, and no threads of their own.
SETTINGS = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TOKENIZERS_PARALLELISM": "false",
}
BATCH = 32
BETWEEN_STOPS = 8 * BATCH
SECONDS_BETWEEN_NOTES = 5.0
LONGEST_REASON = 200

Rows = NDArray[np.float32]


def check_can_embed(folder: Path | None) -> None:
    """Raise ``UserError`` (exit 2) where a folder was named and no text could be embedded; nothing is imported."""
    if folder is None:
        return
    check_text_model(folder)
    if importlib.util.find_spec(LIBRARY) is None:
        raise UserError("models.text_extra_missing", ExitCode.USAGE)


def stamp_of(folder: Path | None) -> str | None:
    """What tells the named model from others, and from itself after a change; None where none is named."""
    return None if folder is None else text_model_stamp(folder)


def with_text_vectors(
    dataset: Dataset,
    workspace: Workspace | None = None,
    device: str = "auto",
    tell: Callable[[str], None] = lambda _sentence: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Dataset:
    """The dataset with a vector for each item that has a text, where its mapping names a model; else as it is.

    Vectors that the data gives stand beside those of the texts, in one longer vector. In ``workspace`` is kept what
    was embedded. ``stopped`` is asked between batches: then the texts so far are kept, and the dataset comes back as
    it was. Raises ``UserError``: exit 2 where the model or the extra is missing, exit 1 where the model fails.
    """
    folder = dataset.mapping.text_model
    if folder is None:
        return dataset
    check_can_embed(folder)
    texts = texts_of(dataset.items)
    keys = [hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest() for text in texts]
    stamp = text_model_stamp(folder)
    known = _kept(workspace, stamp)
    missing = {key: text for key, text in zip(keys, texts, strict=True) if text and key not in known}
    if missing:
        tell(say("models.embedding_texts", count=f"{len(missing):,}", name=neutral_text(folder.name)))
        fresh = _embedded(folder, missing, device, tell, stopped)
        known, needed = known | fresh, set(keys)
        known = {key: row for key, row in known.items() if key in needed}
        if workspace is not None and known:
            _keep(workspace, stamp, known)
        if len(fresh) < len(missing):
            return dataset
    if not known:
        return dataset
    rows = np.full((len(texts), len(next(iter(known.values())))), np.nan, np.float32)
    for place, (key, text) in enumerate(zip(keys, texts, strict=True)):
        if text:
            rows[place] = known[key]
    from recsys_tui.data.item_vectors import as_column

    return replace(dataset, items=dataset.items.with_columns(as_column(_side_by_side(rows, given_rows(dataset.items)))))


def texts_of(items: pl.DataFrame) -> list[str]:
    """What is embedded of each item: title, text, categories and tags, a line each; empty where it has none."""
    columns = [name for name in (TITLE, TEXT, CATEGORIES, TAGS) if name in items.columns]
    return (
        ["\n".join(filter(None, map(_line, row))) for row in items.select(columns).iter_rows()]
        if columns
        else ([""] * items.height)
    )


def _line(value: str | Iterable[str | None] | None) -> str:
    text = value if isinstance(value, str) else ", ".join(filter(None, value or ()))
    return text[:LONGEST_TEXT].strip()


def _side_by_side(rows: Rows, given: Rows | None) -> Rows:
    """One vector of two; where an item lacks one of them, the mean of the others stands for it."""
    if given is None:
        return rows
    nothing = np.isnan(rows[:, 0]) & np.isnan(given[:, 0])
    filled = [np.where(np.isnan(part), _mean(part), part) for part in (rows, given)]
    both = np.hstack(filled).astype(np.float32)
    both[nothing] = np.nan
    return both


def _mean(part: Rows) -> Rows:
    there = part[~np.isnan(part[:, 0])]
    mean: Rows = there.mean(axis=0) if len(there) else np.zeros(part.shape[1], np.float32)
    return mean


def _embedded(
    folder: Path, texts: dict[bytes, str], device: str, tell: Callable[[str], None], stopped: Callable[[], bool]
) -> dict[bytes, Rows]:
    """Vectors by key; of the first texts only, where it was stopped."""
    on = str(choose_device(device))
    use_one_thread()
    os.environ.update(SETTINGS)
    # Texts of like length together: a batch is as long as its longest.
    order = sorted(texts, key=lambda key: len(texts[key]))
    found: dict[bytes, Rows] = {}
    told = time.monotonic()
    with _failing_in_one_sentence(folder):
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(
            str(folder.resolve()),
            device=on,
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
        )
        for start in range(0, len(order), BETWEEN_STOPS):
            if stopped():
                break
            some = order[start : start + BETWEEN_STOPS]
            rows = _checked(
                model.encode([texts[key] for key in some], batch_size=BATCH, show_progress_bar=False), len(some)
            )
            found |= dict(zip(some, rows, strict=True))
            if time.monotonic() - told > SECONDS_BETWEEN_NOTES:
                told = time.monotonic()
                tell(say("models.embedded_texts", done=f"{len(found):,}", count=f"{len(order):,}"))
    return found


def _checked(rows: Any, count: int) -> Rows:
    vectors: Rows = np.asarray(rows, np.float32)
    if vectors.ndim != 2 or len(vectors) != count or not vectors.shape[1] or not np.isfinite(vectors).all():
        raise ValueError("no vectors came out")
    return vectors


@contextlib.contextmanager
def _failing_in_one_sentence(folder: Path) -> Any:
    """Whatever the libraries raise is the model's failure; what they print is no data."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except (UserError, MemoryError):
        raise
    except Exception as error:
        reason = neutral_text(" ".join(f"{type(error).__name__}: {error}".split()))[:LONGEST_REASON]
        raise UserError("models.text_model_failed", ExitCode.FAILED, path=folder, reason=reason) from error


def _kept(workspace: Workspace | None, stamp: str) -> dict[bytes, Rows]:
    if workspace is None:
        return {}
    from recsys_tui.store.text_vectors import load_text_vectors

    return load_text_vectors(workspace, stamp)


def _keep(workspace: Workspace, stamp: str, vectors: dict[bytes, Rows]) -> None:
    from recsys_tui.store.text_vectors import save_text_vectors

    save_text_vectors(workspace, stamp, vectors)
