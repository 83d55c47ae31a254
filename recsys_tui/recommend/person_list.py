"""The list of the person on screen: with what they said before, or with what they only try."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.recommend.list_options import ListOptions
from recsys_tui.store.verdicts import Verdicts

if TYPE_CHECKING:
    from recsys_tui.models.contract import Expert
    from recsys_tui.recommend.answers import Recommendations
    from recsys_tui.recommend.session import Session


@dataclass(frozen=True)
class PersonList:
    """A list (None: nothing is trained), what the log says of this person, and the titles of all items of which
    something is said or tried (None where there is none)."""

    answer: Recommendations | None
    said: Verdicts
    titles: Mapping[str, str | None]


def person_list(
    session: Session,
    user: str,
    k: int,
    model: str,
    options: ListOptions,
    tried: Verdicts | None = None,
    horizon: str | None = None,
    expert: Expert | None = None,
) -> PersonList:
    """Rank for a person of the data; ``tried`` counts instead of what is stored, and is not stored.
    ``expert``: what ranks instead of the model, and is then called ``model``.

    A log that cannot be read does not count, and the note of the list says so. Raises ``UserError`` as
    :meth:`Recommender.recommend` does.
    """
    problem, said = None, Verdicts()
    try:
        said = session.feedback.of(user)
    except UserError as error:
        problem = say("feedback.not_counted", problem=error)
    counted = said if tried is None else tried
    spoken_of = [*said.liked, *said.disliked, *counted.liked, *counted.disliked]
    recommender = session.recommender(horizon)
    if recommender is None:
        return PersonList(None, said, session.titles(spoken_of) if spoken_of else {})
    from recsys_tui.recommend.stored_feedback import recommend_with_feedback

    answer = recommend_with_feedback(recommender, user, counted, k, model, explain=True, options=options, expert=expert)
    if problem is not None:
        answer = replace(answer, note=" ".join(part for part in (answer.note, problem) if part))
    return PersonList(answer, said, recommender.titles(spoken_of))
