"""What the workbench looked like last: a small file of the home folder, so that a person finds it again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Self

from recsys_tui.output.errors import UserError
from recsys_tui.store.atomic_files import read_json, write_json
from recsys_tui.store.home import Home
from recsys_tui.store.tombstones import forgotten_in

FILE = "workbench.json"
MOST_PLACES = 100


@dataclass(frozen=True)
class Place:
    """Where a person was in some data: the user on screen, the mode, what ranks, how long lists are and their options.

    ``options``: as a person writes them, by name. ``maximised``: the pane that filled the screen.
    """

    mode: str = "home"
    user: str | None = None
    model: str = "deep"
    k: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    maximised: str | None = None

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Self:
        """Read a place; what makes no sense is left out."""
        k, options = entry.get("k"), entry.get("options")
        return cls(
            _text(entry.get("mode")) or "home",
            _text(entry.get("user")),
            _text(entry.get("model")) or "deep",
            k if isinstance(k, int) and not isinstance(k, bool) and k > 0 else None,
            {name: value for name, value in options.items() if _plain(value)} if isinstance(options, dict) else {},
            _text(entry.get("maximised")),
        )

    def to_json(self) -> dict[str, Any]:
        """The place as it is stored."""
        return {
            "mode": self.mode,
            "user": self.user,
            "model": self.model,
            "k": self.k,
            "options": dict(self.options),
            "maximised": self.maximised,
        }


@dataclass(frozen=True)
class Remembered:
    """``theme``: the one chosen last, and what the configuration file said then: a change there counts for more.

    ``places``: by the key of a workspace, latest first.
    """

    theme: str | None = None
    configured_theme: str | None = None
    places: Mapping[str, Place] = field(default_factory=dict)

    def theme_now(self, configured: str | None) -> str | None:
        """The theme to begin with, None for the program's own."""
        return self.theme if self.theme is not None and configured == self.configured_theme else configured

    def with_place(self, key: str, place: Place) -> Remembered:
        """The same with the place in some data, which is now the latest."""
        others = [(known, old) for known, old in self.places.items() if known != key]
        return Remembered(self.theme, self.configured_theme, dict([(key, place), *others][:MOST_PLACES]))


class Memory:
    """The file. Damaged, it is ignored; where it cannot be written, nothing is remembered."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self.path = home.root / "state" / FILE

    def read(self) -> Remembered:
        """What is remembered."""
        document: dict[str, Any] | None = None
        with suppress(OSError):
            document = read_json(self.path)
        places = (document or {}).get("places")
        found = places if isinstance(places, dict) else {}
        return Remembered(
            _text((document or {}).get("theme")),
            _text((document or {}).get("configured_theme")),
            {key: Place.from_json(entry) for key, entry in found.items() if isinstance(entry, dict)},
        )

    def write(self, remembered: Remembered) -> None:
        """Replace the file."""
        with suppress(UserError):
            places = {key: self._known(key, place).to_json() for key, place in remembered.places.items()}
            write_json(
                self.path,
                {"theme": remembered.theme, "configured_theme": remembered.configured_theme, "places": places},
            )

    def drop_place(self, key: str) -> None:
        """Remember nothing any more of some data, whose workspace goes."""
        remembered = self.read()
        if key in remembered.places:
            self.write(replace(remembered, places={one: at for one, at in remembered.places.items() if one != key}))

    def _known(self, key: str, place: Place) -> Place:
        """The place, without a person who is forgotten."""
        gone = place.user is not None and place.user in forgotten_in(self._home.workspace_folder(key))
        return replace(place, user=None) if gone else place


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _plain(value: object) -> bool:
    """Whether it is a value that an option may have: text, a number, a list of texts."""
    if isinstance(value, list):
        return all(isinstance(entry, str) for entry in value)
    return isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))
