"""``recsys similar``: the neighbours of an item, or of every item."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from recsys_tui.cli.answering import answering_recommender, teller
from recsys_tui.cli.choices import AnsweringPreset, HorizonOption, NoTrain, TableOutput
from recsys_tui.cli.context import console, open_session
from recsys_tui.cli.data_options import OptionalData, with_mapping
from recsys_tui.cli.list_files import target_or_print, write_lists
from recsys_tui.data.dataset import Mapping
from recsys_tui.output.console import CSV, JSON, Console
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.output.writers import csv_table, json_document

if TYPE_CHECKING:
    from recsys_tui.recommend.recommender import Recommender
    from recsys_tui.recommend.session import Session
    from recsys_tui.recommend.similar import SimilarItem, SimilarItems

COLUMNS = ("rank", "item", "title", "score")
Way = Literal["taste", "content", "basket"]


@with_mapping
def similar(
    data: OptionalData = None,
    item: Annotated[str | None, typer.Option("--item", metavar="ITEM", help=say("items.help_item"))] = None,
    everything: Annotated[bool, typer.Option("--all", help=say("items.help_all"))] = False,
    k: Annotated[int, typer.Option("-k", min=1, max=10_000, help=say("items.help_k"))] = 10,
    by: Annotated[Way, typer.Option("--by", help=say("items.help_by"))] = "taste",
    output: TableOutput = None,
    preset: AnsweringPreset = None,
    horizon: HorizonOption = "next",
    no_train: NoTrain = False,
    *,
    mapping: Mapping,
) -> None:
    from recsys_tui.recommend.similar import needs_model
    from recsys_tui.recommend.similar import similar as find

    out = console()
    if (item is not None) == everything:
        raise UserError("items.which")
    if everything and output is None and out.options.form != CSV:
        raise UserError("cli.needs_output", ExitCode.USAGE)
    session = open_session(data, mapping)
    output, out = target_or_print(output, session, out)
    recommender, note = None, None
    if needs_model(by):
        items = [] if item is None else [item]
        recommender, note = answering_recommender(
            session, out, preset=preset, horizon=horizon, no_train=no_train, items=items
        )
    else:
        session.load()
        session.home.remember(session.identity)
    if item is None:
        _all(session, recommender, k, by, output, out)
        return
    found = find(session, recommender, item, k, by)
    if output is not None:
        _write(found, output, session)
        out.tell(say("cli.rows_written", rows=f"{len(found.items):,}", path=output))
    _show(found, note, output, out)


def _show(found: SimilarItems, note: str | None, output: Path | None, out: Console) -> None:
    rows = [(entry.rank, entry.item, entry.title, entry.score) for entry in found.items]
    if out.options.form == JSON:
        notes = " ".join(part for part in (note, found.note) if part) or None
        written = {"note": notes, "output": None if output is None else str(output)}
        out.data(json_document(found.to_json() | written))
        return
    if found.note:
        out.tell(found.note)
    if output is not None:
        return
    if out.options.form == CSV:
        out.data(csv_table(COLUMNS, rows, ("title",)))
        return
    out.tell(say(f"items.title_{found.by}", item=found.title or found.item, count=len(rows)))
    headers = (say("cli.rank"), say("cli.item"), say("cli.title"), say("cli.score"), say("items.why_alike"))
    shown = [(entry.rank, entry.item, entry.title or "", f"{entry.score:.3f}", _why(entry)) for entry in found.items]
    out.table(headers, shown, numbers=(0, 3))


def _why(entry: SimilarItem) -> str:
    """Shared people and shared terms in a few words."""
    people = "" if entry.people is None else say("items.took_both", people=f"{entry.people:,}")
    return " · ".join(part for part in (people, ", ".join(entry.terms)) if part)


def _write(found: SimilarItems, output: Path, session: Session) -> None:
    import polars as pl

    kinds = (pl.UInt32, pl.String, pl.String, pl.Float32)
    rows = [(entry.rank, entry.item, entry.title, entry.score) for entry in found.items]
    write_lists(pl.DataFrame(rows, schema=dict(zip(COLUMNS, kinds, strict=True)), orient="row"), output, session)


def _all(session: Session, recommender: Recommender | None, k: int, by: str, output: Path | None, out: Console) -> None:
    from recsys_tui.recommend.similar import all_similar

    lists = all_similar(session, recommender, k, by, teller(out))
    if output is None:
        out.data(csv_table(lists.columns, lists.iter_rows()))
        return
    write_lists(lists, output, session)
    items = lists["item"].n_unique()
    out.tell(say("items.lists_written", items=f"{items:,}", path=output))
    if out.options.form == JSON:
        out.data(
            json_document(
                {
                    "output": str(output),
                    "by": by,
                    "items": items,
                    "rows": lists.height,
                    "preset": None if recommender is None else recommender.preset,
                    "horizon": None if recommender is None else recommender.horizon,
                }
            )
        )
