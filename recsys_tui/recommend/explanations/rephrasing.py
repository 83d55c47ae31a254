"""The sentences of an explanation, said more fluently by a text service on this machine, if a person asks for it.

The service gets the figures and the sentences, nothing else. What it answers is shown, as the service's, only if
no number and no name of an item is found in it that was not given. Without an answer in time, or with one that
says more, the program's own sentences stand.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from recsys_tui.output.messages import say, say_in
from recsys_tui.output.neutralise import neutral_text
from recsys_tui.recommend.explanations.explanation import Explanation
from recsys_tui.recommend.explanations.invented import names_what_was_not_given
from recsys_tui.recommend.explanations.loopback_service import NO_ANSWER, Endpoint, answer_of

SECONDS = 10.0
MOST_CHARACTERS = 600
MOST_CAUSES, MOST_TERMS = 5, 5


def rephrased(
    found: Explanation, endpoint: Endpoint, language: str, names: Iterable[str | None], seconds: float = SECONDS
) -> tuple[str | None, str | None]:
    """The service's sentence, or None and why there is none.

    ``names``: the title of every item, or its id where it has none; none but those given may occur. Takes ``seconds``
    at most, however slowly the service answers.
    """
    figures = figures_of(found)
    messages = [
        {"role": "system", "content": say_in(language, "explain.ask_rephrasing")},
        {"role": "user", "content": json.dumps(figures, ensure_ascii=False)},
    ]
    try:
        text = neutral_text(answer_of(endpoint, messages, seconds))
    except NO_ANSWER:
        return None, say("explain.no_rephrasing")
    if not text or len(text) > MOST_CHARACTERS:
        return None, say("explain.no_rephrasing")
    own = [found.title or found.item, *(cause.title or cause.item for cause in found.history)]
    if names_what_was_not_given(text, _pieces(figures), own, names):
        return None, say("explain.rephrasing_invents")
    return text, None


def figures_of(found: Explanation) -> dict[str, object]:
    """All that the service gets to know: no ids of people, no history beyond the causes that are named."""
    causes = [cause for cause in found.history if cause.beyond_chance and cause.contribution > 0][:MOST_CAUSES]
    taste = found.profile
    return {
        "title": found.title or found.item,
        "rank": found.rank,
        "sentences": list(found.sentences),
        "because_of": [
            {"title": cause.title or cause.item, "rating": cause.rating, "adds": round(cause.contribution, 3)}
            for cause in causes
        ],
        "shares": [term.term for term in found.content if term.telling and term.contribution > 0][:MOST_TERMS],
        "group": None
        if taste is None or taste.lift is None
        else {"name": taste.name, "times_as_often": round(taste.lift, 1)},
        "without": [
            {"title": entry.title or entry.item, "rank": entry.rank_after, "rank_before": entry.rank_before}
            for entry in found.without
        ],
        "sure": found.sureness.level,
    }


def _pieces(value: object) -> list[str]:
    if isinstance(value, dict):
        return [piece for entry in value.values() for piece in _pieces(entry)]
    if isinstance(value, list):
        return [piece for entry in value for piece in _pieces(entry)]
    return [] if value is None else [str(value)]
