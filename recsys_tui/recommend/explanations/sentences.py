"""One or two plain sentences from the figures of an explanation, in English or Chinese, claiming nothing more."""

from __future__ import annotations

import locale
import os
from collections.abc import Sequence

from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import LANGUAGES, say_in
from recsys_tui.recommend.answers import Reason
from recsys_tui.recommend.explanations.explanation import Cause, Without, causes_that_count
from recsys_tui.recommend.explanations.peers import ClusterTaste
from recsys_tui.recommend.explanations.shared_terms import SharedTerm
from recsys_tui.recommend.explanations.sureness import POPULARITY, Sureness

MOST_CAUSES, MOST_TERMS = 3, 3
LEAST_LIFT = 1.2
# Of what speaks for the item; a term below it is no reason worth a sentence.
LEAST_TERM = 0.02
# Of what speaks for the item; only actions that add so much of it are what it mainly stands there for.
MAINLY = 0.5
AGAIN, NOVELTY = "again", "novelty"  # the latter turns a match into a chance, and is no reason
CHINESE = "zh"
LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


def language_of(given: str | None) -> str:
    """The language asked for, else that of the locale: ``en`` or ``zh``. Raises ``UserError`` (exit 2) for another."""
    if given is not None:
        if given not in LANGUAGES:
            raise UserError("explain.unknown_language", language=given)
        return given
    spoken = next((value for name in LOCALE_VARIABLES if (value := os.environ.get(name))), "") or (
        locale.getlocale()[0] or ""
    )
    return CHINESE if spoken.lower().startswith((CHINESE, "chinese")) else LANGUAGES[0]


def sentences_of(
    language: str,
    rank: int | None,
    components: Sequence[Reason],
    causes: Sequence[Cause],
    terms: Sequence[SharedTerm],
    taste: ClusterTaste | None,
    without: Sequence[Without],
    depth: int,
    sure: Sureness,
    disliked: bool = False,
    elsewhere: bool = False,
) -> tuple[str, ...]:
    """At most two sentences: what caused the score, and what most plainly stands behind it.

    ``disliked``: the person said so of this very item. ``elsewhere``: it is seen at another place than ``rank``.
    """
    if disliked:
        return (say_in(language, "explain.disliked"),)
    if any(part.kind == AGAIN for part in components):
        return (say_in(language, "explain.taken_again"),)
    if not sure.actions:
        return (say_in(language, "explain.nothing_done" if rank is not None else "explain.nothing_done_unranked"),)
    if sure.level == POPULARITY:
        return (say_in(language, "explain.popular"),)
    because = _because(language, rank, components, causes, without, elsewhere)
    first = because or _part(language, components)
    second = (
        _single(language, without, causes, depth)
        or _shares(language, components, terms)
        or _group(language, taste)
        or (_part(language, components) if because else None)
    )
    return tuple(sentence for sentence in (first, second) if sentence)


def joined(language: str, words: Sequence[str]) -> str:
    """Words as a list that is read: a, b and c."""
    if len(words) < 2:
        return "".join(words)
    comma = say_in(language, "explain.comma")
    return say_in(language, "explain.and", first=comma.join(words[:-1]), last=words[-1])


def _named(language: str, cause: Cause) -> str:
    title = cause.title or cause.item
    if cause.opinion is not None:
        return say_in(language, "explain.liked_now", title=title)
    if cause.rating is not None:
        return say_in(language, "explain.rated", title=title, rating=f"{cause.rating:g}")
    return say_in(language, "explain.plain", title=title)


def _because(
    language: str,
    rank: int | None,
    components: Sequence[Reason],
    causes: Sequence[Cause],
    without: Sequence[Without],
    elsewhere: bool,
) -> str | None:
    """The actions that stand behind it: what it mainly stands there for, or only in part.

    Mainly: together they add half of what speaks for the item or more, none that adds more is passed over, and it
    stands no better without them, as far as that was looked at.
    """
    unmoved = {entry.item for entry in without if not _falls(entry)}
    adding = [cause for cause in causes_that_count(causes) if cause.contribution > 0]
    speaking = [cause for cause in adding if cause.beyond_chance and cause.item not in _lifted(without)][:MOST_CAUSES]
    if not speaking:
        return None
    named = joined(language, [_named(language, cause) for cause in speaking])
    added = sum(cause.contribution for cause in speaking)
    whole = sum(part.contribution for part in components if part.contribution > 0)
    mainly = (
        adding[: len(speaking)] == speaking
        and added >= MAINLY * whole
        and not all(cause.item in unmoved for cause in speaking)
    )
    if rank is None:
        sentences = "explain.because_unranked", "explain.partly_because_unranked"
    elif elsewhere:
        sentences = "explain.because_by_score", "explain.partly_because_by_score"
    else:
        sentences = "explain.because", "explain.partly_because"
    return say_in(language, sentences[0 if mainly else 1], causes=named, rank=rank)


def _falls(entry: Without) -> bool:
    """Whether the item stands lower without an action."""
    return entry.rank_before is not None and (entry.rank_after is None or entry.rank_after > entry.rank_before)


def _lifted(without: Sequence[Without]) -> set[str]:
    """Actions without which the item stands higher."""
    return {
        entry.item
        for entry in without
        if entry.rank_after is not None and (entry.rank_before is None or entry.rank_after < entry.rank_before)
    }


def _part(language: str, components: Sequence[Reason]) -> str | None:
    speaking = [part for part in components if part.contribution > 0 and part.kind != NOVELTY]
    if not speaking:
        return None
    most = max(speaking, key=lambda part: part.contribution)
    return say_in(language, "explain.part", part=say_in(language, f"explain.part_{most.kind}"))


def _single(language: str, without: Sequence[Without], causes: Sequence[Cause], depth: int) -> str | None:
    real = {cause.item for cause in causes if cause.beyond_chance}
    moved = [entry for entry in without if entry.item in real and _falls(entry)]
    if not moved:
        return None
    most = max(moved, key=lambda entry: entry.rank_after if entry.rank_after is not None else depth + 1)
    title = most.title or most.item
    if most.rank_after is None:
        return say_in(language, "explain.single_out", title=title, depth=depth)
    return say_in(language, "explain.single", title=title, before=most.rank_before, after=most.rank_after)


def _shares(language: str, components: Sequence[Reason], terms: Sequence[SharedTerm]) -> str | None:
    speaking = sum(part.contribution for part in components if part.contribution > 0)
    shown = [term.term for term in terms if term.telling and term.contribution > LEAST_TERM * speaking][:MOST_TERMS]
    return say_in(language, "explain.shares", terms=joined(language, shown)) if shown else None


def _group(language: str, taste: ClusterTaste | None) -> str | None:
    if taste is None or taste.lift is None or taste.lift < LEAST_LIFT:
        return None
    lift = f"{taste.lift:.1f}"
    if not taste.has_name:
        return say_in(language, "explain.numbered_group_sentence", number=taste.cluster, lift=lift)
    return say_in(language, "explain.group_sentence", name=taste.name, lift=lift)
