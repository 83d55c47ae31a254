"""Data that people are forgotten of, as it is noted, and what tells that other data is the same."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from recsys_tui.output.errors import UserError
from recsys_tui.store.file_contents import (
    Content,
    Contents,
    Known,
    KnownContents,
    contents_from,
    contents_in,
    contents_of,
    contents_to_json,
    known_contents,
    listed,
)

MOST_EARLIER = 1_000  # contents of earlier times that are noted of one source, beside those of now


@dataclass(frozen=True)
class Source:
    """Data that people are forgotten of: its path, their marks, and what its files of interactions ``held`` whenever
    one of them was, or it was read since, the last first. ``added``: what was added to it, which may come as data of
    its own, or be added to other data too. ``columns``: where in it they stood. ``within``: the marks of those who are
    forgotten of whatever lies in it, where it is a folder, and not of a file in it, or of a copy of that, alone."""

    path: Path
    people: tuple[str, ...] = ()
    held: Contents = ()
    added: Contents = ()
    columns: tuple[str, ...] = ()
    within: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, entry: Any) -> Source:
        """One that was written down, also in earlier forms. Raises ``ValueError`` for what is no such note."""
        path, people = (entry.get("path"), entry.get("people")) if isinstance(entry, dict) else (None, None)
        if not isinstance(path, str) or "\0" in path or not isinstance(people, list):
            raise ValueError(path)
        if not all(isinstance(mark, str) for mark in people):
            raise ValueError(people)
        marks = [mark for mark in listed(entry, "within") if isinstance(mark, str)]
        return cls(
            Path(path),
            tuple(people),
            (*contents_from([entry]), *contents_in(entry, "held"), *contents_in(entry, "read")),
            contents_in(entry, "added"),
            tuple(name for name in listed(entry, "columns") if isinstance(name, str)),
            tuple(mark for mark in people if mark in marks or "within" not in entry),
        )

    def to_json(self) -> dict[str, Any]:
        """As it is written down."""
        known = {"held": self.held, "added": self.added}
        contents = {name: contents_to_json(files) for name, files in known.items() if files}
        columns = {"columns": sorted(self.columns)} if self.columns else {}
        within = {} if set(self.people) == set(self.within) else {"within": sorted(self.within)}
        return {"path": str(self.path), "people": sorted(self.people)} | contents | columns | within

    def noting(
        self,
        marks: Iterable[str],
        columns: Iterable[str],
        held: Iterable[Content],
        added: Iterable[Content],
        within: Iterable[str],
    ) -> Source:
        """The same with more people, columns and contents."""
        return replace(
            self,
            people=tuple(dict.fromkeys((*self.people, *marks))),
            columns=tuple(dict.fromkeys((*self.columns, *columns))),
            held=_with(self.held, held),
            added=_with(self.added, added),
            within=tuple(dict.fromkeys((*self.within, *within))),
        )


def _with(before: Contents, now: Iterable[Content]) -> Contents:
    new = dict.fromkeys(now)
    return before if new.keys() <= set(before) else (*new, *[one for one in before if one not in new][:MOST_EARLIER])


def around(entries: Iterable[Source], source: Path) -> list[Source]:
    """The folders that a source lies in, with those who are forgotten of all that lies in them."""
    return [replace(one, people=one.within) for one in entries if one.within and one.path in source.parents]


def within(entries: Iterable[Source], source: Path) -> list[Source]:
    """What lies in a folder."""
    return [one for one in entries if source in one.path.parents]


def same_or_begun(entries: Iterable[Source], source: Path) -> list[Source]:
    """Those that are of some data: of the same path, or of which a file there holds, or begins with, what they held."""
    entries = list(entries)
    begun = begun_by(source, all_known(entries))
    return [
        entry
        for entry in entries
        if entry.path == source or not begun.isdisjoint(entry.held) or not begun.isdisjoint(entry.added)
    ]


def all_known(entries: Iterable[Source]) -> KnownContents:
    """All contents that these held, and that were added to them."""
    return known_contents(frozenset(one for entry in entries for one in (*entry.held, *entry.added)))


def around_or_within(one: Path, other: Path) -> bool:
    """Whether one of two paths is a folder that the other lies in: what is in it may be of the data of the folder."""
    return one in other.parents or other in one.parents


def as_it_is(source: Path) -> Contents:
    """What the interactions of a source hold now, by which they are known under another name."""
    with suppress(OSError, UserError, ValueError):  # it is gone by now
        return contents_of(_interactions_of(source))
    return ()


def held_now(source: Path, known: KnownContents) -> Known:
    """The same with all known contents that its files begin with; nothing where none is there."""
    return begun_by(source, known).union(as_it_is(source))


def begun_by(source: Path, known: KnownContents) -> Known:
    """All known contents that the interactions of a source are, or begin with."""
    found: set[Content] = set()
    with suppress(OSError, UserError, ValueError):
        for file in _interactions_of(source) if known else ():
            found |= known.begun(file)
    return frozenset(found)


def _interactions_of(source: Path) -> list[Path]:
    from recsys_tui.data.folder_files import interactions_in

    return interactions_in(source)[0] if source.is_dir() else [source]
