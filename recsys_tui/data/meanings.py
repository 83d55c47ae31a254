"""What the data is about beyond its columns: things that are no products, things taken again, graphs of people."""

from __future__ import annotations

import polars as pl

from recsys_tui.data.cleaning import finding
from recsys_tui.data.column_roles import name_rank, who_and_whom
from recsys_tui.data.column_words import BASKET, ITEM, PRICE, USER
from recsys_tui.data.dataset import EVENT, ID, PRODUCT, STRENGTH, TIME, TITLE, Action, Finding, TimeKind
from recsys_tui.data.event_strength import kind_of
from recsys_tui.data.pair_keys import distinct_pairs, pair_keys, repeated_rows
from recsys_tui.output.crowd_gate import CrowdGate

DAY = 86_400_000
STRONGEST = "purchase"
MOSTLY_NUMBERED = 0.9
ENOUGH_SHARED = 0.5
MOST_NAMED = 8
_NUMBERED = r"\d{3}"
# Titles that are just one of these, begin with one, or hold one: charges and bookings, nothing to want.
JUST = (
    "postage", "dotcom postage", "carriage", "shipping", "delivery", "manual", "discount", "bank charge",
    "bank charges", "sample", "samples", "fee", "fees", "bad debt", "bad debts", "运费", "邮费", "邮资", "包装费",
    "手续费",
)  # fmt: skip
BEGINS = ("adjust", "adjustment", "test product", "补差价")
HOLDS = ("commission", "amazon fee", "gift voucher", "gift vouchers", "gift card")
_NO_PRODUCT = rf"(?i)^\W*(?:(?:{'|'.join(JUST)})\W*$|(?:{'|'.join(BEGINS)})\b|.*\b(?:{'|'.join(HOLDS)})\b)"


def no_products(
    items: pl.DataFrame, columns: dict[str, str], weights: dict[str, float]
) -> tuple[pl.DataFrame, list[Finding]]:
    """Mark items of a shop that are no products in a column ``product``, where there are any.

    They are told by their title (postage, manual entries, fees …), or by an id of letters where nine of ten ids are
    numbered. Only data with invoices, prices or purchases is a shop.
    """
    shop = BASKET in columns or PRICE in items.columns or any(kind_of(name) == STRONGEST for name in weights)
    if not shop or not items.height:
        return items, []
    numbered = items[ID].str.contains(_NUMBERED)
    odd_ids = (
        ~numbered & ~items[ID].str.contains(r"^\d+$")
        if share_of(numbered) >= MOSTLY_NUMBERED
        else pl.repeat(False, items.height, eager=True)
    )
    if TITLE in items.columns:
        odd_titles = items[TITLE].str.contains(_NO_PRODUCT).fill_null(False)
    else:
        odd_titles = pl.repeat(False, items.height, eager=True)
    odd = odd_titles | (odd_ids if BASKET in columns or PRICE in items.columns else odd_titles)
    if not odd.any():
        return items, []
    named = items.filter(odd)  # as items stand: an order by how many rows they have would tell of a few
    names = ", ".join(
        f"{row[ID]} ({row[TITLE]})" if row.get(TITLE) else str(row[ID]) for row in named.head(MOST_NAMED).to_dicts()
    )
    more = ", …" if named.height > MOST_NAMED else ""
    return items.with_columns((~odd).alias(PRODUCT)), [
        finding("no_products", named.height, Action.KEPT, names=names + more)
    ]


def share_of(flags: pl.Series) -> float:
    """Share of true values."""
    share = flags.mean()
    return float(share) if isinstance(share, float | int) else 0.0


def repeat_share(table: pl.DataFrame, time_kind: TimeKind) -> tuple[float, int]:
    """Share and number of events by which somebody takes again what they took before, on another day or in another
    basket.

    Of purchases alone where there are purchases; events that count against an item do not. 0 where nothing tells two
    occasions apart, and where too few people did what is asked about for that to say what people do.
    """
    if time_kind is TimeKind.NONE or not enough_take(table):
        return 0.0, 0
    table = _taken(table)
    if BASKET in table.columns:
        occasion = pl.col(BASKET)
    elif time_kind is TimeKind.TIME:
        occasion = pl.col(TIME) // DAY
    else:
        return 0.0, 0
    keys = pair_keys(table)
    again = repeated_rows(keys)
    once = table.height - int(again.sum())
    occasions = table.lazy().filter(pl.Series(again)).select(USER, ITEM, occasion.alias("occasion")).unique().collect()
    events, pairs = once + occasions.height, once + distinct_pairs(pair_keys(occasions))
    return ((events - pairs) / events if events else 0.0), events - pairs


def enough_take(table: pl.DataFrame) -> bool:
    """Whether those who did what repeats are counted of are all the people there are, or enough of them."""
    taken = _taken(table.select(name for name in (USER, EVENT, STRENGTH) if name in table.columns))
    return taken.height == table.height or CrowdGate().open_for(taken[USER].n_unique())


def _taken(table: pl.DataFrame) -> pl.DataFrame:
    if STRENGTH in table.columns:
        table = table.filter(pl.col(STRENGTH) > 0)
    return purchases_only(table)


def purchases_only(table: pl.DataFrame) -> pl.DataFrame:
    """The events that are purchases, where any are; else all."""
    if EVENT not in table.columns:
        return table
    bought = [name for name in table[EVENT].unique().drop_nulls().to_list() if kind_of(name) == STRONGEST]
    return table.filter(pl.col(EVENT).is_in(bought)) if bought else table


def share_ids(columns: dict[str, str], user_ids: pl.Series, item_ids: pl.Series) -> tuple[bool, list[Finding]]:
    """Whether users and items are ids of one space, as where people follow people.

    By the names of the columns, or because half the items are users by ids that are no mere numbers (small numbers
    coincide in any data).
    """
    shared = int(item_ids.is_in(user_ids.implode()).sum())
    if not shared:
        return False, []
    named = who_and_whom([columns[USER], columns[ITEM]]) is not None or name_rank(columns[ITEM], USER) is not None
    words = item_ids.filter(item_ids.is_in(user_ids.implode())).str.contains(r"^\d+$").not_()
    if not named and not (shared >= ENOUGH_SHARED * item_ids.len() and bool(words.all())):
        return False, []
    return True, [finding("shared_ids", shared, Action.USED)]
