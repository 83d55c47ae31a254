"""The trained films with people whom nobody can overlook in what is shown, and everything that is said of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from recsys_tui.cli.entry import main
from recsys_tui.data.text_list import TextList
from recsys_tui.models.attribute_popularity import AttributePopularity
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home

# Ids of people, and in a graph of people their names.
ID = re.compile(rb"somebody-\d{4}|Surname-\d{4}")
PEOPLE, SILENT = 150, 4
# What the store says of the files of a model.
OF_FILES = ("format", "created", "files", "fingerprint", "model")


def person(number: int) -> str:
    return f"somebody-{number:04}"


def renamed(trained: Session, folder: Path, graph: bool = False) -> Session:
    """The films with the first people, who have other names, a file that describes them and some who did nothing, and
    what the model knows of them.

    ``graph``: the films are people too, who have names of their own.
    """
    films, info = trained.dataset, trained.model_info()
    assert info is not None
    stored = trained.workspace.load_model(info)
    model = TrainedModel.from_arrays(stored.arrays)
    people = [person(number) for number in range(PEOPLE)]
    items = [person(number) if graph else f"film-{number:04}" for number in range(films.items.height)]
    names = [f"Surname-{n:04}" if graph else title for n, title in enumerate(films.items["title"].to_list())]
    table = films.interactions.filter(pl.col("user") < PEOPLE)
    who, whom = ("follower", "followee") if graph else ("user", "item")  # so that a graph is known as one
    events = {who: pl.Series(people).gather(table["user"]), whom: pl.Series(items).gather(table["item"])}
    folder.mkdir()
    pl.DataFrame({**events, "rating": table["rating"], "time": table["time"]}).write_csv(folder / "ratings.csv")
    genres = films.items["categories"].list.join("|")
    pl.DataFrame({"item": items, "title": names, "genres": genres}).write_csv(folder / "items.csv")
    described = [*people, *(person(2_000 + number) for number in range(SILENT))]
    sexes = ["FM"[number % 2] for number in range(len(described))]
    pl.DataFrame({"user": described, "gender": sexes}).write_csv(folder / "users.csv")
    session = Session.open(folder, home=Home(folder.parent / "home"))
    now = session.dataset
    assert (now.user_count, now.items.height, now.shared_ids) == (PEOPLE, len(items), graph)
    known = replace(
        model.people,
        ids=TextList.of(people),
        histories=model.people.histories.rows(0, PEOPLE),
        clusters=model.people.clusters[:PEOPLE],
        own_items=np.arange(PEOPLE, dtype=np.int32) if graph else None,
    )
    catalogue = replace(model.catalogue, ids=TextList.of(items), titles=TextList.of(names))
    attributes = AttributePopularity.fit(known.histories, now.users, now.silent)
    assert attributes is not None
    changed = replace(model, people=known, catalogue=catalogue, attributes=attributes)
    said = {name: value for name, value in stored.manifest.items() if name not in OF_FILES}
    session.workspace.save_model(info.key, said, changed.to_arrays())
    return session


def contents(path: Path) -> Iterator[tuple[str, bytes]]:
    """What a file, or each below a folder, says: a packed table as the text of its cells."""
    for one in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if one.is_file():
            text = pl.read_parquet(one).write_csv().encode() if one.suffix == ".parquet" else one.read_bytes()
            yield one.name, text


class Teller:
    """Runs commands, and notes every id of a person in what they print or write."""

    def __init__(self, capsys: Any) -> None:
        self._capsys = capsys
        self.found: list[tuple[str, list[bytes]]] = []

    def run(self, *arguments: str, written: Path | None = None, expected: int = 0, typed: str = "\0") -> str:
        """Standard output. ``typed``: what may be said again, since there is nobody of that name."""
        code = main(list(arguments))
        said = self._capsys.readouterr()
        assert code == expected, (arguments, code, said)
        parts = [("printed", (said.out + said.err).replace(typed, "").encode())]
        parts += [] if written is None else contents(written)
        for where, text in parts:
            if ids := sorted(set(ID.findall(text))):
                self.found.append((f"{' '.join(arguments)}: {where}", ids[:3]))
        return str(said.out)
