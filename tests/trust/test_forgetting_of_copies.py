"""Who is forgotten of some data is forgotten of every copy of it, however these came about, and of no other data."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from recsys_tui.cli.entry import main
from tests.trust.copies_world import CopiesWorld

WORLDS = int(os.environ.get("RECSYS_TEST_COPIES", "30"))
FIRST = int(os.environ.get("RECSYS_TEST_COPIES_SEED", "0"))
STEPS = 18


class Piped(io.TextIOWrapper):
    """Standard input that is no terminal."""

    def __init__(self, text: str) -> None:
        super().__init__(io.BytesIO(text.encode()))


@pytest.mark.parametrize("seed", range(FIRST, FIRST + WORLDS))
def test_copies_lose_who_is_forgotten_of_any_and_other_data_keeps_them(
    seed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    def run(*arguments: object, home: Path, piped: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", Piped(piped))
        code = main([*map(str, arguments), "--home", str(home)])
        return code, *capsys.readouterr()

    world = CopiesWorld(tmp_path, run, seed)
    try:
        for _ in range(STEPS):
            world.step()
    except AssertionError as error:
        raise AssertionError("\n".join((*world.log, str(error)))) from error
    assert world.log
