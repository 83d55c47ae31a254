"""``recsys predict``: the chance that somebody takes an item, and the rating to expect."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recsys_tui.cli.answering import answering_recommender, tell_probability, teller
from recsys_tui.cli.choices import AnsweringPreset, HorizonOption, NoTrain, TableOutput
from recsys_tui.cli.context import STANDARD_INPUT, console, open_session
from recsys_tui.cli.data_options import OptionalData, with_mapping
from recsys_tui.cli.feedback_command import stored_verdicts, tell_counted, tell_counted_for
from recsys_tui.cli.list_files import target_or_print, write_lists
from recsys_tui.cli.pair_file import read_pairs
from recsys_tui.data.dataset import Mapping
from recsys_tui.output.console import CSV, JSON, Console
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.output.probability import percent
from recsys_tui.output.writers import csv_table, json_document
from recsys_tui.recommend.given_values import check_opinions
from recsys_tui.store.verdicts import Verdicts

if TYPE_CHECKING:
    from recsys_tui.recommend.prediction import Prediction
    from recsys_tui.recommend.session import Session

COLUMNS = ("user", "item", "title", "probability", "expected_rating")


@with_mapping
def predict(
    data: OptionalData = None,
    user: Annotated[str | None, typer.Option("--user", metavar="ID", help=say("cli.help_user"))] = None,
    item: Annotated[str | None, typer.Option("--item", metavar="ITEM", help=say("cli.help_predicted_item"))] = None,
    new_user: Annotated[bool, typer.Option("--new-user", help=say("cli.help_new_user"))] = False,
    like: Annotated[list[str] | None, typer.Option("--like", metavar="ITEM", help=say("cli.help_like"))] = None,
    dislike: Annotated[
        list[str] | None, typer.Option("--dislike", metavar="ITEM", help=say("cli.help_dislike"))
    ] = None,
    no_feedback: Annotated[bool, typer.Option("--no-feedback", help=say("feedback.help_none"))] = False,
    pairs: Annotated[str | None, typer.Option("--pairs", metavar="FILE|-", help=say("cli.help_pairs"))] = None,
    output: TableOutput = None,
    preset: AnsweringPreset = None,
    horizon: HorizonOption = "next",
    no_train: NoTrain = False,
    *,
    mapping: Mapping,
) -> None:
    one = item is not None and (user is not None) != new_user
    if one == (pairs is not None) or (pairs is not None and (user is not None or new_user or item or like or dislike)):
        raise UserError("cli.which_pair")
    if output is not None and pairs is None:
        raise UserError("cli.output_is_for_pairs")
    if data == pairs == STANDARD_INPUT:
        raise UserError("cli.one_standard_input_for_pairs")
    likes, dislikes = tuple(like or ()), tuple(dislike or ())
    check_opinions(likes, dislikes)
    out = console()
    session = open_session(data, mapping)
    output, out = target_or_print(output, session, out)
    wanted = [] if pairs is None else read_pairs(pairs)
    recommender, note = answering_recommender(
        session,
        out,
        preset=preset,
        horizon=horizon,
        no_train=no_train,
        users=[user] if user is not None else list(dict.fromkeys(who for who, _ in wanted)),
        items=[item, *likes, *dislikes] if item is not None else list(dict.fromkeys(what for _, what in wanted)),
    )
    from recsys_tui.models.interaction import BASE_RATE
    from recsys_tui.recommend import prediction
    from recsys_tui.recommend.stored_feedback import known_verdicts, merged

    head = {"base_rate": BASE_RATE, "preset": recommender.preset, "horizon": recommender.horizon}
    head["note"] = note
    catalogue = recommender.model.catalogue.ids
    likes, dislikes = tuple(recommender.item_names(likes)), tuple(recommender.item_names(dislikes))
    if item is not None:
        if user is not None:
            user = known = recommender.user_id(user)
            said = known_verdicts(catalogue, stored_verdicts(session, not no_feedback, out, known))
            both = merged(said.get(known, Verdicts()), likes, dislikes)
            tell_counted(len(both.liked) - len(likes), len(both.disliked) - len(dislikes), out)
            likes, dislikes = both.liked, both.disliked
        found = prediction.predict(recommender, user, item, likes, dislikes)
        _show([found], found.to_json() | head, out)
        return
    said = known_verdicts(catalogue, stored_verdicts(session, not no_feedback, out))
    predicted = prediction.predict_pairs(recommender, wanted, teller(out), said)
    tell_counted_for(len(said.keys() & {recommender.user_id(who) for who in {who for who, _ in wanted}}), out)
    if output is None:
        _show(predicted, {"rows": len(predicted), "pairs": [entry.to_json() for entry in predicted]} | head, out)
        return
    _write(predicted, output, session)
    out.tell(say("cli.rows_written", rows=f"{len(predicted):,}", path=output))
    if out.options.form == JSON:
        out.data(json_document({"rows": len(predicted), "output": str(output)} | head))


def _rows(predicted: list[Prediction]) -> list[tuple[Any, ...]]:
    return [(p.user, p.item, p.title, p.probability, p.expected_rating) for p in predicted]


def _write(predicted: list[Prediction], output: Path, session: Session) -> None:
    import polars as pl

    kinds = (pl.String, pl.String, pl.String, pl.Float32, pl.Float32)
    write_lists(
        pl.DataFrame(_rows(predicted), schema=dict(zip(COLUMNS, kinds, strict=True)), orient="row"), output, session
    )


def _show(predicted: list[Prediction], document: dict[str, Any], out: Console) -> None:
    if out.options.form == JSON:
        out.data(json_document(document))
        return
    if out.options.form == CSV:
        out.data(csv_table(COLUMNS, _rows(predicted), ("title",)))
        return
    headers = [say("cli.user"), say("cli.item"), say("cli.title"), say("cli.probability"), say("cli.expected_rating")]
    shown = [
        (
            say("cli.someone_new") if entry.user is None else entry.user,
            entry.item,
            entry.title or "",
            percent(entry.probability),
            "" if entry.expected_rating is None else f"{entry.expected_rating:.2f}",
        )
        for entry in predicted
    ]
    out.table(headers, shown, numbers=(3, 4))
    tell_probability(str(document["horizon"]), out)
    if len(predicted) == 1 and predicted[0].already_taken:
        out.tell(say("cli.taken_already"))
