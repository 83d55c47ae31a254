"""``recsys recommend``: one person's list, someone new's, the named people's, or everyone's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from recsys_tui.cli.choices import Device, Horizon, Preset
from recsys_tui.cli.context import console, open_session
from recsys_tui.cli.data_options import OptionalData, with_mapping
from recsys_tui.cli.list_files import check_target, write_lists
from recsys_tui.cli.standard_input import read_standard_input
from recsys_tui.cli.training_progress import ready_recommender
from recsys_tui.data.dataset import Mapping
from recsys_tui.output.console import CSV, JSON, Console
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.output.writers import csv_table, json_document
from recsys_tui.training.job import TrainingRequest

if TYPE_CHECKING:
    from recsys_tui.recommend.answers import Recommendations
    from recsys_tui.recommend.recommender import Recommender
    from recsys_tui.recommend.session import Session

REASONS_SHOWN = 3
STANDARD_STREAM = "-"


@with_mapping
def recommend(
    data: OptionalData = None,
    user: Annotated[str | None, typer.Option("--user", metavar="ID", help=say("cli.help_user"))] = None,
    new_user: Annotated[bool, typer.Option("--new-user", help=say("cli.help_new_user"))] = False,
    everyone: Annotated[bool, typer.Option("--all", help=say("cli.help_all"))] = False,
    people: Annotated[str | None, typer.Option("--for", metavar="FILE|-", help=say("cli.help_for"))] = None,
    k: Annotated[int, typer.Option("-k", min=1, max=10_000, help=say("cli.help_k"))] = 10,
    model: Annotated[str, typer.Option("--model", metavar="NAME", help=say("cli.help_model"))] = "deep",
    like: Annotated[list[str] | None, typer.Option("--like", metavar="ITEM", help=say("cli.help_like"))] = None,
    dislike: Annotated[
        list[str] | None, typer.Option("--dislike", metavar="ITEM", help=say("cli.help_dislike"))
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help=say("cli.help_explain"))] = False,
    repeat: Annotated[
        Literal["auto", "never", "allow"], typer.Option("--repeat", help=say("cli.help_repeat"))
    ] = "auto",
    products_only: Annotated[bool, typer.Option("--products-only", help=say("cli.help_products_only"))] = False,
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help=say("cli.help_output"))] = None,
    preset: Annotated[Preset | None, typer.Option("--preset", help=say("cli.help_preset"))] = None,
    horizon: Annotated[Horizon, typer.Option("--horizon", help=say("cli.help_horizon"))] = "next",
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help=say("cli.help_seed"))] = 0,
    device: Annotated[Device, typer.Option("--device", help=say("cli.help_device"))] = "auto",
    no_train: Annotated[bool, typer.Option("--no-train", help=say("cli.help_no_train"))] = False,
    refresh: Annotated[bool, typer.Option("--refresh", help=say("cli.help_refresh"))] = False,
    *,
    mapping: Mapping,
) -> None:
    from recsys_tui.recommend.ranking import resolve_model_name

    if sum((user is not None, new_user, everyone, people is not None)) != 1:
        raise UserError("cli.who")
    resolve_model_name(model)
    out = console()
    many = everyone or people is not None
    to_stdout = output is None or str(output) == STANDARD_STREAM
    if many and (like or dislike or explain):
        raise UserError("cli.not_for_many")
    if many and to_stdout and out.options.form != CSV and (output is None or out.options.form == JSON):
        raise UserError("cli.needs_output")
    if not many and output is not None:
        raise UserError("cli.output_is_for_many")
    if data == people == STANDARD_STREAM:
        raise UserError("cli.one_standard_input")
    session = open_session(data, mapping)
    if to_stdout:
        output = None
    else:
        check_target(Path(str(output)), session)
    request = TrainingRequest(preset or "quick", horizon, seed, device)
    listed = None if people is None else _listed_people(str(people))
    recommender = ready_recommender(
        session,
        request,
        out,
        no_train=no_train,
        preset_given=preset is not None,
        refresh=refresh,
        users=[user] if user is not None else listed or (),
        items=[*(like or ()), *(dislike or ())],
    )
    session.home.remember(session.identity)
    info = session.model_info(horizon, preset)
    note = session.note(info) if info else None
    if note:
        out.tell(note)
    if many:
        _many(recommender, session, k, model, repeat, products_only, listed, output, out)
        return
    if user is not None:
        answer = recommender.recommend(user, k, model, like or (), dislike or (), repeat, explain, products_only)
    else:
        answer = recommender.recommend_for_new(like or (), dislike or (), k, model, explain, products_only)
    _show(answer, note, out)


def _listed_people(source: str) -> list[str]:
    """User ids, one a line, from a file or from standard input (``-``)."""
    try:
        content = read_standard_input() if source == STANDARD_STREAM else Path(source).read_bytes()
        text = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError("cli.people_unreadable", path=source) from error
    people = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    if not people:
        raise UserError("cli.nobody_listed", path=source)
    return people


def _many(
    recommender: Recommender,
    session: Session,
    k: int,
    model: str,
    repeat: str,
    products_only: bool,
    people: list[str] | None,
    output: Path | None,
    out: Console,
) -> None:
    told = [0]

    def progress(share: float) -> None:
        if out.lively and int(share * 20) > told[0]:
            told[0] = int(share * 20)
            out.tell(say("cli.lists_done", percent=f"{share:.0%}"))

    served, note = recommender.serving(model)
    if note:
        out.tell(note)
    lists = recommender.recommend_all(k, model, repeat, people, progress, products_only)
    users = lists["user"].n_unique()
    if output is None:
        out.data(csv_table(lists.columns, lists.iter_rows()))
        return
    write_lists(lists, output, session)
    out.tell(say("cli.lists_written", users=f"{users:,}", path=output))
    if out.options.form == JSON:
        head = {"output": str(output), "users": users, "rows": lists.height}
        out.data(json_document(head | {"model": served, "preset": recommender.preset, "horizon": recommender.horizon}))


def _show(answer: Recommendations, note: str | None, out: Console) -> None:
    if out.options.form == JSON:
        document = answer.to_json()
        document["note"] = " ".join(part for part in (note, answer.note) if part) or None
        out.data(json_document(document))
        return
    if answer.note:
        out.tell(answer.note)
    if out.options.form == CSV:
        rows = [(entry.rank, entry.item, entry.title, entry.score, entry.probability) for entry in answer.items]
        out.data(csv_table(("rank", "item", "title", "score", "probability"), rows, ("title",)))
        return
    out.tell(
        say(
            "cli.list_title",
            user=say("cli.someone_new") if answer.user is None else answer.user,
            model=answer.model,
            preset=answer.preset,
            horizon=answer.horizon,
            cluster=answer.cluster_name or say("cli.no_cluster"),
        )
    )
    headers = [say("cli.rank"), say("cli.item"), say("cli.title"), say("cli.score"), say("cli.probability")]
    rows_shown = []
    for entry in answer.items:
        row = [entry.rank, entry.item, entry.title or "", f"{entry.score:.3f}", f"{entry.probability:.0%}"]
        if any(shown.reasons for shown in answer.items):
            why = ", ".join(f"{reason.text} {reason.contribution:+.2f}" for reason in entry.reasons[:REASONS_SHOWN])
            row.append(why)
        rows_shown.append(row)
    if rows_shown and len(rows_shown[0]) > len(headers):
        headers.append(say("cli.why"))
    out.table(headers, rows_shown, numbers=(0, 3, 4))
