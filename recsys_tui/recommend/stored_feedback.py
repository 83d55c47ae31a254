"""What people said of items before, counted in their lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from recsys_tui.recommend.answers import Recommendations
from recsys_tui.recommend.list_options import PLAIN, ListOptions
from recsys_tui.store.verdicts import Verdicts

if TYPE_CHECKING:
    from recsys_tui.data.text_list import TextList
    from recsys_tui.models.contract import Expert
    from recsys_tui.recommend.recommender import Recommender

MANY_ITEMS = 50


def merged(said: Verdicts, like: Sequence[str], dislike: Sequence[str]) -> Verdicts:
    """What was said before and what is said now; of an item that is in both, what is said now counts."""
    now = {*like, *dislike}
    return Verdicts(
        (*(item for item in said.liked if item not in now), *like),
        (*(item for item in said.disliked if item not in now), *dislike),
    )


def known_verdicts(items: TextList, feedback: Mapping[str, Verdicts]) -> dict[str, Verdicts]:
    """What was said of items that a model knows, by user; those who said nothing else are left out."""
    said = {item for verdicts in feedback.values() for item in (*verdicts.liked, *verdicts.disliked)}
    known = said.intersection(items.to_list()) if len(said) > MANY_ITEMS else {
        item for item in said if items.index(item) is not None
    }  # fmt: skip
    kept = {
        user: Verdicts(
            tuple(item for item in verdicts.liked if item in known),
            tuple(item for item in verdicts.disliked if item in known),
        )
        for user, verdicts in feedback.items()
    }
    return {user: verdicts for user, verdicts in kept.items() if verdicts}


def recommend_with_feedback(
    recommender: Recommender,
    user: str,
    said: Verdicts,
    k: int = 10,
    model: str = "deep",
    like: Sequence[str] = (),
    dislike: Sequence[str] = (),
    explain: bool = False,
    options: ListOptions = PLAIN,
    expert: Expert | None = None,
) -> Recommendations:
    """:meth:`Recommender.recommend` with what the person ``said`` before; the answer tells how much of it counted.

    Items that the model does not know are passed over. Raises ``UserError`` as that does.
    """
    stored = known_verdicts(recommender.model.catalogue.ids, {user: said}).get(user, Verdicts())
    both = merged(stored, like, dislike)
    answer = recommender.recommend(user, k, model, both.liked, both.disliked, explain, options, expert)
    count = (len(both.liked) - len(like), len(both.disliked) - len(dislike))
    return replace(answer, stored_likes=count[0], stored_dislikes=count[1])
