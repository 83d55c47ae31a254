"""Workspaces: nothing lost in a round trip, nothing half written, nothing damaged used."""

from __future__ import annotations

import json
import os
import random
import signal
import stat
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recsys_tui.data.dataset import Dataset, Mapping
from recsys_tui.data.load import load_dataset
from recsys_tui.output.crowd_gate import SETTING
from recsys_tui.output.errors import UserError
from recsys_tui.store.array_file import read_arrays, write_arrays
from recsys_tui.store.damage import DamagedFileError
from recsys_tui.store.home import Home
from recsys_tui.store.identity import Identity
from recsys_tui.store.stored_versions import ModelKey
from recsys_tui.store.workspace import Workspace

ARRAYS = {
    "half": np.arange(6, dtype=np.float16).reshape(2, 3),
    "single": np.linspace(0, 1, 7, dtype=np.float32),
    "codes": np.array([3, -1, 2], np.int32),
    "long": np.array([2**40], np.int64),
    "flags": np.array([True, False]),
    "bytes": np.frombuffer(b"ids\n", np.uint8),
    "empty": np.empty((0, 4), np.float32),
}
KEY = ModelKey("quick", "next", 0, "cpu")
KILLS = int(os.environ.get("RECSYS_TEST_KILLS", "10"))


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    path = tmp_path / "data.csv"
    path.write_text(
        "user,item,rating,time\n" + "".join(f"u{n % 5},i{n % 7},{n % 5 + 1},{10**9 + n}\n" for n in range(40))
    )
    (tmp_path / "items.csv").write_text("item,title,genres\n" + "".join(f"i{n},Title {n},A|B\n" for n in range(9)))
    return load_dataset(path)


@pytest.fixture
def workspace(dataset: Dataset, home: Home) -> Workspace:
    return Workspace.open(home, Identity(dataset.path, Mapping()))


def test_a_dataset_comes_back_as_it_was(dataset: Dataset, workspace: Workspace):
    assert workspace.load_dataset() is None
    assert workspace.dataset_version() is None
    workspace.save_dataset(dataset, "f" * 32, {"data.csv": [1, 2]})
    again = Workspace(workspace.folder).load_dataset()
    assert again is not None
    for table in ("interactions", "items", "users", "links"):
        assert getattr(again, table).equals(getattr(dataset, table))
    tables = {"interactions": None, "items": None, "users": None, "links": None}
    assert replace(again, **tables) == replace(dataset, **tables)
    version = workspace.dataset_version()
    assert version is not None
    assert (version.fingerprint, version.stamp) == ("f" * 32, {"data.csv": [1, 2]})


@pytest.mark.parametrize("name", ["home[1]", "caf\udce9", "a*b?"])
def test_it_does_so_whatever_the_name_of_the_home_folder_looks_like(dataset: Dataset, tmp_path: Path, name: str):
    workspace = Workspace.open(Home(tmp_path / name), Identity(dataset.path, Mapping()))
    workspace.save_dataset(dataset, "f" * 32, {})
    again = workspace.load_dataset()
    assert again is not None
    assert again.interactions.equals(dataset.interactions)
    assert again.users.equals(dataset.users)


def test_a_model_comes_back_as_it_was(workspace: Workspace):
    workspace.save_model(KEY, {"validation": {"ndcg@10": 0.5}}, ARRAYS)
    info = workspace.find_model("next")
    assert info is not None
    assert info.key == KEY
    stored = workspace.load_model(info)
    assert stored.manifest["validation"] == {"ndcg@10": 0.5}
    assert set(stored.arrays) == set(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(stored.arrays[name], array)
        assert stored.arrays[name].dtype == array.dtype
        assert not stored.arrays[name].flags.writeable


def test_the_best_preset_of_the_present_data_is_found_and_old_models_go(dataset: Dataset, workspace: Workspace):
    workspace.save_dataset(dataset, "a" * 32, {})
    workspace.save_model(replace(KEY, preset="standard"), {}, ARRAYS)
    workspace.save_model(KEY, {}, ARRAYS)
    workspace.save_model(KEY, {}, ARRAYS)
    assert [info.preset for info in workspace.models()].count("quick") == 1
    found = workspace.find_model("next")
    assert found is not None
    assert found.preset == "standard"
    workspace.save_dataset(dataset, "b" * 32, {})
    workspace.save_model(KEY, {}, ARRAYS)
    found = workspace.find_model("next")
    assert found is not None
    assert found.preset == "quick"
    assert workspace.find_model("later") is None


def test_a_model_of_smaller_crowds_than_the_settings_ask_for_does_not_answer(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(SETTING, "5")
    workspace.save_model(KEY, {}, ARRAYS)
    workspace.save_model(replace(KEY, preset="private"), {"privacy": {"epsilon": 1.0}}, ARRAYS)
    assert workspace.find_model("next", "quick") is not None
    monkeypatch.setenv(SETTING, "10")
    assert workspace.find_model("next", "quick") is None
    assert workspace.find_model("next", "private") is not None
    assert len(workspace.models()) == 2, "it is passed over, and stands where it is looked through and replaced"
    workspace.save_model(KEY, {}, ARRAYS)
    for told in ("5", "10"):
        monkeypatch.setenv(SETTING, told)
        assert workspace.find_model("next", "quick") is not None


def test_a_training_that_was_stopped_never_stands_before_a_whole_one(dataset: Dataset, workspace: Workspace):
    workspace.save_dataset(dataset, "a" * 32, {})
    workspace.save_model(KEY, {"interrupted": False}, ARRAYS)
    workspace.save_model(replace(KEY, preset="standard"), {"interrupted": True}, ARRAYS)
    found, asked = workspace.find_model("next"), workspace.find_model("next", "standard")
    assert found is not None
    assert found.preset == "quick"
    assert asked is not None
    assert asked.preset == "standard"
    # The present data counts for more than an end.
    workspace.save_dataset(dataset, "b" * 32, {})
    workspace.save_model(replace(KEY, preset="standard"), {"interrupted": True}, ARRAYS)
    found = workspace.find_model("next")
    assert found is not None
    assert found.preset == "standard"


def test_files_are_private(dataset: Dataset, workspace: Workspace, home: Home):
    workspace.save_dataset(dataset, "a" * 32, {})
    workspace.save_model(KEY, {}, ARRAYS)
    home.remember(Identity(dataset.path, Mapping()))
    for path in home.root.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert sorted(path.name for path in dataset.path.parent.iterdir() if path != home.root) == ["data.csv", "items.csv"]


@pytest.mark.parametrize("damage", ["flip", "cut", "grow", "swap", "manifest", "gone"])
def test_a_damaged_model_is_refused_in_one_sentence(workspace: Workspace, damage: str):
    info = workspace.save_model(KEY, {}, ARRAYS)
    path = info.folder / "model.safetensors"
    content = bytearray(path.read_bytes())
    if damage == "flip":
        content[-1] ^= 1
    elif damage == "cut":
        del content[-3:]
    elif damage == "grow":
        content += b"more"
    elif damage == "swap":
        content[:] = b"PAR1" + bytes(len(content) - 4)
    path.write_bytes(bytes(content))
    if damage == "manifest":
        (info.folder / "manifest.json").write_text("{")
    if damage == "gone":
        path.unlink()

    def load() -> None:
        found = workspace.find_model("next")
        assert found is not None
        workspace.load_model(found)

    with pytest.raises(UserError, match="workspace remove") as caught:
        load()
    assert caught.value.message_id == "store.damaged"
    assert caught.value.exit_code == 1


def test_a_newer_format_is_left_alone(workspace: Workspace):
    info = workspace.save_model(KEY, {}, ARRAYS)
    manifest = json.loads((info.folder / "manifest.json").read_text())
    (info.folder / "manifest.json").write_text(json.dumps(manifest | {"format": 99}))
    with pytest.raises(UserError, match="newer version"):
        workspace.find_model("next")


HEADERS = {
    "longer than the file": (2**40).to_bytes(8, "little"),
    "no JSON": (4).to_bytes(8, "little") + b"nope",
    "no object": (2).to_bytes(8, "little") + b"[]",
}


@pytest.mark.parametrize("content", [b"", b"123", *HEADERS.values()])
def test_headers_that_lie_are_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "x.safetensors"
    path.write_bytes(content)
    with pytest.raises(DamagedFileError):
        read_arrays(path)


@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]},
        {"dtype": "F32", "shape": [2**50], "data_offsets": [0, 8]},
        {"dtype": "PY", "shape": [8], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [-1], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": "2", "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [2]},
        {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]},
    ],
)
def test_entries_that_lie_are_refused(tmp_path: Path, entry: dict):
    header = json.dumps({"a": entry}).encode()
    path = tmp_path / "x.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(8))
    with pytest.raises(DamagedFileError):
        read_arrays(path)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 600), value=st.integers(0, 255))
def test_any_changed_byte_gives_arrays_or_damage_and_nothing_else(tmp_path: Path, place: int, value: int):
    path = tmp_path / "x.safetensors"
    write_arrays(path, ARRAYS)
    content = bytearray(path.read_bytes())
    content[place % len(content)] = value
    path.write_bytes(bytes(content))
    try:
        arrays = read_arrays(path)
    except DamagedFileError:
        return
    assert all(isinstance(array, np.ndarray) for array in arrays.values())


def test_objects_cannot_be_stored(tmp_path: Path):
    with pytest.raises(TypeError):
        write_arrays(tmp_path / "x.safetensors", {"a": np.array([object()])})


WRITER = """
import sys
from pathlib import Path
import numpy as np
from recsys_tui.store.stored_versions import ModelKey
from recsys_tui.store.workspace import Workspace
workspace = Workspace(Path(sys.argv[1]))
for number in range(int(sys.argv[2]), int(sys.argv[3])):
    arrays = {"number": np.full(200_000, number, np.int64)}
    workspace.save_model(ModelKey("quick", "next", number, "cpu"), {"number": number}, arrays)
    sys.stdout.write("saved\\n"); sys.stdout.flush()
"""


def writer(folder: Path, first: int, last: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WRITER, str(folder), str(first), str(last)], stdout=subprocess.PIPE)


def check_consistent(folder: Path) -> int:
    workspace = Workspace(folder)
    info = workspace.find_model("next")
    assert info is not None
    stored = workspace.load_model(info)
    assert (stored.arrays["number"] == stored.manifest["number"]).all()
    return int(stored.manifest["number"])


def test_killed_at_any_moment_leaves_a_whole_model(tmp_path: Path):
    folder = tmp_path / "workspace"
    seeded = random.Random(4)
    for kill in range(KILLS):
        process = writer(folder, 10 * kill, 10 * kill + 100)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(seeded.random() * 0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        check_consistent(folder)
    process = writer(folder, 9_999, 10_000)
    process.communicate()
    assert check_consistent(folder) == 9_999
    assert not list((folder / "models").glob(".*")), "what dead writers left is swept"


def test_two_writers_at_once(tmp_path: Path):
    folder = tmp_path / "workspace"
    writers = [writer(folder, first, first + 15) for first in (0, 100)]
    for process in writers:
        process.communicate()
        assert process.returncode == 0
    assert check_consistent(folder) in (14, 114)
    assert len(Workspace(folder).models()) == 1


def test_the_lock_says_who_holds_it(workspace: Workspace):
    program = (
        "import sys, time\nfrom pathlib import Path\nfrom recsys_tui.store.workspace import Workspace\n"
        "with Workspace(Path(sys.argv[1])).lock('baking bread'):\n"
        "    sys.stdout.write('held\\n'); sys.stdout.flush(); time.sleep(60)\n"
    )
    holder = subprocess.Popen([sys.executable, "-c", program, str(workspace.folder)], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    holder.stdout.readline()
    with pytest.raises(UserError) as caught, workspace.lock("waiting", wait=0.1):
        pass
    assert str(holder.pid) in str(caught.value)
    assert "baking bread" in str(caught.value)
    holder.kill()
    holder.communicate()
    with workspace.lock("now it is free"):
        pass


def test_a_full_disk_is_told_and_the_old_model_stays(tmp_path: Path):
    folder = tmp_path / "workspace"
    writer(folder, 1, 2).communicate()
    program = (
        "import resource, signal, sys\nfrom pathlib import Path\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "from recsys_tui.output.errors import UserError\n"
        f"sys.argv = ['', {str(folder)!r}, '2', '3']\n"
        f"try:\n    exec({WRITER!r})\n"
        "except UserError as error:\n    sys.exit(f'{error.exit_code} {error}')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr.startswith("1 "), done.stderr
    assert "full" in done.stderr or "could not be written" in done.stderr
    assert check_consistent(folder) == 1
    assert not list((folder / "models").glob(".*"))


def test_a_home_that_may_not_be_written_is_told():
    if os.getuid() != 0:
        pytest.skip("dropping privileges needs root")
    program = (
        "import os, sys\nfrom pathlib import Path\nfrom recsys_tui.cli.entry import main\n"
        "data, home = sys.argv[1:]\n"
        # Once with all rights, so that everything is imported: the interpreter itself may be closed to others.
        "assert main(['inspect', data, '--home', home + '-before']) == 0\n"
        "os.setgid(65534); os.setuid(65534)\n"
        "sys.exit(main(['inspect', data, '--home', home]))\n"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "data.csv").write_text("user,item\na,x\nb,y\n")
        (folder / "home").mkdir(mode=0o755)
        command = [sys.executable, "-c", program, str(folder / "data.csv"), str(folder / "home")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert not list((folder / "home").iterdir())
    assert done.returncode == 1, done.stderr
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
