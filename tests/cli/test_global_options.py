"""The global options, taken out of the arguments wherever they stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from recsys_tui.cli.global_options import split_global_options
from recsys_tui.output.console import CSV, JSON, TEXT, OutputOptions
from recsys_tui.output.errors import UserError

COMMAND = ["recommend", "films", "--user", "1"]


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], OutputOptions()),
        (["--json"], OutputOptions(form=JSON)),
        (["--csv", "--quiet"], OutputOptions(form=CSV, quiet=True)),
        (["-q", "--plain"], OutputOptions(quiet=True, plain=True)),
        (["--csv", "--spreadsheet-safe"], OutputOptions(form=CSV, spreadsheet_safe=True)),
        (["--pseudonyms"], OutputOptions(pseudonyms=True)),
        (["--pseudonyms", "--no-pseudonyms"], OutputOptions(pseudonyms=False)),
        (["--home", "a b"], OutputOptions(home=Path("a b"))),
        (["--home=x=y"], OutputOptions(home=Path("x=y"))),
    ],
)
def test_they_are_found_before_between_and_after(place: int, given: list[str], expected: OutputOptions):
    assert split_global_options([*COMMAND[:place], *given, *COMMAND[place:]]) == (expected, COMMAND)


def test_what_follows_two_dashes_is_left_alone():
    options, rest = split_global_options(["inspect", "--json", "--", "--csv"])
    assert (options.form, rest) == (JSON, ["inspect", "--", "--csv"])
    assert split_global_options(["inspect", "--", "--home"])[0] == OutputOptions(form=TEXT)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["inspect", "films", "--home"], "cli.home_needs_folder"),
        (["--home=", "doctor"], "cli.home_needs_folder"),
        (["--csv", "inspect", "films", "--json"], "cli.json_or_csv"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(arguments: list[str], message: str):
    with pytest.raises(UserError) as said:
        split_global_options(arguments)
    assert (said.value.message_id, said.value.exit_code) == (message, 2)
