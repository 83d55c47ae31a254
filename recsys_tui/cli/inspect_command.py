"""``recsys inspect`` and, without a terminal, ``recsys-tui open``: what was found in the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recsys_tui.cli.context import console, open_session
from recsys_tui.cli.data_options import Data, with_mapping
from recsys_tui.data.dataset import Mapping
from recsys_tui.output.console import CSV, JSON
from recsys_tui.output.messages import say
from recsys_tui.output.writers import csv_table, json_document

if TYPE_CHECKING:
    from recsys_tui.recommend.session import Session


@with_mapping
def inspect(
    data: Data,
    *,
    mapping: Mapping,
) -> None:
    show_overview(open_session(data, mapping))


def show_overview(session: Session) -> None:
    """Write the overview of a session's dataset to standard output."""
    from recsys_tui.data.overview import ROLES, overview_json

    out = console()
    dataset, overview = session.dataset, session.overview
    if out.options.form == JSON:
        out.data(json_document(overview_json(dataset, overview)))
        return
    if out.options.form == CSV:
        rows = [[choice.role, choice.column, choice.confidence, choice.why] for choice in dataset.columns]
        out.data(csv_table(("role", "column", "confidence", "why"), rows, ("column", "why")))
        return
    out.data(say("cli.overview_title", name=dataset.name, format=dataset.format))
    figures = (
        ("rows", f"{overview.rows:,}"),
        ("interactions", f"{overview.interactions:,}"),
        ("users", f"{overview.users:,}"),
        ("items", f"{overview.items:,}"),
        ("catalogue", f"{overview.catalogue_items:,}"),
        ("density", f"{overview.density:.3%}"),
        ("time", say(f"cli.time_{dataset.time_kind.value}")),
        ("titles", f"{overview.titles:,}"),
    )
    out.table((say("cli.figure"), ""), [(say(f"cli.figure_{name}"), value) for name, value in figures], numbers=(1,))
    order = {role: place for place, role in enumerate(ROLES)}
    chosen = sorted(dataset.columns, key=lambda choice: order.get(choice.role, len(order)))
    out.table(
        (say("cli.role"), say("cli.column"), say("cli.sure"), say("cli.why")),
        [(choice.role, choice.column, f"{choice.confidence:.0%}", choice.why) for choice in chosen],
        numbers=(2,),
    )
    for entry in dataset.findings:
        out.data(say("cli.finding", message=entry.message))
