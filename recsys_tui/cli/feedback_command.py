"""``recsys feedback``: what people liked and disliked, listed, exported, added to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recsys_tui.cli.choices import TableOutput
from recsys_tui.cli.context import console, open_session
from recsys_tui.cli.data_options import OptionalData, with_mapping
from recsys_tui.cli.list_files import target_or_print, write_lists
from recsys_tui.cli.quick_group import QuickGroup
from recsys_tui.data.dataset import Mapping
from recsys_tui.output.console import CSV, JSON, Console
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.output.writers import csv_table, json_document
from recsys_tui.store.verdicts import DISLIKE, LIKE

if TYPE_CHECKING:
    from recsys_tui.recommend.session import Session
    from recsys_tui.store.verdicts import Feedback, Verdicts

feedback = typer.Typer(help=say("feedback.help"), cls=QuickGroup, no_args_is_help=True, rich_markup_mode=None)
COLUMNS = ("user", "item", "verdict", "at")
OfUser = Annotated[str | None, typer.Option("--user", metavar="ID", help=say("feedback.help_of_user"))]


@feedback.command("list", help=say("feedback.help_list"))
@with_mapping
def list_feedback(data: OptionalData = None, user: OfUser = None, *, mapping: Mapping) -> None:
    session = open_session(data, mapping)
    entries = _entries(session, user)
    out = console()
    if out.options.form == JSON:
        out.data(json_document({"feedback": _documents(session, entries)}))
    elif out.options.form == CSV:
        out.data(_csv(entries))
    elif not entries:
        out.tell(say("feedback.none") if user is None else say("feedback.none_of_user", user=user))
    else:
        titles = session.titles([entry.item for entry in entries])
        headers = (say("feedback.when"), say("cli.user"), say("feedback.verdict"), say("cli.item"), say("cli.title"))
        shown = [
            (_time(entry)[:16], entry.user, say(f"feedback.says_{entry.verdict}"), entry.item, titles[entry.item] or "")
            for entry in entries
        ]
        out.table(headers, shown)


@feedback.command("export", help=say("feedback.help_export"))
@with_mapping
def export_feedback(
    data: OptionalData = None, user: OfUser = None, output: TableOutput = None, *, mapping: Mapping
) -> None:
    session = open_session(data, mapping)
    output, out = target_or_print(output, session, console())
    entries = _entries(session, user)
    if output is not None:
        import polars as pl

        rows = [_row(entry) for entry in entries]
        write_lists(pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row"), output, session)
        out.tell(say("cli.rows_written", rows=f"{len(entries):,}", path=output))
    if out.options.form == JSON:
        shown = _documents(session, entries) if output is None else None
        head = {"output": None if output is None else str(output), "rows": len(entries)}
        out.data(json_document(head | {"feedback": shown}))
    elif output is None:
        out.data(_csv(entries))


@feedback.command("add", help=say("feedback.help_add"))
@with_mapping
def add_feedback(
    data: OptionalData = None,
    user: Annotated[str, typer.Option("--user", metavar="ID", help=say("feedback.help_user"))] = ...,  # type: ignore[assignment]
    item: Annotated[str, typer.Option("--item", metavar="ITEM", help=say("feedback.help_item"))] = ...,  # type: ignore[assignment]
    like: Annotated[bool, typer.Option("--like", help=say("feedback.help_like"))] = False,
    dislike: Annotated[bool, typer.Option("--dislike", help=say("feedback.help_dislike"))] = False,
    clear: Annotated[bool, typer.Option("--clear", help=say("feedback.help_clear"))] = False,
    *,
    mapping: Mapping,
) -> None:
    if like + dislike + clear != 1:
        raise UserError("feedback.which_verdict")
    session = open_session(data, mapping)
    user, item = session.known_pair(user, item)
    before = session.feedback.of(user).of(item)
    verdict = LIKE if like else DISLIKE if dislike else None
    session.feedback.add([(user, item, verdict)])
    out = console()
    title = session.titles([item])[item]
    said = say(f"feedback.says_{verdict or 'nothing'}")
    out.tell(say("feedback.noted", user=user, verdict=said, title=title or item))
    document = {"user": user, "item": item, "title": title, "verdict": verdict, "before": before}
    if out.options.form == JSON:
        out.data(json_document(document))
    elif out.options.form == CSV:
        out.data(csv_table(tuple(document), [tuple(document.values())], ("title",)))


def stored_verdicts(session: Session, wanted: bool, out: Console, user: str | None = None) -> dict[str, Verdicts]:
    """What everybody (or ``user``) said, for lists to count; nothing where that is not wanted, or cannot be read.

    The latter is told.
    """
    if not wanted:
        return {}
    try:
        return session.feedback.everyone() if user is None else {user: session.feedback.of(user)}
    except UserError as error:
        out.tell(say("feedback.not_counted", problem=error))
        return {}


def tell_counted(likes: int, dislikes: int, out: Console) -> None:
    """Say how much of what counts was said before, and not now."""
    if likes or dislikes:
        out.tell(say("feedback.counted", likes=likes, dislikes=dislikes))


def tell_counted_for(people: int, out: Console) -> None:
    """Say of how many people what they said before counts."""
    from recsys_tui.output.crowd_gate import CrowdGate

    if people:
        told = CrowdGate().pass_text(say("feedback.people", people=people), people)
        out.tell(say("feedback.counted_for", people=told))


def _entries(session: Session, user: str | None) -> list[Feedback]:
    """What everybody (or ``user``) said. Raises ``UserError`` (exit 3) for somebody who is neither there nor in the
    data."""
    entries = session.feedback.entries(user)
    if user is not None and not entries:
        from recsys_tui.recommend.dataset_history import known_user

        entries = session.feedback.entries(known_user(session.dataset, user))
    return entries


def _time(entry: Feedback) -> str:
    return datetime.fromtimestamp(entry.at / 1000, UTC).isoformat(timespec="milliseconds")


def _row(entry: Feedback) -> tuple[str, str, str, str]:
    return entry.user, entry.item, entry.verdict, _time(entry)


def _csv(entries: Sequence[Feedback]) -> str:
    return csv_table(COLUMNS, [_row(entry) for entry in entries])


def _documents(session: Session, entries: Sequence[Feedback]) -> list[dict[str, Any]]:
    titles = session.titles([entry.item for entry in entries])
    keys = ("user", "item", "verdict", "at")
    return [dict(zip(keys, _row(entry), strict=True)) | {"title": titles[entry.item]} for entry in entries]
