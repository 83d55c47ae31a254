"""The Typer application: which commands there are."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from recsys_tui import __version__
from recsys_tui.cli import housekeeping
from recsys_tui.cli.ab_command import ab
from recsys_tui.cli.audience_command import audience
from recsys_tui.cli.audit_command import audit
from recsys_tui.cli.clusters_command import clusters
from recsys_tui.cli.config_command import config
from recsys_tui.cli.context import config_file, console, home, settings
from recsys_tui.cli.datasets_command import datasets
from recsys_tui.cli.evaluate_command import evaluate
from recsys_tui.cli.explain_command import explain
from recsys_tui.cli.feedback_command import feedback
from recsys_tui.cli.forget_command import forget
from recsys_tui.cli.inspect_command import inspect
from recsys_tui.cli.open_command import open_workbench
from recsys_tui.cli.pick_command import pick_item, pick_user
from recsys_tui.cli.predict_command import predict
from recsys_tui.cli.quick_group import QuickGroup
from recsys_tui.cli.recommend_command import recommend
from recsys_tui.cli.similar_command import similar
from recsys_tui.cli.train_command import train
from recsys_tui.cli.update_command import update
from recsys_tui.output.console import on_terminal
from recsys_tui.output.errors import ExitCode
from recsys_tui.output.messages import say

WORKBENCH = "recsys-tui"

application = typer.Typer(
    help=say("cli.help_program"),
    epilog=say("cli.help_global_options"),
    add_completion=False,
    cls=QuickGroup,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    invoke_without_command=True,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _command(name: str, function: object) -> None:
    about = say(f"cli.help_{name.replace('-', '_')}")
    application.command(name, help=about, epilog=say("cli.help_global_options"))(function)  # type: ignore[type-var]


_command("open", open_workbench)
_command("inspect", inspect)
_command("train", train)
_command("recommend", recommend)
_command("predict", predict)
_command("audience", audience)
_command("similar", similar)
_command("pick-user", pick_user)
_command("pick-item", pick_item)
_command("clusters", clusters)
_command("explain", explain)
_command("update", update)
_command("evaluate", evaluate)
_command("audit", audit)
_command("forget", forget)
application.add_typer(ab, name="ab")
application.add_typer(feedback, name="feedback")
application.add_typer(housekeeping.workspace, name="workspace")
application.add_typer(datasets, name="datasets")
application.add_typer(config, name="config")
_command("doctor", housekeeping.doctor)
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


@application.callback()
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
        from recsys_tui.tui.app import run

        raise typer.Exit(run(None, None, home(), None, False, config_file(), console().options.pseudonyms))
    console().data(context.get_help())
    raise typer.Exit(ExitCode.USAGE)
