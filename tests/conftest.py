"""Fixtures that several rooms share: a home folder that nothing leaks out of, real data, a trained session."""

from __future__ import annotations

import json
import os
import shutil
import sys
from ast import literal_eval
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.training.job import TrainingRequest
from recsys_tui.training.text_vectors import SETTINGS
from tests.store.file_server import certificate

# The same examples in every run, and nothing left behind; HYPOTHESIS_PROFILE=default looks for new ones.
settings.register_profile("seeded", derandomize=True, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "seeded"))

OF_A_TRAINING = ("data", "exports.json", "identity.json", "lock", "models", "update.lock")
ROOT = Path(__file__).resolve().parent.parent


def pytest_make_parametrize_id(val: object) -> str | None:
    """Bytes are called by their length: packed ones hold the time, and two workers would disagree on the name."""
    return f"{len(val)}-bytes" if isinstance(val, bytes) else None


@pytest.fixture(autouse=True)
def _home_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a test starts keeps its things in the test's own folder."""
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path / "home"))


@pytest.fixture(autouse=True)
def _umask_as_most_have_it() -> Iterator[None]:
    """Commands have one of their own for all of the process: in the tests after them all modes would be private."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home folder, the one that commands use too."""
    return Home(tmp_path / "home")


@pytest.fixture
def real_data() -> Callable[[str], Path]:
    """``real_data("ml-100k")``: the path of a real dataset; skips where it is not on this machine."""
    folder = Path(os.environ.get("RECSYS_TEST_DATA", ROOT / ".." / "shared" / "data")).resolve()

    def path_of(name: str) -> Path:
        path = folder / name
        if not path.exists():
            pytest.skip(f"the real data {name} is not here; RECSYS_TEST_DATA names the folder that holds it")
        return path

    return path_of


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """A session over the bundled films, trained with the preset ``quick`` once for all tests. Do not train it again.

    ``RECSYS_TEST_TRAINED`` may name a folder that keeps the training from one run of the tests to the next; whoever
    changes what a training does leaves it unset.
    """
    home = tmp_path_factory.mktemp("trained")
    kept = Path(folder) if (folder := os.environ.get("RECSYS_TEST_TRAINED")) else None
    if kept is not None and kept.exists():
        shutil.copytree(kept, home, dirs_exist_ok=True)
    session = Session.open("films", home=Home(home))
    if session.recommender() is not None:
        _MODELS[home] = _models_in(session)
        return session
    job = session.training_job(TrainingRequest())
    job.start()
    last = list(job.events())[-1]
    assert last.kind == "saved", last.note
    if kept is not None:
        shutil.copytree(home, kept, dirs_exist_ok=True)  # of an older format, perhaps
    _MODELS[home] = _models_in(session)
    return session


_MODELS: dict[Path, list[str]] = {}


def _models_in(session: Session) -> list[str]:
    return sorted(info.folder.name for info in session.workspace.models())


@pytest.fixture(autouse=True)
def _shared_home_left_as_it_was(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whoever says, names or trains something in the home that all tests share is found out, and it is taken away."""
    yield
    if "trained" in request.fixturenames:
        session = request.getfixturevalue("trained")
        if not isinstance(session, Session):
            return  # something else of that name
        (workspace,) = session.home.root.glob("workspaces/films-*")
        left = [entry for entry in workspace.iterdir() if entry.name not in OF_A_TRAINING]
        for entry in left:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        assert [entry.name for entry in left] == [], "left in the home that all tests share: use trained_copy"
        if session.home.root in _MODELS:
            assert _models_in(session) == _MODELS[session.home.root], "trained in the home that all tests share"


@pytest.fixture
def trained_copy(trained: Session, tmp_path: Path) -> Session:
    """The same in a home of the test's own, for tests that leave something in it."""
    return Session.open("films", home=Home(shutil.copytree(trained.home.root, tmp_path / "copied home")))


@pytest.fixture(scope="session")
def certified(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of a server on this machine's loopback, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate of the server, and it is not here")
    return certificate(tmp_path_factory.mktemp("certificate"))


FAKE_LIBRARY = '''
"""Stands in for the library that runs sentence-embedding models: sums of words, each at a place of its own."""

import zlib
from pathlib import Path

import numpy as np

CALLS = Path(__file__).parent.parent / "texts"


class SentenceTransformer:
    def __init__(self, folder, *, device, local_files_only, trust_remote_code, model_kwargs):
        assert local_files_only and not trust_remote_code and model_kwargs == {"use_safetensors": True}
        print("a library talks")
        if (Path(folder) / "broken").exists():
            raise OSError("no such layer\\nin line 2")

    def encode(self, texts, *, batch_size, show_progress_bar):
        rows = np.zeros((len(texts), 16))
        for row, text in zip(rows, texts):
            for word in text.split():
                row[zlib.crc32(word.encode()) % 16] += 1
        with CALLS.open("a") as stream:
            stream.writelines(repr(text) + "\\n" for text in texts)
        return rows
'''


@pytest.fixture
def embedded_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[str]]]:
    """A fake of the extra for sentence-embedding models, here and in child processes: which texts it was given."""
    library = tmp_path / "libraries" / "sentence_transformers"
    library.mkdir(parents=True)
    (library / "__init__.py").write_text(FAKE_LIBRARY)
    present = sys.modules.pop("sentence_transformers", None)
    monkeypatch.syspath_prepend(str(library.parent))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(library.parent), os.environ.get("PYTHONPATH", str(ROOT)))))
    for name in SETTINGS:  # what is set for the real one is taken back afterwards
        monkeypatch.setenv(name, os.environ.get(name, ""))
    texts = library.parent / "texts"
    yield lambda: [literal_eval(line) for line in texts.read_text().splitlines()] if texts.exists() else []
    sys.modules.pop("sentence_transformers", None)
    if present is not None:
        sys.modules["sentence_transformers"] = present


@pytest.fixture
def text_model(tmp_path: Path) -> Path:
    """A folder that looks like a sentence-embedding model: an encoder, and the mean of its states."""
    folder = tmp_path / "text model"
    folder.mkdir()
    parts = [("", "sentence_transformers.models.Transformer"), ("1_Pooling", "sentence_transformers.models.Pooling")]
    (folder / "modules.json").write_text(json.dumps([{"path": path, "type": kind} for path, kind in parts]))
    (folder / "config.json").write_text('{"model_type": "bert"}')
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder
