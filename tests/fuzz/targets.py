"""Everything that reads what somebody else wrote, each as a function of bytes that is to end in one of two ways: it
reads them, or it refuses them in one sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import polars as pl

from recsys_tui.cli.id_lists import listed_ids
from recsys_tui.cli.pair_file import read_pairs
from recsys_tui.data.dataset import Mapping
from recsys_tui.data.event_strength import given_strengths
from recsys_tui.data.item_vectors import given_vectors
from recsys_tui.data.load import load_dataset
from recsys_tui.data.preview import preview
from recsys_tui.data.readers import read_table
from recsys_tui.output.errors import UserError
from recsys_tui.recommend.list_options import list_options
from recsys_tui.store.array_file import read_arrays
from recsys_tui.store.cluster_names import ClusterNames
from recsys_tui.store.damage import DamagedFileError
from recsys_tui.store.home import Home
from recsys_tui.store.remembered import Memory
from recsys_tui.store.settings import parse_settings
from recsys_tui.store.tombstones import Tombstones
from recsys_tui.store.version_folder import check_files, read_manifest
from recsys_tui.tui.column_decisions import BAD, ROLES, ColumnDecisions

Target = Callable[[bytes, Path], None]
INTERACTIONS = "user,item,rating,timestamp\n" + "".join(f"{n % 7},{n % 5},{n % 5 + 1},{10**9 + n}\n" for n in range(50))


def _table(name: str) -> Target:
    """A file of data of this name."""

    def read(content: bytes, folder: Path) -> None:
        path = folder / name
        path.write_bytes(content)
        with suppress(UserError):
            read_table(path, 100)
        dataset = load_dataset(path)
        assert dataset.rows_read >= dataset.interaction_count > 0
        assert dataset.user_count <= dataset.interaction_count
        assert dataset.interactions["user"].max() == dataset.user_count - 1

    return read


def _companion(name: str, role: str) -> Target:
    """A file that lies beside interactions, and is named as what describes them."""

    def read(content: bytes, folder: Path) -> None:
        (folder / "ratings.csv").write_text(INTERACTIONS)
        (folder / name).write_bytes(content)
        dataset = load_dataset(folder / "ratings.csv")
        assert (dataset.user_count, dataset.interaction_count) == (7, 50)
        load_dataset(folder / "ratings.csv", Mapping(**{role: folder / name}))

    return read


def _vectors(name: str) -> Target:
    """A file of ready-made vectors of items."""

    def read(content: bytes, folder: Path) -> None:
        path = folder / name
        path.write_bytes(content)
        ids = pl.Series("id", [str(n) for n in range(5)])
        assert given_vectors(path, ids, ids)["id"].n_unique() <= 5

    return read


def mapping_dialog(content: bytes, folder: Path) -> None:
    """What the mapping dialog does with a file and with what is given to it: a line of JSON, a line of the steps that a
    person takes, and the file."""
    said, _, rest = content.partition(b"\n")
    steps, _, table = rest.partition(b"\n")
    path = folder / "data.csv"
    path.write_bytes(table)
    mapping = _mapping(said)
    decisions = ColumnDecisions.first(preview(path, mapping))
    for step in steps[:8]:
        role, what = ROLES[step % len(ROLES)], step // len(ROLES) % 4
        if what == 3:
            decisions = decisions.name(role, None)
        elif what == 2:
            columns = decisions.preview.columns
            decisions = decisions.name(role, columns[step % len(columns)])
        else:
            decisions = decisions.step(role, 1 - 2 * what)
        decisions = decisions.seen(decisions.preview.under(decisions.mapping()))
    verdict = decisions.verdict()
    assert set(verdict.roles) <= set(ROLES)
    chosen = decisions.mapping(complete=True)
    assert Mapping.from_json(json.loads(json.dumps(chosen.to_json()))) == replace(chosen, detect=False)
    if verdict.mark != BAD:
        load_dataset(path, chosen)


def _mapping(said: bytes) -> Mapping:
    """A mapping of what was given, as it is read of a document or of options; what is no mapping is refused."""
    try:
        document = json.loads(said) if said.strip() else {}
        return Mapping.from_json(document) if isinstance(document, dict) else Mapping()
    except (ValueError, TypeError, RecursionError):
        return Mapping()


def words(content: bytes, folder: Path) -> None:
    """What people write into options: conditions, ids, strengths of events."""
    for line in content.decode("utf-8", "replace").splitlines()[:50]:
        kind, _, text = line.partition(":")
        with suppress(UserError):
            if kind == "weight":
                given_strengths([text])
            elif kind == "ids":
                list_options(pin=text, exclude_items=text.split(","))
            else:
                [str(condition) for condition in list_options(where=text).where]


def lists(content: bytes, folder: Path) -> None:
    """Files of ids and of pairs."""
    path = folder / "ids.txt"
    path.write_bytes(content)
    with suppress(UserError):
        assert all(one == one.strip() and one for one in listed_ids(str(path), "users"))
    assert all(user and item for user, item in read_pairs(str(path)))


def settings(content: bytes, folder: Path) -> None:
    """The configuration file."""
    found, problems = parse_settings(content.decode("utf-8", "replace"))
    assert all(problem.sentence for problem in problems)
    found.defaults.given()


def stored(content: bytes, folder: Path) -> None:
    """What the program wrote, had somebody changed it: the first byte says which file."""
    kind, rest = content[:1], content[1:]
    home = Home(folder)
    if kind == b"a":
        (folder / "arrays").write_bytes(rest)
        with suppress(DamagedFileError):
            read_arrays(folder / "arrays")
    elif kind == b"m":
        (folder / "manifest.json").write_bytes(rest)
        manifest = read_manifest(folder, "key")
        check_files(folder, manifest, "key")
    elif kind == b"n":
        (folder / "cluster_names.json").write_bytes(rest)
        ClusterNames(folder).read()
    elif kind == b"w":
        (folder / "workbench.json").write_bytes(rest)
        Memory(home).read()
    elif kind == b"f":
        (folder / "forgotten.json").write_bytes(rest)
        (folder / "forget.key").write_bytes(bytes(32))
        Tombstones(folder).of(folder / "data.csv")
    else:
        (folder / "recent.json").write_bytes(rest)
        home.recent()
        home.workspaces()


TARGETS: dict[str, Target] = {
    "delimited": _table("data.csv"),
    "json": _table("data.json"),
    "recbole": _table("data.inter"),
    "parquet": _table("data.parquet"),
    "arrow": _table("data.arrow"),
    "arrow_stream": _table("data.arrows"),
    "compressed": _table("data.csv.gz"),
    "items": _companion("items.csv", "items"),
    "users": _companion("users.csv", "users"),
    "links": _companion("links.csv", "links"),
    "vectors_npz": _vectors("vectors.npz"),
    "vectors_npy": _vectors("vectors.npy"),
    "mapping_dialog": mapping_dialog,
    "words": words,
    "lists": lists,
    "settings": settings,
    "stored": stored,
}


def hold(name: str, content: bytes, folder: Path) -> None:
    """Give bytes to a target; what refuses them must do so in one clear sentence. ``folder`` is empty, and is emptied.

    Raises whatever else comes of it.
    """
    try:
        TARGETS[name](content, folder)
    except UserError as refused:
        sentence = str(refused)
        assert "\n" not in sentence
        assert sentence.rstrip().endswith((".", "。")), sentence
        assert len(sentence) < 5_000
    finally:
        for path in folder.iterdir():
            path.unlink()
