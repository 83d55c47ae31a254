"""``recsys audience``: whom an item would interest most."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recsys_tui.cli.answering import answering_recommender, tell_probability, teller
from recsys_tui.cli.choices import AnsweringPreset, HorizonOption, NoTrain, TableOutput
from recsys_tui.cli.context import console, open_session
from recsys_tui.cli.data_options import OptionalData, with_mapping
from recsys_tui.cli.feedback_command import stored_verdicts, tell_counted_for
from recsys_tui.cli.list_files import target_or_print, write_lists
from recsys_tui.data.dataset import Mapping
from recsys_tui.output.console import CSV, JSON
from recsys_tui.output.messages import say
from recsys_tui.output.probability import percent
from recsys_tui.output.writers import csv_table, json_document

if TYPE_CHECKING:
    from recsys_tui.recommend.audience import Audience
    from recsys_tui.recommend.session import Session

COLUMNS = ("rank", "user", "score", "probability")


@with_mapping
def audience(
    data: OptionalData = None,
    item: Annotated[str, typer.Option("--item", metavar="ITEM", help=say("cli.help_audience_item"))] = ...,  # type: ignore[assignment]
    k: Annotated[int, typer.Option("-k", min=1, max=10_000_000, help=say("cli.help_audience_k"))] = 500,
    no_feedback: Annotated[bool, typer.Option("--no-feedback", help=say("feedback.help_none_of_people"))] = False,
    output: TableOutput = None,
    preset: AnsweringPreset = None,
    horizon: HorizonOption = "next",
    no_train: NoTrain = False,
    *,
    mapping: Mapping,
) -> None:
    out = console()
    session = open_session(data, mapping)
    output, out = target_or_print(output, session, out)
    recommender, note = answering_recommender(
        session, out, preset=preset, horizon=horizon, no_train=no_train, items=[item]
    )
    from recsys_tui.recommend.audience import audience as find
    from recsys_tui.recommend.stored_feedback import known_verdicts

    said = known_verdicts(recommender.model.catalogue.ids, stored_verdicts(session, not no_feedback, out))
    tell_counted_for(sum(recommender.model.people.ids.index(who) is not None for who in said), out)
    found = find(recommender, item, k, teller(out), said)
    if output is not None:
        _write(found, output, session)
        out.tell(say("cli.rows_written", rows=f"{len(found.users):,}", path=output))
    if out.options.form == JSON:
        out.data(json_document(found.to_json() | {"note": note, "output": None if output is None else str(output)}))
        return
    if output is not None:
        return
    rows = [(member.rank, member.user, member.score, member.probability) for member in found.users]
    if out.options.form == CSV:
        out.data(csv_table(COLUMNS, rows))
        return
    item = found.title or found.item
    if not rows and found.people is None:
        out.tell(say("cli.audience_of_hardly_anybody", item=item))
    elif found.people is None:
        out.tell(say("cli.audience_title_of_few", item=item, count=len(rows)))
    else:
        out.tell(say("cli.audience_title", item=item, count=len(rows), people=f"{found.people:,}"))
    headers = (say("cli.rank"), say("cli.user"), say("cli.score"), say("cli.probability"))
    shown = [(rank, user, f"{score:.3f}", percent(probability)) for rank, user, score, probability in rows]
    out.table(headers, shown, numbers=(0, 2, 3))
    tell_probability(found.horizon, out)


def _write(found: Audience, output: Path, session: Session) -> None:
    import polars as pl

    kinds = (pl.UInt32, pl.String, pl.Float32, pl.Float32)
    rows = [(member.rank, member.user, member.score, member.probability) for member in found.users]
    write_lists(pl.DataFrame(rows, schema=dict(zip(COLUMNS, kinds, strict=True)), orient="row"), output, session)
