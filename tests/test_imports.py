"""Imports point one way only, words live in one place, and nothing runs code from a data file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "recsys_tui"
# From the ground up; a room may import from itself and from those before it.
ROOMS = ("output", "data", "store", "profiles", "models", "training", "recommend", "tui", "cli")
FILES = sorted(PACKAGE.rglob("*.py"))


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def room_of(path: Path) -> str | None:
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else None


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_knows_nothing_of_those_above_it(room: str):
    allowed = set(ROOMS[: ROOMS.index(room) + 1])
    if room == "tui":
        allowed.discard("cli")
    for path in FILES:
        if room_of(path) != room:
            continue
        for module in imports_of(path):
            parts = module.split(".")
            if parts[0] == "recsys_tui" and len(parts) > 1 and parts[1] in ROOMS:
                assert parts[1] in allowed, f"{path.relative_to(PACKAGE)} imports {module}"


def test_the_core_knows_no_textual_and_only_training_knows_torch():
    for path in FILES:
        top = {module.split(".")[0] for module in imports_of(path)}
        if room_of(path) != "tui":
            assert "textual" not in top, path
        if room_of(path) in ("output", "data", "store", "recommend", "tui", "cli"):
            assert not top & {"torch", "sklearn"}, path
        assert not top & {"pickle", "joblib", "dill", "cloudpickle", "shelve", "marshal"}, path


def test_torch_and_sklearn_are_imported_inside_functions():
    for path in FILES:
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
                assert not {name.split(".")[0] for name in names} & {"torch", "sklearn"}, path


SPEAKING = {"UserError", "tell", "complain", "notify", "finding"}


def test_sentences_come_from_the_catalogue():
    """What speaks to people is given ids or the catalogue's sentences, never a sentence of its own; nobody prints."""
    for path in FILES:
        if "messages" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
            assert name != "print" or "rich" in path.read_text("utf-8"), path
            if name in SPEAKING and node.args and isinstance(node.args[0], ast.Constant | ast.JoinedStr):
                literal = node.args[0]
                assert isinstance(literal, ast.Constant), f"{path}: {ast.unparse(node)}"
                assert " " not in str(literal.value), f"{path}: {ast.unparse(node)}"


def test_every_message_that_is_asked_for_exists():
    from recsys_tui.output.messages import CATALOGUE

    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", None) in ("say", "UserError") and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    assert first.value in CATALOGUE, f"{path}: {first.value}"


def test_no_file_is_long():
    long = {
        str(path.relative_to(PACKAGE)): n for path in FILES if (n := len(path.read_text("utf-8").splitlines())) > 460
    }
    assert not long
