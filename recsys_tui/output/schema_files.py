"""The JSON Schemas (draft 2020-12) of everything that ``--json`` prints, as they ship with the package."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any


def schema_names() -> list[str]:
    """Names of the documents that have a schema."""
    return sorted(path.name.removesuffix(".json") for path in files("recsys_tui.output").joinpath("schemas").iterdir())


def load_schema(name: str) -> dict[str, Any]:
    """The schema of a document. Raises ``FileNotFoundError`` for a name that :func:`schema_names` does not list."""
    text = files("recsys_tui.output").joinpath("schemas", f"{name}.json").read_text("utf-8")
    document: dict[str, Any] = json.loads(text)
    return document
