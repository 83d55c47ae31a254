"""The options of every command that reads DATA: which data, and what its columns mean."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recsys_tui.output.messages import say

if TYPE_CHECKING:
    from recsys_tui.data.dataset import Mapping

COLUMNS_PANEL = say("cli.panel_mapping")


def _column(option: str, role: str) -> object:
    return typer.Option(option, metavar="COLUMN", help=say("cli.help_column", role=say(f"data.role_{role}")))


Data = Annotated[str, typer.Argument(metavar="DATA", help=say("cli.help_data"))]
OptionalData = Annotated[str | None, typer.Argument(metavar="[DATA]", help=say("cli.help_optional_data"))]
UserCol = Annotated[str | None, _column("--user-col", "user")]
ItemCol = Annotated[str | None, _column("--item-col", "item")]
RatingCol = Annotated[str | None, _column("--rating-col", "rating")]
TimeCol = Annotated[str | None, _column("--time-col", "time")]
EventCol = Annotated[str | None, _column("--event-col", "event")]
Items = Annotated[Path | None, typer.Option("--items", metavar="FILE", help=say("cli.help_items"))]
NoSiblings = Annotated[bool, typer.Option("--no-siblings", help=say("cli.help_no_siblings"))]


def mapping_of(
    user: str | None,
    item: str | None,
    rating: str | None,
    time: str | None,
    event: str | None,
    items: Path | None,
    no_siblings: bool,
) -> Mapping:
    """The mapping that the options say."""
    from recsys_tui.data.dataset import Mapping

    return Mapping(user, item, rating, time, event, items=items, siblings=not no_siblings)
