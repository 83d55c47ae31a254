"""What is particular about MovieLens folders: the file names of every generation, and genre names kept apart."""

from __future__ import annotations

from pathlib import Path

from recsys_tui.output.messages import say

USER_COLUMNS = ("age", "gender", "occupation", "zip code")
INTERACTIONS = ("u.data", "ratings.dat", "ratings.csv")
FIRST_FLAG_COLUMN = 6
MOST_BYTES = 10_000  # of names of genres


def user_column_names(user_file: Path) -> dict[str, str]:
    """Names of the columns of MovieLens 100K's ``u.user``, which has no header; empty for other files."""
    if user_file.name != "u.user":
        return {}
    return {say("data.column_number", number=place): name for place, name in enumerate(USER_COLUMNS, start=2)}


def genre_flag_names(item_file: Path) -> dict[str, str]:
    """Names of the 0/1 columns of MovieLens 100K's ``u.item``, from ``u.genre`` beside it; empty for other files."""
    genres = item_file.with_name("u.genre")
    if item_file.name != "u.item" or not genres.is_file():
        return {}
    with genres.open("rb") as stream:
        lines = stream.read(MOST_BYTES).decode("latin-1").splitlines()
    names = [line.partition("|")[0] for line in lines if "|" in line]
    return {say("data.column_number", number=FIRST_FLAG_COLUMN + place): name for place, name in enumerate(names)}
