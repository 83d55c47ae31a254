"""Public datasets that may be downloaded: where each lies, how large it is, and by what it is known.

The archives are those of GroupLens. Sizes and SHA-256 are of the archives that have the MD5 it publishes beside them;
of ml-latest-small, which may change, they are those of the edition of 2018.
"""

from __future__ import annotations

from dataclasses import dataclass

from recsys_tui.data.bundled import bundled_names
from recsys_tui.output.messages import say

GROUPLENS = "https://files.grouplens.org/datasets"


@dataclass(frozen=True)
class PublicDataset:
    """``bytes`` and ``sha256`` are the archive's. ``members`` are taken from its folder ``inside``; together they have
    ``unpacked`` bytes at most. ``year``, ``events``, ``items`` and ``users`` are what the publisher says of it."""

    name: str
    address: str
    bytes: int
    sha256: str
    inside: str
    members: tuple[str, ...]
    unpacked: int
    year: int
    events: int
    items: int
    users: int


def _movielens(
    name: str,
    size: int,
    sha256: str,
    members: tuple[str, ...],
    unpacked: int,
    figures: tuple[int, int, int, int],
    inside: str | None = None,
) -> PublicDataset:
    address = f"{GROUPLENS}/movielens/{name}.zip"
    return PublicDataset(name, address, size, sha256, inside or name, members, unpacked, *figures)


_CSV = ("README.txt", "links.csv", "movies.csv", "ratings.csv", "tags.csv")
_ALL = (
    _movielens(
        "ml-latest-small",
        978_202,
        "696d65a3dfceac7c45750ad32df2c259311949efec81f0f144fdfb91ebc9e436",
        _CSV,
        3_400_000,
        (2018, 100_836, 9_742, 610),
    ),
    _movielens(
        "ml-100k",
        4_924_029,
        "50d2a982c66986937beb9ffb3aa76efe955bf3d5c6b761f4e3a7cd717c6a3229",
        ("README", "u.data", "u.genre", "u.info", "u.item", "u.occupation", "u.user"),
        2_300_000,
        (1998, 100_000, 1_682, 943),
    ),
    _movielens(
        "ml-1m",
        5_917_549,
        "a6898adb50b9ca05aa231689da44c217cb524e7ebd39d264c56e2832f2c54e20",
        ("README", "movies.dat", "ratings.dat", "users.dat"),
        25_000_000,
        (2003, 1_000_209, 3_883, 6_040),
    ),
    _movielens(
        "ml-10m",
        65_566_137,
        "813c411ccb6122564edfe752e7f80c4dcc5aa25fa94c93622f6877a7ba252862",
        ("README.html", "movies.dat", "ratings.dat", "tags.dat"),
        275_000_000,
        (2009, 10_000_054, 10_681, 71_567),
        "ml-10M100K",
    ),
    _movielens(
        "ml-20m",
        198_702_078,
        "96f243c338a8665f6bcc89c53edf6ee39162a846940de6b7c8c48aeada765ff3",
        _CSV,
        560_000_000,
        (2015, 20_000_263, 27_278, 138_493),
    ),
    _movielens(
        "ml-25m",
        261_978_986,
        "8b21cfb7eb1706b4ec0aac894368d90acf26ebdfb6aced3ebd4ad5bd1eb9c6aa",
        _CSV,
        730_000_000,
        (2019, 25_000_095, 62_423, 162_541),
    ),
)

PUBLIC: dict[str, PublicDataset] = {dataset.name: dataset for dataset in _ALL}


def about_named(name: str) -> str:
    """What to say of a dataset that has a name: a bundled one, a public one, or one that lies in the home folder."""
    if name in bundled_names():
        return say(f"cli.about_{name}")
    if name not in PUBLIC:
        return say("datasets.about_made")
    figures = {figure: f"{getattr(PUBLIC[name], figure):,}" for figure in ("events", "items", "users")}
    return say("datasets.about_public", year=PUBLIC[name].year, **figures)
