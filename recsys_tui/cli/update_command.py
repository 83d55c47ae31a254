"""``recsys update``: fold new rows into the stored data and models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recsys_tui.cli.context import STANDARD_INPUT, console, open_session
from recsys_tui.cli.data_options import Data, with_mapping
from recsys_tui.cli.standard_input import read_pipe, read_standard_input
from recsys_tui.data.dataset import Mapping
from recsys_tui.data.memory import check_can_read
from recsys_tui.output.console import CSV, JSON
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.output.writers import csv_table, json_document

if TYPE_CHECKING:
    from recsys_tui.recommend.updating import Addition


@with_mapping
def update(
    data: Data,
    add: Annotated[str | None, typer.Option("--add", metavar="FILE|-", help=say("cli.help_add"))] = None,
    *,
    mapping: Mapping,
) -> None:
    from recsys_tui.recommend.updating import update as bring_up_to_date

    out = console()
    if add == data == STANDARD_INPUT:
        raise UserError("cli.one_standard_input_to_add")
    addition = None if add is None else _addition(add)
    session = open_session(data, mapping)
    result = bring_up_to_date(session, addition, out.tell)
    document = result.to_json()
    if out.options.form == JSON:
        out.data(json_document(document))
    elif out.options.form == CSV:
        figures = [(name, value) for name, value in document.items() if name != "models"]
        out.data(csv_table([name for name, _ in figures], [[value for _, value in figures]]))
    else:
        counts = {name: f"{getattr(result, name):,}" for name in ("rows_new", "users_new", "items_new", "rows_gone")}
        found_any = result.rows_new or result.users_new or result.items_new or result.rows_gone
        none = say("cli.no_models_updated" if found_any else "cli.nothing_to_update")
        models = ", ".join(result.models) or none
        out.data(say("cli.updated", **counts, models=models, seconds=f"{result.seconds:.1f}"))


def _addition(add: str) -> Addition:
    """The file of new rows. Raises ``UserError`` (exit 2) where it cannot be read."""
    from recsys_tui.recommend.updating import Addition

    if add == STANDARD_INPUT:
        return Addition(read_standard_input(), add)
    path = Path(add)
    if not add:
        raise UserError("cli.add_is_a_file", path=repr(add))
    try:
        if path.is_dir():
            raise UserError("cli.add_is_a_file", path=path)
        if path.is_char_device() or path.is_block_device():
            raise UserError("data.not_a_file", path=path)
        if not path.is_fifo():
            check_can_read([path])
        with path.open("rb") as stream:
            return Addition(read_pipe(stream) if path.is_fifo() else stream.read(), add)
    except FileNotFoundError as error:
        raise UserError("data.no_such_path", path=path) from error
    except PermissionError as error:
        raise UserError("data.no_permission", path=path) from error
    except (OSError, ValueError) as error:
        raise UserError("data.unreadable", path=path, reason=getattr(error, "strerror", None) or error) from error
