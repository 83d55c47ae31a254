"""The bundled datasets: where they lie, in an installed wheel or in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def bundled_folders() -> dict[str, Path]:
    """Name → folder of every bundled dataset: the wheel's package data, else the checkout's ``datasets``."""
    for parent in (_PACKAGE / "bundled_datasets", _PACKAGE.parent / "datasets"):
        if parent.is_dir():
            return {path.name: path for path in sorted(parent.iterdir()) if any(path.glob("*.csv"))}
    return {}


def bundled_names() -> list[str]:
    """The names of the bundled datasets, in alphabetical order."""
    return list(bundled_folders())


def bundled_path(name: str) -> Path | None:
    """The folder of a bundled dataset, or None where there is none of that name."""
    return bundled_folders().get(name)
