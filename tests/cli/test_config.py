"""``recsys config``, and the settings that stand in for options."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from recsys_tui.cli.entry import main
from recsys_tui.output.crowd_gate import SETTING
from recsys_tui.output.schema_files import load_schema
from recsys_tui.recommend.session import Session

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(trained: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command over films, with the text of a configuration file (None: without one)."""
    path = tmp_path / "mine.toml"
    monkeypatch.setenv("RECSYS_CONFIG", str(path))
    monkeypatch.setenv(SETTING, "")

    def go(text: str | None, *arguments: str) -> tuple[int, str, str]:
        path.unlink(missing_ok=True)
        if text is not None:
            path.write_text(text)
        code = main([*arguments, "--home", str(trained.home.root)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return go


def check(text: str, name: str) -> dict:
    document = json.loads(text)
    jsonschema.validate(document, load_schema(name), jsonschema.Draft202012Validator)
    return document


def test_the_path(run: Run, tmp_path: Path):
    assert run(None, "config", "path")[:2] == (0, f"{tmp_path / 'mine.toml'}\n")
    document = check(run("", "config", "path", "--json")[1], "config_path")
    assert document == {"path": str(tmp_path / "mine.toml"), "exists": True}


def test_pseudonyms_are_a_setting_that_the_options_overrule(
    run: Run, trained_copy: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """A mistake is told, and counts as yes."""
    asked = ("recommend", "films", "--user", "42", "-k", "1", "--json", "--home", str(trained_copy.home.root))

    def shown(text: str, *option: str) -> str:
        (tmp_path / "mine.toml").write_text(text)
        assert main([*asked, *option]) == 0
        return json.loads(capsys.readouterr().out)["user"]

    (tag,) = {shown("pseudonyms = true"), shown("", "--pseudonyms"), shown('pseudonyms = "no"'), shown("pseudonyms =")}
    assert tag.startswith("u-")
    assert {shown(""), shown("pseudonyms = false"), shown("pseudonyms = true", "--no-pseudonyms")} == {"42"}
    code, _, err = run('pseudonyms = "no"', "config", "validate")
    assert (code, err) == (2, "")
    shown_settings = check(run("pseudonyms = true", "config", "show", "--json")[1], "config_show")
    assert shown_settings["pseudonyms"] is True
    assert tomllib.loads(run("pseudonyms = false", "config", "show")[1])["pseudonyms"] is False


def test_what_applies_is_shown_as_a_file_that_says_it(run: Run):
    text = 'theme = "nord"\n[defaults]\nk = 25\n[keys]\n"user.pick" = ["U", "f2"]\n'
    code, out, err = run(text, "config", "show")
    assert (code, err) == (0, "")
    assert tomllib.loads(out) == {
        "theme": "nord",
        "defaults": {"k": 25},
        "crowd": {},
        "keys": {"user.pick": ["U", "f2"]},
    }
    assert '# preset = "standard"' in out
    whole = tomllib.loads("\n".join(line.removeprefix("# ") for line in out.splitlines()))
    assert run(out, "config", "validate")[0] == 0
    document = check(run(text, "config", "show", "--json")[1], "config_show")
    assert {name: document[name] for name in whole} == whole
    assert document["keys"]["palette"] == ["colon", "ctrl+p"]
    assert "user.pick,U f2" in run(text, "config", "show", "--csv")[1]


def test_every_key_may_be_written_as_it_is_shown(run: Run):
    """All settings of the program, written out as a file: nothing is wrong with them."""
    out = run(None, "config", "show")[1]
    everything = "\n".join(line.removeprefix("# ") for line in out.splitlines())
    code, said, _ = run(everything, "config", "validate")
    assert (code, said.count("nothing is wrong")) == (0, 1)


def test_every_problem_is_told_with_its_line(run: Run):
    text = 'thme = "nord"\n[defaults]\nk = 0\n[keys]\n"user.pikc" = "U"\n"item.pick" = "u"\n"theme" = "ctrl+shft+t"\n'
    code, out, _ = run(text, "config", "validate")
    lines = out.splitlines()
    assert code == 2
    assert [line.split(":")[0] for line in lines] == ["line 1", "line 3", "line 5", "line 6", "line 7"]
    assert "theme is the nearest" in lines[0]
    assert "user.pick is the nearest" in lines[2]
    assert "user.pick and item.pick" in lines[3]
    code, out, _ = run(text, "config", "validate", "--json")
    assert code == 2
    assert [problem["line"] for problem in check(out, "config_validate")["problems"]] == [1, 3, 5, 6, 7]
    assert run(text, "config", "validate", "--csv")[1].splitlines()[0] == "line,message"


def test_a_key_that_several_actions_have_is_one_problem_with_its_line(run: Run):
    """``g`` goes to the start of each list, ``+`` likes in the list and in the picker."""
    code, out, _ = run('[keys]\n\n"item.dislike" = ["g"]\n"user.pick" = ["+"]\n', "config", "validate")
    first, second = out.splitlines()
    assert code == 2
    assert first.startswith("line 3: The key g of item.dislike ")
    assert second.startswith("line 4: The key plus of user.pick ")
    assert {"item.like", "picker.like"} <= set(re.findall(r"[a-z]+\.[a-z]+", second))
    code, out, _ = run('[keys]\n"user.pick" = ["i", "y"]\n', "config", "validate")
    assert [line[:17] for line in out.splitlines()] == ["line 2: The key i", "line 2: The key y"]


def test_nothing_is_wrong_without_a_file(run: Run):
    code, out, _ = run(None, "config", "validate")
    assert code == 0
    assert "settings of the program apply" in out
    assert check(run(None, "config", "validate", "--json")[1], "config_validate")["problems"] == []


def test_defaults_stand_in_for_options_that_are_not_given(run: Run):
    text = '[defaults]\nk = 3\nmodel = "ease"\n'
    asked = ("recommend", "films", "--user", "42", "--json", "--no-train")
    document = json.loads(run(text, *asked)[1])
    assert (document["model"], len(document["items"])) == ("ease", 3)
    document = json.loads(run(text, *asked, "-k", "2", "--model", "popular")[1])
    assert (document["model"], len(document["items"])) == ("popular", 2)
    document = json.loads(run(None, *asked)[1])
    assert (document["model"], len(document["items"])) == ("deep", 10)


def test_a_horizon_by_default(run: Run):
    code, _, err = run('[defaults]\nhorizon = "later"\n', "recommend", "films", "--user", "42", "--no-train")
    assert code == 4, err
    assert (
        run('[defaults]\nhorizon = "later"\n', "predict", "films", "--user", "42", "--item", "17", "--no-train")[0] == 4
    )


def test_the_smallest_crowd(run: Run, trained_copy: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    def sizes(text: str) -> list[int | None]:
        (tmp_path / "mine.toml").write_text(text)
        assert main(["clusters", "films", "--json", "--home", str(trained_copy.home.root)]) == 0
        return [cluster["size"] for cluster in json.loads(capsys.readouterr().out)["clusters"]]

    assert all(sizes(""))
    text = "[crowd]\nsmallest = 5000\n"
    hidden = sizes(text)  # of a model that is trained for it
    assert hidden == [None] * len(hidden)
    assert "smallest = 5000" in run(text, "config", "show")[1]


@pytest.mark.parametrize("text", ["theme = ", "[defaults]\nk = 0\n", '[defaults]\nmodel = "easy"\n', "\x00"])
def test_a_broken_file_is_told_and_passed_over(run: Run, text: str):
    code, out, err = run(text, "recommend", "films", "--user", "42", "--json", "--no-train")
    assert code == 0
    assert len(json.loads(out)["items"]) == 10
    assert "recsys config validate" in err
    assert err.count("mine.toml") == 1
    assert "mine.toml" not in run(text, "recommend", "films", "--user", "42", "--json", "--no-train", "--quiet")[2]


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_is_no_file_is_told_and_passed_over(
    trained: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    make: Callable[[Path], None],
):  # fmt: skip
    monkeypatch.setenv("RECSYS_CONFIG", str(tmp_path / "mine.toml"))
    monkeypatch.setenv(SETTING, "")
    make(tmp_path / "mine.toml")
    assert main(["recommend", "films", "--user", "42", "--no-train", "--home", str(trained.home.root)]) == 0
    assert "It is passed over" in capsys.readouterr().err
