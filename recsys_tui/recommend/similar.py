"""What is like an item: by who takes it, by what it is about, by what is taken together with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.recommend.item_neighbours import (
    ArrangedNeighbours,
    BasketNeighbours,
    ContentNeighbours,
    ItemNeighbours,
    TasteNeighbours,
)

if TYPE_CHECKING:
    import polars as pl

    from recsys_tui.recommend.recommender import Recommender
    from recsys_tui.recommend.session import Session

TASTE, CONTENT, BASKET = "taste", "content", "basket"
WAYS = (TASTE, CONTENT, BASKET)
TOLD_EVERY = 500


@dataclass(frozen=True)
class SimilarItem:
    """One neighbour. ``score`` compares within its list only. Why it is one: ``people`` who took both (None where too
    few, or not counted), ``terms`` that both have; empty where no model was asked."""

    rank: int
    item: str
    title: str | None
    score: float
    people: int | None = None
    terms: tuple[str, ...] = ()


@dataclass(frozen=True)
class SimilarItems:
    """The neighbours of an item, the nearest first; ``preset`` and ``horizon`` are None where no model was asked.

    ``score``: how many took both, scaled by how many took each (taste); the cosine of what they are about (content);
    the lift of the two in one basket (basket). See :mod:`recsys_tui.recommend.item_neighbours`.
    ``note``: a sentence where there is something to say about the list.
    """

    item: str
    title: str | None
    by: str
    preset: str | None
    horizon: str | None
    items: tuple[SimilarItem, ...]
    note: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The document of ``recsys similar --json``."""
        return vars(self) | {"items": [vars(entry) | {"terms": list(entry.terms)} for entry in self.items]}


def check_way(by: str) -> str:
    """``by``, if there is such a way to be alike. Raises ``UserError`` (exit 2) for another."""
    if by not in WAYS:
        raise UserError("items.unknown_way", name=by, names=", ".join(WAYS))
    return by


def needs_model(by: str) -> bool:
    """Whether a trained model answers, rather than the data. Raises as :func:`check_way` does."""
    return check_way(by) != BASKET


def similar(session: Session, recommender: Recommender | None, item: str, k: int, by: str = TASTE) -> SimilarItems:
    """The ``k`` nearest neighbours of an item. By basket the data answers, and ``recommender`` may be None.

    Raises ``UserError``: exit 3 for an unknown item; exit 2 for an unknown way, for baskets where the data has none,
    and for content where nothing is known of what items are about.
    """
    ways, ids, titles = _asked(session, recommender, by)
    if recommender is not None and needs_model(by):
        code = recommender.item_code(item)
    else:
        code = _data_code(session, item)
    codes, scores = _as_told(session, ways, ids).nearest(code, k)
    note = None if len(codes) else say(f"items.none_{by}", people=CrowdGate().minimum)
    if isinstance(ways, TasteNeighbours) and ways.is_new(code):
        note = say("items.nobody_took_it")
    pairs = enumerate(zip(codes.tolist(), scores.tolist(), strict=True), start=1)
    model = recommender if needs_model(by) else None
    reasons: Sequence[tuple[int | None, tuple[str, ...]]] = [(None, ())] * len(codes)
    if model is not None:
        from recsys_tui.recommend.why_alike import why_alike

        trained = model.model
        found = why_alike(trained.people.histories, trained.experts.content, code, codes.tolist(), CrowdGate())
        reasons = [(entry.people, entry.terms) for entry in found]
    entries = tuple(
        SimilarItem(rank, str(ids[place]), titles[place], score, *reasons[rank - 1]) for rank, (place, score) in pairs
    )
    return SimilarItems(
        item=str(ids[code]),
        title=titles[code],
        by=by,
        preset=None if model is None else model.preset,
        horizon=None if model is None else model.horizon,
        items=entries,
        note=note,
    )


def all_similar(
    session: Session,
    recommender: Recommender | None,
    k: int,
    by: str = TASTE,
    progress: Callable[[float], None] | None = None,
) -> pl.DataFrame:
    """The ``k`` nearest neighbours of every item: columns item, neighbour, rank (from 1), score.

    Items without neighbours have no rows. Raises as :func:`similar` does.
    """
    import numpy as np
    import polars as pl

    ways, ids, _ = _asked(session, recommender, by)
    known = ids.to_list()
    items, neighbours, scores, ranks = [], [], [], []
    for item, codes, values in _as_told(session, ways, ids).of_all(k):
        items.append(np.full(len(codes), item, np.int32))
        neighbours.append(codes)
        scores.append(values)
        ranks.append(np.arange(1, len(codes) + 1, dtype=np.uint32))
        if progress is not None and item % TOLD_EVERY == TOLD_EVERY - 1:
            progress((item + 1) / len(known))
    names = pl.Series(known, dtype=pl.String)

    def joined(parts: list[Any], kind: Any) -> Any:
        return np.concatenate(parts) if parts else np.zeros(0, kind)

    lists = pl.DataFrame(
        {
            "item": names.gather(joined(items, np.int32)),
            "neighbour": names.gather(joined(neighbours, np.int32)),
            "rank": pl.Series(joined(ranks, np.uint32), dtype=pl.UInt32),
            "score": pl.Series(joined(scores, np.float32), dtype=pl.Float32),
        }
    )
    return lists.sort("item", maintain_order=True) if _is_tagged(session) else lists


def _is_tagged(session: Session) -> bool:
    """Whether items are people under pseudonyms: the order of their ids would tell whose tags they are."""
    return session.pseudonyms is not None and session.names.people_are_items


def _as_told(session: Session, ways: ItemNeighbours, ids: Any) -> ItemNeighbours:
    """The neighbours as they may be listed; ``ids``: what items are shown by."""
    import polars as pl

    if not _is_tagged(session):
        return ways
    return ArrangedNeighbours(ways, pl.Series(ids.to_list(), dtype=pl.String).rank("ordinal").to_numpy())


def _asked(session: Session, recommender: Recommender | None, by: str) -> tuple[ItemNeighbours, Any, Sequence[Any]]:
    """Who answers, and the ids and titles by the codes of the answer."""
    if not needs_model(by):
        from recsys_tui.data.dataset import ID, TITLE

        items = session.dataset.items
        titles_in: Any = items[TITLE] if TITLE in items.columns else [None] * items.height
        return BasketNeighbours(session.baskets, CrowdGate()), items[ID], titles_in
    if recommender is None:
        raise RuntimeError(f"no model to ask by {by}")
    model = recommender.model
    if by == CONTENT and model.experts.content.is_empty:
        raise UserError("items.no_content")
    if by == TASTE and "privacy" in recommender.manifest:
        raise UserError("private.no_taste")
    answering: ItemNeighbours = TasteNeighbours(model) if by == TASTE else ContentNeighbours(model)
    titles_of: Any = model.catalogue.titles
    return answering, model.catalogue.ids, titles_of


def _data_code(session: Session, item: str) -> int:
    from recsys_tui.data.dataset import ID
    from recsys_tui.recommend.dataset_history import known_item

    return session.dataset.items[ID].index_of(known_item(session.dataset, item)) or 0
