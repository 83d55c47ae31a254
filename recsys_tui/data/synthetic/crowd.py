"""The invented set ``crowd``: a million listeners, for trying how the program does at that size. It is not shipped.

Vectorised, so that ten million events take seconds; the same seed gives the same bytes on one machine, with the same
versions of NumPy and Polars. What is planted: genres as tastes (three a person, the first taking about half), a long
tail of albums within each genre, activity from two albums to hundreds, albums that follow upon one another, and more
people every month. Nobody hears the same album twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from recsys_tui.data.synthetic.crowd_words import BANDS, GENRES, QUALITIES, THINGS
from recsys_tui.output.errors import UserError

SEED = 20263
USERS, ITEMS, EVENTS = 1_000_000, 20_000, 10_000_000
FIRST_SECOND, SECONDS = 1_672_531_200, 2 * 365 * 86_400  # 2023-01-01, UTC, and two years
# Cumulative chances of where an album is drawn from: the main genre, the second, the third, any.
SOURCES = (0.52, 0.72, 0.84)
FOLLOWS = 0.15  # how often the next album is the one that belongs after the one before
FEWEST = 2  # albums of one person
SPREAD = 1.0  # of activity, of the logarithm
STEEPNESS = 12.0  # of popularity: the album at place r is drawn as often as 1 / (r + steepness)
MOST_SHARE = 4  # nobody has heard more than one album in so many
FEWEST_ITEMS = MOST_SHARE * len(GENRES)
FIRST_YEAR, YEARS = 1975, 49
EVENTS_FILE, ITEMS_FILE = "events.parquet", "albums.parquet"

Longs = NDArray[np.int64]


@dataclass(frozen=True)
class Size:
    """How many people, albums and events. Raises ``UserError`` (exit 2) where they do not go together."""

    users: int = USERS
    items: int = ITEMS
    events: int = EVENTS

    def __post_init__(self) -> None:
        most = self.users * self.items // (2 * MOST_SHARE)
        if self.users < 1 or self.items < FEWEST_ITEMS or not FEWEST * self.users <= self.events <= most:
            raise UserError(
                "datasets.size",
                users=f"{self.users:,}",
                items=f"{self.items:,}",
                events=f"{self.events:,}",
                fewest_items=FEWEST_ITEMS,
                fewest=FEWEST,
            )


@dataclass(frozen=True)
class Crowd:
    """Events in the order of their times, and where each album stands.

    ``users``, ``items`` and ``seconds`` (events,): codes from 0, epoch seconds. ``tastes`` (users, 3): genres of each
    person, main first. ``places`` (items,): album → genre + genres × place in the genre, 0 being the most popular.
    """

    users: Longs
    items: Longs
    seconds: Longs
    tastes: Longs
    places: Longs


def make_crowd(size: Size, seed: int = SEED) -> Crowd:
    """Draw everything."""
    random = np.random.default_rng(seed)
    tastes = _tastes(random, size.users)
    owners, seconds = _moments(random, _activity(random, size), size)
    places = _draw(random, owners, tastes, size)
    places = _follow(random, owners, places, size.items)
    places = _without_repeats(random, owners, places, size)
    shuffled = random.permutation(size.items)
    order = np.argsort(seconds, kind="stable")
    return Crowd(owners[order], shuffled[places][order], seconds[order], tastes, np.argsort(shuffled))


def _tastes(random: np.random.Generator, users: int) -> Longs:
    """Three different genres a person, popular genres oftener."""
    weights = 1 / (np.arange(len(GENRES)) + 6)
    limits = np.cumsum(weights) / weights.sum()
    main = np.searchsorted(limits[:-1], random.random(users), "right")
    step = random.integers(1, len(GENRES), users)
    other = random.integers(1, len(GENRES) - 1, users)
    other += other >= step
    second, third = (main + step) % len(GENRES), (main + other) % len(GENRES)
    return np.stack([main, second, third], axis=1).astype(np.int64)


def _activity(random: np.random.Generator, size: Size) -> Longs:
    """Albums of each person, shape (users,): log-normal, between the fewest and the most; they sum to the events."""
    most = size.items // MOST_SHARE
    weights = random.lognormal(0.0, SPREAD, size.users)
    counts = np.full(size.users, FEWEST)
    left = size.events - int(counts.sum())
    counts += np.minimum((weights * (left / weights.sum())).astype(np.int64), most - FEWEST)
    while (left := size.events - int(counts.sum())) > 0:
        room = np.flatnonzero(counts < most)
        counts[random.choice(room, min(left, len(room)), replace=False)] += 1
    return counts


def _moments(random: np.random.Generator, counts: Longs, size: Size) -> tuple[Longs, Longs]:
    """Owner and time of every event, by owner, then time: from the day on which a person came."""
    came = (SECONDS * 0.95 * np.sqrt(random.random(size.users))).astype(np.int64)
    owners = np.repeat(np.arange(size.users, dtype=np.int64), counts)
    since = came[owners]
    offsets = since + (random.random(size.events) * (SECONDS - since)).astype(np.int64)
    sorted_keys = np.sort((owners << 32) | offsets)
    return sorted_keys >> 32, (sorted_keys & 0xFFFFFFFF) + FIRST_SECOND


def _draw(random: np.random.Generator, owners: Longs, tastes: Longs, size: Size) -> Longs:
    """A place for every event: a genre by the tastes of its owner, an album by its popularity there."""
    source = np.searchsorted(np.array(SOURCES), random.random(len(owners)), "right")
    anywhere = random.integers(0, len(GENRES), len(owners))
    genres = np.where(source == len(SOURCES), anywhere, tastes[owners, np.minimum(source, len(SOURCES) - 1)])
    albums = size.items // len(GENRES)
    weights = 1 / (np.arange(albums) + STEEPNESS)
    limits = np.cumsum(weights) / weights.sum()
    ranks = np.searchsorted(limits[:-1], random.random(len(owners)), "right")
    return genres + len(GENRES) * ranks


def _follow(random: np.random.Generator, owners: Longs, places: Longs, items: int) -> Longs:
    """Now and then the album that belongs after the one before: that of the next place in the genre."""
    after = np.empty_like(places)
    after[1:] = (places[:-1] + len(GENRES)) % (items // len(GENRES) * len(GENRES))
    follows = random.random(len(places)) < FOLLOWS
    follows[0] = False
    follows[1:] &= owners[1:] == owners[:-1]
    return np.where(follows, after, places)


def _without_repeats(random: np.random.Generator, owners: Longs, places: Longs, size: Size) -> Longs:
    """Draw anew, from all albums alike, what somebody has heard already, until nobody hears an album twice."""
    pairs = owners * size.items + places
    while True:
        order = np.argsort(pairs, kind="stable")
        ordered = pairs[order]
        again = order[1:][ordered[1:] == ordered[:-1]]
        if not len(again):
            return pairs % size.items
        again.sort()
        pairs[again] = owners[again] * size.items + random.integers(0, size.items, len(again))


def album_table(places: Longs, seed: int = SEED) -> pl.DataFrame:
    """Titles, genres, bands and years of the albums, in the order of their ids."""
    random = np.random.default_rng([seed, 1])
    count = len(places)
    genre = places % len(GENRES)
    second = (genre + random.integers(1, len(GENRES), count)) % len(GENRES)
    two = random.random(count) < 0.3
    plain = len(QUALITIES) * len(THINGS)
    numbers = random.permutation(-(-count // plain) * plain)[:count]
    qualities, things = pl.Series(QUALITIES), pl.Series(THINGS)
    band = (genre * 40 + random.integers(0, 40, count)) % (len(QUALITIES) * len(BANDS))
    names = pl.Series(GENRES)
    parts = pl.DataFrame(
        {
            "item_id": pl.Series(np.arange(1, count + 1), dtype=pl.Int64),
            "quality": qualities[numbers % len(QUALITIES)],
            "thing": things[numbers // len(QUALITIES) % len(THINGS)],
            "volume": numbers // plain + 1,
            "genre": names[genre],
            "second": names[second],
            "two": two,
            "of": qualities[band % len(QUALITIES)],
            "band": pl.Series(BANDS)[band // len(QUALITIES)],
            "year": pl.Series(FIRST_YEAR + random.integers(0, YEARS, count), dtype=pl.Int32),
        }
    )
    title = pl.concat_str("quality", pl.lit(" "), "thing")
    return parts.select(
        "item_id",
        pl.when(pl.col("volume") == 1)
        .then(title)
        .otherwise(title + " " + pl.col("volume").cast(pl.String))
        .alias("title"),
        pl.when("two").then(pl.concat_str("genre", pl.lit("|"), "second")).otherwise("genre").alias("genres"),
        pl.concat_str(pl.lit("The "), "of", pl.lit(" "), "band").alias("artist"),
        "year",
    )


def write_crowd(folder: Path, seed: int = SEED, size: Mapping[str, int] | None = None) -> None:
    """Write ``events.parquet`` and ``albums.parquet`` into ``folder``; ``size``: fields of :class:`Size`."""
    crowd = make_crowd(Size(**(size or {})), seed)
    folder.mkdir(parents=True, exist_ok=True)
    events = pl.DataFrame(
        {
            "user_id": pl.Series(crowd.users + 1, dtype=pl.Int32),
            "item_id": pl.Series(crowd.items + 1, dtype=pl.Int32),
            "timestamp": pl.Series(crowd.seconds, dtype=pl.Int64),
        }
    )
    for name, table in ((EVENTS_FILE, events), (ITEMS_FILE, album_table(crowd.places, seed))):
        with (folder / name).open("wb") as stream:  # Polars takes no path that is not UTF-8
            table.write_parquet(stream, statistics=True)
