"""What column names mean: the words that people use for users, items, ratings, times, and for what describes items."""

from __future__ import annotations

import re
from collections.abc import Sequence

USER, ITEM, RATING, TIME, ORDER, EVENT = "user", "item", "rating", "time", "order", "event"
TITLE, TEXT, CATEGORIES, TAGS, YEAR = "title", "text", "categories", "tags", "year"
INTERACTION_ROLES = (USER, ITEM, RATING, TIME, ORDER, EVENT)
ITEM_ROLES = (TITLE, TEXT, CATEGORIES, TAGS, YEAR)

# Names in lower case without anything but letters and digits; the earlier in a list, the plainer.
NAMES: dict[str, tuple[str, ...]] = {
    USER: (
        "userid", "user", "uid", "username", "customerid", "customer", "visitorid", "visitor", "memberid", "member",
        "accountid", "reviewerid", "clientid", "personid", "listenerid", "readerid", "playerid", "buyerid", "用户id",
        "用户",
    ),
    ITEM: (
        "itemid", "item", "iid", "movieid", "movie", "filmid", "productid", "product", "parentasin", "asin",
        "articleid", "clickarticleid", "article", "newsid", "songid", "trackid", "artistid", "albumid", "bookid",
        "isbn", "gameid",
        "appid", "videoid", "businessid", "stockcode", "sku", "goodsid", "contentid", "postid", "商品id", "商品",
    ),
    RATING: ("rating", "ratings", "score", "stars", "overall", "ratingvalue", "userrating", "grade", "评分"),
    TIME: (
        "timestamp", "time", "ts", "datetime", "date", "ratingtimestamp", "clicktimestamp", "eventtime", "createdat",
        "unixreviewtime", "reviewtime", "ratedat", "purchasedate", "invoicedate", "datestamp", "时间",
    ),
    ORDER: ("position", "order", "seq", "sequence", "step", "rank", "orderinhistory"),
    EVENT: ("event", "eventtype", "action", "behavior", "behaviour", "behaviortype", "interaction", "type"),
    TITLE: (
        "title", "movietitle", "name", "itemname", "productname", "producttitle", "filmtitle", "booktitle", "trackname",
        "artistname", "songname", "headline", "标题",
    ),
    TEXT: ("description", "plot", "overview", "summary", "text", "content", "abstract", "synopsis", "bio"),
    CATEGORIES: ("genres", "genre", "categories", "category", "class", "topics", "topic", "style", "types"),
    TAGS: ("tags", "tag", "keywords"),
    YEAR: ("year", "releaseyear", "yearofpublication", "releasedate"),
}  # fmt: skip
# Names that mean the same thing: two columns of one family are no riddle, two of different families are.
FAMILIES: dict[str, tuple[frozenset[str], ...]] = {
    USER: (frozenset(("userid", "user", "uid", "username", "用户id", "用户")),),
    ITEM: (
        frozenset(("itemid", "item", "iid", "商品id", "商品")),
        frozenset(("movieid", "movie", "filmid")),
        frozenset(("productid", "product", "parentasin", "asin", "stockcode", "sku", "goodsid")),
        frozenset(("articleid", "clickarticleid", "article", "newsid")),
    ),
}
ALL_NAMES = frozenset(name for names in NAMES.values() for name in names)
_NOT_PLAIN = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"^[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?$")
_DIGIT = re.compile(r"\d")


def plain(name: str) -> str:
    """A column name in lower case, letters and digits only: ``User-ID`` → ``userid``."""
    return _NOT_PLAIN.sub("", name.lower())


def name_rank(name: str, role: str) -> int | None:
    """How plainly a column name says a role (0 is plainest), or None where it does not."""
    names = NAMES[role]
    said = plain(name)
    return names.index(said) if said in names else None


def same_family(left: str, right: str, role: str) -> bool:
    """Whether two column names say the same thing about a role."""
    return any(plain(left) in family and plain(right) in family for family in FAMILIES.get(role, ()))


def looks_like_header(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Whether the first row of a text holds column names.

    It does if one of its fields is a known name, or if it holds no number although the rows below do; it does not if
    any of its fields is a number or is empty where others are.
    """
    fields = [field.strip() for field in first]
    if any(_NUMBER.match(field) for field in fields):
        return False
    if any(plain(field) in ALL_NAMES for field in fields):
        return True
    if not rest or not all(fields):
        return False
    below = [row for row in rest if len(row) == len(fields)]
    numeric = [
        sum(bool(_NUMBER.match(row[place].strip())) for row in below) > 0.8 * len(below) for place in range(len(fields))
    ]
    return bool(below) and any(numeric) and not any(_DIGIT.match(field) for field in fields)
