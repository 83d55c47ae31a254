"""By what people are known where they are shown, and by what where they are written down."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from recsys_tui.data.tagged_texts import TaggedTexts
from recsys_tui.data.text_list import TextList

if TYPE_CHECKING:
    from recsys_tui.data.dataset import Dataset
    from recsys_tui.data.pseudonyms import Pseudonyms
    from recsys_tui.models.trained_model import TrainedModel
    from recsys_tui.recommend.session import Session


class ShownNames:
    """The names of one session's people, and in a graph of people of its items. Without pseudonyms both are the ids.

    Whoever is looked up is looked for in the model that the session has in use, and else in its data.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def people_are_items(self) -> bool:
        """Whether items are people, so that these have tags too."""
        model = self._session.model_in_use()
        return self._session.stored_dataset.shared_ids if model is None else model.people.own_items is not None

    def stored(self, user: str) -> str:
        """The id of a person who is known by a tag; any other text as it is."""
        if self._session.pseudonyms is None:
            return user
        return next((known for ids in self._lists() if (known := ids.original_of(user)) != user), user)

    def stored_item(self, item: str) -> str:
        """The same for an item."""
        return self.stored(item) if self._session.pseudonyms is not None and self.people_are_items else item

    def _lists(self) -> Iterator[TaggedTexts]:
        """The lists of ids, those first that are read already."""
        model = self._session.model_in_use()
        if model is not None:
            yield from _lists_of(model)
        yield from self._of_data

    @cached_property
    def _of_data(self) -> tuple[TaggedTexts, ...]:
        pseudonyms = self._session.pseudonyms
        return () if pseudonyms is None else tuple(_tagged_ids(self._session.stored_dataset, pseudonyms))


def _lists_of(model: TrainedModel) -> Iterator[TaggedTexts]:
    silent = None if model.attributes is None else model.attributes.silent
    for ids in (model.people.ids, silent, model.catalogue.ids):
        if isinstance(ids, TaggedTexts):
            yield ids


def _tagged_ids(dataset: Dataset, pseudonyms: Pseudonyms) -> Iterator[TaggedTexts]:
    tables = (dataset.users, dataset.silent, dataset.items if dataset.shared_ids else None)
    for table in tables:
        if table is not None:
            yield TaggedTexts.over(TextList.of(table["id"].to_list()), pseudonyms)
