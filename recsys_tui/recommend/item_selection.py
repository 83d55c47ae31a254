"""Which items of a catalogue the options of a list let in, before anything is ranked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from recsys_tui.data.histories import Flags, Longs
from recsys_tui.data.tagged_texts import TaggedTexts
from recsys_tui.data.text_list import TextList
from recsys_tui.models.popularity import few_as_ten
from recsys_tui.models.trained_model import Catalogue
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.messages import say
from recsys_tui.output.neutralise import neutral_text
from recsys_tui.recommend.list_options import HUNDRED, ListOptions
from recsys_tui.recommend.nearest_ids import not_found

MOST_NAMED = 3
MANY_ITEMS = 50


@dataclass(frozen=True)
class ItemSelection:
    """``allowed`` (items,): what lists may be made of. ``pins``: codes of the items that stand first. ``excluded``
    (codes): what is kept out by name, pins too. ``options``: the options that narrow the choice, as people write them.
    ``notes``: sentences about ids that are not in the data. ``emptied``: where nothing is allowed the sentence that
    says which option did it.
    """

    allowed: Flags
    pins: Longs
    excluded: Longs
    options: tuple[str, ...]
    notes: tuple[str, ...]
    emptied: str | None

    @property
    def why_nothing(self) -> str:
        """Why a list is empty."""
        if self.emptied is not None:
            return self.emptied
        if self.options:
            return say("models.nothing_left_of", options=", ".join(self.options))
        return say("models.nothing_left")


@dataclass(frozen=True)
class _Mask:
    """What one option lets in, shape (items,); ``nearest``: what was perhaps meant where that is nothing."""

    option: str
    allowed: Flags
    nearest: str = ""


def select_items(catalogue: Catalogue, counts: Callable[[], Longs], options: ListOptions) -> ItemSelection:
    """What the options let in. ``counts`` gives how many people took each item, shape (items,), if it is needed.

    Raises ``UserError``: exit 2 for a condition that this data cannot answer, exit 3 for a pin that is not there, and
    for items to list or to leave out of which not one is there.
    """
    pins = codes_of(catalogue.ids, options.pin)
    notes: list[str] = []
    masks: list[_Mask] = []
    if options.products_only and catalogue.products is not None:
        masks.append(_Mask(say("models.option_products_only"), np.asarray(catalogue.products, np.bool_)))
    fields = catalogue.fields() if options.where else {}
    for condition in options.where:
        mask = condition.fulfilled(fields)
        near = "" if mask.any() else ", ".join(condition.nearest_values(fields))
        masks.append(_Mask(say("models.option_where", condition=condition), mask, near))
    known = _codes_by_id(catalogue.ids) if options.only is not None or options.exclude else {}
    shown = _shown(catalogue.ids) if known else []
    if options.only is not None:
        mask = np.zeros(len(catalogue), np.bool_)
        mask[_named_codes(options.only, known, shown, say("models.option_only"), notes)] = True
        masks.append(_Mask(say("models.option_only"), mask))
    excluded = np.zeros(0, np.int64)
    if options.exclude:
        excluded = _named_codes(options.exclude, known, shown, say("models.option_exclude"), notes)
        mask = np.ones(len(catalogue), np.bool_)
        mask[excluded] = False
        masks.append(_Mask(say("models.option_exclude"), mask))
    if options.hide_popular:
        said = say("models.option_hide_popular", percent=f"{options.hide_popular:g}")
        masks.append(_Mask(said, ~_most_popular(counts(), options.hide_popular)))
    allowed = np.ones(len(catalogue), np.bool_)
    for one in masks:
        allowed &= one.allowed
    narrowing = tuple(one.option for one in masks if not one.allowed.all())
    emptied = None if allowed.any() else _emptied(masks)
    return ItemSelection(allowed, pins, excluded, narrowing, tuple(notes), emptied)


def code_of(ids: TextList, item: str) -> int:
    """Code of an item id. Raises ``UserError`` (exit 3) naming the nearest ids."""
    code = ids.index(item)
    if code is None:
        raise not_found("models.no_such_item", item, _shown(ids))
    return code


def codes_of(ids: TextList, items: Sequence[str]) -> Longs:
    """Codes of item ids, many of them in one pass over the catalogue. Raises as :func:`code_of` for one unknown."""
    known = _codes_by_id(ids) if len(items) > MANY_ITEMS else {}
    return np.array([known[item] if item in known else code_of(ids, item) for item in items], np.int64)


def some_named(items: Sequence[str]) -> str:
    """The first few of many ids, for a sentence."""
    return ", ".join(items[:MOST_NAMED]) + (", …" if len(items) > MOST_NAMED else "")


def _codes_by_id(ids: TextList) -> dict[str, int]:
    """Under pseudonyms, where items are people, by their tags and by their ids."""
    named = [*ids.originals(), *ids.to_list()] if isinstance(ids, TaggedTexts) else ids.to_list()
    return {text: place % len(ids) for place, text in enumerate(named) if text is not None}


def _shown(ids: TextList) -> list[str]:
    return [text for text in ids.to_list() if text is not None]


def _named_codes(
    named: Sequence[str], known: dict[str, int], shown: Sequence[str], option: str, notes: list[str]
) -> Longs:
    """Codes of many ids. Some that are not in the data are told; exit 3, with the nearest of those ``shown``, where
    none of them is in it."""
    distinct = list(dict.fromkeys(named))
    missing = [item for item in distinct if item not in known]
    if len(missing) == len(distinct):
        raise not_found("models.no_item_known", missing[0], shown, option=option)
    if missing:
        shown = some_named(missing)
        counts = {"count": f"{len(missing):,}", "all": f"{len(distinct):,}"}
        notes.append(say("models.items_unknown", option=option, items=neutral_text(shown), **counts))
    return np.array([known[item] for item in distinct if item in known], np.int64)


def _most_popular(counts: Longs, percent: float) -> Flags:
    """The ``percent`` of the catalogue that most people took, rounded down; among equals, as those are that fewer than
    ten took, the smaller codes first."""
    hidden = np.zeros(len(counts), np.bool_)
    # Rounded to nine places first: 29 % of 100 is not to be 28.999… items.
    size = int(round(len(counts) * percent / HUNDRED, 9))
    hidden[np.argsort(-few_as_ten(counts, CrowdGate()), kind="stable")[:size]] = True
    return hidden


def _emptied(masks: Sequence[_Mask]) -> str:
    """Which option lets nothing in, or that they do so together only."""
    for one in masks:
        if not one.allowed.any():
            nearest = say("models.nearest", ids=one.nearest) if one.nearest else ""
            return say("models.option_leaves_nothing", option=one.option, nearest=nearest)
    return say("models.options_leave_nothing", options=", ".join(one.option for one in masks))
