"""The configuration file (TOML): read leniently, so that a broken one keeps nothing from starting."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from recsys_tui.output.console import human_bytes
from recsys_tui.output.crowd_gate import FLOOR, SETTING
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.output.neutralise import neutral_id

CONFIG = "config.toml"
MOST_ROWS, LARGEST_SEED, LARGEST_CROWD = 10_000, 2**31 - 1, 1_000_000
_LINE = re.compile(r"at line (\d+)")
_DOT = re.compile(r"(?<!\.)\.(?!\.)")  # between two parts of a key none is beside another
_TABLE = re.compile(r"^\s*\[(?P<name>[^\[\]]+)\]")
_ENTRY = re.compile(r"""^\s*(?P<name>(?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "preset": ("quick", "standard", "full"),
    "horizon": ("next", "later"),
    "device": ("auto", "cpu", "cuda", "mps"),
}
RANGES: Final[Mapping[str, tuple[int, int]]] = {"k": (1, MOST_ROWS), "seed": (0, LARGEST_SEED)}
DEFAULT_NAMES = ("k", "preset", "horizon", "model", "seed", "device")
PSEUDONYMS = "pseudonyms"
MOST_NAMED = 3
MOST_BYTES = 500_000
MOST_DOTS = 100  # in a line: reading a key of thousands of parts takes the square of it in memory
TABLES = ("defaults", "crowd", "keys")


@dataclass(frozen=True)
class Defaults:
    """What applies where an option is not given; None: what the program has by itself."""

    k: int | None = None
    preset: str | None = None
    horizon: str | None = None
    model: str | None = None
    seed: int | None = None
    device: str | None = None

    def given(self) -> dict[str, int | str]:
        """Those that are set, by name."""
        found = {name: getattr(self, name) for name in DEFAULT_NAMES}
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True)
class Settings:
    """The settings of a file: ``keys`` are the keys an action has instead of its own, by the id of the action.

    ``pseudonyms``: whether people are shown by tags where no option says; None: they are not.
    """

    theme: str | None = None
    defaults: Defaults = field(default_factory=Defaults)
    smallest_crowd: int | None = None
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pseudonyms: bool | None = None


@dataclass(frozen=True)
class Problem:
    """What is wrong with a file, in one sentence, and in which line where that is known (from 1)."""

    sentence: str
    line: int | None = None


@dataclass(frozen=True)
class Known:
    """Names that a setting may take, from the rooms above; None: they are not checked here.

    ``key_ids``: asked only where a file changes keys, for finding them takes time. ``is_key``: whether there is a key
    of a name. ``collisions``: the keys that two actions have at once, as (key, id, id), where ids have the keys of the
    file; the second is one whose keys the file changes.
    """

    themes: Collection[str] | None = None
    models: Collection[str] | None = None
    key_ids: Callable[[], Collection[str]] | None = None
    key_names: Collection[str] = ()
    is_key: Callable[[str], bool] | None = None
    collisions: Callable[[Mapping[str, tuple[str, ...]]], Iterator[tuple[str, str, str]]] | None = None


def config_path(home: Path | None = None) -> Path:
    """Where the file is: ``RECSYS_CONFIG``, else in the home folder that was named, else the platform's own place.

    ``home``: of ``--home``; ``RECSYS_HOME`` names one too. A home that is named holds everything of one user of it.
    Raises ``UserError`` (exit 2) for ``~name`` where there is no such user.
    """
    if os.environ.get("RECSYS_CONFIG"):
        return _expanded(Path(os.environ["RECSYS_CONFIG"]), "config.no_such_file")
    if home is None and os.environ.get("RECSYS_HOME"):
        home = Path(os.environ["RECSYS_HOME"])
    if home is not None:
        return _expanded(home) / CONFIG
    from platformdirs import user_config_path

    return user_config_path("recsys-tui") / CONFIG


def _expanded(path: Path, unknown: str = "store.no_such_home") -> Path:
    try:
        return path.expanduser().absolute()
    except RuntimeError as error:
        raise UserError(unknown, ExitCode.USAGE, path=path) from error


def apply_crowd(settings: Settings) -> None:
    """Have the gate for figures about people, here and in child processes, go by the settings."""
    if settings.smallest_crowd is not None:
        os.environ[SETTING] = str(settings.smallest_crowd)


def problem_told(path: Path, problem: Problem) -> str:
    """What to say about a problem where the program goes on without the setting."""
    if problem.line is None:
        return say("config.passed_over_whole", path=neutral_id(str(path)), problem=problem.sentence)
    return say("config.passed_over", path=neutral_id(str(path)), line=problem.line, problem=problem.sentence)


def read_settings(path: Path, known: Known | None = None) -> tuple[Settings, tuple[Problem, ...]]:
    """What a file says, and what is wrong with it. What is wrong is passed over; without a file nothing is set."""
    try:
        if path.is_fifo():  # its reader would wait for a writer
            return Settings(), (Problem(say("config.unreadable", reason=say("config.pipe"))),)
        with path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            return _careful(content), (Problem(say("config.too_large", most=human_bytes(MOST_BYTES))),)
        text = content.decode("utf-8-sig")
    except FileNotFoundError:
        return Settings(), ()
    except PermissionError as error:
        return Settings(pseudonyms=True), (Problem(say("config.forbidden", reason=error.strerror)),)
    except OSError as error:
        return Settings(), (Problem(say("config.unreadable", reason=error.strerror)),)
    except UnicodeDecodeError:
        return _careful(content), (Problem(say("config.unreadable", reason="UTF-8")),)
    return parse_settings(text, known)


def _careful(content: bytes) -> Settings:
    """What is kept of a file that is passed over as a whole, in whatever encoding: whoever asked for pseudonyms is not
    to see ids because of a mistake elsewhere in the file."""
    letters = content.replace(b"\0", b"").decode("ascii", "ignore")
    return Settings(pseudonyms=True if PSEUDONYMS in _lines(letters) else None)


def parse_settings(text: str, known: Known | None = None) -> tuple[Settings, tuple[Problem, ...]]:
    """The settings that a text states, and its problems in the order of their lines."""
    import tomllib

    endless = _line_of_many_dots(text)
    if endless is not None:
        problem = Problem(say("config.many_dots", most=MOST_DOTS), endless)
        return _careful(text.encode("ascii", "ignore")), (problem,)
    try:
        document = tomllib.loads(text)
        str(document)  # Python reads a hexadecimal number of thousands of digits, and cannot show it
    except (ValueError, RecursionError) as error:
        found = _LINE.search(str(error))
        broken = isinstance(error, tomllib.TOMLDecodeError | RecursionError)
        reason = neutral_id(str(error)).rstrip(".") if broken else say("config.endless_number")
        line = int(found.group(1)) if found else max(1, len(text.splitlines()))  # else it broke off at the end
        return _careful(text.encode("ascii", "ignore")), (Problem(say("config.not_toml", reason=reason), line),)
    reader = _Reader(text, known or Known())
    settings = reader.read(document)
    return settings, tuple(sorted(reader.problems, key=lambda problem: problem.line or 0))


def _line_of_many_dots(text: str) -> int | None:
    """The first line that may hold a key, or the name of a table, of more parts than any setting has."""
    lines = enumerate(text.split("\n"), 1)
    return next((number for number, line in lines if len(_DOT.findall(line)) > MOST_DOTS), None)


class _Reader:
    """Goes through a document; collects what is wrong."""

    def __init__(self, text: str, known: Known) -> None:
        self._known, self._lines, self.problems = known, _lines(text), list[Problem]()

    def _bad(self, where: str, message_id: str, **fields: object) -> None:
        line = self._lines.get(where) or next(
            (place for name, place in self._lines.items() if name.startswith(f"{where}.")), None
        )
        shown = {name: neutral_id(str(value)) for name, value in fields.items()}
        self.problems.append(Problem(say(message_id, **shown), line))

    def _unknown(self, where: str, message_id: str, wanted: str, known: Collection[str], **fields: object) -> None:
        """Say that there is no such thing, and what is nearest where anything is near."""
        found = nearest(wanted, known)
        self._bad(where, message_id, near="" if found is None else say("config.near", name=found), **fields)

    def read(self, document: Mapping[str, Any]) -> Settings:
        settings = Settings()
        for name, value in document.items():
            if name == "theme":
                settings = replace(settings, theme=self._one_of("theme", value, self._known.themes))
            elif name == PSEUDONYMS:
                settings = replace(settings, pseudonyms=self._flag(PSEUDONYMS, value))
            elif name not in TABLES:
                self._unknown(name, "config.no_such_setting", name, ("theme", PSEUDONYMS, *TABLES), name=name)
            elif not isinstance(value, dict):
                self._bad(name, "config.no_table", name=name)
            elif name == "defaults":
                settings = replace(settings, defaults=self._defaults(value))
            elif name == "crowd":
                settings = replace(settings, smallest_crowd=self._crowd(value))
            else:
                settings = replace(settings, keys=self._keys(value))
        return settings

    def _one_of(self, where: str, value: object, names: Collection[str] | None) -> str | None:
        if isinstance(value, str) and (names is None or value in names):
            return value
        known, shown = names or (), repr(value) if isinstance(value, str) else str(value)
        if (near := nearest(str(value), known)) is None:
            self._bad(where, "config.one_of", name=where, value=shown, names=", ".join(known))
        else:
            self._bad(where, "config.one_of_near", name=where, value=shown, nearest=near)
        return None

    def _flag(self, where: str, value: object) -> bool:
        """True where the value is neither: rather too careful than too little."""
        if not isinstance(value, bool):
            self._bad(where, "config.no_flag", name=where, value=value)
        return value is not False

    def _number(self, where: str, value: object, least: int, most: int) -> int | None:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self._bad(where, "config.no_number", name=where, value=value, least=least, most=f"{most:,}")
        return None

    def _defaults(self, table: Mapping[str, Any]) -> Defaults:
        found: dict[str, Any] = {}
        for name, value in table.items():
            where = f"defaults.{name}"
            if name in RANGES:
                found[name] = self._number(where, value, *RANGES[name])
            elif name in DEFAULT_NAMES:
                known = CHOICES.get(name, self._known.models)
                found[name] = self._one_of(where, value, known)
            else:
                self._unknown(where, "config.no_such_setting", name, DEFAULT_NAMES, name=where)
        return Defaults(**found)

    def _crowd(self, table: Mapping[str, Any]) -> int | None:
        smallest = None
        for name, value in table.items():
            if name == "smallest":
                smallest = self._number("crowd.smallest", value, FLOOR, LARGEST_CROWD)
            else:
                self._unknown(f"crowd.{name}", "config.no_such_setting", name, ("smallest",), name=f"crowd.{name}")
        return smallest

    def _keys(self, table: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
        keys: dict[str, tuple[str, ...]] = {}
        for name, value in _flat(table):
            where, known = f"keys.{name}", None if self._known.key_ids is None else self._known.key_ids()
            given = [value] if isinstance(value, str) else value
            if known is not None and name not in known:
                self._unknown(where, "config.no_key_id", name, known, name=name)
            elif not isinstance(given, list) or not given or not all(isinstance(key, str) and key for key in given):
                self._bad(where, "config.no_keys", name=name)
            elif not (unknown := [key for key in given if not self._is_key(key)]):
                keys[name] = tuple(dict.fromkeys(given))
            else:
                for key in unknown:
                    self._unknown(where, "config.no_such_key", key, self._known.key_names, name=name, key=repr(key))
        if keys and self._known.collisions is not None:
            taken: dict[tuple[str, str], list[str]] = {}
            for key, other, changed in self._known.collisions(keys):
                taken.setdefault((key, changed), []).append(other)
            for (key, changed), others in taken.items():
                self._taken(key, changed, others)
                keys.pop(changed, None)
        return keys

    def _taken(self, key: str, changed: str, others: list[str]) -> None:
        """Say once that a key is that of other actions too, however many."""
        if len(others) == 1:
            self._bad(f"keys.{changed}", "config.collision", key=key, first=others[0], second=changed)
            return
        named = ", ".join(others[:MOST_NAMED]) + (", …" if len(others) > MOST_NAMED else "")
        self._bad(f"keys.{changed}", "config.collisions", key=key, name=changed, others=named)

    def _is_key(self, key: str) -> bool:
        return self._known.is_key is None or self._known.is_key(key)


def nearest(name: str, known: Collection[str]) -> str | None:
    """The known name that looks most like another one, if any is near."""
    found = difflib.get_close_matches(name.casefold(), known, n=1, cutoff=0.5)
    return found[0] if found else None


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """``user.pick = "u"`` without quotes makes a table of a table: ids with all their parts."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def _lines(text: str) -> dict[str, int]:
    """The line of each setting, by its name with that of its table before it."""
    found: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _TABLE.match(line):
            table = _plain(header.group("name"))
            found.setdefault(table, number)
            table += "."
        elif entry := _ENTRY.match(line):
            found.setdefault(table + _plain(entry.group("name")), number)
    return found


def _plain(name: str) -> str:
    """A dotted name without quotes and blanks. Every other piece between double quotes is outside of them."""
    pieces = [piece if place % 2 else piece.replace(".", "\n") for place, piece in enumerate(name.split('"'))]
    return ".".join(part.strip().strip("\"'") for part in '"'.join(pieces).split("\n"))
