"""Will this person take this item, and how would they rate it: probabilities and expected ratings of pairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from recsys_tui.data.histories import Flags, Floats, Histories, Longs
from recsys_tui.models.experts import people_at_once
from recsys_tui.models.interaction import BASE_RATE
from recsys_tui.models.newcomers import pair_logits
from recsys_tui.models.signal_names import SIGNALS
from recsys_tui.models.signals import signals_at
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.recommend.recommender import Question, Recommender
from recsys_tui.recommend.told_ratings import ONE, rates_nothing, told_to_silent_raters, told_to_somebody_new
from recsys_tui.store.verdicts import NO_FEEDBACK, Verdicts

Pair = tuple[str, str]


@dataclass(frozen=True)
class Prediction:
    """What is foretold of a person and an item. ``user`` is None for someone who is not in the data.

    ``probability``: of two items, one that the person takes next and one untouched item drawn in proportion to
    √popularity, the chance that this is the one taken; ``base_rate``, one half, is what it would be of any item if
    nothing were known. ``expected_rating``: within the scale of the data; None where there are no ratings,
    and where it would tell somebody new how a few people rated.
    ``already_taken``: the person has the item, and the probability is that of taking it if they had not.
    """

    user: str | None
    item: str
    title: str | None
    probability: float
    expected_rating: float | None
    already_taken: bool
    base_rate: float = BASE_RATE

    def to_json(self) -> dict[str, Any]:
        """The pair as ``recsys predict --json`` prints it."""
        return {
            "user": self.user,
            "item": self.item,
            "title": self.title,
            "probability": self.probability,
            "expected_rating": self.expected_rating,
            "already_taken": self.already_taken,
        }


def predict(
    recommender: Recommender, user: str | None, item: str, like: Sequence[str] = (), dislike: Sequence[str] = ()
) -> Prediction:
    """One pair; ``user`` None is someone who is not in the data.

    The person is seen as :meth:`Recommender.recommend` sees them: likes are their newest actions, dislikes leave their
    history, and of somebody who did nothing yet, what their attributes say counts.

    Raises ``UserError`` (exit 3) for an unknown user or item.
    """
    wanted = recommender.item_code(item)
    question = recommender.question(user, like=like, dislike=dislike)
    history = question.asked.histories
    model, chance = question.model, likely(question, wanted)
    known = model.people.histories
    before = Histories.of_one([], known.item_count) if question.code is None else known.rows(
        question.code, question.code + 1
    )  # fmt: skip
    liked, disliked = ([recommender.item_code(entry) for entry in entries] for entries in (like, dislike))
    rated = _rated(model, before, liked, disliked)
    if rates_nothing(before) or not len(rated.items):
        rating = told_to_somebody_new(model, rated, wanted)
    else:
        rating = float(_ratings(model, rated, ONE, np.array([wanted], np.int64))[0])
    return _prediction(model, user, wanted, chance, rating, wanted in history.items)


def likely(question: Question, item: int) -> float:
    """The probability that the person of a question takes an item (code), as it would stand in their list."""
    model = question.model
    return float(model.interaction.probability(np.array([logit_of(question, item)], np.float32))[0])


def logit_of(question: Question, item: int) -> float:
    """The interaction model's logit of an item (code) for the person of a question."""
    model, asked = question.model, np.array([[item]], np.int32)
    stack = signals_at(model.experts, model.interaction, question.asked.histories, asked)
    return float(stack.values[SIGNALS.index("interaction"), 0, 0])


def predict_pairs(
    recommender: Recommender,
    pairs: Sequence[Pair],
    progress: Callable[[float], None] | None = None,
    feedback: Mapping[str, Verdicts] = NO_FEEDBACK,
) -> list[Prediction]:
    """Many pairs of a user and an item, in their order; ``feedback``: what people said of items the model knows.

    Raises ``UserError`` (exit 3) for the first unknown user or item.
    """
    if recommender.is_tagged:
        names = recommender.user_names([user for user, _ in pairs])
        pairs = [(name, item) for name, (_, item) in zip(names, pairs, strict=True)]
    said = {user: feedback.get(recommender.user_id(user), Verdicts()) for user in {user for user, _ in pairs}}
    alone = recommender.silent_among(list(said)) | {user for user, verdicts in said.items() if verdicts}
    if alone:
        acted = iter(predict_pairs(recommender, [pair for pair in pairs if pair[0] not in alone], progress))
        return [
            predict(recommender, user, item, said[user].liked, said[user].disliked) if user in alone else next(acted)
            for user, item in pairs
        ]
    model = replace(recommender.model, experts=recommender.model.experts.for_many())
    people = {user: recommender.user_code(user) for user in dict.fromkeys(user for user, _ in pairs)}
    codes = {item: recommender.item_code(item) for item in dict.fromkeys(item for _, item in pairs)}
    who = np.array([people[user] for user, _ in pairs], np.int64)
    what = np.array([codes[item] for _, item in pairs], np.int64)
    histories = model.people.histories
    chances, ratings = np.zeros(len(pairs), np.float32), np.full(len(pairs), np.nan, np.float32)
    taken = np.zeros(len(pairs), np.bool_)
    distinct, rows = np.unique(who, return_inverse=True)
    size = people_at_once(histories.item_count)
    for start in range(0, len(distinct), size):
        some = distinct[start : start + size]
        inside = np.flatnonzero((rows >= start) & (rows < start + size))
        batch = histories.prefixes(some, histories.lengths[some])
        local = rows[inside] - start
        chances[inside] = _chances(model, batch, local, what[inside])
        ratings[inside] = _ratings(model, batch, local, what[inside])
        taken[inside] = owned(batch, local, what[inside])
        if progress is not None:
            progress((start + len(some)) / len(distinct))
    return [
        _prediction(model, user, codes[item], float(chance), float(rating), bool(had))
        for (user, item), chance, rating, had in zip(pairs, chances, ratings, taken, strict=True)
    ]


def owned(histories: Histories, people: Longs, items: Longs) -> Flags:
    """Whether each person (a row) has each item, both (pairs,)."""
    count = histories.item_count
    held = histories.owners * count + histories.items
    result: Flags = np.isin(people * count + items, held)
    return result


def _chances(model: TrainedModel, histories: Histories, people: Longs, items: Longs) -> Floats:
    signals = model.experts.input_signals_of(histories, people, items)
    logits = pair_logits(model.experts, model.interaction, signals, histories.lengths[people], items)
    return model.interaction.probability(logits)


def _ratings(model: TrainedModel, histories: Histories, people: Longs, items: Longs) -> Floats:
    """Expected ratings, not-a-number where the data has none; to those who rated nothing as to somebody new."""
    if model.ratings is None:
        return np.full(len(items), np.nan, np.float32)
    found = model.ratings.expected_of(histories, people, items)
    given = histories.owners if histories.ratings is None else histories.owners[np.isfinite(histories.ratings)]
    silent = ~np.isin(people, given) | (histories.ratings is None)
    found[silent] = told_to_silent_raters(model, items[silent])
    return found


def _rated(model: TrainedModel, history: Histories, liked: Sequence[int], disliked: Sequence[int]) -> Histories:
    """A person's history without dislikes and in which likes are ratings, good but not the best."""
    if not (liked or disliked) or model.ratings is None:
        return history
    keep = ~np.isin(history.items, [*liked, *disliked])
    given = np.full(len(history.items), np.nan, np.float32) if history.ratings is None else history.ratings
    distinct = list(dict.fromkeys(liked))
    items = np.concatenate([history.items[keep], np.array(distinct, np.int32)])
    ratings = np.concatenate([given[keep], np.full(len(distinct), model.ratings.of_like(), np.float32)])
    return replace(Histories.of_one(items, history.item_count), ratings=ratings)


def _prediction(
    model: TrainedModel, user: str | None, item: int, chance: float, rating: float, taken: bool
) -> Prediction:
    return Prediction(
        user,
        str(model.catalogue.ids[item]),
        model.catalogue.titles[item],
        chance,
        None if np.isnan(rating) else rating,
        taken,
    )
