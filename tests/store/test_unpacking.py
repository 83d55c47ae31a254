"""Archives that are what they should be, and archives that try to get out of their folder or to fill the disk."""

from __future__ import annotations

import stat
import warnings
import zipfile
from pathlib import Path

import pytest

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.store.unpacking import MOST_ENTRIES, unpack

GOOD = {"set/": b"", "set/ratings.csv": b"userId,movieId\n1,2\n", "set/movies.csv": b"movieId,title\n2,A\n"}
MEMBERS = ("movies.csv", "ratings.csv")


def packed(path: Path, entries: dict[str, bytes] | list[tuple[zipfile.ZipInfo | str, bytes]]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name that is there twice is meant
        for name, content in entries.items() if isinstance(entries, dict) else entries:
            archive.writestr(name, content)
    return path


def refused(archive: Path, folder: Path, limit: int = 1_000) -> str:
    with pytest.raises(UserError) as error:
        unpack(archive, "set", MEMBERS, folder, limit)
    assert error.value.exit_code == ExitCode.FAILED
    return error.value.message_id


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inner" / "folder").mkdir(parents=True)
    return tmp_path / "inner" / "folder"


def files(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_the_named_files_come_out_and_no_others(tmp_path: Path, folder: Path) -> None:
    unpack(packed(tmp_path / "a.zip", GOOD | {"set/run.sh": b"rm", "set/deep/x": b"1"}), "set", MEMBERS, folder, 37)
    assert files(folder) == ["movies.csv", "ratings.csv"]
    assert (folder / "ratings.csv").read_bytes() == GOOD["set/ratings.csv"]
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


@pytest.mark.parametrize(
    "name", ["../evil", "set/../../evil", "/evil", "set/..", "..\\evil", "C:evil", "C:\\evil", "set/../ratings.csv"]
)
def test_a_place_outside_refuses_the_whole_archive(tmp_path: Path, folder: Path, name: str) -> None:
    entry = zipfile.ZipInfo("x")
    entry.filename = name  # as it stands in the archive, whatever the library would make of it
    archive = packed(tmp_path / "a.zip", [*GOOD.items(), (entry, b"evil")])
    assert refused(archive, folder) == "datasets.member_outside"
    assert files(tmp_path) == ["a.zip"]


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
@pytest.mark.parametrize("name", ["set/ratings.csv", "set/other"])
def test_links_and_devices_refuse_it_too(tmp_path: Path, folder: Path, name: str, kind: int) -> None:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (kind | 0o777) << 16
    entries = {each: content for each, content in GOOD.items() if each != name}
    archive = packed(tmp_path / "a.zip", [*entries.items(), (entry, b"/etc/passwd")])
    assert refused(archive, folder) == "datasets.member_outside"
    assert files(folder) == []


def test_a_bomb_is_not_unpacked(tmp_path: Path, folder: Path) -> None:
    archive = packed(tmp_path / "a.zip", GOOD | {"set/ratings.csv": bytes(20_000_000)})
    assert archive.stat().st_size < 50_000
    assert refused(archive, folder) == "datasets.too_much_inside"
    assert files(folder) == []


def test_a_bomb_that_lies_about_its_size_ends_at_that_size(tmp_path: Path, folder: Path) -> None:
    archive = packed(tmp_path / "a.zip", GOOD | {"set/ratings.csv": bytes(20_000_000)})
    content = archive.read_bytes()
    size = (20_000_000).to_bytes(4, "little")
    assert content.count(size) == 2  # before the file, and in the directory at the end
    archive.write_bytes(content.replace(size, (900).to_bytes(4, "little")))
    assert refused(archive, folder) == "datasets.no_archive"
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 1_000


@pytest.mark.parametrize(
    "entries",
    [
        {"set/movies.csv": b""},
        {"ratings.csv": b"", "movies.csv": b""},
        [*GOOD.items(), ("set/ratings.csv", b"again")],
        GOOD | {f"set/{n}": b"" for n in range(MOST_ENTRIES)},
    ],
    ids=["lacks one", "in no folder", "has one twice", "has too many"],
)
def test_an_archive_of_something_else_is_refused(
    tmp_path: Path, folder: Path, entries: dict[str, bytes] | list[tuple[str, bytes]]
) -> None:
    assert refused(packed(tmp_path / "a.zip", entries), folder) == "datasets.no_archive"
    assert files(folder) == []


@pytest.mark.parametrize("damage", ["no zip", "cut", "flipped", "empty", "encrypted"])
def test_a_damaged_archive_is_refused(tmp_path: Path, folder: Path, damage: str) -> None:
    archive = packed(tmp_path / "a.zip", GOOD)
    content = bytearray(archive.read_bytes())
    if damage == "no zip":
        content = bytearray(b"<html>not found</html>")
    elif damage == "cut":
        del content[-30:]
    elif damage == "flipped":
        content[content.index(b"set/ratings.csv") + 20] ^= 0xFF
    elif damage == "encrypted":
        content[content.rindex(b"PK\x01\x02", 0, content.rindex(b"set/ratings.csv")) + 8] |= 1
    else:
        content.clear()
    archive.write_bytes(content)
    assert refused(archive, folder) == "datasets.no_archive"
