"""``recsys config``: where the configuration file is, what applies, and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

import typer

from recsys_tui.cli.context import config_file, console
from recsys_tui.cli.quick_group import QuickGroup
from recsys_tui.output.console import CSV, JSON
from recsys_tui.output.crowd_gate import smallest_crowd
from recsys_tui.output.errors import ExitCode
from recsys_tui.output.messages import say
from recsys_tui.output.writers import csv_table, json_document
from recsys_tui.store.settings import Problem, read_settings

config = typer.Typer(help=say("config.help"), cls=QuickGroup, no_args_is_help=True, rich_markup_mode=None)
# What applies without a file, to show beside it. Lists are longer in the workbench, which has the room.
OWN: Final[Mapping[str, int | str]] = {
    "k": 10,
    "preset": "standard",
    "horizon": "next",
    "model": "deep",
    "seed": 0,
    "device": "auto",
}


@config.command("path", help=say("config.help_path"))
def show_path() -> None:
    path, out = config_file(), console()
    document = {"path": str(path), "exists": path.is_file()}
    if out.options.form == JSON:
        out.data(json_document(document))
    elif out.options.form == CSV:
        out.data(csv_table(tuple(document), [tuple(document.values())]))
    else:
        out.data(str(path))


@config.command("show", help=say("config.help_show"))
def show_settings() -> None:
    from recsys_tui.tui.keymap.known_names import known_names
    from recsys_tui.tui.keymap.registry import registered_keys
    from recsys_tui.tui.themes import DEFAULT_THEME

    path, out = config_file(), console()
    settings, problems = read_settings(path, known_names())
    entries = registered_keys()
    given = settings.defaults.given()
    theme, crowd = settings.theme or DEFAULT_THEME, settings.smallest_crowd or smallest_crowd()
    tagged = bool(settings.pseudonyms)
    keys = {name: list(settings.keys.get(name, entry.keys)) for name, entry in entries.items()}
    tell_problems(problems)
    if out.options.form == JSON:
        document = {"path": str(path), "exists": path.is_file(), "theme": theme, "pseudonyms": tagged}
        document |= {"defaults": {**OWN, **given}, "crowd": {"smallest": crowd}, "keys": keys}
        out.data(json_document(document))
    elif out.options.form == CSV:
        rows = [
            ("theme", theme),
            ("pseudonyms", tagged),
            *((f"defaults.{name}", value) for name, value in {**OWN, **given}.items()),
        ]
        rows += [("crowd.smallest", crowd), *((f"keys.{name}", " ".join(value)) for name, value in keys.items())]
        out.data(csv_table(("setting", "value"), rows))
    else:
        lines = [_line("theme", theme, settings.theme is not None)]
        lines += [_line("pseudonyms", tagged, settings.pseudonyms is not None), "", "[defaults]"]
        lines += [_line(name, given.get(name, own), name in given) for name, own in OWN.items()]
        lines += ["", "[crowd]", _line("smallest", crowd, settings.smallest_crowd is not None), "", "[keys]"]
        lines += [_line(json.dumps(name), value, name in settings.keys) for name, value in keys.items()]
        out.data("\n".join(lines))


def _line(name: str, value: object, given: bool) -> str:
    """A line of TOML; what the file does not say is a comment, as it may be another with the next version."""
    return f"{'' if given else '# '}{name} = {json.dumps(value, ensure_ascii=False)}"


@config.command("validate", help=say("config.help_validate"))
def validate() -> None:
    from recsys_tui.tui.keymap.known_names import known_names

    path, out = config_file(), console()
    _, problems = read_settings(path, known_names())
    found: list[dict[str, Any]] = [{"line": problem.line, "message": problem.sentence} for problem in problems]
    if out.options.form == JSON:
        out.data(json_document({"path": str(path), "exists": path.is_file(), "problems": found}))
    elif out.options.form == CSV:
        out.data(csv_table(("line", "message"), [tuple(entry.values()) for entry in found], ("message",)))
    elif problems:
        tell_problems(problems, as_data=True)
    else:
        out.data(say("config.nothing_wrong" if path.is_file() else "config.no_file", path=path))
    if problems:
        raise typer.Exit(ExitCode.USAGE)


def tell_problems(problems: Iterable[Problem], as_data: bool = False) -> None:
    """Each problem in a line of its own."""
    out = console()
    for problem in problems:
        sentence = problem.sentence
        if problem.line is not None:
            sentence = say("config.at_line", line=problem.line, problem=sentence)
        (out.sentence if as_data else out.tell)(sentence)
