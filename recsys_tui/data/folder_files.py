"""Which file, or which files, of a folder hold the interactions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from recsys_tui.data.cleaning import finding
from recsys_tui.data.column_roles import name_rank, who_and_whom
from recsys_tui.data.column_words import TAGS
from recsys_tui.data.dataset import Action, Finding
from recsys_tui.data.folder_listing import stem, tables_in
from recsys_tui.data.item_table import names_interactions
from recsys_tui.data.movielens import INTERACTIONS
from recsys_tui.data.readers import RawTable, read_table
from recsys_tui.output.errors import UserError
from recsys_tui.output.neutralise import neutral_text

INTERACTION_STEMS = frozenset((
    "ratings", "interactions", "events", "clicks", "train", "training", "views", "purchases", "transactions", "orders",
    "plays", "listens", "reviews", "behaviors", "behaviours", "logs", "data", "activity", "actions", "follows",
))  # fmt: skip
HELD_OUT_WORDS = frozenset(("valid", "validation", "val", "dev", "test", "holdout"))
TRAIN_WORDS = frozenset(("train", "training"))
MOST_FILES = 60
MOST_PARTS = 10_000
SAMPLE_ROWS = 2_000
_WORDS = re.compile(r"[^a-z]+")
_DIGITS = re.compile(r"\d+")
NAMED, TOLD, WHO_WHOM_ONLY, TAG_LOG = 4, 2, 1, -2


@dataclass(frozen=True)
class Candidate:
    """A file that could hold interactions, how much speaks for it, and the names of its columns."""

    path: Path
    score: int
    columns: tuple[str, ...]


def interactions_in(folder: Path) -> tuple[list[Path], list[Finding]]:
    """The file of a folder that holds the interactions, or the files that are parts of one such table, in order.

    MovieLens names first, then what its header, its name and its ending say. Where there are training and held-out
    files the training file is taken. Several files with the same columns are parts of one table; so are the files in
    folders named ``key=value``. Raises ``UserError`` (exit 2) where none or several fit.
    """
    try:
        files = tables_in(folder)
    except PermissionError as error:
        raise UserError("data.no_permission", path=folder) from error
    for name in INTERACTIONS:
        if (folder / name) in files:
            return [folder / name], []
    training = [path for path in files if _words(path) & TRAIN_WORDS]
    held_out = [path for path in files if _words(path) & HELD_OUT_WORDS]
    if len(training) == 1 and held_out:
        names = ", ".join(neutral_text(path.name) for path in held_out)
        told = neutral_text(training[0].name)
        return training, [finding("only_training_opened", len(held_out), Action.IGNORED, file=told, names=names)]
    candidates = [found for path in files[:MOST_FILES] if (found := _candidate(path, len(files) == 1)) is not None]
    scored = sorted((entry for entry in candidates if entry.score > 0), key=lambda entry: -entry.score)
    best = [entry for entry in scored if entry.score == scored[0].score] or _alike(candidates)
    if not best:
        raise UserError("data.no_interactions_in_folder", path=folder)
    if len({entry.columns for entry in best}) > 1:
        names = ", ".join(neutral_text(entry.path.name) for entry in best[:6])
        raise UserError("data.several_interactions_in_folder", path=folder, names=names)
    if len(best) == 1:
        return [best[0].path], []
    paths = [entry.path for entry in best] + [
        path for path in files[MOST_FILES:MOST_PARTS] if _like(path, best[0].path)
    ]
    return paths, [finding("parts", len(paths), Action.USED)]


def _words(path: Path) -> frozenset[str]:
    return frozenset(_WORDS.split(path.name.lower()))


def _candidate(path: Path, alone: bool) -> Candidate | None:
    try:
        table = read_table(path, SAMPLE_ROWS)
    except UserError:
        return None
    names = tuple(table.frame.columns)
    told = stem(path) in INTERACTION_STEMS or path.suffix.lower() == ".inter"
    score = NAMED * names_interactions(table) + TOLD * told + TAG_LOG * is_tag_log(table)
    if not score:
        score = WHO_WHOM_ONLY * (alone or (table.has_names and who_and_whom(names) is not None))
    return Candidate(path, score, names)


def _alike(candidates: list[Candidate]) -> list[Candidate]:
    """Files that nothing speaks for but that they are numbered parts of one table: two at least, and no others."""
    same = len({entry.columns for entry in candidates}) == 1
    alike = len({_DIGITS.sub("", entry.path.name) for entry in candidates}) == 1
    return candidates if len(candidates) > 1 and same and alike else []


def _like(path: Path, first: Path) -> bool:
    return _DIGITS.sub("", path.name) == _DIGITS.sub("", first.name) or path.suffix == first.suffix


def is_tag_log(table: RawTable) -> bool:
    """Whether a table says who gave which item which tag."""
    names = table.frame.columns
    return names_interactions(table) and any(name_rank(name, TAGS) is not None for name in names)
