"""Models that were changed together with their checksums: what no model holds is told to be damaged."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from recsys_tui.cli.entry import main
from recsys_tui.models.contract import with_prefix, without_prefix
from recsys_tui.models.encoder.averaged import AveragedAttention
from recsys_tui.models.encoder.self_attention import AttentionSettings, SelfAttention
from recsys_tui.models.sound_arrays import check_arrays
from recsys_tui.output.errors import UserError
from recsys_tui.recommend.session import Session
from recsys_tui.recommend.stored_models import model_of
from recsys_tui.store.array_file import read_arrays, write_arrays
from recsys_tui.store.damage import DAMAGED
from recsys_tui.store.stored_versions import StoredModel
from recsys_tui.store.version_folder import digest, sealed

Change = Callable[[NDArray[Any]], NDArray[Any]]


def at(place: int, value: float) -> Change:
    """One number of an array, in its order, is another."""

    def change(array: NDArray[Any]) -> NDArray[Any]:
        changed = np.array(array)
        changed.flat[place] = value
        return changed

    return change


def shorter(array: NDArray[Any]) -> NDArray[Any]:
    return array[:-1]


def narrower(array: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(array[:, :-1])


def as_floats(array: NDArray[Any]) -> NDArray[Any]:
    return array.astype(np.float32)


CHANGES: list[tuple[str, Change]] = [
    ("history.items", at(-1, 2**31 - 1)),
    ("history.items", at(0, -1)),
    ("history.items", shorter),
    ("history.items", as_floats),
    ("history.indptr", at(1, -1)),
    ("history.indptr", at(0, 1)),
    ("history.indptr", at(-1, 10**12)),
    ("history.times", at(0, -(2**63))),
    ("history.weights", at(0, np.nan)),
    ("history.ratings", at(0, np.inf)),
    ("history.ratings", shorter),
    ("people.clusters", at(0, 1000)),
    ("people.ids.starts", at(3, 10**9)),
    ("people.ids.starts", at(3, -5)),
    ("people.ids.blob", at(1, 10)),
    ("people.ids.blob", at(2, 255)),
    ("people.ids.present", at(0, 0)),
    ("items.titles.present", shorter),
    ("items.features", at(7, np.nan)),
    ("items.features", narrower),
    ("experts.popular.counts", at(0, -1)),
    ("experts.popular.strength", at(0, -1)),
    ("experts.popular.strength", at(0, np.nan)),
    ("experts.neighbours.partners", at(0, 10**6)),
    ("experts.neighbours.values", at(0, np.inf)),
    ("experts.neighbours.values", at(0, -np.inf)),
    ("experts.ease.head", at(0, 10**6)),
    ("experts.ease.items", at(0, 2**50)),
    ("experts.ease.coefficients", at(0, np.nan)),
    ("experts.sequence.coefficients", shorter),
    ("experts.content.terms", at(0, -1)),
    ("experts.content.kinds", at(0, 200)),
    ("experts.content.indptr", at(1, 10**9)),
    ("experts.content.values", at(0, np.nan)),
    ("experts.profiles.centres", shorter),
    ("experts.profiles.prior", at(0, np.inf)),
    ("experts.encoder.0.widen", narrower),
    ("experts.encoder.0.item_vectors", at(0, np.nan)),
    ("interaction.weights", shorter),
    ("interaction.spread", at(0, 0)),
    ("interaction.calibration", at(0, 0)),
    ("interaction.calibration", at(3, -1)),
    ("fusion.candidates", at(0, 0)),
    ("fusion.horizon", at(0, 1)),
    ("fusion.blend", shorter),
    ("fusion.hidden_out", at(0, np.nan)),
    ("ratings.items", at(0, np.nan)),
    ("ratings.numbers", shorter),
]


def stored_in(session: Session) -> StoredModel:
    info = session.model_info()
    assert info is not None
    return session.workspace.load_model(info)


def is_damaged(session: Session, stored: StoredModel, arrays: dict[str, NDArray[Any]]) -> bool:
    with pytest.raises(UserError) as refused:
        model_of(replace(stored, arrays=arrays), session.workspace)
    return refused.value.message_id == DAMAGED


def test_a_model_as_it_was_stored_is_one(trained: Session):
    assert len(model_of(stored_in(trained), trained.workspace).catalogue) == 1200


@pytest.fixture(scope="module")
def with_encoder(trained: Session) -> StoredModel:
    """The model with an encoder, as larger presets have it."""
    stored = stored_in(trained)
    histories = model_of(stored, trained.workspace).people.histories
    encoder = AveragedAttention.fit(histories, settings=AttentionSettings(width=8, window=6, epochs=1), count=1, seed=4)
    return replace(stored, arrays=stored.arrays | with_prefix("experts.encoder", encoder.to_arrays()))


def test_a_model_with_an_encoder_is_one(trained: Session, with_encoder: StoredModel):
    assert model_of(with_encoder, trained.workspace).experts.encoder is not None


@pytest.mark.parametrize(("name", "change"), CHANGES)
def test_what_no_model_holds_is_damaged(trained: Session, with_encoder: StoredModel, name: str, change: Change):
    stored = with_encoder
    assert is_damaged(trained, stored, stored.arrays | {name: change(stored.arrays[name])})


def test_no_array_may_be_empty_or_of_another_shape(trained: Session):
    stored = stored_in(trained)
    for name, array in stored.arrays.items():
        if array.size and name != "history.ratings":  # without these nobody rated
            assert is_damaged(trained, stored, stored.arrays | {name: array[:0]}), name
        assert is_damaged(trained, stored, stored.arrays | {name: array[None]}), name


def put(stored: StoredModel, name: str, change: Change) -> None:
    """Change an array in its file, with the checksums."""
    folder: Path = stored.info.folder
    file, manifest = folder / "model.safetensors", folder / "manifest.json"
    arrays = {key: np.array(array) for key, array in read_arrays(file).items()}
    file.unlink()
    write_arrays(file, arrays | {name: change(arrays[name])})
    document = json.loads(manifest.read_text())
    document["files"][file.name] = {"bytes": file.stat().st_size, "blake2b": digest(file)}
    manifest.write_text(json.dumps(sealed(document)))


@pytest.mark.parametrize(
    "command",
    [
        ["recommend", "films", "--user", "42"],
        ["explain", "films", "--user", "42", "--item", "7"],
        ["similar", "films", "--item", "7"],
        ["clusters", "films"],
        ["predict", "films", "--user", "42", "--item", "7"],
        ["audience", "films", "--item", "7"],
    ],
)
def test_every_command_says_that_a_model_is_damaged(
    trained_copy: Session, capsys: pytest.CaptureFixture[str], command: list[str]
):
    put(stored_in(trained_copy), "history.items", at(-1, 2**31 - 1))
    assert main([*command, "--quiet", "--home", str(trained_copy.home.root)]) == 1
    said = capsys.readouterr().err
    assert "model.safetensors is damaged (its arrays are none of a model)" in said
    assert not (trained_copy.home.root / "state" / "errors.log").exists()


def test_train_makes_such_a_model_anew(trained_copy: Session, monkeypatch: pytest.MonkeyPatch):
    from recsys_tui.cli.train_command import _same
    from recsys_tui.training.job import TrainingRequest

    assert _same(trained_copy, TrainingRequest()) is not None
    put(stored_in(trained_copy), "history.items", at(-1, 2**31 - 1))
    assert _same(trained_copy, TrainingRequest()) is None


def read_encoder(arrays: dict[str, NDArray[Any]]) -> SelfAttention:
    check_arrays(arrays)
    return SelfAttention.from_arrays(without_prefix("sasrec", arrays))


def test_an_encoder_holds_together():
    width, items, blocks, heads, window = 4, 6, 1, 2, 3
    shapes = {
        "item_vectors": (items, width),
        "lag_bias": (blocks, heads, window),
        "attention_in": (blocks, width, 3 * width),
        "attention_in_bias": (blocks, 3 * width),
        "attention_out": (blocks, width, width),
        "attention_out_bias": (blocks, width),
        "widen": (blocks, width, 4 * width),
        "widen_bias": (blocks, 4 * width),
        "narrow": (blocks, 4 * width, width),
        "narrow_bias": (blocks, width),
        "norm_scale": (2 * blocks + 1, width),
        "norm_shift": (2 * blocks + 1, width),
    }
    arrays: dict[str, NDArray[Any]] = {f"sasrec.{name}": np.ones(shape, np.float32) for name, shape in shapes.items()}
    arrays["sasrec.known"] = np.ones(items, np.bool_)
    assert check_arrays(arrays, {"items": items})["sasrec.width"] == width
    with pytest.raises(ValueError, match="item_vectors"):
        check_arrays(arrays, {"items": items + 1})
    for name, array in arrays.items():
        others = {other: each for other, each in arrays.items() if other != name}
        with pytest.raises(KeyError):
            read_encoder(others)
        if name != "sasrec.known":
            with pytest.raises(ValueError, match=name):
                check_arrays(arrays | {name: at(0, np.nan)(array)}, {"items": items})
    with pytest.raises(ValueError, match="sasrec"):
        check_arrays(arrays | {"sasrec.lag_bias": np.ones((blocks, 3, window), np.float32)}, {"items": items})
