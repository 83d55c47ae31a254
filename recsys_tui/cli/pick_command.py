"""``recsys-tui pick-user`` and ``pick-item``: pick one on the terminal; its id goes to standard output."""

from __future__ import annotations

from collections.abc import Callable

import typer

from recsys_tui.cli.context import STANDARD_INPUT, console, home, pseudonyms
from recsys_tui.cli.data_options import OptionalData, with_mapping
from recsys_tui.data.dataset import Mapping
from recsys_tui.output.console import CSV, JSON, complain, on_terminal
from recsys_tui.output.errors import UserError
from recsys_tui.output.writers import csv_table, json_document


@with_mapping
def pick_user(data: OptionalData = None, *, mapping: Mapping) -> None:
    _pick("user", data, mapping)


@with_mapping
def pick_item(data: OptionalData = None, *, mapping: Mapping) -> None:
    _pick("item", data, mapping)


def _pick(kind: str, data: str | None, mapping: Mapping) -> None:
    if data == STANDARD_INPUT or not on_terminal():
        raise UserError("items.no_terminal", kind=kind)
    from recsys_tui.recommend.session import Session

    where = home()
    if data is not None:
        from recsys_tui.data.locate import locate

        locate(data, where.datasets)  # before the screen is taken
    from recsys_tui.tui.pick import pick

    tagged = pseudonyms()

    def open_session(progress: Callable[[str, float | None], None]) -> Session:
        return Session.open(data, mapping, where, progress=progress, pseudonyms=tagged)

    chosen, code, sentence = pick(kind, open_session, where)
    if sentence:
        complain(sentence)
    if chosen is None:
        raise typer.Exit(code)
    out = console()
    if out.options.form == JSON:
        out.data(json_document({"kind": kind, "id": chosen}))
    else:
        out.data(csv_table((kind,), [(chosen,)]) if out.options.form == CSV else chosen)
