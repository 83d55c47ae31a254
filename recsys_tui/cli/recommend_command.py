"""``recsys recommend``: one person's list, someone new's, the named people's, or everyone's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from recsys_tui.cli.answering import answering_recommender, teller
from recsys_tui.cli.choices import AnsweringPreset, Device, Horizon
from recsys_tui.cli.context import console, open_session
from recsys_tui.cli.data_options import OptionalData, with_mapping
from recsys_tui.cli.feedback_command import stored_verdicts, tell_counted, tell_counted_for
from recsys_tui.cli.id_lists import check_one_standard_input, listed_ids
from recsys_tui.cli.list_files import check_target, write_lists
from recsys_tui.cli.list_output import show_list
from recsys_tui.cli.standard_input import STANDARD_STREAM
from recsys_tui.data.dataset import Mapping
from recsys_tui.output.console import CSV, JSON, Console
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.output.writers import csv_table, json_document
from recsys_tui.store.verdicts import Verdicts

if TYPE_CHECKING:
    from recsys_tui.recommend.list_options import FurtherOptions, ListOptions
    from recsys_tui.recommend.recommender import Recommender
    from recsys_tui.recommend.session import Session


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
    attribute: Annotated[
        list[str] | None, typer.Option("--attribute", metavar="NAME=VALUE", help=say("cli.help_attribute"))
    ] = None,
    no_feedback: Annotated[bool, typer.Option("--no-feedback", help=say("feedback.help_none"))] = False,
    explain: Annotated[bool, typer.Option("--explain", help=say("cli.help_reasons"))] = False,
    repeat: Annotated[
        Literal["auto", "never", "allow"], typer.Option("--repeat", help=say("cli.help_repeat"))
    ] = "auto",
    products_only: Annotated[bool, typer.Option("--products-only", help=say("cli.help_products_only"))] = False,
    where: Annotated[list[str] | None, typer.Option("--where", metavar="CONDITION", help=say("cli.help_where"))] = None,
    only_items: Annotated[
        str | None, typer.Option("--only-items", metavar="FILE|-", help=say("cli.help_only_items"))
    ] = None,
    exclude_items: Annotated[
        str | None, typer.Option("--exclude-items", metavar="FILE|-", help=say("cli.help_exclude_items"))
    ] = None,
    pin: Annotated[list[str] | None, typer.Option("--pin", metavar="ITEM", help=say("cli.help_pin"))] = None,
    diversity: Annotated[float, typer.Option("--diversity", metavar="0..1", help=say("cli.help_diversity"))] = 0.0,
    hide_popular: Annotated[
        float, typer.Option("--hide-popular", metavar="PERCENT", help=say("cli.help_hide_popular"))
    ] = 0.0,
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help=say("cli.help_output"))] = None,
    preset: AnsweringPreset = None,
    horizon: Annotated[Horizon, typer.Option("--horizon", help=say("cli.help_horizon"))] = "next",
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help=say("cli.help_seed"))] = 0,
    device: Annotated[Device, typer.Option("--device", help=say("cli.help_device"))] = "auto",
    no_train: Annotated[bool, typer.Option("--no-train", help=say("cli.help_no_train"))] = False,
    refresh: Annotated[bool, typer.Option("--refresh", help=say("cli.help_refresh"))] = False,
    *,
    mapping: Mapping,
) -> None:
    from recsys_tui.recommend.given_values import check_opinions
    from recsys_tui.recommend.list_options import list_options
    from recsys_tui.recommend.ranking import resolve_model_name

    if sum((user is not None, new_user, everyone, people is not None)) != 1:
        raise UserError("cli.who")
    resolve_model_name(model)
    check_opinions(like or (), dislike or ())
    attributes = _attributes(attribute or (), new_user)
    out = console()
    many = everyone or people is not None
    to_stdout = output is None or str(output) == STANDARD_STREAM
    if many and (like or dislike or explain):
        raise UserError("cli.not_for_many")
    if many and to_stdout and out.options.form != CSV and (output is None or out.options.form == JSON):
        raise UserError("cli.needs_output")
    if not many and output is not None:
        raise UserError("cli.output_is_for_many")
    check_one_standard_input(data, people, only_items, exclude_items)
    given: FurtherOptions = {
        "products_only": products_only,
        "where": where or (),
        "pin": pin or (),
        "diversity": diversity,
        "hide_popular": hide_popular,
    }
    options = list_options(repeat, **given)
    if refresh and no_train:
        raise UserError("cli.refresh_trains")
    session = open_session(data, mapping)
    if to_stdout:
        output = None
    else:
        check_target(Path(str(output)), session)
    listed = None if people is None else _listed_people(people)
    if only_items is not None:
        options = replace(options, only=tuple(listed_ids(only_items, say("cli.ids_of_items"))))
    if exclude_items is not None:
        options = replace(options, exclude=tuple(listed_ids(exclude_items, say("cli.ids_of_items"))))
    recommender, note = answering_recommender(
        session,
        out,
        preset=preset,
        horizon=horizon,
        no_train=no_train,
        seed=seed,
        device=device,
        refresh=refresh,
        users=[user] if user is not None else listed or (),
        items=[*(like or ()), *(dislike or ())],
        options=options,
    )
    like, dislike = recommender.item_names(like or ()), recommender.item_names(dislike or ())
    if many:
        _many(recommender, session, k, model, options, listed, output, out, not no_feedback)
        return
    if user is not None:
        from recsys_tui.recommend.stored_feedback import recommend_with_feedback

        known = recommender.user_id(user)
        said = stored_verdicts(session, not no_feedback, out, known).get(known, Verdicts())
        answer = recommend_with_feedback(recommender, known, said, k, model, like, dislike, explain, options)
        tell_counted(answer.stored_likes, answer.stored_dislikes, out)
    else:
        answer = recommender.recommend_for_new(like, dislike, k, model, explain, options, attributes)
    show_list(answer, note, out)


def _attributes(entries: Sequence[str], new_user: bool) -> dict[str, str]:
    """``gender=F`` by name. Raises ``UserError`` (exit 2) for anything else, for two values of one attribute, and where
    nobody new is asked about."""
    if entries and not new_user:
        raise UserError("cli.attributes_of_new_users")
    given: dict[str, str] = {}
    for entry in entries:
        name, equals, value = entry.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise UserError("cli.bad_attribute", entry=entry)
        name, value = name.strip(), value.strip()
        if given.setdefault(name, value) != value:
            raise UserError("cli.attribute_twice", name=name, first=given[name], then=value)
    return given


def _listed_people(source: str) -> list[str]:
    people = listed_ids(source, say("cli.ids_of_users"))
    if not people:
        raise UserError("cli.nobody_listed", path=Path(source))
    return people


def _many(
    recommender: Recommender,
    session: Session,
    k: int,
    model: str,
    options: ListOptions,
    people: list[str] | None,
    output: Path | None,
    out: Console,
    count_feedback: bool,
) -> None:
    from recsys_tui.recommend.stored_feedback import known_verdicts

    served, note = recommender.serving(model)
    if note:
        out.tell(note)
    selection = recommender.select(options)
    for sentence in (*selection.notes, selection.emptied):
        if sentence:
            out.tell(sentence)
    said = known_verdicts(recommender.model.catalogue.ids, stored_verdicts(session, count_feedback, out))
    lists = recommender.recommend_all(k, model, people, options, teller(out), said)
    tell_counted_for(len(said.keys() & set(lists["user"].unique())), out)
    users = lists["user"].n_unique()
    silent = lists.filter(lists["history"] == 0)["user"].n_unique()
    if silent:
        out.tell(say("cli.lists_without_history", people=silent))
    if output is None:
        out.data(csv_table(lists.columns, lists.iter_rows()))
        return
    write_lists(lists, output, session)
    out.tell(say("cli.lists_written", users=f"{users:,}", path=output))
    if out.options.form == JSON:
        head = {"output": str(output), "users": users, "without_history": silent, "rows": lists.height}
        out.data(json_document(head | {"model": served, "preset": recommender.preset, "horizon": recommender.horizon}))
