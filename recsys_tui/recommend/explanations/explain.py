"""Explaining one item to one person: everything that can be said of its score, worked out from the model that ranks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from recsys_tui.data.histories import Floats, Histories
from recsys_tui.models.deep_candidates import DEEP
from recsys_tui.models.explaining.attribution import Attribution, attribution
from recsys_tui.models.explaining.frame import Frame
from recsys_tui.models.signal_names import SIGNALS
from recsys_tui.models.signals import signals_at
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.messages import say
from recsys_tui.recommend.again import AGAIN
from recsys_tui.recommend.answers import Reason
from recsys_tui.recommend.explanations.counterfactual import (
    RanksWithout,
    depth_of,
    find_counterfactual,
    ranks_without,
)
from recsys_tui.recommend.explanations.explanation import Cause, Explanation, LeftOut, Seen, Without
from recsys_tui.recommend.explanations.list_ranks import ranks_in_list
from recsys_tui.recommend.explanations.peers import ClusterTaste, cluster_taste
from recsys_tui.recommend.explanations.sentences import sentences_of
from recsys_tui.recommend.explanations.shared_terms import shared_terms
from recsys_tui.recommend.explanations.sureness import sureness
from recsys_tui.recommend.list_building import build_lists, standing_items
from recsys_tui.recommend.list_options import PLAIN, ListOptions
from recsys_tui.recommend.recommender import Question, Recommender
from recsys_tui.store.verdicts import DISLIKE, LIKE

MOST_WITHOUT = 3


def explain(
    recommender: Recommender,
    user: str | None,
    item: str,
    k: int = 10,
    model: str = DEEP,
    like: Sequence[str] = (),
    dislike: Sequence[str] = (),
    options: ListOptions = PLAIN,
    language: str = "en",
    gate: CrowdGate | None = None,
    counterfactuals: bool = True,
    stopped: Callable[[], bool] = lambda: False,
    seen: Seen | None = None,
) -> Explanation:
    """Explain an item to a person, or to someone new (``user`` None) who is given by likes alone.

    Any item may be asked about, in the list or not. ``counterfactuals``: rank anew without single actions and look for
    the smallest set that pushes the item out of the first ``k``; ``stopped`` is asked between its steps. ``seen``: of a
    list that is spread out, ranks are those of one as long as that; a rank that is not the one seen is told as that by
    score alone. Raises ``UserError`` as :meth:`Recommender.recommend` does, exit 3 for an unknown item.
    """
    gate = gate or CrowdGate()
    code = recommender.item_code(item)
    question = recommender.question(user, model, like, dislike, options)
    frame = frame_of(question)
    history = frame.history
    taken = bool((history.items == code).any())
    depth = depth_of(frame)
    if seen is not None and options.diversity:  # what is chosen among depends on how long the list is
        depth = min(depth, seen.length)
    rank, score, likely, chance, parts = _standing(question, frame, code, depth)
    found = attribution(frame, code)
    band = recommender.removal_band(question.served, len(history.items))
    again = AGAIN in parts  # then the score is the chance of that, and no action but itself stands behind it
    disliked = code in question.asked.disliked
    causes = () if again else _causes(recommender, question, found, band)
    causes = tuple(cause for cause in causes if cause.opinion != DISLIKE or cause.item != item)
    components = tuple(
        Reason(name, say(f"models.component_{name}"), value)
        for name, value in sorted(parts.items(), key=lambda entry: -abs(entry[1]))
    )
    terms, vectors = ((), 0.0) if again else shared_terms(frame, code)
    taste = _taste(recommender, question, code, gate)
    ranks_of = ranks_without if _plainly_ranked(question, frame) else partial(ranks_in_list, question, depth=depth)
    changes = _changes(frame, code, found.contributions, k, stopped, ranks_of) if counterfactuals else ((), None)
    without, left_out = changes
    sure = sureness(parts, sum(cause.beyond_chance and cause.contribution > 0 for cause in causes), len(history.items))
    elsewhere = seen is not None and seen.rank != rank
    return Explanation(
        user=user,
        item=item,
        title=question.model.catalogue.titles[code],
        model=question.served,
        preset=recommender.preset,
        horizon=recommender.horizon,
        score=score,
        rank=rank,
        in_candidates=question.served != DEEP or code in frame.candidates,
        already_taken=taken,
        probability=likely,
        chance=chance,
        components=components,
        history=causes,
        band=band,
        content=terms,
        vectors=vectors,
        profile=taste,
        without=without,
        counterfactual=left_out,
        depth=depth,
        sureness=sure,
        sentences=sentences_of(
            language, rank, components, causes, terms, taste, without, depth, sure, disliked, elsewhere
        ),
        note=_note(question, rank, taken),
    )


def _note(question: Question, rank: int | None, taken: bool) -> str | None:
    """What the list has to say, and where the score is not of the list's kind."""
    mixed = question.model.people.repeats is not None and question.code is not None
    other = say("explain.other_scale") if mixed and rank is None and not taken else None
    return " ".join(note for note in (question.note, other) if note) or None


def frame_of(question: Question) -> Frame:
    """The frame of the one person in a question: what may be in their list, and is new to them."""
    asked = question.asked
    allowed = standing_items(question.model, asked, question.selection) & question.selection.allowed
    allowed[0, asked.histories.items] = False
    return Frame.of(question.model, question.served, asked.histories, allowed)


Standing = tuple[int | None, float, float, float | None, dict[str, float]]


def _plainly_ranked(question: Question, frame: Frame) -> bool:
    """Whether the list is the ranking of new items: nothing in it is taken again, pinned or spread out."""
    plain = not question.options.diversity and not len(question.selection.pins)
    return question.model.people.repeats is None and plain and frame.served == DEEP


def _standing(question: Question, frame: Frame, item: int, depth: int) -> Standing:
    """Rank (None: not in the list, which is ``depth`` long), score, probability, chance, the parts of the score."""
    if _plainly_ranked(question, frame):
        place = np.flatnonzero(frame.candidates[np.argsort(-frame.scores, kind="stable")] == item)
        return int(place[0]) + 1 if len(place) else None, *_alone(frame, item)
    # What is taken again, pinned or spread out has its place, and its score, from the whole list.
    lists = build_lists(
        question.model, question.asked, depth, question.served, question.options, question.selection, True
    )
    place = np.flatnonzero(lists.items[0] == item)
    if not len(place):
        return None, *_alone(frame, item)
    at = int(place[0])
    parts = {name: float(part[0, at]) for name, part in lists.components.items() if part[0, at]}
    chance = None if lists.chances is None else float(lists.chances[0, at])
    return at + 1, float(lists.scores[0, at]), _probability(frame, item), chance, parts


def _alone(frame: Frame, item: int) -> tuple[float, float, None, dict[str, float]]:
    """Score, probability, chance (none) and parts of an item by the frame, whether or not it is in the list."""
    signals = frame.signals(frame.history, item)
    parts = {name: float(part[0]) for name, part in frame.components(signals, item).items() if part[0]}
    return float(sum(parts.values())), _probability(frame, item), None, parts


def _probability(frame: Frame, item: int) -> float:
    items = np.array([[item]], np.int32)
    values = signals_at(frame.model.experts, frame.model.interaction, frame.history, items).values
    return float(frame.model.interaction.probability(values[SIGNALS.index("interaction")])[0, 0])


def _causes(recommender: Recommender, question: Question, found: Attribution, band: float) -> tuple[Cause, ...]:
    history = question.asked.histories
    known = _known(recommender, question)
    catalogue = question.model.catalogue
    causes = []
    for place, contribution in enumerate(found.contributions.tolist()):
        code = int(history.items[place])
        rating, time = known.get(code, (None, None))
        rescored, effect = float(found.rescored[place]), float(found.effect[place])
        looked_at = not np.isnan(effect)
        causes.append(
            Cause(
                item=str(catalogue.ids[code]),
                title=catalogue.titles[code],
                rating=rating,
                time=time,
                opinion=None if code in known else LIKE,
                contribution=contribution,
                exact=float(found.exact[place]),
                rescored=rescored if looked_at else None,
                effect=effect if looked_at else None,
                beyond_chance=looked_at and abs(effect) > band and (effect > 0) == (contribution > 0),
            )
        )
    for code, contribution in zip(found.disliked[0].tolist(), found.disliked[1].tolist(), strict=True):
        title = catalogue.titles[code]
        causes.append(
            Cause(str(catalogue.ids[code]), title, None, None, DISLIKE, contribution, contribution, None, None, False)
        )
    return tuple(sorted(causes, key=lambda cause: -abs(cause.contribution)))


def _known(recommender: Recommender, question: Question) -> dict[int, tuple[float | None, int | None]]:
    """Rating and time of what the person did, by item code; what they only said is not in it."""
    if question.code is None:
        return {}
    histories: Histories = recommender.model.people.histories
    places = range(int(histories.indptr[question.code]), int(histories.indptr[question.code + 1]))
    known = {}
    for place in places:
        rating = float("nan") if histories.ratings is None else float(histories.ratings[place])
        time = None if histories.times is None else int(histories.times[place])
        known[int(histories.items[place])] = (None if np.isnan(rating) else rating, time)
    return known


def _taste(recommender: Recommender, question: Question, item: int, gate: CrowdGate) -> ClusterTaste | None:
    cluster = int(question.model.experts.profiles.cluster_of(question.asked.histories)[0])
    if cluster < 0:
        return None
    return cluster_taste(question.model, cluster, recommender.clusters()[cluster].name, item, gate)


def _changes(
    frame: Frame,
    item: int,
    contributions: Floats,
    k: int,
    stopped: Callable[[], bool],
    ranks_of: RanksWithout,
) -> tuple[tuple[Without, ...], LeftOut | None]:
    """Where the item stands without each of the strongest actions, and the smallest set that pushes it out."""
    history, catalogue = frame.history, frame.model.catalogue

    def named(place: int) -> tuple[str, str | None]:
        code = int(history.items[place])
        return str(catalogue.ids[code]), catalogue.titles[code]

    if not frame.allowed[0, item] or not len(history.items):
        return (), None
    strongest = np.argsort(-contributions, kind="stable")[:MOST_WITHOUT]
    before, *after = ranks_of(frame, item, [np.zeros(0, np.int64), *(np.array([place]) for place in strongest)])
    without = tuple(Without(*named(int(place)), before, later) for place, later in zip(strongest, after, strict=True))
    if before is None or before > k:
        return without, None
    found = find_counterfactual(frame, item, contributions, k, stopped, ranks_of)
    if found is None:
        return without, None
    return without, LeftOut(k, tuple(named(place) for place in found.places), found.rank, True)
