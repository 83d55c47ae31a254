"""Vectors of texts in the workspace: private, of one model only, and never worse than having none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recsys_tui.store.text_vectors import load_text_vectors, save_text_vectors
from recsys_tui.store.workspace import Workspace

VECTORS = {bytes([place] * 16): np.array([place, 0.5], np.float32) for place in range(3)}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


def test_they_come_back_as_they_were(workspace: Workspace):
    assert load_text_vectors(workspace, "one") == {}
    save_text_vectors(workspace, "one", VECTORS)
    found = load_text_vectors(workspace, "one")
    assert list(found) == list(VECTORS)
    for key, row in VECTORS.items():
        np.testing.assert_array_equal(found[key], row)
    (path,) = (workspace.folder / "text-vectors").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_of_another_model_nothing_stays(workspace: Workspace):
    save_text_vectors(workspace, "one", VECTORS)
    save_text_vectors(workspace, "two", VECTORS)
    assert load_text_vectors(workspace, "one") == {}
    assert len(load_text_vectors(workspace, "two")) == 3


def test_a_damaged_file_counts_as_none(workspace: Workspace):
    save_text_vectors(workspace, "one", VECTORS)
    (path,) = (workspace.folder / "text-vectors").iterdir()
    path.write_bytes(path.read_bytes()[:-3])
    assert load_text_vectors(workspace, "one") == {}
