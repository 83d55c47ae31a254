"""Whether anything that is kept, or the source of the data, knows a person: whom somebody wants to be forgotten."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import polars as pl

from recsys_tui.data.dataset import ID, ITEM, USER, Dataset
from recsys_tui.data.forgotten import forms_of
from recsys_tui.data.pseudonyms import is_tag
from recsys_tui.data.tagged_texts import TaggedTexts
from recsys_tui.data.text_list import TextList
from recsys_tui.output.errors import UserError
from recsys_tui.recommend.dataset_history import check_known
from recsys_tui.recommend.given_values import encodable
from recsys_tui.recommend.session import Session
from recsys_tui.store.ab_log import AbLog
from recsys_tui.store.feedback_log import FeedbackLog


@dataclass(frozen=True)
class KnownPerson:
    """``ids``: by which the data knows them; ``is_item``: in a graph of people, they are an item too.

    ``already``: they were forgotten before. ``columns``: in which columns of the interactions people stand.
    """

    ids: tuple[str, ...]
    is_item: bool
    already: bool
    columns: tuple[str, ...] = ()


def person_named(session: Session, user: str) -> str:
    """The id of a person who is named by their pseudonym; any other text, and one of nobody, as it is.

    Changes nothing.
    """
    user = encodable(user)
    if session.pseudonyms is None or not is_tag(user):
        return user
    pseudonyms = session.pseudonyms
    looks: tuple[Callable[[], set[str]], ...] = (
        lambda: _all_ids(_stored(session)),
        lambda: _all_ids(_source(session)),
        lambda: _ids_in_logs(session),
    )
    found = (TaggedTexts.over(TextList.of(sorted(look())), pseudonyms).original_of(user) for look in looks)
    return next((known for known in found if known != user), user)


def known_person(session: Session, user: str) -> KnownPerson:
    """A person whom the stored data, the source, the likes or an A/B test know, or who was forgotten before.

    Changes nothing. Raises ``UserError`` (exit 3), with the nearest ids, for somebody whom nobody knows.
    """
    user = person_named(session, user)
    forgotten = session.forgotten()
    already = any(form in forgotten for form in forms_of(user))
    stored = _stored(session)
    ids = () if stored is None else _ids(stored, user)
    source = stored
    if not ids and not already:
        source = _source(session) or stored
        ids = () if source is None else _ids(source, user)
    graph = source is not None and source.shared_ids
    if not ids and not already and not _in_logs(session, user):
        if source is None:
            session.load()  # says why it cannot be read
        else:
            check_known(session.shown(source), users=(user,))
    return KnownPerson(ids, graph, already, tuple(forgotten.columns) if source is None else _people_in(source))


def _people_in(dataset: Dataset) -> tuple[str, ...]:
    roles = (USER, ITEM) if dataset.shared_ids else (USER,)
    return tuple(choice.column for choice in dataset.columns if choice.role in roles)


def is_item_in(dataset: Dataset, columns: Collection[str]) -> bool:
    """Whether items of some data are what stands in the columns of people: in a graph of them, or read so."""
    return dataset.shared_ids or any(choice.role == ITEM and choice.column in columns for choice in dataset.columns)


def _stored(session: Session) -> Dataset | None:
    try:
        return session.workspace.load_dataset()
    except UserError:  # damaged: the source tells
        return None


def _source(session: Session) -> Dataset | None:
    """What the source holds now, with nothing stored."""
    from recsys_tui.data.load import load_dataset

    path, mapping, added = session.identity.path, session.identity.mapping, session.workspace.added_files()
    try:
        return load_dataset(path, mapping, None, added, session.forgotten())
    except UserError:
        return None


def _ids(dataset: Dataset, user: str) -> tuple[str, ...]:
    """The ids by which a dataset knows a person: as a user, as one who did nothing, in a graph of people as an item."""
    wanted = pl.Series(forms_of(user), dtype=pl.String)
    found = (ids.filter(ids.is_in(wanted.implode())).to_list() for ids in _columns_of(dataset))
    return tuple(dict.fromkeys(text for texts in found for text in texts))


def _columns_of(dataset: Dataset) -> list[pl.Series]:
    columns = [dataset.users[ID]]
    columns += [] if dataset.silent is None else [dataset.silent[ID]]
    return columns + ([dataset.items[ID]] if dataset.shared_ids else [])


def _all_ids(dataset: Dataset | None) -> set[str]:
    """Everybody whom a dataset knows."""
    columns = [] if dataset is None else _columns_of(dataset)
    return {text for ids in columns for text in ids.drop_nulls().to_list()}


def _in_logs(session: Session, user: str) -> bool:
    return not _ids_in_logs(session).isdisjoint(forms_of(user))


def _ids_in_logs(session: Session) -> set[str]:
    """Everybody who said something of an item, or was shown a list by an A/B test."""
    log = AbLog(session.workspace.folder)
    visits = (visit.user for test in log.tests() for visit in log.record(test)[0])
    return {entry.user for entry in FeedbackLog(session.workspace.folder).entries()} | set(visits)
