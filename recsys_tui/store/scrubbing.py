"""Takes one person out of what a home folder keeps beside data and models: logs, names, what was on screen."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.store import ab_log, feedback_log
from recsys_tui.store.atomic_files import MOST_BYTES, PARTIAL_SUFFIX, has_name, told_apart, write_bytes
from recsys_tui.store.cluster_names import LONGEST_NAME, ClusterNames, NamedCluster, tidy_name
from recsys_tui.store.folder_lock import folder_lock
from recsys_tui.store.remembered import Memory, Place
from recsys_tui.store.sqlite_log import LogFormat, log_version, opened_log
from recsys_tui.store.version_folder import remove_aside

if TYPE_CHECKING:
    from recsys_tui.store.field_scan import Sought
    from recsys_tui.store.home import Home

GONE = b"[forgotten]"
SECONDS_TO_WAIT = 10.0
_WHO_SQL = "user IN ({marks})"
_WHOM_SQL = "(user IN ({marks}) OR item IN ({marks}))"
_USERS_SQL = "SELECT user FROM feedback"
_ITEMS_SQL = "SELECT item FROM feedback"
_AB_USERS_SQL = "SELECT user FROM sessions UNION SELECT user FROM exposures UNION SELECT user FROM events"
_AB_ITEMS_SQL = "SELECT item FROM exposures UNION SELECT item FROM events"
_FEEDBACK_SQL = ("DELETE FROM feedback WHERE {whom}",)
# What stands in a visit goes with it; in a graph of people, where one was shown to others, that place goes alone.
_AB_SQL = (
    "DELETE FROM exposures WHERE {whom} OR session IN (SELECT number FROM sessions WHERE {who})",
    "DELETE FROM events WHERE {whom} OR session IN (SELECT number FROM sessions WHERE {who})",
    "DELETE FROM sessions WHERE {who}",
)


@dataclass(frozen=True)
class Log:
    """A log in SQLite: its file, its format, what takes a person out of it, and what lists its users and its items."""

    name: str
    kind: LogFormat
    statements: tuple[str, ...]
    users: str
    items: str


LOGS = (
    Log(feedback_log.NAME, feedback_log.FORMAT, _FEEDBACK_SQL, _USERS_SQL, _ITEMS_SQL),
    Log(ab_log.NAME, ab_log.FORMAT, _AB_SQL, _AB_USERS_SQL, _AB_ITEMS_SQL),
)


def ids_in_log(workspace: Path, log: Log, people_are_items: bool) -> list[str]:
    """Everybody who stands in a log, as :func:`scrub_log` finds them. Raises ``UserError`` as that does."""
    path = workspace / log.name
    if not has_name(path):
        return []
    with opened_log(path, log.kind, SECONDS_TO_WAIT) as database:
        if not log_version(database, path, log.kind):
            return []
        asked = f"{log.users} UNION {log.items if people_are_items else log.users}"
        return [user for (user,) in database.execute(asked) if isinstance(user, str)]


def scrub_log(workspace: Path, log: Log, sought: Sought) -> int:
    """Delete a person's rows from a log, and what is left of them in its pages; returns how many rows went.

    Raises ``UserError`` (exit 1) where the log cannot be written or is damaged, and where somebody reads in it for too
    long: what they read is written over when they are done.
    """
    path = workspace / log.name
    if not has_name(path):
        return 0
    marks = ", ".join("?" * len(sought.forms))
    who = _WHO_SQL.format(marks=marks)
    whom = _WHOM_SQL.format(marks=marks) if sought.people_are_items else who
    gone = 0
    with opened_log(path, log.kind, SECONDS_TO_WAIT) as database:
        if log_version(database, path, log.kind):
            database.execute("PRAGMA secure_delete = ON")
            with database:
                database.execute("BEGIN IMMEDIATE")
                for statement in log.statements:
                    said = statement.format(who=who, whom=whom)
                    changed = database.execute(said, sought.forms * (said.count("?") // len(sought.forms)))
                    gone += int(changed.rowcount)
        # Rows that went before, and the pages of a journal, are written over too.
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        database.execute("VACUUM")
        if database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            raise UserError(log.kind.busy, ExitCode.FAILED, path=path)
    return gone


def scrub_errors(path: Path, sought: Sought) -> int:
    """Put a mark where a person's id stands in the log of errors; returns in how many lines.

    A log that is far too large to look through goes whole; what is no file of the home folder is left alone.
    """
    with told_apart(path):
        if path.is_symlink() or not path.is_file():
            return 0
        if path.stat().st_size > MOST_BYTES:
            path.unlink()
            return 1
        lines = path.read_bytes().split(b"\n")
    pattern = sought.pattern()
    kept = [pattern.sub(GONE, line) for line in lines]
    changed = sum(old != new for old, new in zip(lines, kept, strict=True))
    if changed:
        write_bytes(path, b"\n".join(kept))
    return changed


def scrub_places(home: Home, others: Collection[str], sought: Sought, as_items: Collection[str] = ()) -> int:
    """Have nobody on screen where the person was, but in the workspaces of other data; returns in how many.

    ``as_items``: the workspaces in which the person is an item, if they are not one everywhere.
    """
    memory = Memory(home)
    before = memory.read()
    item = replace(sought, people_are_items=True)
    after = {
        key: place if key in others else _place(place, item if key in as_items else sought)
        for key, place in before.places.items()
    }
    changed = sum(after[key] != place for key, place in before.places.items())
    if changed:
        memory.write(replace(before, places=after))
    return changed


def _place(place: Place, sought: Sought) -> Place:
    user = None if place.user in sought.forms else place.user
    options = dict(place.options)
    if sought.people_are_items:
        options = {
            name: [entry for entry in value if entry not in sought.forms] if isinstance(value, list) else value
            for name, value in options.items()
        }
        options = {name: value for name, value in options.items() if value != []}
    return replace(place, user=user, options=options)


def scrub_names(workspace: Path, sought: Sought) -> int:
    """Take away names of clusters that are a person's own, and a person who is an item out of what the others are known
    by; returns from how many."""
    names, forms = ClusterNames(workspace), set(sought.forms)
    named = set[str]() if sought.only_people else {tidy_name(form)[:LONGEST_NAME] for form in forms}
    changed = 0

    def without(entries: Iterable[NamedCluster]) -> list[NamedCluster]:
        nonlocal changed
        before = list(entries)
        kept = [entry for entry in before if entry.name not in named]
        if sought.people_are_items:
            kept = [replace(one, signature=_without(one.signature, forms)) for one in kept]
        changed = sum(entry not in kept for entry in before)
        return kept

    if names.read():
        names.change(without)
    return changed


def _without(signature: Mapping[str, float], forms: Collection[str]) -> dict[str, float]:
    return {item: value for item, value in signature.items() if item not in forms}


def sweep_leftovers(folder: Path) -> int:
    """Remove what writers that died left in a folder and below it; returns how many. For the only one at work in it.

    Raises ``UserError`` (exit 1) as :func:`remove_version` does.
    """
    left = list(folder.rglob(f".*{PARTIAL_SUFFIX}")) if folder.is_dir() else []
    for path in left:
        if path.is_dir():
            remove_aside(path)
        else:
            path.unlink(missing_ok=True)
    return len(left)


def sweep_comparisons(root: Path) -> None:
    """Remove what comparisons that were killed left in the home folder; whose comparison lives holds its folder."""
    for folder in root.glob(".evaluate-*"):
        with suppress(UserError), folder_lock(folder / "lock", say("forget.forgetting")):
            shutil.rmtree(folder, ignore_errors=True)
