"""Little data with people to forget in it, sessions over it, and training in this process."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np

from recsys_tui.data.text_list import TextList
from recsys_tui.models.contract import with_prefix
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.store.stored_versions import ModelKey
from recsys_tui.training.job import TrainingRequest
from recsys_tui.training.pipeline import train
from recsys_tui.training.saving import save_trained

WHO = "person-017"


def events(path: Path, people: int = 60, seed: int = 4) -> Path:
    """Events of people with one of three tastes."""
    dice = random.Random(seed)
    rows = ["user,item,time"]
    for user in range(people):
        for _ in range(dice.randint(6, 18)):
            item = dice.randrange(12) + user % 3 * 12 if dice.random() < 0.8 else dice.randrange(36)
            rows.append(f"person-{user:03},thing-{item:02},{1_600_000_000 + dice.randrange(30_000_000)}")
    path.write_text("\n".join(rows) + "\n")
    return path


def without(path: Path, who: str, copy: Path) -> Path:
    """The same file without the lines that name somebody, however the program reads it."""
    copy.write_text("".join(line for line in path.read_text().splitlines(keepends=True) if who not in line))
    return copy


def opened(path: Path, root: Path) -> Session:
    """A session whose data is stored."""
    session = Session.open(path, home=Home(root))
    session.load()
    return session


def train_here(session: Session, request: TrainingRequest) -> None:
    """Train in this process, which has the libraries loaded."""
    model, manifest = train(session.dataset, request, lambda _event: None, lambda: False)
    save_trained(session.workspace, request, model, manifest | {"seconds": 1.0, "text_model": None})


def no_training(_session: Session, _request: TrainingRequest) -> None:
    """For tests of other things."""


def store_model(session: Session, preset: str = "quick") -> None:
    """Something that is stored as a model is: it names the people of the data, and knows nothing else."""
    arrays = with_prefix("people.ids", TextList.of(session.dataset.users["id"].to_list()).to_arrays())
    arrays |= with_prefix("items.ids", TextList.of(session.dataset.items["id"].to_list()).to_arrays())
    if session.dataset.silent is not None:
        arrays |= with_prefix("attributes.silent", TextList.of(session.dataset.silent["id"].to_list()).to_arrays())
    session.workspace.save_model(ModelKey(preset, "next", 0, "auto"), {"clusters": []}, arrays)


def tree(root: Path) -> dict[str, bytes]:
    """Every file below a folder with what it holds."""
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def holds(root: Path, who: str) -> list[str]:
    """The files below a folder in whose bytes somebody stands; packed columns are decoded by the caller."""
    return [name for name, content in tree(root).items() if who.encode() in content]


def same_arrays(left: dict[str, np.ndarray], right: dict[str, np.ndarray], tolerance: float) -> None:
    """Raise where two sets of arrays differ by more than a tolerance."""
    assert left.keys() == right.keys()
    for name, array in left.items():
        assert array.shape == right[name].shape, name
        np.testing.assert_allclose(array, right[name], rtol=0, atol=tolerance, err_msg=name)
