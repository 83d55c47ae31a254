"""An explanation of one item for one person, as plain frozen data: what ``recsys explain`` prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recsys_tui.recommend.answers import Reason
from recsys_tui.recommend.explanations.sureness import Sureness

if TYPE_CHECKING:
    from recsys_tui.recommend.explanations.peers import ClusterTaste
    from recsys_tui.recommend.explanations.shared_terms import SharedTerm

LEAST_SHARE = 0.01
EXACT, HELD, COUNTED, ANEW = "exact", "rescored_with_frame_held", "counted", "ranked_anew"
# How each part of the document was found: exactly, by scoring again with candidates, scales and gates held fixed, by
# counting people, or by ranking anew. A cause of the history is the sum of an exact part and one scored again.
METHODS = {
    "components": EXACT,
    "history.exact": EXACT,
    "history.rescored": HELD,
    "history.effect": HELD,
    "content": EXACT,
    "profile": COUNTED,
    "without": ANEW,
    "counterfactual": ANEW,
}


@dataclass(frozen=True)
class Cause:
    """One of the person's own actions, and what it adds to the score: ``exact`` + ``rescored`` (None: not looked at).

    ``effect``: how much the score falls without it, all else held fixed; None where that was not looked at.
    ``beyond_chance``: the effect is larger than that of random removals from histories as long as this one.
    ``time``: epoch milliseconds or a position. ``opinion``: ``like`` or ``dislike`` where it was said, not done.
    """

    item: str
    title: str | None
    rating: float | None
    time: int | None
    opinion: str | None
    contribution: float
    exact: float
    rescored: float | None
    effect: float | None
    beyond_chance: bool


def causes_that_count(causes: Sequence[Cause]) -> list[Cause]:
    """Those that make a hundredth or more of what all of them add and take together; the others are next to nothing."""
    whole = sum(abs(cause.contribution) for cause in causes)
    return [cause for cause in causes if abs(cause.contribution) >= LEAST_SHARE * whole]


@dataclass(frozen=True)
class Seen:
    """Where the item that is asked about is seen: at which place of a list, and how long lists of that kind are."""

    rank: int
    length: int


@dataclass(frozen=True)
class Without:
    """Where the item stands now and without one action, ranked anew among what is new to the person.

    None: beyond the candidates.
    """

    item: str
    title: str | None
    rank_before: int | None
    rank_after: int | None


@dataclass(frozen=True)
class LeftOut:
    """A smallest set of actions without which the item is not among the first ``k``; ``rank``: where it stands then."""

    k: int
    items: tuple[tuple[str, str | None], ...]
    rank: int | None
    verified: bool


@dataclass(frozen=True)
class Explanation:
    """Why an item has its score. The contributions of ``components`` sum to ``score``.

    ``rank``: its place in the person's list with the options given; None where it is not in it. ``history``: causes,
    the largest first. ``vectors``: what ready-made vectors of items add beside the terms of ``content``. ``depth``: how
    far lists were ranked for ``without``. ``chance``: where people take things again and the item is in the list, the
    chance that the next occasion contains it. ``band``: the effect that random removals have. ``rephrased``: the
    sentences are a text service's, not the program's.
    """

    user: str | None
    item: str
    title: str | None
    model: str
    preset: str
    horizon: str
    score: float
    rank: int | None
    in_candidates: bool
    already_taken: bool
    probability: float
    chance: float | None
    components: tuple[Reason, ...]
    history: tuple[Cause, ...]
    band: float
    content: tuple[SharedTerm, ...]
    vectors: float
    profile: ClusterTaste | None
    without: tuple[Without, ...]
    counterfactual: LeftOut | None
    depth: int
    sureness: Sureness
    sentences: tuple[str, ...]
    note: str | None
    rephrased: bool = False

    def to_json(self) -> dict[str, Any]:
        """The document of ``recsys explain --json``."""
        profile = self.profile
        return {
            "user": self.user,
            "item": self.item,
            "title": self.title,
            "model": self.model,
            "preset": self.preset,
            "horizon": self.horizon,
            "note": self.note,
            "score": self.score,
            "rank": self.rank,
            "in_candidates": self.in_candidates,
            "already_taken": self.already_taken,
            "probability": self.probability,
            "chance": self.chance,
            "sentences": list(self.sentences),
            "rephrased": self.rephrased,
            "components": [
                {"name": part.kind, "text": part.text, "contribution": part.contribution} for part in self.components
            ],
            "history": [
                {
                    "item": cause.item,
                    "title": cause.title,
                    "rating": cause.rating,
                    "time": cause.time,
                    "opinion": cause.opinion,
                    "contribution": cause.contribution,
                    "exact": cause.exact,
                    "rescored": cause.rescored,
                    "effect": cause.effect,
                    "beyond_chance": cause.beyond_chance,
                }
                for cause in self.history
            ],
            "band": self.band,
            "content": [
                {"term": term.term, "kind": term.kind, "contribution": term.contribution} for term in self.content
            ],
            "vectors": self.vectors,
            "profile": None
            if profile is None
            else {
                "cluster": profile.cluster,
                "name": profile.name,
                "size": profile.size,
                "share": profile.share,
                "share_of_all": profile.share_of_all,
                "lift": profile.lift,
            },
            "without": [
                {
                    "item": entry.item,
                    "title": entry.title,
                    "rank_before": entry.rank_before,
                    "rank_after": entry.rank_after,
                }
                for entry in self.without
            ],
            "counterfactual": None
            if self.counterfactual is None
            else {
                "k": self.counterfactual.k,
                "items": [{"item": item, "title": title} for item, title in self.counterfactual.items],
                "rank": self.counterfactual.rank,
                "verified": self.counterfactual.verified,
            },
            "depth": self.depth,
            "sureness": {
                "level": self.sureness.level,
                "agreeing": self.sureness.agreeing,
                "speaking": self.sureness.speaking,
                "causes": self.sureness.causes,
                "actions": self.sureness.actions,
                "popularity": self.sureness.popularity,
                "not_attributable": self.sureness.not_attributable,
            },
            "methods": METHODS,
        }
