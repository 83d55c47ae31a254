"""What events say: which kind each is, how much it counts, and what counts against an item."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from recsys_tui.data.column_roles import plain
from recsys_tui.data.dataset import EVENT, QUANTITY, STRENGTH
from recsys_tui.output.errors import UserError

# Strength of one event of a kind. A negative kind takes back what its opposite gave, and no more.
STRENGTHS = {
    "view": 1.0,
    "click": 1.0,
    "play": 2.0,
    "like": 3.0,
    "share": 3.0,
    "comment": 3.0,
    "cart": 3.0,
    "follow": 4.0,
    "purchase": 5.0,
    "skip": -1.0,
    "dislike": -3.0,
    "uncart": -3.0,
    "unfollow": -4.0,
    "return": -5.0,
    "cancellation": -5.0,
}
WORDS = {
    "view": (
        "view", "views", "viewed", "pv", "pageview", "productview", "viewitem", "itemview", "detail", "detailview",
        "visit", "open", "opened", "read", "impression", "show", "seen", "浏览", "查看", "曝光", "阅读",
    ),
    "click": ("click", "clicks", "clicked", "tap", "点击"),
    "play": (
        "play", "plays", "played", "listen", "listened", "watch", "watched", "stream", "complete", "completed",
        "finish", "播放", "收听", "观看", "完播",
    ),
    "like": (
        "like", "likes", "liked", "fav", "favorite", "favourite", "love", "loved", "upvote", "thumbsup", "star",
        "heart", "wishlist", "addtowishlist", "save", "saved", "bookmark", "收藏", "喜欢", "点赞", "赞",
    ),
    "share": ("share", "shares", "shared", "repost", "retweet", "forward", "recommend", "分享", "转发"),
    "comment": ("comment", "comments", "commented", "reply", "review", "reviewed", "评论", "回复"),
    "cart": (
        "cart", "addtocart", "addcart", "atc", "basket", "addtobasket", "add", "checkout", "begincheckout", "加购",
        "加购物车", "加入购物车", "购物车",
    ),
    "follow": ("follow", "follows", "followed", "subscribe", "subscribed", "friend", "addfriend", "关注", "订阅"),
    "purchase": (
        "purchase", "purchases", "purchased", "buy", "bought", "transaction", "order", "ordered", "sale", "conversion",
        "pay", "paid", "payment", "checkoutcomplete", "购买", "下单", "成交", "支付",
    ),
    "skip": ("skip", "skips", "skipped", "abandon", "hide", "hidden", "跳过"),
    "dislike": (
        "dislike", "disliked", "downvote", "thumbsdown", "notinterested", "block", "blocked", "report", "不喜欢", "踩",
    ),
    "uncart": ("uncart", "removefromcart", "removecart", "removefrombasket", "remove", "移出购物车"),
    "unfollow": (
        "unfollow", "unfollowed", "unsubscribe", "unsubscribed", "unfriend", "unlike", "unfav", "取消关注", "取关",
        "取消收藏",
    ),
    "return": ("return", "returned", "refund", "refunded", "退货", "退款"),
    "cancellation": ("cancellation", "cancel", "cancelled", "canceled", "void", "取消", "取消订单"),
}  # fmt: skip
_KIND_OF = {word: kind for kind, words in WORDS.items() for word in words}
UNKNOWN_STRENGTH = 1.0


def kind_of(name: str) -> str | None:
    """The kind of an event by its name in the file, or None for a name nobody foresaw."""
    return _KIND_OF.get(plain(name))


def given_strengths(entries: Iterable[str]) -> dict[str, float]:
    """Strengths such as ``purchase=5`` by event name. Raises ``UserError`` (exit 2) for anything else."""
    given = {}
    for entry in entries:
        name, equals, number = entry.partition("=")
        try:
            strength = float(number)
        except ValueError as error:
            raise UserError("data.bad_weight", entry=entry) from error
        if not equals or not name.strip() or not -1e6 <= strength <= 1e6:
            raise UserError("data.bad_weight", entry=entry)
        given[name.strip()] = strength
    return given


def strengths_of(names: Iterable[str], given: dict[str, float]) -> dict[str, float]:
    """The strength of each event name of a file: what the person said (by name or by kind), else of its kind.

    Raises ``UserError`` (exit 2) where the person named an event that the file does not have.
    """
    names = list(names)
    strengths = {name: STRENGTHS.get(kind_of(name) or "", UNKNOWN_STRENGTH) for name in names}
    for said, strength in given.items():
        meant = [name for name in names if plain(name) == plain(said) or kind_of(name) == kind_of(said) is not None]
        exact = [name for name in meant if plain(name) == plain(said)] or meant
        if not exact:
            raise UserError("data.no_such_event", event=said, events=", ".join(names[:12]))
        strengths |= dict.fromkeys(exact, strength)
    return strengths


def with_strength(table: pl.DataFrame, strengths: dict[str, float]) -> pl.DataFrame:
    """Add the column ``strength``: weight of the kind × log₂(1 + |quantity|) × sign of the quantity.

    One unit counts as the kind says, three count twice as much, seven three times. A missing quantity is one unit. A
    negative quantity turns the event around. Without events and quantities no column is added.
    """
    parts = []
    if EVENT in table.columns and strengths:
        kinds = pl.col(EVENT).replace_strict(strengths, default=UNKNOWN_STRENGTH, return_dtype=pl.Float32)
        parts.append(kinds)
    if QUANTITY in table.columns:
        units = pl.col(QUANTITY).fill_null(1.0).fill_nan(1.0)
        parts.append((units.abs() + 1).log(2) * units.sign())
    if not parts:
        return table
    strength = parts[0] if len(parts) == 1 else parts[0] * parts[1]
    return table.with_columns(strength.cast(pl.Float32).alias(STRENGTH))
