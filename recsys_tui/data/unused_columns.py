"""The columns of the interactions that play no role and describe nothing: told, so that nobody takes them for used."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Sequence

import polars as pl

from recsys_tui.data.cleaning import finding
from recsys_tui.data.column_detection import column_facts
from recsys_tui.data.column_roles import plain
from recsys_tui.data.column_words import ALL_NAMES
from recsys_tui.data.dataset import Action, Finding
from recsys_tui.data.user_table import ATTRIBUTE_NAMES

MOST_NAMED = 8
LEAST_LEVELS = 3


def unused_columns(
    frame: pl.DataFrame, used: Collection[str], unusable: Sequence[str], ratings_wanted: bool
) -> list[Finding]:
    """Say which columns are left out.

    ``used``: those of which something is made, or whose fate is told already. ``unusable``: columns of the file that
    are not in the frame. ``ratings_wanted``: nothing is known to be ratings, and nobody said that nothing is; then a
    column that alone looks like them is told apart, with the option that makes it that. It is not taken for ratings
    by itself: sizes, hours and school grades look the same, and low ones would count against what was taken.
    """
    free = [name for name in frame.columns if name not in used]
    findings: list[Finding] = []
    likely = _like_ratings(frame.select(free)) if ratings_wanted and free else []
    if len(likely) == 1:
        option = f"--rating-col {_typed(likely[0])}"
        findings.append(finding("perhaps_ratings", frame.height, Action.IGNORED, column=likely[0], option=option))
        free.remove(likely[0])
    names = [*free, *(name for name in unusable if name not in used)]
    if names:
        listed = ", ".join(names[:MOST_NAMED]) + (", …" if len(names) > MOST_NAMED else "")
        findings.append(finding("columns_unused", len(names), Action.IGNORED, names=listed))
    return findings


def _typed(name: str) -> str:
    """A name as it is typed at a command line; letters of any language need no quotes."""
    return name if re.fullmatch(r"\w[\w.-]*", name) else shlex.quote(name)


def _like_ratings(frame: pl.DataFrame) -> list[str]:
    """The columns of few different small numbers, more than yes and no, whose names say nothing else."""
    return [
        entry.name
        for entry in column_facts(frame)
        if entry.can_be_rating
        and not entry.row_number
        and plain(entry.name) not in ALL_NAMES | ATTRIBUTE_NAMES
        and frame[entry.name].drop_nulls().n_unique() >= LEAST_LEVELS
    ]
