"""Forgetting somebody whose id is a word that the program itself writes: as a key, a column, a file or a value."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from recsys_tui.recommend.forgetting import Train, forget
from recsys_tui.recommend.other_meanings import _own_words
from recsys_tui.recommend.session import Session
from recsys_tui.store.ab_log import AbLog
from recsys_tui.store.ab_records import SPLIT
from recsys_tui.store.array_file import read_arrays
from recsys_tui.store.cluster_names import ClusterNames, NamedCluster
from recsys_tui.store.feedback_log import FeedbackLog
from recsys_tui.store.field_scan import WORDS
from recsys_tui.store.home import Home
from recsys_tui.store.remembered import Memory, Place, Remembered
from recsys_tui.training.job import TrainingRequest
from tests.recommend.people_to_forget import WHO, events, opened, store_model, train_here

_ALL_SQL = "SELECT * FROM {table}"
A_WORD = re.compile(r"[A-Za-z_]+\d?")


def used(path: Path, root: Path, who: str, train: Train) -> Session:
    """A session over data with somebody in it, of which all was made that a home folder holds."""
    data = events(path)
    data.write_text(data.read_text().replace(WHO, who))
    session = opened(data, root)
    train(session, TrainingRequest("quick", "next", 0, "cpu"))
    folder = session.workspace.folder
    FeedbackLog(folder).add([(f"person-{n:03}", "thing-01", verdict) for n, verdict in ((1, "like"), (2, "dislike"))])
    log = AbLog(folder)
    visit = log.visit(log.start("deep", "ease", SPLIT, "5a17"), "person-004", "a", "deep")
    log.show(visit, [("thing-01", "a")])
    log.note(visit, [("thing-01", "open", "a")])
    ClusterNames(folder).change(lambda _names: [NamedCluster("Group of three", {"thing-01": 0.5})])
    Memory(session.home).write(Remembered("dark", None, {session.workspace.key: Place("users", "person-003")}))
    session.home.remember(session.identity)
    return session


def texts_of(path: Path) -> Iterator[str]:
    """What a file is called, and every whole text in it."""
    yield from (path.name, path.stem)
    if path.is_dir():
        return
    content = path.read_bytes()
    if content.startswith(b"PAR1"):
        frame = pl.read_parquet(path)
        yield from frame.columns
        for column in frame.iter_columns():
            flat = column.explode() if isinstance(column.dtype, pl.List) else column
            yield from map(str, flat.unique().to_list())
    elif content.startswith(b"SQLite"):
        with closing(sqlite3.connect(path)) as log:
            tables = [name for (name,) in log.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                yield from (str(value) for row in log.execute(_ALL_SQL.format(table=table)) for value in row)
    elif path.suffix == ".safetensors":
        blobs = (bytes(array).decode() for name, array in read_arrays(path).items() if name.endswith(".blob"))
        yield from (text for blob in blobs for text in WORDS.split(blob))
    elif path.suffix == ".json":
        yield from _texts_in(json.loads(content))


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for inner in value.values():
            yield from _texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts_in(inner)
    elif isinstance(value, str):
        yield value


def test_every_word_of_a_home_that_is_not_of_its_data_is_known(tmp_path: Path):
    session = used(tmp_path / "zq.csv", tmp_path / "home", WHO, train_here)
    forget(session, "person-009", train=train_here)  # which leaves a mark
    written = {text for path in (tmp_path / "home").rglob("*") for text in texts_of(path)}
    assert {"person-001", "thing-01", "like", "quick", "manifest", "deep", "places"} <= written
    # None is nothing, and what is left of a mark, a seal or a checksum is no word.
    words = {text for text in written if A_WORD.fullmatch(text)} - {"zq", "None"}
    assert words - _own_words() == set()


@pytest.mark.parametrize("who", ["quick", "data", "like", "a"])
def test_a_word_of_the_program_is_no_person(tmp_path: Path, who: str):
    train: Train = lambda session, _request: store_model(session)  # noqa: E731
    session = used(tmp_path / "events.csv", tmp_path / "home", who, train)
    FeedbackLog(session.workspace.folder).add([(who, "thing-02", "like")])
    done = forget(session, who, train=train)
    assert (done.verified, done.retrained, done.removed.feedback) == (True, ("quick-next",), 1)
    assert done.scan.elsewhere
    assert len(FeedbackLog(session.workspace.folder).entries()) == 2
    assert who not in Session.open(tmp_path / "events.csv", home=Home(tmp_path / "home")).dataset.users["id"].to_list()
