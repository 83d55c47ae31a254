"""Whether anything that is kept, or the source of the data, knows a person: whom somebody wants to be forgotten."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from recsys_tui.data.dataset import ID, Dataset
from recsys_tui.data.forgotten import forms_of
from recsys_tui.output.errors import UserError
from recsys_tui.recommend.dataset_history import check_known
from recsys_tui.recommend.session import Session
from recsys_tui.store.ab_log import AbLog


@dataclass(frozen=True)
class KnownPerson:
    """``ids``: by which the data knows them; ``is_item``: in a graph of people, they are an item too.

    ``already``: they were forgotten before.
    """

    ids: tuple[str, ...]
    is_item: bool
    already: bool


def known_person(session: Session, user: str) -> KnownPerson:
    """A person whom the stored data, the source, the likes or an A/B test know, or who was forgotten before.

    Changes nothing. Raises ``UserError`` (exit 3), with the nearest ids, for somebody whom nobody knows.
    """
    already = any(form in session.forgotten() for form in forms_of(user))
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
            check_known(source, users=(user,))
    return KnownPerson(ids, graph, already)


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
    tables = [dataset.users[ID]]
    tables += [] if dataset.silent is None else [dataset.silent[ID]]
    tables += [dataset.items[ID]] if dataset.shared_ids else []
    wanted = pl.Series(forms_of(user), dtype=pl.String)
    return tuple(dict.fromkeys(text for ids in tables for text in ids.filter(ids.is_in(wanted.implode())).to_list()))


def _in_logs(session: Session, user: str) -> bool:
    forms = forms_of(user)
    if any(entry.user in forms for entry in session.feedback.entries()):
        return True
    log = AbLog(session.workspace.folder)
    return any(visit.user in forms for test in log.tests() for visit in log.record(test)[0])
