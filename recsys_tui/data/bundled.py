"""Datasets that have a name: the bundled ones, in an installed wheel or in a checkout, and those of a home folder."""

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


def named_folders(datasets: Path | None) -> dict[str, Path]:
    """Name → folder of every bundled dataset and of those in ``datasets`` (downloaded or made), if that is there.

    A bundled one keeps its name.
    """
    found = bundled_folders()
    try:
        inside = sorted(datasets.iterdir()) if datasets is not None else []
    except OSError:  # none yet, or none that may be looked at
        return found
    made = {path.name: path for path in inside if path.is_dir() and not path.name.startswith(".")}
    return found | {name: path for name, path in made.items() if name not in found}
