"""Folders of sentence-embedding models: only those are taken that load without running anything of their own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from recsys_tui.data.text_model_folder import check_text_model, text_model_stamp
from recsys_tui.output.errors import ExitCode, UserError

LIBRARY = "sentence_transformers.models."


def parts(folder: Path, *entries: tuple[str, str]) -> None:
    (folder / "modules.json").write_text(json.dumps([{"type": kind, "path": path} for kind, path in entries]))


def refused(folder: Path) -> str:
    with pytest.raises(UserError) as caught:
        check_text_model(folder)
    assert caught.value.exit_code == ExitCode.USAGE
    return caught.value.message_id


def test_a_model_with_safe_weights_is_taken_whatever_lies_beside_them(text_model: Path):
    (text_model / "pytorch_model.bin").write_bytes(b"the same, pickled")
    (text_model / "onnx").mkdir()
    (text_model / "onnx" / "model.bin").write_bytes(b"")
    check_text_model(text_model)
    (text_model / "modules.json").unlink()  # an encoder alone
    check_text_model(text_model)


def test_what_is_no_model_is_told(tmp_path: Path, text_model: Path):
    assert refused(tmp_path / "nowhere") == "data.text_model_missing"
    assert refused(text_model / "config.json") == "data.text_model_missing"
    (text_model / "empty").mkdir()
    assert refused(text_model / "empty") == "data.text_model_none"
    for document in ("", "[]", "{", "[1]", '[{"type": "x"}]', "3"):
        (text_model / "modules.json").write_text(document)
        assert refused(text_model) == "data.text_model_none", document


def test_pickled_weights_are_refused(text_model: Path):
    (text_model / "model.safetensors").rename(text_model / "pytorch_model.bin")
    assert refused(text_model) == "data.text_model_unsafe"
    (text_model / "pytorch_model.bin").unlink()
    assert refused(text_model) == "data.text_model_none"


def test_a_dense_part_with_pickled_weights_is_refused(text_model: Path):
    parts(text_model, (f"{LIBRARY}Transformer", ""), (f"{LIBRARY}Dense", "2_Dense"))
    dense = text_model / "2_Dense"
    dense.mkdir()
    (dense / "pytorch_model.bin").write_bytes(b"")
    (dense / "other.safetensors").write_bytes(b"")  # the library would not look for it
    assert refused(text_model) == "data.text_model_unsafe"
    (dense / "model.safetensors").write_bytes(b"")
    check_text_model(text_model)
    (dense / "config.json").write_text('{"activation_function": "os.abort"}')
    assert refused(text_model) == "data.text_model_own_code"


@pytest.mark.parametrize(
    "entry",
    [
        ("modelling.Encoder", ""),  # a file of the folder, which the library would run
        ("torch.hub.Transformer", ""),
        (f"{LIBRARY}Router", ""),
        (f"{LIBRARY}Transformer", "../elsewhere"),
        (f"{LIBRARY}Transformer", "/"),
    ],
)
def test_a_model_with_code_of_its_own_or_from_elsewhere_is_refused(text_model: Path, entry: tuple[str, str]):
    parts(text_model, entry)
    assert refused(text_model) == "data.text_model_own_code"


def test_a_change_of_the_files_changes_the_stamp(text_model: Path):
    before = text_model_stamp(text_model)
    assert text_model_stamp(text_model) == before
    (text_model / "1_Pooling").mkdir()
    (text_model / "1_Pooling" / "config.json").write_text("{}")
    assert text_model_stamp(text_model) != before
