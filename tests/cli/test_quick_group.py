"""Plain values of commands are understood without the library that Typer asks, and as it understands them."""

from __future__ import annotations

import subprocess
import sys
from typing import Annotated, Literal

import pytest
import typer
from typer.testing import CliRunner

from recsys_tui.cli.entry import main
from recsys_tui.cli.quick_group import QuickGroup
from recsys_tui.recommend.session import Session

VALUES = [
    [],
    ["--text", "a b"],
    ["--text", ""],
    ["--text=-x"],
    ["--count", "7"],
    ["--count", "007"],
    ["--count", "+7"],
    ["--count", " 7"],
    ["--count", "1_0"],
    ["--count", "7.0"],
    ["--count", "٧"],
    ["--count", "0"],
    ["--count", "11"],
    ["--count", "x"],
    ["--count", "9" * 40],
    ["--size", "-3"],
    ["--size", "3"],
    ["--kind", "one"],
    ["--kind", "One"],
    ["--kind", "three"],
    ["--kind", ""],
    ["--many", "a", "--many", "b"],
    ["--share", "0.5"],
    ["--share", "half"],
    ["--flag"],
    ["--no-flag"],
    ["place"],
    ["--unknown"],
    ["--help"],
]


def told(group: type | None, arguments: list[str]) -> tuple[int, str]:
    """The exit code and everything printed, with or without the group that is tested."""
    application = typer.Typer(rich_markup_mode=None, **({} if group is None else {"cls": group}))

    @application.callback()
    def start() -> None:
        """Nothing but its commands."""

    @application.command()
    def show(
        place: str | None = None,
        text: Annotated[str | None, typer.Option()] = None,
        count: Annotated[int, typer.Option(min=1, max=10)] = 3,
        size: int | None = None,
        kind: Annotated[Literal["one", "two"], typer.Option()] = "two",
        many: Annotated[list[str] | None, typer.Option()] = None,
        share: float = 0.25,
        flag: bool = False,
    ) -> None:
        typer.echo(repr((place, text, count, size, kind, many, share, flag)))

    result = CliRunner().invoke(application, ["show", *arguments])
    return result.exit_code, result.output


@pytest.mark.parametrize("arguments", VALUES, ids=" ".join)
def test_values_are_understood_as_typer_does(arguments: list[str]):
    quick, plain = told(QuickGroup, arguments), told(None, arguments)
    if "Invalid value for" in plain[1]:  # what is wrong with it is said in other words
        quick, plain = ((code, output.partition("': ")[0]) for code, output in (quick, plain))
    assert quick == plain


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--count", "x"], "'--count': 'x' is no whole number from 1 to 10."),
        (["--count", "11"], "'--count': '11' is no whole number from 1 to 10."),
        (["--size", "\x1b[31m7.5"], "'--size': '7.5' is no whole number."),
        (["--share", "half"], "'--share': 'half' is no number."),
        (["--kind", "three"], "'--kind': 'three' is none of one, two."),
    ],
)
def test_what_is_refused_is_told_without_the_words_of_a_library(arguments: list[str], said: str):
    code, output = told(QuickGroup, arguments)
    assert (code, output.splitlines()[-1]) == (2, f"Error: Invalid value for {said}")


def test_an_answer_loads_no_validation_of_values(trained: Session):
    asked = [
        "recommend",
        "films",
        "--user",
        "42",
        "-k",
        "5",
        "--model",
        "ease",
        "--json",
        "--home",
        str(trained.home.root),
    ]
    code = f"import sys; from recsys_tui.cli.entry import main; assert main({asked!r}) == 0; "
    code += "assert 'pydantic' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=False).returncode == 0


def test_help_of_audit_names_both_of_its_questions(capsys: pytest.CaptureFixture[str]):
    assert main(["audit", "--help"]) == 0
    told = " ".join(capsys.readouterr().out.split("Options:")[0].split())
    assert "explanations are true" in told
    assert "leaks" in told


@pytest.mark.parametrize("arguments", [["recommend", "--help"], ["feedback", "list", "--help"], ["clusters", "-h"]])
def test_help_of_a_command_is_there(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    assert main(arguments) == 0
    assert capsys.readouterr().out.startswith("Usage: ")
