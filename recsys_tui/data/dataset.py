"""The dataset as every other room knows it: one encoded interaction table, one item table, one user table."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

# Columns of the interaction table.
USER = "user"
ITEM = "item"
RATING = "rating"
TIME = "time"
EVENT = "event"
ROW = "row"
# Columns of the item and user tables.
ID = "id"
TITLE = "title"
TEXT = "text"
CATEGORIES = "categories"
TAGS = "tags"
YEAR = "year"
COUNT = "count"


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
    """What the person said about the columns and the companion files. Empty fields are left to detection."""

    user: str | None = None
    item: str | None = None
    rating: str | None = None
    time: str | None = None
    event: str | None = None
    items: Path | None = None
    users: Path | None = None
    links: Path | None = None
    siblings: bool = True

    def is_empty(self) -> bool:
        """Whether everything is left to detection."""
        return all(getattr(self, entry.name) == entry.default for entry in fields(self))

    def to_json(self) -> dict[str, str | bool]:
        """The fields that were given, as plain values; paths resolved. :meth:`from_json` reads them back."""
        given: dict[str, str | bool] = {}
        for entry in fields(self):
            value = getattr(self, entry.name)
            if value != entry.default:
                given[entry.name] = str(value.resolve()) if isinstance(value, Path) else value
        return given

    @classmethod
    def from_json(cls, given: dict[str, str | bool]) -> Mapping:
        """Build a mapping from :meth:`to_json`'s document. Unknown keys raise ``TypeError``."""
        paths = {"items", "users", "links"}
        return cls(**{key: Path(str(value)) if key in paths else value for key, value in given.items()})  # type: ignore[arg-type]


@dataclass(frozen=True)
class Dataset:
    """Clean, encoded interactions with their items and users.

    ``interactions``: one row an event, sorted by (user, time, row of the file); columns ``user`` and ``item``
    (UInt32 codes, indices into the tables below), ``row`` (UInt32, place in the file) and, where the data has them,
    ``rating`` (Float32), ``time`` (Int64: epoch milliseconds for ``TimeKind.TIME``, a position for
    ``TimeKind.ORDER``), ``event`` (Categorical or String). Repeated (user, item) pairs are all there: merging them
    is a view that each model chooses.

    ``items``: one row an item code, first those with interactions, then items known only from item files; columns
    ``id`` (String, exactly as in the file), ``count`` (UInt32 interactions) and, where found, ``title`` (String),
    ``text`` (String), ``categories`` and ``tags`` (List of String), ``year`` (Int32).

    ``users``: one row a user code; ``id`` (String), ``count`` (UInt32), and attributes where a user file was found.
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
    findings: tuple[Finding, ...] = field(default=())

    @property
    def user_count(self) -> int:
        """People with at least one interaction."""
        return self.users.height

    @property
    def item_count(self) -> int:
        """Distinct items in the interactions; the catalogue (``items.height``) may hold more."""
        return int((self.items[COUNT] > 0).sum())

    @property
    def interaction_count(self) -> int:
        """Events after cleaning."""
        return self.interactions.height

    @property
    def density(self) -> float:
        """Distinct pairs are not counted anew here: interactions divided by users × interacted items."""
        cells = self.user_count * self.item_count
        return self.interaction_count / cells if cells else 0.0
