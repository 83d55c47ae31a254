"""The Typer application: which commands there are."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from recsys_tui import __version__
from recsys_tui.cli.context import config_file, console, home, settings
from recsys_tui.cli.quick_group import QuickGroup
from recsys_tui.output.console import on_terminal
from recsys_tui.output.errors import ExitCode
from recsys_tui.output.messages import say

WORKBENCH = "recsys-tui"

# Where each command is, in the order of the help.
COMMANDS = {
    "open": "open_command.open_workbench",
    "inspect": "inspect_command.inspect",
    "train": "train_command.train",
    "recommend": "recommend_command.recommend",
    "predict": "predict_command.predict",
    "audience": "audience_command.audience",
    "similar": "similar_command.similar",
    "pick-user": "pick_command.pick_user",
    "pick-item": "pick_command.pick_item",
    "clusters": "clusters_command.clusters",
    "explain": "explain_command.explain",
    "update": "update_command.update",
    "evaluate": "evaluate_command.evaluate",
    "audit": "audit_command.audit",
    "forget": "forget_command.forget",
    "ab": "ab_command.ab",
    "feedback": "feedback_command.feedback",
    "workspace": "housekeeping.workspace",
    "datasets": "datasets_command.datasets",
    "config": "config_command.config",
    "doctor": "housekeeping.doctor",
}
# Which settings stand in for options that are not given. Of evaluate none: it is to be the same everywhere.
FROM_SETTINGS = {
    "train": ("preset", "horizon", "seed", "device"),
    "recommend": ("k", "model", "horizon", "seed", "device"),
    "predict": ("horizon",),
    "audience": ("horizon",),
    "explain": ("horizon",),
}

# The workbench reads the settings itself, and config tells what is wrong with them.
WITHOUT_SETTINGS = ("open", "config")


def _show_version(wanted: bool) -> None:
    if wanted:
        console().data(say("cli.version", version=__version__))
        raise typer.Exit


def application(arguments: Sequence[str]) -> typer.Typer:
    """The program as far as these arguments need it: with the command that they begin with, else with all of them.

    Reading every command takes longer than most of them take to answer.
    """
    first = arguments[0] if arguments else ""
    return _with_commands((first,) if first in COMMANDS else tuple(COMMANDS))


@cache
def _with_commands(names: tuple[str, ...]) -> typer.Typer:
    program = typer.Typer(
        help=say("cli.help_program"),
        epilog=say("cli.help_global_options"),
        add_completion=False,
        cls=QuickGroup,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        invoke_without_command=True,
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    program.callback()(start)
    for name in names:
        module, _, attribute = COMMANDS[name].partition(".")
        command = getattr(import_module(f"recsys_tui.cli.{module}"), attribute)
        if isinstance(command, typer.Typer):
            program.add_typer(command, name=name)
        else:
            about = say(f"cli.help_{name.replace('-', '_')}")
            program.command(name, help=about, epilog=say("cli.help_global_options"))(command)
    return program


def start(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help=say("cli.help_version"))
    ] = False,
) -> None:
    command = context.invoked_subcommand
    if command is not None and command not in WITHOUT_SETTINGS:
        given = settings().defaults.given()
        stand_ins = FROM_SETTINGS.get(command, ())
        context.default_map = {command: {name: given[name] for name in stand_ins if name in given}}
    if command is not None or version:
        return
    if Path(sys.argv[0]).stem == WORKBENCH and on_terminal():
        from recsys_tui.cli.opening import workbench

        raise typer.Exit(workbench()(None, None, home(), None, False, config_file(), console().options.pseudonyms))
    console().data(context.get_help())
    raise typer.Exit(ExitCode.USAGE)
