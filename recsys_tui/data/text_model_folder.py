"""The folder of a sentence-embedding model: whether it holds one, and one that can be loaded without running its code.

Only files are looked at; the libraries that load such models are imported by training alone.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from recsys_tui.output.errors import UserError
from recsys_tui.output.neutralise import neutral_text

MODULES, CONFIG = "modules.json", "config.json"
LIBRARY = "sentence_transformers."
# What a model may be made of. Of any other part, the library would run the program code that lies in the folder.
PARTS = ("Transformer", "Pooling", "Normalize", "Dense", "LayerNorm", "StaticEmbedding")
WITH_WEIGHTS = ("Transformer", "Dense", "LayerNorm", "StaticEmbedding")
ACTIVATIONS = "torch.nn.modules."
SAFE, WEIGHTS = "*.safetensors", "model.safetensors"
PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.pickle", "*.h5", "*.msgpack")
MOST_BYTES = 10_000_000  # of a description
ADAPTER = "adapter_config.json"


def check_text_model(folder: Path) -> None:
    """Raise ``UserError`` (exit 2) where a folder holds no sentence-embedding model with safe weights.

    Its parts must be ones of the library itself, and each with weights must have them in the safetensors format:
    others are unpickled, which can run anything.
    """
    if not folder.is_dir():
        raise UserError("data.text_model_missing", path=folder)
    parts = _parts(folder)
    if not parts:
        raise UserError("data.text_model_none", path=folder)
    root = folder.resolve()
    for kind, place in parts:
        name = kind.rpartition(".")[2]
        if not kind.startswith(LIBRARY) or name not in PARTS or not (root / place).resolve().is_relative_to(root):
            raise UserError("data.text_model_own_code", path=folder, name=neutral_text(kind))
        if name in WITH_WEIGHTS:
            # Beside an encoder, whose weights may lie in several files, only this name is looked for before others.
            _check_weights(folder, folder / place, SAFE if name == "Transformer" else WEIGHTS)
        if name == "Dense":
            activation = str((_document(folder / place / CONFIG) or {}).get("activation_function", ACTIVATIONS))
            if not activation.startswith(ACTIVATIONS):
                raise UserError("data.text_model_own_code", path=folder, name=neutral_text(activation))


def _parts(folder: Path) -> list[tuple[str, str]]:
    """The kinds of a model's parts and their folders inside it; none where it is no model."""
    if not (folder / MODULES).exists():
        # What an encoder alone is taken for: its states, averaged.
        alone = _document(folder / CONFIG)
        return [(f"{LIBRARY}Transformer", "")] if alone and "model_type" in alone else []
    try:
        return [(str(entry["type"]), str(entry["path"])) for entry in _document(folder / MODULES) or ()]
    except (TypeError, KeyError):
        return []


def _document(path: Path) -> Any:
    try:
        with path.open("rb") as stream:
            return json.loads(stream.read(MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return None


def _check_weights(folder: Path, place: Path, safe: str) -> None:
    if (place / ADAPTER).exists():
        raise UserError("data.text_model_own_code", path=folder, name=ADAPTER)
    if any(place.glob(safe)):
        return
    unsafe = next((path for pattern in PICKLED for path in sorted(place.glob(pattern))), None)
    if unsafe is None:
        raise UserError("data.text_model_none", path=folder)
    raise UserError("data.text_model_unsafe", path=folder, file=neutral_text(unsafe.name))


def text_model_stamp(folder: Path) -> str:
    """What tells one model from another, or from itself after a change: names, sizes and times of its files, hashed."""
    looks = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            about = path.stat()
            looks.append([path.relative_to(folder).as_posix(), about.st_size, about.st_mtime_ns])
    return hashlib.blake2b(json.dumps([str(folder.resolve()), looks]).encode(), digest_size=16).hexdigest()
