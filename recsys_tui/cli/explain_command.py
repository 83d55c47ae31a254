"""``recsys explain``: why an item stands where it stands for a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from recsys_tui.cli.answering import answering_recommender
from recsys_tui.cli.choices import AnsweringPreset, HorizonOption, NoTrain
from recsys_tui.cli.context import console, open_session
from recsys_tui.cli.data_options import OptionalData, with_mapping
from recsys_tui.cli.feedback_command import stored_verdicts, tell_counted
from recsys_tui.data.dataset import Mapping, TimeKind
from recsys_tui.output.console import CSV, JSON, Console
from recsys_tui.output.crowd_gate import smallest_crowd
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.output.probability import percent
from recsys_tui.output.writers import csv_table, json_document
from recsys_tui.store.verdicts import Verdicts

if TYPE_CHECKING:
    from recsys_tui.recommend.explanations.explanation import Cause, Explanation
    from recsys_tui.recommend.explanations.peers import ClusterTaste

Likes = Annotated[list[str] | None, typer.Option("--like", metavar="ITEM", help=say("cli.help_like"))]
Dislikes = Annotated[list[str] | None, typer.Option("--dislike", metavar="ITEM", help=say("cli.help_dislike"))]
MOST_CAUSES, MOST_TERMS = 10, 8
UNCLEAR = 0.25


@with_mapping
def explain(
    data: OptionalData = None,
    user: Annotated[str | None, typer.Option("--user", metavar="ID", help=say("cli.help_user"))] = None,
    item: Annotated[str, typer.Option("--item", metavar="ITEM", help=say("explain.help_item"))] = ...,  # type: ignore[assignment]
    new_user: Annotated[bool, typer.Option("--new-user", help=say("cli.help_new_user"))] = False,
    like: Annotated[list[str] | None, typer.Option("--like", metavar="ITEM", help=say("cli.help_like"))] = None,
    dislike: Annotated[
        list[str] | None, typer.Option("--dislike", metavar="ITEM", help=say("cli.help_dislike"))
    ] = None,
    k: Annotated[int, typer.Option("-k", min=1, max=100, help=say("explain.help_k"))] = 10,
    model: Annotated[str, typer.Option("--model", metavar="NAME", help=say("cli.help_model"))] = "deep",
    no_feedback: Annotated[bool, typer.Option("--no-feedback", help=say("feedback.help_none"))] = False,
    lang: Annotated[str | None, typer.Option("--lang", metavar="en|zh", help=say("explain.help_lang"))] = None,
    rephrase: Annotated[
        str | None, typer.Option("--rephrase", metavar="URL", help=say("explain.help_rephrase"))
    ] = None,
    rephrase_model: Annotated[
        str, typer.Option("--rephrase-model", metavar="NAME", help=say("explain.help_rephrase_model"))
    ] = "default",
    preset: AnsweringPreset = None,
    horizon: HorizonOption = "next",
    no_train: NoTrain = False,
    *,
    mapping: Mapping,
) -> None:
    from recsys_tui.recommend.explanations.explain import explain as explained
    from recsys_tui.recommend.explanations.loopback_service import Endpoint
    from recsys_tui.recommend.explanations.rephrasing import rephrased
    from recsys_tui.recommend.explanations.sentences import language_of
    from recsys_tui.recommend.given_values import check_opinions
    from recsys_tui.recommend.ranking import resolve_model_name
    from recsys_tui.recommend.stored_feedback import known_verdicts, merged

    if (user is not None) == new_user:
        raise UserError("explain.who")
    resolve_model_name(model)
    check_opinions(like or (), dislike or ())
    language = language_of(lang)
    endpoint = None if rephrase is None else Endpoint.of(rephrase, rephrase_model)
    out = console()
    session = open_session(data, mapping)
    likes, dislikes = tuple(like or ()), tuple(dislike or ())
    recommender, note = answering_recommender(
        session,
        out,
        preset=preset,
        horizon=horizon,
        no_train=no_train,
        users=[] if user is None else [user],
        items=[item, *likes, *dislikes],
    )
    likes, dislikes = tuple(recommender.item_names(likes)), tuple(recommender.item_names(dislikes))
    (item,) = recommender.item_names([item])
    if user is not None:
        user = recommender.user_id(user)
        said = stored_verdicts(session, not no_feedback, out, user)
        stored = known_verdicts(recommender.model.catalogue.ids, said).get(user, Verdicts())
        both = merged(stored, likes, dislikes)
        tell_counted(len(both.liked) - len(likes), len(both.disliked) - len(dislikes), out)
        likes, dislikes = both.liked, both.disliked
    found = explained(recommender, user, item, k, model, likes, dislikes, language=language)
    if endpoint is not None:
        catalogue = recommender.model.catalogue
        names = [
            title or known for title, known in zip(catalogue.titles.to_list(), catalogue.ids.to_list(), strict=True)
        ]
        said_better, problem = rephrased(found, endpoint, language, names)
        if said_better is not None:
            found = replace(found, sentences=(said_better,), rephrased=True)
        elif problem is not None:
            out.tell(problem)
    if out.options.form == JSON:
        document = found.to_json()
        document["note"] = " ".join(part for part in (found.note, note) if part) or None
        out.data(json_document(document))
    elif out.options.form == CSV:
        rows = [("component", part.kind, part.contribution) for part in found.components]
        rows += [("history", cause.item, cause.contribution) for cause in found.history]
        rows += [("content", term.term, term.contribution) for term in found.content]
        out.data(csv_table(("what", "name", "contribution"), rows, ("name",)))
    else:
        _show(found, k, recommender.manifest.get("time_kind") == TimeKind.TIME.value, out)


def _show(found: Explanation, k: int, dated: bool, out: Console) -> None:
    who = say("explain.someone_new") if found.user is None else found.user
    rank = say("explain.no_rank") if found.rank is None else str(found.rank)
    shown = {
        "score": f"{found.score:.3f}",
        "probability": percent(found.probability),
    }
    if found.chance is not None:
        shown["chance"] = percent(found.chance)
    told = "explain.title" if found.chance is None else "explain.title_chance"
    out.tell(say(told, title=found.title or found.item, user=who, rank=rank, **shown))
    for sentence in (found.note, *found.sentences):
        if sentence:
            out.tell(sentence)
    if found.rephrased:
        out.tell(say("explain.rephrased"))
    parts = [(part.text, f"{part.contribution:+.3f}") for part in found.components if part.contribution]
    out.table((say("explain.component"), say("explain.contribution")), parts, numbers=(1,))
    causes = [_cause_row(cause, found, dated) for cause in found.history[:MOST_CAUSES]]
    if causes:
        headers = ("explain.action", "explain.rating", "explain.when", "explain.contribution", "explain.rank_then")
        out.table([say(header) for header in headers], causes, numbers=(1, 3, 4))
    shared = [(term.term, term.kind, f"{term.contribution:+.3f}") for term in found.content[:MOST_TERMS]]
    if shared:
        of_terms = ("explain.term", "explain.kind", "explain.contribution")
        out.table([say(header) for header in of_terms], shared, numbers=(2,))
    for line in _lines(found, k):
        out.tell(line)


def _cause_row(cause: Cause, found: Explanation, dated: bool) -> tuple[str, str, str, str, str]:
    then = next((entry for entry in found.without if entry.item == cause.item), None)
    rank = "" if then is None else _rank(then.rank_after, found.depth)
    when = "" if cause.time is None else f"{cause.time:,}"
    if cause.time is not None and dated:
        when = datetime.fromtimestamp(cause.time / 1000, UTC).date().isoformat()
    rating = "" if cause.rating is None else f"{cause.rating:g}"
    if cause.opinion is not None:
        rating = say(f"feedback.says_{cause.opinion}")
    mark = "" if cause.beyond_chance or cause.effect is None else " ~"
    return cause.title or cause.item, rating, when, f"{cause.contribution:+.3f}{mark}", rank


def _rank(place: int | None, depth: int) -> str:
    return say("explain.beyond", depth=depth) if place is None else str(place)


def _called(taste: ClusterTaste) -> str:
    return f"C{taste.cluster} {taste.name}" if taste.has_name else f"C{taste.cluster}"


def _lines(found: Explanation, k: int) -> list[str]:
    """What is said in words below the tables."""
    lines = []
    if any(not cause.beyond_chance and cause.effect is not None for cause in found.history[:MOST_CAUSES]):
        lines.append(say("explain.within_chance", band=f"{found.band:.3f}"))
    changed = found.counterfactual
    if changed is not None:
        named = ", ".join(title or item for item, title in changed.items)
        lines.append(say("explain.counterfactual", k=k, items=named, rank=_rank(changed.rank, found.depth)))
    taste = found.profile
    if taste is not None and taste.lift is not None and taste.share is not None and taste.share_of_all is not None:
        shares = {"share": f"{taste.share:.1%}", "share_of_all": f"{taste.share_of_all:.1%}"}
        lift = f"{taste.lift:.1f}"
        lines.append(say("explain.group", group=_called(taste), size=taste.size, lift=lift, **shares))
    elif taste is not None:
        lines.append(say("explain.group_few", minimum=smallest_crowd(), group=_called(taste)))
    sure = found.sureness
    counts = {"agreeing": sure.agreeing, "speaking": sure.speaking, "causes": sure.causes, "actions": sure.actions}
    if sure.speaking:
        lines.append(say(f"explain.sureness_{sure.level}", **counts))
    if sure.not_attributable > UNCLEAR:
        lines.append(say("explain.not_attributable", share=f"{sure.not_attributable:.0%}"))
    if found.chance is not None:  # it has its place in a list of what is new and what is taken again
        return lines
    if found.already_taken:
        lines.append(say("explain.taken_already"))
    elif not found.in_candidates:
        lines.append(say("explain.outside_candidates"))
    return lines
