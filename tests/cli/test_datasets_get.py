"""``recsys datasets get``, against a server on this machine's loopback that holds a small dataset of the same form."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import random
import resource
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from recsys_tui.cli.entry import main
from recsys_tui.data.locate import locate
from recsys_tui.data.public_datasets import PUBLIC
from recsys_tui.output.errors import UserError
from recsys_tui.output.schema_files import load_schema
from recsys_tui.store.home import Home
from recsys_tui.tui.dialogs.start import start_rows
from tests.store.file_server import Site, cut, other, served

FILES = ["README", "movies.dat", "ratings.dat", "users.dat"]


def small_set() -> bytes:
    """An archive with the files of ml-1m: 40 people, 30 films."""
    dice = random.Random(3)
    rows = {(dice.randrange(1, 41), dice.randrange(1, 31)) for _ in range(700)}
    content = {
        "ratings.dat": "".join(f"{u}::{i}::{dice.randint(1, 5)}::{978300000 + u * 99 + i}\n" for u, i in sorted(rows)),
        "movies.dat": "".join(f"{i}::Film {i} (1999)::Drama|War\n" for i in range(1, 31)),
        "users.dat": "".join(f"{u}::F::25::4::55117\n" for u in range(1, 41)),
        "README": "words\n",
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in content.items():
            archive.writestr(f"ml-1m/{name}", text)
    return packed.getvalue()


@pytest.fixture
def site(certified: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The small set under the name ml-1m."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certified[0]))
    monkeypatch.setenv("no_proxy", "*")
    content = small_set()
    with served(content, certified) as found:
        digest = hashlib.sha256(content).hexdigest()
        known = replace(PUBLIC["ml-1m"], address=found.address, bytes=len(content), sha256=digest, unpacked=100_000)
        monkeypatch.setitem(PUBLIC, "ml-1m", known)
        yield found


def check(text: str, name: str) -> dict:
    document = json.loads(text)
    jsonschema.validate(document, load_schema(name), jsonschema.Draft202012Validator)
    return document


def left(home: Home) -> list[str]:
    """What lies in the place of datasets, but for the lock."""
    return sorted(path.name for path in home.datasets.iterdir() if not path.name.endswith(".lock"))


def test_a_dataset_comes_once_and_opens_by_its_name(site: Site, home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["datasets", "get", "ml-1m"]) == 0
    out, err = capsys.readouterr()
    assert out.strip() == str(home.datasets / "ml-1m")
    assert "127.0.0.1" in err
    assert "not for commercial use" in err
    assert left(home) == ["ml-1m"]
    assert sorted(path.name for path in (home.datasets / "ml-1m").iterdir()) == FILES
    assert {path.stat().st_mode & 0o777 for path in (home.datasets / "ml-1m").iterdir()} == {0o600}
    assert {(home.datasets / name).stat().st_mode & 0o777 for name in (".", "ml-1m")} == {0o700}
    assert main(["inspect", "ml-1m", "--json"]) == 0
    found = check(capsys.readouterr().out, "inspect")
    assert (found["users"], found["items"], found["catalogue_items"]) == (40, 30, 30)
    assert main(["workspace", "path", "ml-1m", "--json"]) == 0
    assert check(capsys.readouterr().out, "workspace_path")["exists"]
    assert main(["datasets", "get", "ml-1m", "--json"]) == 0
    again = check(capsys.readouterr().out, "datasets_get")
    assert (again["already_there"], again["bytes"], again["files"]) == (True, 0, list(PUBLIC["ml-1m"].members))
    assert len(site.asked) == 1


def test_the_list_and_the_start_screen_say_what_is_there(
    site: Site, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    def public() -> dict:
        assert main(["datasets", "list", "--json"]) == 0
        document = check(capsys.readouterr().out, "datasets_list")
        return {entry["name"]: entry for entry in document["datasets"] if entry["kind"] == "public"}

    assert list(public()) == list(PUBLIC)
    assert {entry["path"] for entry in public().values()} == {None}
    assert "ml-1m" not in [row.name for row in start_rows("", home, home.root.parent)]
    assert main(["datasets", "get", "ml-1m", "--csv"]) == 0
    assert [row["file"] for row in csv.DictReader(io.StringIO(capsys.readouterr().out))] == [*PUBLIC["ml-1m"].members]
    assert public()["ml-1m"]["path"] == str(home.datasets / "ml-1m")
    assert public()["ml-1m"]["download_bytes"] == len(site.content)
    rows = [row for row in start_rows("", home, home.root.parent) if row.name == "ml-1m"]
    assert [row.target for row in rows] == ["ml-1m"]
    assert "1,000,209 ratings" in rows[0].about
    assert main(["datasets", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert next(line for line in lines if line.startswith("ml-1m\t")).endswith("\there")
    assert next(line for line in lines if line.startswith("ml-25m\t")).endswith("\t262.0 MB to download")


def test_nothing_is_downloaded_unless_it_is_asked_for(
    site: Site, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (["train", "ml-1m"], ["recommend", "ml-1m", "--user", "1"], ["open", "ml-1m"], ["inspect", "ml-1m"]):
        assert main(command) == 2
        assert "recsys datasets get ml-1m" in capsys.readouterr().err
    assert site.asked == []


def test_an_archive_that_a_kill_left_goes_with_the_next_call(
    site: Site, home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed when the dataset was in its place, and its archive not gone yet."""
    assert main(["datasets", "get", "ml-1m"]) == 0
    (home.datasets / ".ml-1m.zip.part").write_bytes(site.content)
    assert main(["datasets", "get", "ml-1m"]) == 0
    assert left(home) == ["ml-1m"]

    def refuse(_path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(30, "Read-only file system")

    monkeypatch.setattr(Path, "unlink", refuse)
    assert main(["datasets", "get", "ml-1m"]) == 0
    assert len(site.asked) == 1


def test_it_goes_on_where_it_was_cut(site: Site, home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    site.next.extend([cut(100)] * 9)
    assert main(["datasets", "get", "ml-1m"]) == 1
    assert "goes on from there" in capsys.readouterr().err
    assert left(home) == [".ml-1m.zip.part"]
    site.next.clear()
    assert main(["datasets", "get", "ml-1m", "--json"]) == 0
    out, err = capsys.readouterr()
    assert (check(out, "datasets_get")["resumed_from"], json.loads(out)["bytes"]) == (100, len(site.content) - 100)
    assert "Going on" in err
    assert left(home) == ["ml-1m"]


def test_what_is_not_the_known_archive_leaves_nothing(
    site: Site, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    site.next.append(other(len(site.content)))
    assert main(["datasets", "get", "ml-1m"]) == 1
    assert "SHA-256" in capsys.readouterr().err
    site.next.append(other(5))
    assert main(["datasets", "get", "ml-1m"]) == 1
    assert "5 bytes instead of" in capsys.readouterr().err
    assert left(home) == []


def test_no_room_is_told_before_anything_comes(
    site: Site, home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(10**9, 10**9 - 50_000, 50_000))
    assert main(["datasets", "get", "ml-1m"]) == 1
    assert "50.0 KB are free" in capsys.readouterr().err
    assert site.asked == []


def test_a_disk_that_fills_up_is_told_and_what_fitted_is_kept(
    site: Site, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def limited(size: int) -> int:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            return main(["datasets", "get", "ml-1m"])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert limited(2_000) == 1
    assert "disk is full" in capsys.readouterr().err
    assert (home.datasets / ".ml-1m.zip.part").stat().st_size == 2_000
    # The archive fits, and not what is in it: nothing half unpacked has the name, and the archive is there next time.
    assert limited(len(site.content)) == 1
    assert "disk is full" in capsys.readouterr().err
    assert left(home) == [".ml-1m.zip.part"]
    assert main(["datasets", "get", "ml-1m"]) == 0
    assert len(site.asked) == 2


def test_a_copy_of_the_archive_takes_no_network(
    site: Site, home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "copy.zip"
    copy.write_bytes(site.content[:-1] + b"x")
    assert main(["datasets", "get", "ml-1m", "--archive", str(copy)]) == 1
    assert "SHA-256" in capsys.readouterr().err
    copy.write_bytes(site.content)
    assert main(["datasets", "get", "ml-1m", "--archive", str(copy)]) == 0
    assert (site.asked, left(home), copy.read_bytes()) == ([], ["ml-1m"], site.content)
    assert main(["datasets", "get", "ml-10m", "--archive", str(tmp_path / "none")]) == 2
    assert "ml-10m.zip" in capsys.readouterr().err


def test_something_else_in_its_place_is_left_alone(site: Site, home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    (home.datasets / "ml-1m").mkdir(parents=True)
    (home.datasets / "ml-1m" / "ratings.dat").write_text("mine")
    assert main(["datasets", "get", "ml-1m"]) == 2
    assert "lacks README, movies.dat, users.dat" in capsys.readouterr().err
    assert (home.datasets / "ml-1m" / "ratings.dat").read_text() == "mine"
    assert site.asked == []


def test_other_names_are_told(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["datasets", "get", "ml-2m"]) == 2
    assert "ml-100k, ml-1m" in capsys.readouterr().err


def test_a_stopped_command_says_that_it_goes_on(
    site: Site, home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_arguments: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("recsys_tui.store.public_download.download", stop)
    assert main(["datasets", "get", "ml-1m"]) == 130
    assert "the same command goes on" in capsys.readouterr().err


def test_what_was_made_opens_by_its_name_and_bundled_sets_keep_theirs(home: Home) -> None:
    for name in ("lake", "films", ".hidden"):
        (home.datasets / name).mkdir(parents=True)
    assert locate("lake", home.datasets).path == (home.datasets / "lake").resolve()
    assert locate("films", home.datasets) == locate("films")
    for name in (".hidden", "../datasets/lake"):
        with pytest.raises(UserError):
            locate(name, home.datasets)


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["ml-100k", "ml-latest-small", "ml-1m"])
def test_the_bound_of_what_is_unpacked_is_that_of_the_real_files(name: str, real_data) -> None:
    known, folder = PUBLIC[name], real_data(name)
    size = sum((folder / member).stat().st_size for member in known.members)
    assert 0.9 * known.unpacked < size <= known.unpacked


def test_every_address_is_the_publishers_and_every_checksum_is_one() -> None:
    for known in PUBLIC.values():
        assert known.address.startswith("https://files.grouplens.org/datasets/movielens/")
        assert len(bytes.fromhex(known.sha256)) == 32
        assert known.bytes < known.unpacked or known.name == "ml-100k"  # whose archive holds splits of it too


def test_no_network_is_one_sentence(home: Home, tmp_path: Path) -> None:
    """In a process of its own, by the real address and an address of a proxy where nobody listens."""
    environment = {"RECSYS_HOME": str(home.root), "https_proxy": "http://127.0.0.1:9", "PATH": ""}
    command = [sys.executable, "-m", "recsys_tui", "datasets", "get", "ml-1m"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "files.grouplens.org cannot be reached (Connection refused)" in done.stderr
    assert "Traceback" not in done.stderr
