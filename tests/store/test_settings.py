"""The configuration file: what it may say, and one sentence for everything else."""

from __future__ import annotations

import errno
import os
import time
import tracemalloc
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from recsys_tui.output.errors import UserError
from recsys_tui.store.settings import Known, Settings, config_path, parse_settings, read_settings

KEYS = {"user.pick": ("u",), "item.pick": ("i",), "take.copy": ("y",)}


def collisions(changed: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str, str]]:
    for name, keys in changed.items():
        for other, own in KEYS.items():
            if other != name:
                yield from ((key, other, name) for key in keys if key in changed.get(other, own))


KNOWN = Known(
    ("nord", "contrast"), ("deep", "ease"), lambda: KEYS, ("pagedown", "pageup"), lambda key: len(key) == 1, collisions
)

WHOLE = """
theme = "nord"

[defaults]
k = 25
preset = "full"
horizon = "later"
model = "ease"
seed = 7
device = "cpu"

[crowd]
smallest = 5

[keys]
"user.pick" = "U"
take.copy = ["Y", "C"]
"""


def test_everything_that_can_be_said():
    settings, problems = parse_settings(WHOLE, KNOWN)
    assert problems == ()
    assert settings.theme == "nord"
    expected = {"k": 25, "preset": "full", "horizon": "later", "model": "ease", "seed": 7, "device": "cpu"}
    assert settings.defaults.given() == expected
    assert settings.smallest_crowd == 5
    assert parse_settings("")[0].smallest_crowd is None
    assert settings.keys == {"user.pick": ("U",), "take.copy": ("Y", "C")}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('theem = "nord"', 1, ("theem", "theme is the nearest")),
        ('\n\ntheme = "nrod"', 3, ("'nrod'", "nord is the nearest")),
        ("theme = 3", 1, ("cannot be 3",)),
        ("[default]\nk = 3", 1, ("There is no setting default", "defaults is the nearest")),
        ("[defaults]\nseeds = 3", 2, ("defaults.seeds", "seed is the nearest")),
        ("[defaults]\n\nk = 0", 3, ("defaults.k cannot be 0", "1 to 10,000")),
        ("[defaults]\nk = true", 2, ("defaults.k cannot be True",)),
        ('[defaults]\nseed = "x"', 2, ("defaults.seed cannot be x",)),
        ('[defaults]\npreset = "quik"', 2, ("'quik'", "quick is the nearest")),
        ('defaults.horizon = "never"', 1, ("next, later",)),
        ('[defaults]\nmodel = "easy"', 2, ("ease is the nearest",)),
        ("defaults = 3", 1, ("[defaults]",)),
        ("[crowd]\nsmallest = 4", 2, ("crowd.smallest cannot be 4", "from 5")),
        ("[crowd]\nlargest = 4", 2, ("crowd.largest", "smallest is the nearest")),
        ('[keys]\n"user.pikc" = "U"', 2, ("user.pikc", "user.pick is the nearest")),
        ('[keys]\nuser.pikc = "U"', 2, ("user.pikc", "user.pick is the nearest")),
        ('[keys]\n"user.pick" = []', 2, ("needs a key",)),
        ('[keys]\n"user.pick" = 3', 2, ("needs a key",)),
        ('[keys]\n"user.pick" = "pagedwon"', 2, ("'pagedwon'", "pagedown is the nearest")),
        ('[keys]\n"user.pick" = "i"', 2, ("key i stands for both item.pick and user.pick",)),
        ("theme = ", 1, ("not TOML",)),
        ('theme = "nord"\n[defaults\n', 2, ("not TOML",)),
        ("[defaults]\nk = " + "9" * 5_000, 2, ("not TOML", "thousands of digits")),
        ("[defaults]\nk = 0x" + "f" * 5_000, 2, ("not TOML", "thousands of digits")),
    ],
)
def test_a_problem_is_one_sentence_with_its_line(text: str, line: int, words: tuple[str, ...]):
    settings, (problem,) = parse_settings(text, KNOWN)
    assert problem.line == line
    assert all(word in problem.sentence for word in words), problem.sentence
    assert problem.sentence.endswith(".")
    assert settings.defaults.given() == {}
    assert not settings.keys


def test_what_is_right_beside_what_is_wrong_applies():
    settings, problems = parse_settings('theme = "nord"\n[defaults]\nk = "ten"\nseed = 3\n[nothing]\n', KNOWN)
    assert [problem.line for problem in problems] == [3, 5]
    assert (settings.theme, settings.defaults.given()) == ("nord", {"seed": 3})


def test_keys_may_be_exchanged():
    settings, problems = parse_settings('[keys]\n"user.pick" = "i"\n"item.pick" = "u"\n', KNOWN)
    assert problems == ()
    assert settings.keys == {"user.pick": ("i",), "item.pick": ("u",)}


def test_a_key_of_many_actions_is_told_once_and_names_few():
    """The action whose keys the file changes keeps its own; the others do as well."""

    def everywhere(changed: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str, str]]:
        yield from (("g", other, name) for name in changed for other in ("a.start", "b.start", "c.start", "d.start"))

    known = Known(key_ids=lambda: KEYS, collisions=everywhere)
    settings, (problem,) = parse_settings('[keys]\n\n"user.pick" = "g"\n', known)
    assert (problem.line, dict(settings.keys)) == (3, {})
    assert "g of user.pick" in problem.sentence
    assert "(a.start, b.start, c.start, …)" in problem.sentence


def test_names_are_not_checked_where_nobody_knows_them():
    settings, problems = parse_settings('theme = "mine"\n[keys]\n"some.thing" = "hyper+x"\n')
    assert problems == ()
    assert settings.keys == {"some.thing": ("hyper+x",)}


def test_escape_sequences_of_a_file_are_not_repeated():
    _, (problem,) = parse_settings('theme = "\\u001b[31mred"', KNOWN)
    assert "\x1b" not in problem.sentence


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"[" * 5_000])
def test_a_file_that_is_no_text_is_one_problem(tmp_path: Path, content: bytes):
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    settings, problems = read_settings(path)
    assert settings == Settings()
    assert len(problems) == 1


@pytest.mark.parametrize(
    "content",
    ["# für Gäste\npseudonyms = true\n".encode("latin-1"), "pseudonyms = true\r\n".encode("utf-16")],
)
def test_who_asked_for_pseudonyms_has_them_in_whatever_encoding_that_stands(tmp_path: Path, content: bytes):
    path = tmp_path / "config.toml"
    for text in (content, content + b"\n" * 4_000_000):
        path.write_bytes(text)
        settings, problems = read_settings(path)
        assert settings == Settings(pseudonyms=True)
        assert len(problems) == 1


def test_a_file_that_would_take_all_memory_is_one_problem(tmp_path: Path):
    path = tmp_path / "config.toml"
    path.write_text('theme = "x"')
    os.truncate(path, 20_000_000_000)
    settings, (problem,) = read_settings(path)
    assert settings == Settings()
    assert problem.sentence == "The file holds more than 500.0 KB, and so is no configuration."


@pytest.mark.parametrize(
    "text",
    [
        "{key} = 1",
        "[{key}]",
        "[[{key}]]",
        "a = {{ {key} = 1 }}",
        'a = [\n"""\n# """, {{{key} = 1}}]',
        '"=" = 1\n{key}=1',
    ],
)
@pytest.mark.parametrize("part", ["a", '"a b"', "'='"])
def test_a_key_without_end_is_one_problem_and_takes_no_memory(text: str, part: str):
    """Reading TOML keeps all beginnings of a key: a hundred kilobytes of one would take gigabytes."""
    stated = f'theme = "nord"\npseudonyms = true\n{text.format(key=" . ".join([part] * 20_000))}\n'
    tracemalloc.start()
    settings, (problem,) = parse_settings(stated, KNOWN)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert settings == Settings(pseudonyms=True)
    assert problem.sentence == "A line of more than 100 dots is none of a configuration."
    assert problem.line is not None
    assert stated.split("\n")[problem.line - 1].count(part) >= 20_000
    assert most < 20_000_000


@pytest.mark.parametrize(
    "text",
    [
        "a." * 1_000_000,
        "x = {" + "a." * 1_000_000,
        '"a".' * 500_000 + "a = 1",
        "[" + " " * 1_000_000,
        "[a" + " " * 1_000_000,
    ],
)
def test_a_line_without_end_is_looked_through_at_once(text: str):
    begun = time.process_time()
    settings, (problem,) = parse_settings(f"pseudonyms = true\n{text}", KNOWN)
    assert (settings, problem.line) == (Settings(pseudonyms=True), 2)
    assert time.process_time() - begun < 10


def test_a_comment_may_have_as_many_dots_as_it_likes():
    settings, problems = parse_settings(f'# {"." * 80} = {"." * 80}\ntheme = "nord"  # as said... and more.\n', KNOWN)
    assert (settings.theme, problems) == ("nord", ())


def test_a_file_that_may_not_be_read_may_ask_for_pseudonyms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """As that of another account, with whose home folder a command runs."""
    path = tmp_path / "config.toml"
    path.write_text("pseudonyms = true")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "open", refuse)
    settings, (problem,) = read_settings(path)
    assert settings == Settings(pseudonyms=True)
    assert "ids of people are shown as tags" in problem.sentence


def test_no_file_and_a_folder(tmp_path: Path):
    assert read_settings(tmp_path / "config.toml") == (Settings(), ())
    assert len(read_settings(tmp_path)[1]) == 1


def test_where_the_file_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path / "home"))
    assert config_path() == tmp_path / "home" / "config.toml"
    assert config_path(tmp_path / "other") == tmp_path / "other" / "config.toml"
    monkeypatch.setenv("RECSYS_CONFIG", str(tmp_path / "mine.toml"))
    assert config_path(tmp_path / "other") == tmp_path / "mine.toml"
    monkeypatch.delenv("RECSYS_CONFIG")
    monkeypatch.delenv("RECSYS_HOME")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    assert config_path().name == "config.toml"
    assert "recsys-tui" in str(config_path())


def test_the_home_of_nobody_is_told_of_the_file_and_not_of_the_home_folder(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("RECSYS_CONFIG", "~nobody-at-all/config.toml")
    with pytest.raises(UserError) as told:
        config_path()
    assert (told.value.message_id, told.value.exit_code) == ("config.no_such_file", 2)
    assert "~nobody-at-all/config.toml" in str(told.value)


def test_a_pipe_is_told_and_not_waited_for(tmp_path: Path):
    path = tmp_path / "config.toml"
    os.mkfifo(path)
    settings, problems = read_settings(path)
    assert settings == Settings()
    assert [problem.sentence for problem in problems] == ["The file cannot be read (it is a pipe)."]
