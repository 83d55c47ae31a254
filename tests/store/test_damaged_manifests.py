"""Manifests and headers that do not hold up: one sentence for a person, and a way to go on."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from safetensors.numpy import save

from recsys_tui.data.dataset import Dataset, Mapping
from recsys_tui.data.load import load_dataset
from recsys_tui.output.errors import UserError
from recsys_tui.store.array_file import read_arrays
from recsys_tui.store.damage import DamagedFileError
from recsys_tui.store.home import Home
from recsys_tui.store.identity import Identity
from recsys_tui.store.stored_versions import ModelKey
from recsys_tui.store.tombstones import Tombstones
from recsys_tui.store.version_folder import digest, sealed
from recsys_tui.store.workspace import Workspace

KEY = ModelKey("quick", "next", 0, "cpu")
ARRAYS = {"a": np.arange(3)}
DEEP = "[" * 100_000


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    path = tmp_path / "data.csv"
    path.write_text("user,item\n" + "".join(f"u{n % 5},i{n % 7}\n" for n in range(40)))
    return load_dataset(path)


@pytest.fixture
def workspace(dataset: Dataset, home: Home) -> Workspace:
    workspace = Workspace.open(home, Identity(dataset.path, Mapping()))
    workspace.save_dataset(dataset, "a" * 32, {})
    workspace.save_model(KEY, {}, ARRAYS)
    return workspace


def manifest_of(workspace: Workspace, part: str) -> Path:
    (path,) = (workspace.folder / part).glob("*/manifest.json")
    return path


def edit(path: Path, change: Callable[[dict], object]) -> None:
    """Change a manifest and seal it again: the seal is not what is tried."""
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(sealed(document)))


def is_damaged(call: Callable[[], object], reason: str = "") -> bool:
    with pytest.raises(UserError, match=f"{reason}.*workspace remove") as caught:
        call()
    return caught.value.message_id == "store.damaged" and caught.value.exit_code == 1


@pytest.mark.parametrize("value", [None, 5, "x", [1], {"a": 1}], ids=repr)
@pytest.mark.parametrize("field", ["mapping", "columns", "findings", "time_kind"])
def test_a_dataset_described_wrongly_is_damaged(workspace: Workspace, field: str, value: object):
    edit(manifest_of(workspace, "data"), lambda document: document.update({field: value}))
    assert is_damaged(workspace.load_dataset)


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.update(rows_read=None),
        lambda document: document.update(rows_read="x"),
        lambda document: document["columns"][0].update(role=[]),
        lambda document: document["columns"][0].update(confidence="x"),
        lambda document: document["columns"][0].update(confidence=None),
    ],
)
def test_a_dataset_with_something_else_in_place_of_a_number_or_a_name_is_damaged(
    workspace: Workspace, change: Callable[[dict], object]
):
    edit(manifest_of(workspace, "data"), change)
    assert is_damaged(workspace.load_dataset)


def replace_file(manifest: Path, name: str, write: Callable[[Path], object]) -> None:
    """Write a file of a version anew, and into its manifest how large it is and its checksum."""
    write(manifest.with_name(name))
    entry = {"bytes": manifest.with_name(name).stat().st_size, "blake2b": digest(manifest.with_name(name))}
    edit(manifest, lambda document: document["files"].update({name: entry}))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("users", lambda table: table.head(2)),
        ("items", lambda table: table.drop("id")),
        ("items", lambda table: table.head(0)),
        ("items", lambda table: table.drop("count")),
        ("items", lambda table: table.with_columns(pl.lit([1.5]).alias("count"))),
        ("users", lambda table: table.with_columns(pl.lit(None, pl.UInt32).alias("count"))),
        ("users", lambda table: table.with_columns(pl.lit(None, pl.String).alias("id"))),
        ("users", lambda table: table.with_columns(pl.lit("x").alias("count"))),
        ("links", lambda table: pl.DataFrame({"user": [9], "friend": [0]}, {"user": pl.UInt32, "friend": pl.UInt32})),
        ("links", lambda table: table.rename({"friend": "other"})),
    ],
)
def test_tables_that_were_changed_with_their_checksums_are_damaged(
    workspace: Workspace, name: str, change: Callable[[pl.DataFrame], pl.DataFrame]
):
    manifest = manifest_of(workspace, "data")
    table = pl.read_parquet(manifest.with_name(f"{name}.parquet"))
    replace_file(manifest, f"{name}.parquet", lambda path: change(table).write_parquet(path))
    assert is_damaged(workspace.load_dataset, "does not describe a dataset")


@pytest.mark.parametrize(
    "change",
    [
        lambda arrays: arrays.pop("user"),
        lambda arrays: arrays.update(item=arrays["item"] + np.uint32(7)),
        lambda arrays: arrays.update(item=arrays["item"][:3]),
        lambda arrays: arrays.update(item=arrays["item"].astype(np.float32)),
        lambda arrays: arrays.update(user=arrays["user"].astype(np.int64) - 1),
        lambda arrays: arrays.update(row=arrays["row"] / 2),
        lambda arrays: arrays.update(user=arrays["user"].reshape(-1, 1)),
    ],
)
def test_interactions_that_were_changed_with_their_checksums_are_damaged(
    workspace: Workspace, change: Callable[[dict], object]
):
    manifest = manifest_of(workspace, "data")
    arrays = {
        name: np.array(array) for name, array in read_arrays(manifest.with_name("interactions.safetensors")).items()
    }
    change(arrays)
    replace_file(manifest, "interactions.safetensors", lambda path: path.write_bytes(save(arrays)))
    assert is_damaged(workspace.load_dataset)


@pytest.mark.parametrize("value", [None, 5, [1]], ids=repr)
@pytest.mark.parametrize("field", ["fingerprint", "stamp", "created"])
def test_a_version_without_what_names_it_is_damaged(workspace: Workspace, field: str, value: object):
    edit(manifest_of(workspace, "data"), lambda document: document.update({field: value}))
    assert is_damaged(workspace.dataset_version)


@pytest.mark.parametrize("field", ["fingerprint", "created", "format", "files", "model"])
def test_a_model_that_lacks_a_field_is_damaged(workspace: Workspace, field: str):
    edit(manifest_of(workspace, "models"), lambda document: document.pop(field))
    assert is_damaged(workspace.models)


@pytest.mark.parametrize("text", [DEEP, "", "null", '{"files": {}, "format": "1"}'], ids=["deep", "empty", "null", "x"])
def test_a_manifest_that_is_none_is_damaged(workspace: Workspace, text: str):
    manifest_of(workspace, "data").write_text(text)
    manifest_of(workspace, "models").write_text(text)
    assert is_damaged(workspace.dataset_version)
    assert is_damaged(workspace.models)


@pytest.mark.parametrize("preset", [None, 5, "huge", []], ids=repr)
def test_a_model_of_a_preset_that_does_not_exist_is_damaged(workspace: Workspace, preset: object):
    edit(manifest_of(workspace, "models"), lambda document: document["model"].update(preset=preset))
    assert is_damaged(workspace.find_model)


def test_saving_anew_mends_a_workspace(dataset: Dataset, workspace: Workspace):
    """What an error about damage promises: reading and training again puts it right."""
    manifest_of(workspace, "data").write_text("{")
    manifest_of(workspace, "models").write_text("{")
    workspace.save_dataset(dataset, "b" * 32, {})
    version = workspace.dataset_version()
    assert version is not None
    assert version.fingerprint == "b" * 32
    assert workspace.find_model() is None, "a model that cannot be described is gone, not in the way"
    workspace.save_model(KEY, {}, ARRAYS)
    manifest_of(workspace, "models").write_text("{")
    saved = workspace.save_model(ModelKey("full", "next", 0, "cpu"), {}, ARRAYS)
    assert workspace.models() == [saved]


@pytest.mark.parametrize(
    "text",
    [DEEP, "{}", '{"path": 5, "mapping": {}}', '{"path": "x", "mapping": 5}', '{"path": "\\u0000", "mapping": {}}'],
)
def test_a_spoilt_identity_is_none(workspace: Workspace, home: Home, text: str):
    (workspace.folder / "identity.json").write_text(text)
    (home.root / "recent.json").write_text(f'{{"data": [{text}]}}')
    assert Workspace(workspace.folder).identity is None
    assert home.recent() == []
    assert [info.key for info in home.workspaces()] == [workspace.key]


@pytest.mark.parametrize(
    ("entry", "body"),
    [
        ({"data_offsets": [0.0, 8.0]}, 8),
        ({"data_offsets": [False, 8]}, 8),
        ({"data_offsets": ["0", "8"]}, 8),
        ({"shape": [True, 2]}, 8),
        ({"shape": [2] + [1] * 200}, 8),
        ({"shape": [0, 2**70], "data_offsets": [0, 0]}, 0),
        ({"shape": [0, 2**62, 4], "data_offsets": [0, 0]}, 0),
    ],
    ids=str,
)
def test_numbers_that_are_no_places_are_refused(tmp_path: Path, entry: dict, body: int):
    header = json.dumps({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]} | entry}).encode()
    path = tmp_path / "x.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(body))
    with pytest.raises(DamagedFileError):
        read_arrays(path)


def test_a_header_nested_too_deep_is_refused(tmp_path: Path):
    path = tmp_path / "x.safetensors"
    path.write_bytes(len(DEEP).to_bytes(8, "little") + DEEP.encode())
    with pytest.raises(DamagedFileError):
        read_arrays(path)


def load_model(workspace: Workspace) -> object:
    """The model that answers, as it is read."""
    found = workspace.find_model()
    assert found is not None
    return workspace.load_model(found)


@pytest.mark.parametrize("part", ["data", "models"])
def test_a_manifest_that_was_edited_by_hand_is_damaged(workspace: Workspace, part: str):
    path = manifest_of(workspace, part)
    document = json.loads(path.read_text())
    path.write_text(json.dumps(document))  # written otherwise, it says the same
    workspace.load_dataset()
    load_model(workspace)
    path.write_text(json.dumps(document | {"created": "2001-01-01T00:00:00+00:00"}))
    assert is_damaged(workspace.load_dataset if part == "data" else workspace.find_model, "checksum")
    path.write_text(json.dumps({name: value for name, value in document.items() if name != "seal"}))
    assert is_damaged(workspace.load_dataset if part == "data" else workspace.find_model, "checksum")


@pytest.mark.parametrize("part", ["data", "models"])
def test_what_was_put_there_from_another_workspace_is_damaged(
    dataset: Dataset, workspace: Workspace, home: Home, part: str
):
    other = Workspace.open(home, Identity(dataset.path.with_name("other.csv"), Mapping()))
    other.save_dataset(dataset, "c" * 32, {})
    other.save_model(KEY, {}, {"a": np.arange(4)})
    here = manifest_of(workspace, part).parent
    shutil.rmtree(here)
    shutil.copytree(manifest_of(other, part).parent, here)
    assert is_damaged(workspace.load_dataset if part == "data" else workspace.find_model, "another workspace")


@pytest.mark.parametrize("reader", ["workspace.read_dataset", "version_folder.digest", "model_files.read_model_files"])
def test_memory_that_runs_out_is_no_damage(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, reader: str):
    def fail(*_: object) -> None:
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    monkeypatch.setattr(f"recsys_tui.store.{reader}", fail)
    with pytest.raises(MemoryError):
        load_model(workspace) if "model" in reader else workspace.load_dataset()


def test_data_that_was_stored_before_there_were_seals_is_read_and_models_are_passed_over(workspace: Workspace):
    for part in ("data", "models"):
        path = manifest_of(workspace, part)
        document = json.loads(path.read_text())
        del document["seal"], document["workspace"]
        path.write_text(json.dumps(document | {"format": 7}))
    assert workspace.load_dataset() is not None
    assert workspace.find_model() is None


def test_a_model_that_was_put_back_with_somebody_who_is_forgotten_is_damaged(
    dataset: Dataset, workspace: Workspace, home: Home
):
    people = {"people.ids.blob": np.frombuffer("\n".join(dataset.users["id"]).encode(), np.uint8)}
    workspace.save_model(KEY, {}, people)
    kept = home.root / "kept"
    shutil.copytree(manifest_of(workspace, "models").parent, kept)
    Tombstones(home.root).add(dataset.path, "u9")  # nobody of this model
    load_model(workspace)
    Tombstones(home.root).add(dataset.path, "u3")
    assert is_damaged(lambda: load_model(workspace), "forgotten")
    others = "\n".join(user for user in dataset.users["id"] if user != "u3")
    workspace.save_model(KEY, {}, {"people.ids.blob": np.frombuffer(others.encode(), np.uint8)})
    load_model(workspace)
    there = manifest_of(workspace, "models").parent
    shutil.rmtree(there)
    shutil.copytree(kept, there)
    assert is_damaged(lambda: load_model(workspace), "forgotten")


@pytest.mark.parametrize("kind", ["table", "pipe", "folder", "link"])
@pytest.mark.parametrize("name", ["silent.parquet", "interactions.parquet"])
def test_a_file_that_no_manifest_names_is_damage(workspace: Workspace, name: str, kind: str):
    folder = manifest_of(workspace, "data").parent
    if kind == "table":
        shutil.copyfile(folder / "users.parquet", folder / name)  # of people, as the first of the names would be
    elif kind == "pipe":
        os.mkfifo(folder / name)  # whoever opened it would wait for ever
    elif kind == "folder":
        (folder / name).mkdir()
    else:
        (folder / name).symlink_to("/dev/zero")
    assert is_damaged(workspace.load_dataset, "manifest")


def test_what_no_manifest_vouches_for_is_damaged(workspace: Workspace):
    edit(manifest_of(workspace, "data"), lambda document: document["files"].pop("users.parquet"))
    assert is_damaged(workspace.load_dataset)
    edit(manifest_of(workspace, "models"), lambda document: document["files"].pop("model.safetensors"))
    assert is_damaged(lambda: load_model(workspace))


def test_hidden_files_of_the_system_are_no_damage(workspace: Workspace):
    for part in ("data", "models"):
        (manifest_of(workspace, part).parent / ".DS_Store").touch()
    assert workspace.load_dataset() is not None
    load_model(workspace)


@pytest.mark.parametrize("names", [{"a\0b": {"bytes": 1, "blake2b": ""}}, {"x" * 300: {"bytes": 1, "blake2b": ""}}])
def test_a_manifest_of_names_that_no_file_can_have_is_damaged(workspace: Workspace, names: dict):
    edit(manifest_of(workspace, "data"), lambda document: document["files"].update(names))
    assert is_damaged(workspace.load_dataset)


def test_arrays_are_never_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "a.safetensors")
    with pytest.raises(DamagedFileError):
        read_arrays(tmp_path / "a.safetensors")
