"""What is known about people: attributes of a user file or of the interactions, and who is linked with whom."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from recsys_tui.data.column_roles import name_rank, plain, who_and_whom
from recsys_tui.data.column_words import FRIEND_NAMES, USER
from recsys_tui.data.dataset import FRIEND, ID
from recsys_tui.data.id_codes import id_texts
from recsys_tui.data.readers import RawTable
from recsys_tui.data.written_numbers import durations_as_seconds
from recsys_tui.output.neutralise import neutral_series, neutral_text

USER_STEMS = frozenset((
    "users", "user", "customers", "customer", "people", "members", "accounts", "readers", "listeners", "players",
    "u.user", "profiles",
))  # fmt: skip
ATTRIBUTE_NAMES = frozenset((
    "age", "agegroup", "gender", "sex", "occupation", "job", "profession", "country", "countrycode", "region", "state",
    "province", "city", "language", "segment", "tier", "level", "membership", "education", "income",
    "年龄", "性别", "职业", "国家", "省份", "城市", "地区", "语言", "会员等级", "学历",
))  # fmt: skip
MOST_VALUES = 60
ENOUGH_MATCHES = 0.5
ENOUGH_AGREEMENT = 0.95


def user_attributes(table: RawTable, user_ids: pl.Series, named_users: bool) -> tuple[pl.DataFrame, list[str]] | None:
    """Attributes of the people of a user file, and the columns left out because they would single people out.

    None where no column holds mostly known ids, each once. ``named_users``: the file is called after people, so that
    a column named ``id``, or the first one of a file without names, may be theirs.
    """
    frame = table.frame
    for place, name in enumerate(frame.columns):
        likely = name_rank(name, USER) is not None if table.has_names else named_users and place == 0
        likely = likely or (named_users and plain(name) == "id")
        if not likely or isinstance(frame[name].dtype, pl.List | pl.Array):
            continue
        ids = id_texts(frame[name])
        known = ids.drop_nulls()
        matched = int(known.is_in(user_ids.implode()).sum())
        if (
            known.len()
            and known.n_unique() == known.len()
            and matched >= ENOUGH_MATCHES * min(known.len(), user_ids.len())
        ):
            return _attributes(frame, name, ids)
    return None


def _attributes(frame: pl.DataFrame, id_column: str, ids: pl.Series) -> tuple[pl.DataFrame, list[str]]:
    result, left_out = {ID: ids}, []
    for name in frame.columns:
        values = frame[name]
        if name == id_column or isinstance(values.dtype, pl.List | pl.Array):
            continue
        kinds = values.n_unique()
        # What nearly everyone has for themselves (addresses, names, birthdays) tells nothing about taste.
        if kinds > MOST_VALUES and plain(name) not in ATTRIBUTE_NAMES:
            left_out.append(neutral_text(name))
            continue
        result[_column(name, result)] = neutral_series(values.cast(pl.String))[0]
    return pl.DataFrame(result).filter(pl.col(ID).is_not_null()), left_out


def _column(name: str, taken: Collection[str]) -> str:
    said = neutral_text(name) or "?"
    return f"user {said}" if said in (ID, "count", "code", *taken) else said


def attributes_within(table: RawTable, user_column: str, taken: Collection[str]) -> pl.DataFrame | None:
    """Attributes that the interactions' own file repeats for each person: named so, and the same nearly every time."""
    if not table.has_names:
        return None
    result, frame = None, durations_as_seconds(table.frame)
    for name in frame.columns:
        if name in taken or plain(name) not in ATTRIBUTE_NAMES or frame[name].dtype.is_nested():
            continue
        counted = (
            frame.lazy()
            .select(pl.col(user_column), pl.col(name).cast(pl.String))
            .drop_nulls()
            .group_by(user_column, name)
            .len()
            .sort("len", name, descending=[True, False])
            .group_by(user_column, maintain_order=True)
            .agg(pl.col(name).first(), pl.col("len").first().alias("most"), pl.col("len").sum().alias("all"))
            .collect()
        )
        if not counted.height or float(str(counted["most"].sum())) < ENOUGH_AGREEMENT * float(
            str(counted["all"].sum())
        ):
            continue
        column = pl.DataFrame({ID: id_texts(counted[user_column]), name: neutral_series(counted[name])[0]})
        result = column if result is None else result.join(column, on=ID, how="left")
    return result


def links_of(table: RawTable, user_ids: pl.Series, given: bool = False) -> tuple[pl.DataFrame, int] | None:
    """Pairs of linked people as user codes, columns ``user`` and ``friend``, and how many rows named somebody unknown.

    By the names of two columns (a user and a friend, or who follows whom); where the person gave the file, else the
    first two columns. None where it is no such file or names nobody of the data. Links to oneself are left out.
    """
    names = [name for name in table.frame.columns if not table.frame[name].dtype.is_nested()]
    pair = _pair(table)
    if pair is None and given and len(names) >= 2:
        pair = (names[0], names[1])
    if pair is None:
        return None
    codes = {ID: user_ids, "code": pl.Series(range(user_ids.len()), dtype=pl.UInt32)}
    coded = pl.DataFrame({USER: id_texts(table.frame[pair[0]]), FRIEND: id_texts(table.frame[pair[1]])}).drop_nulls()
    total = coded.height
    for role in (USER, FRIEND):
        known = pl.DataFrame(codes).rename({ID: role, "code": f"{role} code"})
        coded = coded.join(known, on=role, how="inner", maintain_order="left")
    links = coded.select(pl.col(f"{USER} code").alias(USER), pl.col(f"{FRIEND} code").alias(FRIEND))
    if not given and links.height < ENOUGH_MATCHES * total:
        return None
    unknown = total - links.height
    links = links.filter(pl.col(USER) != pl.col(FRIEND)).unique(maintain_order=True)
    return (links, unknown) if links.height else None


def _pair(table: RawTable) -> tuple[str, str] | None:
    names = [name for name in table.frame.columns if not table.frame[name].dtype.is_nested()]
    if not table.has_names:
        return None
    pair = who_and_whom(names)
    if pair is not None:
        return pair
    users = [name for name in names if name_rank(name, USER) is not None]
    friends = [name for name in names if plain(name) in FRIEND_NAMES]
    return (users[0], friends[0]) if users and friends else None


def no_links() -> pl.DataFrame:
    """An empty table of links."""
    return pl.DataFrame(schema={USER: pl.UInt32, FRIEND: pl.UInt32})
