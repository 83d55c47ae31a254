"""Ready-made vectors: columns of every form, files of their own, and a sentence for each that does not fit."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from recsys_tui.data.dataset import Dataset, Mapping
from recsys_tui.data.item_vectors import vectors_of
from recsys_tui.data.load import load_dataset
from recsys_tui.output.errors import UserError

IDS = [f"i{n}" for n in range(6)]
ROWS = np.arange(24, dtype=np.float32).reshape(6, 4) / 8


@pytest.fixture
def events(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    lines = ["user_id,item_id"] + [f"u{n % 5},i{n % 6}" for n in range(30)]
    (folder / "events.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    titles = "".join(f"{item},Thing {item}\n" for item in IDS)
    (folder / "items.csv").write_text("item_id,title\n" + titles, encoding="utf-8")
    return folder / "events.csv"


def opened(events: Path, vectors: Path) -> Dataset:
    return load_dataset(events, Mapping(vectors=vectors))


def rows_by_id(dataset: Dataset) -> dict[str, list[float] | None]:
    return {str(row[0]): row[1] for row in dataset.items.select("id", pl.col("vector").arr.to_list()).iter_rows()}


@pytest.mark.parametrize(
    "values",
    [
        pl.Series([[0.5, 1.0, 2.0, -1.0], None], dtype=pl.List(pl.Float64)),
        pl.Series([[0.5, 1.0, 2.0, -1.0], None], dtype=pl.Array(pl.Float32, 4)),
        pl.Series(["[0.5, 1.0, 2, -1]", None]),
        pl.Series(["0.5 1e0 2.0 -1.0", None]),
        pl.Series([["0.5", "1.0", "2.0", "-1"], None]),
    ],
)
def test_vectors_are_read_in_every_form(values: pl.Series):
    found = vectors_of(values)
    assert found is not None
    assert found.dtype == pl.Array(pl.Float32, 4)
    assert [None if row is None else list(row) for row in found.to_list()] == [[0.5, 1.0, 2.0, -1.0], None]


@pytest.mark.parametrize(
    "values",
    [
        pl.Series(["1999", "2001"]),
        pl.Series(["1 2 3 4", "5 6 7 8"]),  # whole numbers may be ids
        pl.Series([[1, 2, 3, 4]], dtype=pl.List(pl.Int64)),
        pl.Series(["a thing of 0.5", "b"]),
        pl.Series([[0.5, 1.0], [0.5]], dtype=pl.List(pl.Float64)),
    ],
)
def test_other_columns_are_no_vectors(values: pl.Series):
    assert vectors_of(values) is None


def test_values_without_end_make_a_vector_missing():
    found = vectors_of(pl.Series([[1.0, 2.0, 3.0, float("inf")], [1.0, 2.0, 3.0, 4.0]]))
    assert found is not None
    assert found.null_count() == 1


def test_a_column_of_the_item_file_is_taken(events: Path):
    lines = [
        f'{item},Thing {item},"[{", ".join(map(str, row))}]"' for item, row in zip(IDS, ROWS.tolist(), strict=True)
    ]
    (events.parent / "items.csv").write_text("item_id,title,embedding\n" + "\n".join(lines) + "\n", encoding="utf-8")
    dataset = load_dataset(events)
    assert rows_by_id(dataset) == dict(zip(IDS, ROWS.tolist(), strict=True))
    assert "items.csv: embedding" in {choice.column for choice in dataset.columns if choice.role == "vectors"}


def test_files_of_their_own_give_the_same(events: Path, tmp_path: Path):
    order = [3, 1, 5, 0]
    np.savez(tmp_path / "v.npz", ids=np.array(IDS)[order], vectors=ROWS[order])
    table = pl.DataFrame({"item": np.array(IDS)[order], "v": pl.Series(ROWS[order], dtype=pl.Array(pl.Float32, 4))})
    table.write_parquet(tmp_path / "v.parquet")
    expected = {item: ROWS[place].tolist() if place in order else None for place, item in enumerate(IDS)}
    for name in ("v.npz", "v.parquet"):
        dataset = opened(events, tmp_path / name)
        assert rows_by_id(dataset) == expected
        assert next(entry for entry in dataset.findings if entry.code == "vectors").count == 4
        assert tmp_path / name in dataset.files


def test_rows_without_ids_are_those_of_the_item_file(events: Path, tmp_path: Path):
    np.save(tmp_path / "v.npy", ROWS)
    assert rows_by_id(opened(events, tmp_path / "v.npy")) == dict(zip(IDS, ROWS.tolist(), strict=True))
    np.save(tmp_path / "v.npy", ROWS[:5])
    with pytest.raises(UserError) as short:
        opened(events, tmp_path / "v.npy")
    assert (short.value.message_id, short.value.exit_code) == ("data.vectors_rows", 2)
    (events.parent / "items.csv").unlink()
    with pytest.raises(UserError, match="--items"):
        opened(events, tmp_path / "v.npy")


def saved(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def pickled() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    return buffer.getvalue()


def archived(name: str, content: bytes, encrypted: bool = False) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, content)
    written = bytearray(buffer.getvalue())
    if encrypted:  # the flag of either header
        written[6] |= 1
        written[written.find(b"PK\x01\x02") + 8] |= 1
    return bytes(written)


def claiming(rows: int) -> bytes:
    """An array whose header claims more rows than follow."""
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "<f4", "fortran_order": False, "shape": (rows, 8)})
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("v.npz", archived("vectors.npy", b"x", encrypted=True), "data.vectors_unreadable"),
        ("v.npz", archived("vectors.npy", claiming(10**12)), "data.vectors_unreadable"),
        ("v.npz", archived("readme.txt", b"no array"), "data.vectors_no_ids"),
        ("v.npz", saved(ids=np.arange(6) * 1j, vectors=ROWS), "data.vectors_no_ids"),
        (
            "v.npz",
            saved(ids=np.array(IDS), vectors=ROWS.astype(np.float64) * 1e300 + 1e300),
            "data.vectors_do_not_match",
        ),
        ("v.npy", claiming(6)[:-9], "data.vectors_unreadable"),
        ("v.npz", b"PK\x03\x04 cut short", "data.vectors_unreadable"),
        ("v.npz", saved(vectors=ROWS), "data.vectors_no_ids"),
        ("v.npz", saved(ids=np.array(["x"]), vectors=ROWS), "data.vectors_rows"),
        ("v.npz", saved(ids=np.array(list("abcdef")), vectors=ROWS), "data.vectors_do_not_match"),
        ("v.npz", saved(ids=np.array(IDS), vectors=ROWS[:, :2]), "data.vectors_shape"),
        ("v.npy", pickled(), "data.vectors_unreadable"),
        ("v.npy", b"\x93NUMPY", "data.vectors_unreadable"),
        ("v.csv", b"item,score\ni0,1\ni1,2\n", "data.vectors_no_ids"),
    ],
)
def test_what_does_not_fit_is_told_in_a_sentence(events: Path, tmp_path: Path, name: str, content: bytes, message: str):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError) as caught:
        opened(events, tmp_path / name)
    assert caught.value.message_id == message
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("name", ["v.npz", "v.npy"])
def test_more_than_is_taken_is_refused_by_the_header_alone(
    events: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
):
    monkeypatch.setattr("recsys_tui.data.item_vectors.MOST_BYTES", 95)
    monkeypatch.setattr(np, "load", lambda *_, **__: pytest.fail("nothing may be unpacked"))
    np.save(tmp_path / "v.npy", ROWS)
    (tmp_path / "v.npz").write_bytes(saved(ids=np.array(IDS), vectors=ROWS))
    with pytest.raises(UserError, match="GB") as caught:
        opened(events, tmp_path / name)
    assert (caught.value.message_id, caught.value.exit_code) == ("data.vectors_too_large", 2)


def test_arrays_that_are_not_asked_for_are_not_unpacked(events: Path, tmp_path: Path):
    """An array beside them that would fill the memory, as it is written in a few kilobytes, is left alone."""
    np.savez_compressed(tmp_path / "v.npz", ids=np.array(IDS), vectors=ROWS, noise=np.zeros((2, 2, 200_000), np.int8))
    loaded = []
    read = np.lib.format.read_array

    def noted(*arguments: object, **options: object) -> np.ndarray:
        loaded.append((array := read(*arguments, **options)).shape)  # type: ignore[arg-type]
        return array

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(np.lib.format, "read_array", noted)
        opened(events, tmp_path / "v.npz")
    assert sorted(loaded) == [(6,), (6, 4)]


def test_a_folder_is_no_file_of_vectors(events: Path, tmp_path: Path):
    (tmp_path / "v.npz").mkdir()
    with pytest.raises(UserError) as caught:
        opened(events, tmp_path / "v.npz")
    assert (caught.value.message_id, caught.value.exit_code) == ("data.vectors_no_file", 2)


def test_the_mapping_remembers_the_file(tmp_path: Path):
    mapping = Mapping(vectors=tmp_path / "v.npz")
    assert Mapping.from_json(mapping.to_json()) == Mapping(vectors=(tmp_path / "v.npz").resolve())
