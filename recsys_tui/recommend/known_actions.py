"""Who took what and what items are called, for looking through: from the model where it fits, else from the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recsys_tui.data.histories import Histories, histories_of
from recsys_tui.models.trained_model import Catalogue, catalogue_of

if TYPE_CHECKING:
    from recsys_tui.recommend.session import Session


def known_actions(session: Session) -> tuple[Catalogue, Histories]:
    """The catalogue and everyone's histories, by the codes of the dataset's users. The model's arrays are read where
    it was trained on the same people: making them anew takes seconds where there are millions of actions."""
    dataset = session.dataset
    recommender = session.recommender()
    if recommender is not None:
        people, catalogue = recommender.model.people, recommender.model.catalogue
        if len(people.ids) == dataset.user_count and len(catalogue) == dataset.items.height:
            return catalogue, people.histories
    return catalogue_of(dataset), histories_of(dataset)
