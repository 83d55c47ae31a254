"""The catalogue of sentences: whole, filled in by name, and fit to be shown."""

from __future__ import annotations

import string
from pathlib import Path

import pytest

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import CATALOGUE, say


def test_fields_are_filled_in_and_missing_ones_are_bugs():
    assert say("cli.no_such_cluster", cluster=7, last=4) == "There is no cluster 7; they are numbered 0 to 4."
    with pytest.raises(KeyError):
        say("cli.no_such_cluster", cluster=7)
    with pytest.raises(KeyError):
        say("cli.never_said")


def test_text_from_data_is_not_read_as_a_template():
    assert "{last}" in say("cli.no_such_cluster", cluster="{last}", last=4)


def test_a_path_is_told_in_one_line_without_what_steers_terminals():
    assert say("cli.no_workspaces", home=Path("/a\nb\x1b[31m")) == "Nothing is kept in /a b yet."


@pytest.mark.parametrize(
    ("count", "said"),
    [(1, "1 row is in x."), ("1", "1 row is in x."), (0, "0 rows are in x."), ("1,000", "1,000 rows are in x.")],
)
def test_words_follow_a_count(count: object, said: str):
    assert say("cli.rows_written", rows=count, path="x") == said


def test_every_choice_of_words_is_between_two():
    choices = [spec for text in CATALOGUE.values() for _, _, spec, _ in string.Formatter().parse(text) if spec]
    assert [spec for spec in choices if "|" in spec and spec.count("|") != 1] == []


@pytest.mark.parametrize("message_id", CATALOGUE)
def test_every_template_can_be_filled_and_names_its_fields(message_id: str):
    template = CATALOGUE[message_id]
    for _, field, _, _ in string.Formatter().parse(template):
        assert field != "", f"{message_id}: fields have names"
    assert template == template.rstrip("\n")
    assert "\x1b" not in template


def test_an_error_carries_its_sentence_its_id_and_its_exit_code():
    error = UserError("cli.no_such_cluster", ExitCode.NOT_FOUND, cluster=9, last=3)
    assert str(error) == "There is no cluster 9; they are numbered 0 to 3."
    assert (error.message_id, error.exit_code, error.fields) == ("cli.no_such_cluster", 3, {"cluster": 9, "last": 3})
    assert UserError("cli.who").exit_code == 2


def test_exit_codes_are_what_scripts_rely_on():
    assert {code.name: int(code) for code in ExitCode} == {
        "DONE": 0,
        "FAILED": 1,
        "USAGE": 2,
        "NOT_FOUND": 3,
        "NOT_TRAINED": 4,
        "INTERRUPTED": 130,
    }
