"""The options of every command that reads DATA: which data, and what its columns mean."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import typer

from recsys_tui.data.dataset import Mapping
from recsys_tui.output.messages import say
from recsys_tui.processes.addresses import check_addresses

Data = Annotated[str, typer.Argument(metavar="DATA", help=say("cli.help_data"))]
OptionalData = Annotated[str | None, typer.Argument(metavar="DATA", help=say("cli.help_optional_data"))]


def _column(role: str) -> Any:
    text = say("cli.help_column", role=say(f"data.role_{role}"))
    return Annotated[str | None, typer.Option(f"--{role}-col", metavar="COLUMN", help=text)]


# Option parameter → (its annotation for Typer, its default).
MAPPING_OPTIONS: dict[str, tuple[Any, Any]] = {
    "user_col": (_column("user"), None),
    "item_col": (_column("item"), None),
    "rating_col": (_column("rating"), None),
    "time_col": (_column("time"), None),
    "event_col": (_column("event"), None),
    "quantity_col": (_column("quantity"), None),
    "basket_col": (_column("basket"), None),
    "items": (Annotated[Path | None, typer.Option("--items", metavar="FILE", help=say("cli.help_items"))], None),
    "users": (Annotated[Path | None, typer.Option("--users", metavar="FILE", help=say("cli.help_users"))], None),
    "links": (Annotated[Path | None, typer.Option("--links", metavar="FILE", help=say("cli.help_links"))], None),
    "vectors": (
        Annotated[Path | None, typer.Option("--vectors", metavar="FILE", help=say("cli.help_vectors"))],
        None,
    ),
    "text_model": (
        Annotated[Path | None, typer.Option("--text-model", metavar="FOLDER", help=say("cli.help_text_model"))],
        None,
    ),
    "event_weight": (
        Annotated[
            list[str] | None, typer.Option("--event-weight", metavar="NAME=NUMBER", help=say("cli.help_event_weight"))
        ],
        None,
    ),
    "dates": (
        Annotated[Literal["day-first", "month-first"] | None, typer.Option("--dates", help=say("cli.help_dates"))],
        None,
    ),
    "k_core": (
        Annotated[int | None, typer.Option("--k-core", min=2, max=1_000, help=say("cli.help_k_core"))],
        None,
    ),
    "detect": (Annotated[bool, typer.Option("--detect", help=say("cli.help_detect"))], False),
    "no_siblings": (Annotated[bool, typer.Option("--no-siblings", help=say("cli.help_no_siblings"))], False),
}

# What options that name files and folders call their values.
PLACES = ("FILE", "FILE|-", "FOLDER", "DIR")


def _place(given: Any) -> Any:
    """A path, or several, with ``~`` read as the home directory, which shells do not after ``--option=``."""
    if isinstance(given, list):
        return [_place(one) for one in given]
    if given is None or not str(given).startswith("~"):
        return given
    try:
        return type(given)(Path(given).expanduser())
    except RuntimeError:  # the ~ of nobody: a name like any other
        return given


def with_mapping(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the mapping options: its parameter ``mapping`` is filled from what they say.

    Paths of all its options may begin with ``~``.

    Typer reads options from a signature, so the command gets one in which they stand for ``mapping``.
    """
    hints = get_type_hints(function, include_extras=True)
    own = [
        parameter.replace(annotation=hints[name])
        for name, parameter in inspect.signature(function).parameters.items()
        if name != "mapping"
    ]
    options = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in MAPPING_OPTIONS.items()
    ]

    places = [
        parameter.name
        for parameter in [*own, *options]
        if any(getattr(said, "metavar", None) in PLACES for said in getattr(parameter.annotation, "__metadata__", ()))
    ]

    @wraps(function)
    def command(**given: Any) -> None:
        check_addresses()  # before a command imports what needs more of them
        given |= {name: _place(given[name]) for name in places if name in given}
        said = {name: given.pop(name) for name in MAPPING_OPTIONS}
        columns = {name.removesuffix("_col"): said[name] for name in MAPPING_OPTIONS if name.endswith("_col")}
        mapping = Mapping(
            **columns,
            dates=said["dates"],
            weights=tuple(said["event_weight"] or ()),
            core=said["k_core"],
            **{name: said[name] for name in ("items", "users", "links", "vectors", "text_model")},
            siblings=not said["no_siblings"],
            detect=said["detect"],
        )
        function(**given, mapping=mapping)

    del command.__wrapped__
    command.__signature__ = inspect.Signature([*own, *options])  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in [*own, *options]}
    return command
