"""The dataset as every other room knows it: one encoded interaction table, one item table, one user table."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recsys_tui.output.errors import UserError

if TYPE_CHECKING:
    import polars as pl

    from recsys_tui.data.pseudonyms import Pseudonyms

# Columns of the interaction table.
USER = "user"
ITEM = "item"
RATING = "rating"
TIME = "time"
EVENT = "event"
QUANTITY = "quantity"
BASKET = "basket"
STRENGTH = "strength"
ROW = "row"
# Columns of the item and user tables.
ID = "id"
TITLE = "title"
TEXT = "text"
CATEGORIES = "categories"
TAGS, TAGS_SINCE = "tags", "tags_since"
YEAR = "year"
PRICE = "price"
PRODUCT = "product"
COUNT = "count"
# What an item file says beyond these, by the name of its column there.
ATTRIBUTE_PREFIX = "attribute."
VECTOR = "vector"
# Columns of the table of links.
FRIEND = "friend"


ENOUGH_REPEATS = 0.1
# What a mapping says where no column plays a role, unless a column has that very name.
NO_COLUMN = "none"
# Fields of a mapping that name columns, and those that name files and folders.
COLUMN_FIELDS = (USER, ITEM, RATING, TIME, EVENT, QUANTITY, BASKET)
OPTION_OF = {"text_model": "text-model", "core": "k-core", "weights": "event-weight"}
LARGEST_CORE = 2**31
PATH_FIELDS = ("items", "users", "links", "vectors", "text_model")


class TimeKind(StrEnum):
    """What the time column means: dates, a bare order, or nothing at all."""

    TIME = "time"
    ORDER = "order"
    NONE = "none"


class Action(StrEnum):
    """What was done about a finding."""

    REMOVED = "removed"
    KEPT = "kept"
    CHANGED = "changed"
    USED = "used"
    IGNORED = "ignored"


@dataclass(frozen=True)
class Finding:
    """One thing that was noticed while reading: how often, what was done, and why, in one sentence."""

    code: str
    count: int
    action: Action
    message: str


@dataclass(frozen=True)
class ColumnChoice:
    """The column that plays a role (user, item, rating, time, event, title …), why, and how sure (0 to 1)."""

    role: str
    column: str
    why: str
    confidence: float


@dataclass(frozen=True)
class Mapping:
    """What the person said about the columns and the companion files. Empty fields are left to detection.

    A role other than user and item may be given ``none``: no column plays it, whatever detection would find.
    ``dates``: ``day-first`` or ``month-first``, where a column of dates makes sense both ways. ``weights``: entries
    such as ``purchase=5``, the strength of an event. ``core``: keep only people and items with so many partners.
    ``text_model``: the folder of a sentence-embedding model, which gives items vectors of their texts in training.
    ``detect``: what was said before for the same data no longer counts (never part of an identity).

    A column is given by its name, or its number from 1. Raises ``UserError`` (exit 2) for what is neither.
    """

    user: str | None = None
    item: str | None = None
    rating: str | None = None
    time: str | None = None
    event: str | None = None
    quantity: str | None = None
    basket: str | None = None
    dates: str | None = None
    weights: tuple[str, ...] = ()
    core: int | None = None
    items: Path | None = None
    users: Path | None = None
    links: Path | None = None
    vectors: Path | None = None
    text_model: Path | None = None
    siblings: bool = True
    detect: bool = False

    def __post_init__(self) -> None:
        for name in PATH_FIELDS:
            value = getattr(self, name)
            if isinstance(value, str):  # as programs write paths
                object.__setattr__(self, name, Path(value))
        for name in COLUMN_FIELDS:
            value = getattr(self, name)
            if isinstance(value, bool) or not (value is None or isinstance(value, str | int)):
                raise UserError("data.no_column_name", value=repr(value))
            if isinstance(value, int):
                object.__setattr__(self, name, str(value))
        if not isinstance(self.weights, tuple):
            object.__setattr__(
                self, "weights", (self.weights,) if isinstance(self.weights, str) else tuple(self.weights)
            )

    def is_empty(self) -> bool:
        """Whether everything is left to detection."""
        return all(getattr(self, entry.name) == entry.default for entry in fields(self))

    def to_json(self) -> dict[str, Any]:
        """The fields that were given, as plain values; paths resolved. :meth:`from_json` reads them back."""
        given: dict[str, Any] = {}
        for entry in fields(self):
            value = getattr(self, entry.name)
            if value != entry.default:
                plain = list(value) if isinstance(value, tuple) else value
                given[entry.name] = str(value.resolve()) if isinstance(value, Path) else plain
        return given

    def options(self) -> list[str]:
        """The options of the command line that say the same; a value that begins with a dash is part of its option."""
        found: list[str] = []
        for name, value in self.to_json().items():
            if name == "siblings":
                found.append("--no-siblings")
            elif name != "detect":
                option = f"--{name}-col" if name in COLUMN_FIELDS else f"--{OPTION_OF.get(name, name)}"
                for one in map(str, value if isinstance(value, list) else [value]):
                    found += [f"{option}={one}"] if one.startswith("-") else [option, one]
        return found

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> Mapping:
        """Build a mapping from :meth:`to_json`'s document. Raises ``TypeError`` for unknown keys, and ``ValueError``
        for what no path is and no option says."""
        values: dict[str, Any] = {
            key: path_from_json(str(value)) if key in PATH_FIELDS else value for key, value in given.items()
        }
        core = values.get("core", 0)
        if not isinstance(core, int) or not 0 <= core < LARGEST_CORE:
            raise ValueError(core)
        if "weights" in values:
            values["weights"] = tuple(str(entry) for entry in values["weights"])
        return cls(**values)


def path_from_json(text: str) -> Path:
    """The path that a text is. Raises ``ValueError`` for what is none: asking the system about it is an error of its
    own."""
    if b"\0" in os.fsencode(text):
        raise ValueError(text)
    return Path(text)


@dataclass(frozen=True)
class Dataset:
    """Clean, encoded interactions with their items and users.

    ``interactions``: one row an event, sorted by (user, time, row of the file); columns ``user`` and ``item``
    (UInt32 codes, indices into the tables below), ``row`` (UInt32, place in the file) and, where the data has them,
    ``rating`` (Float32), ``time`` (Int64: epoch milliseconds for ``TimeKind.TIME``, a position for
    ``TimeKind.ORDER``), ``event`` (String), ``quantity`` (Float32), ``basket`` (UInt32 code of an invoice or session)
    and ``strength`` (Float32: what the event says, the weight of its kind times the log-scaled quantity, negative
    where it counts against the item). Repeated (user, item) pairs are all there: merging them is a view that each
    model chooses.

    ``items``: one row an item code, first those with interactions, then items known only from item files; columns
    ``id`` (String, exactly as in the file), ``count`` (UInt32 interactions) and, where found, ``title`` (String),
    ``text`` (String), ``categories`` and ``tags`` (List of String), ``tags_since`` (List of Int64: of tags that people
    gave, when each was given first, epoch milliseconds, null where that is not said), ``year`` (Int32), ``price``
    (Float32),
    ``attribute.<column>`` (String, List of String or Float64: what else the item files say), ``vector`` (Array of
    Float32: ready-made, null where an item has none) and
    ``product`` (Boolean: false for postage, manual entries and the like; absent where nothing looks like those).

    ``users``: one row a user code; ``id`` (String), ``count`` (UInt32), and attributes where a user file was found.

    ``silent``: people of a user file who did nothing, with the same attributes; ``id`` and the attributes, None where
    there are none.

    ``links``: friendships or follows, one row each way they were written; ``user`` and ``friend`` (UInt32 user
    codes). ``shared_ids``: users and items are ids of one space, as in a graph of followers. ``weights``: the strength
    of each kind of event, by its name in the file. ``repeat_share``: share of events that take again what the same
    person took on an earlier day or in an earlier basket. ``pseudonyms``: where ids of people are shown as tags, what
    makes them; such a dataset is never stored.
    """

    name: str
    path: Path
    files: tuple[Path, ...]
    format: str
    mapping: Mapping
    columns: tuple[ColumnChoice, ...]
    time_kind: TimeKind
    explicit: bool
    rows_read: int
    interactions: pl.DataFrame
    items: pl.DataFrame
    users: pl.DataFrame
    links: pl.DataFrame
    findings: tuple[Finding, ...] = field(default=())
    shared_ids: bool = False
    weights: dict[str, float] = field(default_factory=dict)
    repeat_share: float = 0.0
    silent: pl.DataFrame | None = None
    pseudonyms: Pseudonyms | None = None

    @property
    def user_count(self) -> int:
        """People with at least one interaction."""
        return self.users.height

    @property
    def repeats(self) -> bool:
        """Whether people take the same things again often enough for lists to show what somebody has taken before."""
        return self.repeat_share >= ENOUGH_REPEATS and not self.shared_ids

    @property
    def item_count(self) -> int:
        """Distinct items in the interactions; the catalogue (``items.height``) may hold more."""
        return int((self.items[COUNT] > 0).sum())

    @property
    def interaction_count(self) -> int:
        """Events after cleaning."""
        return self.interactions.height
