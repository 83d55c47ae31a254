"""Imports point one way only, words live in one place, and nothing runs code from a data file."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "recsys_tui"
# From the ground up; a room may import from itself and from those before it.
ROOMS = (
    "output",
    "processes",
    "data",
    "store",
    "profiles",
    "models",
    "training",
    "recommend",
    "evaluate",
    "tui",
    "cli",
)
FILES = sorted(PACKAGE.rglob("*.py"))


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.module is not None, f"{path} imports relatively"
            yield node.module
            if node.module == "recsys_tui":  # from recsys_tui import data
                yield from (f"recsys_tui.{alias.name}" for alias in node.names)
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


def test_every_folder_is_a_room():
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir() and any(path.glob("*.py"))}
    assert folders == set(ROOMS)


def test_no_room_knows_the_python_face():
    for path in FILES:
        if room_of(path) is not None:
            assert "recsys_tui.api" not in set(imports_of(path)), path


def test_the_core_knows_no_textual_and_only_training_knows_torch():
    for path in FILES:
        top = {module.split(".")[0] for module in imports_of(path)}
        if room_of(path) != "tui":
            assert "textual" not in top, path
        if room_of(path) in ("output", "data", "store", "recommend", "tui", "cli"):
            assert not top & {"torch", "sklearn", "sentence_transformers"}, path
        assert not top & {"pickle", "joblib", "dill", "cloudpickle", "shelve", "marshal"}, path


def test_torch_and_sklearn_are_imported_inside_functions():
    for path in FILES:
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
                assert not {name.split(".")[0] for name in names} & {"torch", "sklearn", "sentence_transformers"}, path


# Errors for whoever writes the program: their words reach a person in the log only.
FOR_PROGRAMMERS = {"ValueError", "TypeError", "RuntimeError", "KeyError", "AttributeError", "LinAlgError"}
# Patterns, marks that data files hold, and what is said to a database are no words for people.
NO_SENTENCE = {"compile", "frozenset", "execute", "executemany"}
NO_WORDS = ("DEFAULT_CSS", "_SQL")
# Words that are data: the invented films are made of them.
DATA = tuple(
    Path("data/synthetic") / f"{name}.py"
    for name in ("film_words", "films", "shop_words", "shop", "circle_words", "circle")
)


def called(node: ast.Call) -> str:
    return getattr(node.func, "id", None) or getattr(node.func, "attr", None) or ""


def exempt(node: ast.AST) -> bool:
    """Docstrings, style sheets, errors for programmers, patterns, SQL."""
    if isinstance(node, ast.Assign):
        return any(str(getattr(target, "id", None)).endswith(NO_WORDS) for target in node.targets)
    return (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) or (
        isinstance(node, ast.Call) and called(node) in FOR_PROGRAMMERS | NO_SENTENCE
    )


def test_sentences_come_from_the_catalogue():
    """Outside the catalogue no literal has three words or more, but for what no person is shown."""
    for path in FILES:
        where = path.relative_to(PACKAGE)
        if path.parent.name == "messages" or where in DATA:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        spared = {id(part) for node in ast.walk(tree) if exempt(node) for part in ast.walk(node)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in spared:
                assert len(node.value.split()) < 3, f"{where}:{node.lineno}: {node.value!r} belongs in output/messages"


def test_a_user_error_is_given_an_id():
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and called(node) == "UserError":
                first = node.args[0]
                for each in (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,):
                    assert not isinstance(each, ast.JoinedStr), f"{path}:{node.lineno}"
                    if isinstance(each, ast.Constant):
                        assert re.fullmatch(r"[a-z]+\.\w+", str(each.value)), f"{path}:{node.lineno}"


def test_only_the_console_writes_to_the_streams():
    """One writer: nobody prints, and nobody but output/console writes to standard output or error."""
    for path in FILES:
        where = path.relative_to(PACKAGE).as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                assert getattr(node.func, "id", None) != "print", f"{where}:{node.lineno}"
                target = ast.unparse(node.func)
                elsewhere = where != "output/console.py"
                assert not (elsewhere and re.match(r"sys\.std(out|err)\.", target) and target.endswith("write")), where


def test_every_message_that_is_asked_for_exists():
    from recsys_tui.output.messages import CATALOGUE

    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", None) in ("say", "UserError") and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    assert first.value in CATALOGUE, f"{path}: {first.value}"


def test_every_message_is_said_somewhere():
    """By its id, or by the start of it where the rest is put together."""
    from recsys_tui.output.messages import CATALOGUE

    code = "\n".join(path.read_text("utf-8") for path in FILES if path.parent.name != "messages")
    starts = tuple(set(re.findall(r'f"([a-z]+\.[a-z]+_)\{', code)))
    assert [name for name in CATALOGUE if f'"{name}"' not in code and not name.startswith(starts)] == []


def test_no_file_is_long():
    long = {
        str(path.relative_to(PACKAGE)): n for path in FILES if (n := len(path.read_text("utf-8").splitlines())) > 460
    }
    assert not long
