"""``python -m tests.fuzz.first_seeds``: writes the inputs that fuzzing starts from. What was found later is kept beside
them and is not touched."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import zstandard

from recsys_tui.store.array_file import write_arrays
from tests.fuzz.edits import CORPUS
from tests.odd_inputs import corpus, foreign_files, odd_values

LARGEST = 250  # bytes
HEADER = b"user,item,rating,timestamp\n"
ROWS = b"".join(b"%d,%d,%d,%d\n" % (n % 5, n % 4, n % 5 + 1, 10**9 + n) for n in range(12))
SOUND = HEADER + ROWS
FRAME = pl.DataFrame(
    {
        "user": [f"u{n % 5}" for n in range(12)],
        "item": [n % 4 for n in range(12)],
        "rating": [1.5 + n % 4 for n in range(12)],
        "tags": [["a", "b"][: n % 3] for n in range(12)],
    }
)
RECORDS = [{"user": f"u{n % 5}", "item": n % 4, "rating": n % 5, "tags": ["a"]} for n in range(8)]
BY_SUFFIX = {".csv": "delimited", ".json": "json", ".jsonl": "json", ".inter": "recbole", ".parquet": "parquet"}


def _written(write: str) -> bytes:
    buffer = io.BytesIO()
    getattr(FRAME, write)(buffer)
    return buffer.getvalue()


def _numpy(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    if arrays:
        np.savez(buffer, **arrays)
    else:
        np.save(buffer, np.arange(20, dtype=np.float32).reshape(5, 4))
    return buffer.getvalue()


def _arrays() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        write_arrays(Path(folder) / "x", {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.array([1, 2])})
        return (Path(folder) / "x").read_bytes()


def first_seeds() -> Iterator[tuple[str, str, bytes]]:
    """Target, name and content of each."""
    yield "delimited", "sound", SOUND
    yield "delimited", "wide", b"user,a,b,c\n" + b"".join(b"u%d,%d,,%d\n" % (n, n % 5, 5 - n % 5) for n in range(8))
    yield "delimited", "baskets", b"1 2 3\n2 3\n1 4 5 6\n2 3\n"
    yield "delimited", "quoted", b'user,item,title\n1,2,"a ""b"", c"\n2,3,"d\ne"\n'
    yield "delimited", "colons", SOUND.replace(b",", b"::").partition(b"\n")[2]
    yield "delimited", "utf16", SOUND.decode().encode("utf-16")
    yield "delimited", "gb18030", "用户,物品,评分\n张三,苹果,5\n李四,香蕉,4\n张三,香蕉,3\n".encode("gb18030")
    yield "json", "records", json.dumps(RECORDS).encode()
    yield "json", "lines", "\n".join(map(json.dumps, RECORDS)).encode()
    yield "json", "nested", json.dumps({"data": RECORDS, "n": 3}).encode()
    yield "json", "columns", json.dumps({"user": [1, 2, 3], "item": ["a", "b", "a"]}).encode()
    typed = b"user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
    yield "recbole", "sound", typed + ROWS.replace(b",", b"\t")
    yield "parquet", "sound", _written("write_parquet")
    yield "arrow", "sound", _written("write_ipc")
    yield "arrow_stream", "sound", _written("write_ipc_stream")
    for name, pack in (("gzip", gzip.compress), ("bzip2", bz2.compress), ("xz", lzma.compress)):
        yield "compressed", name, pack(SOUND)
    yield "compressed", "zstd", zstandard.compress(SOUND)
    yield "items", "sound", b"item,title,genres,year\n0,Nought,A|B,1999\n1,One,A,2000\n2,Two,,2001\n9,Nine,B,\n"
    yield "items", "vectors", b"item,embedding\n0,0.1 0.2 0.3 0.4\n1,0.5 0.6 0.7 0.8\n2,0.1 0.1 0.1 0.2\n"
    yield "users", "sound", b"user,age,gender,born\n0,23,F,1990-01-02\n1,,M,\n2,41,,1970-05-06\n9,1,F,2020-01-01\n"
    yield "links", "sound", b"user,friend\n0,1\n1,2\n2,0\n6,9\n"
    yield "vectors_npz", "sound", _numpy(ids=np.array(["0", "1", "2"]), vectors=np.ones((3, 4), np.float32))
    yield "vectors_npy", "sound", _numpy()
    yield "mapping_dialog", "nothing given", b"{}\n\x00\x08\x0f\x15\n" + SOUND
    yield "mapping_dialog", "columns given", b'{"user": "item", "item": "user", "time": "none"}\n\x01\x02\n' + SOUND
    yield "mapping_dialog", "by number", b'{"user": "2", "item": "1", "rating": "7"}\n\x03\x04\n' + ROWS
    told = b'{"event": "event", "weights": ["buy=5", "=", "x=nan"], "core": 2, "dates": "day-first"}'
    events = b"user,item,event,date\n" + b"".join(b"%d,%d,buy,0%d/02/2020\n" % (n % 3, n % 2, n + 1) for n in range(9))
    yield "mapping_dialog", "events", told + b"\n\x05\x06\n" + events
    yield "words", "sound", b"year>=1990\ncategories=Drama\nbrand!=Acme, Ltd\nweight:buy=5\nids:1, 2;3\n"
    yield "lists", "pairs", b"user,item\n1,2\n3,4\n"
    yield "lists", "ids", b"1\n2\n\n3\n"
    yield (
        "settings",
        "sound",
        (
            b'theme = "nord"\n[defaults]\nk = 20\npreset = "quick"\nseed = 1\n[crowd]\nsmallest = 10\n'
            b'[keys]\n"item.like" = ["l", "plus"]\n'
        ),
    )
    yield "stored", "arrays", b"a" + _arrays()
    entry = b'{"format": 7, "created": "2026-01-01", "files": {"x": {"bytes": 3, "blake2b": "ab"}}, "model": {}}'
    yield "stored", "manifest", b"m" + entry
    yield "stored", "names", b'n{"names": [{"name": "Fans", "signature": {"i1": 0.5}}]}'
    yield "stored", "workbench", b'w{"theme": "nord", "places": {"films-1": {"mode": "users", "user": "1", "k": 5}}}'
    yield "stored", "forgotten", b'f{"format": 1, "sources": [{"path": "/a", "people": ["00"]}]}'
    yield "stored", "recent", b'r{"data": [{"path": "/a.csv", "mapping": {"user": "u"}, "used": "2026-01-01"}]}'
    yield from _odd()


def _odd() -> Iterator[tuple[str, str, bytes]]:
    """The small ones of the odd inputs that are one file."""
    for case in corpus.CASES + foreign_files.CASES + odd_values.CASES:
        with tempfile.TemporaryDirectory() as folder:
            path = case.build(Path(folder))
            if path.is_file() and path.suffix in BY_SUFFIX and 0 < path.stat().st_size <= LARGEST:
                yield BY_SUFFIX[path.suffix], case.name, path.read_bytes()


def main() -> None:
    """Write those that are not there."""
    for target, name, content in first_seeds():
        path = CORPUS / target / "".join(letter if letter.isalnum() else "-" for letter in name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_bytes(content)


if __name__ == "__main__":
    main()
