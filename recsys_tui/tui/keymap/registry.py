"""Every key of the workbench by the id of its binding: which it has by itself, what it does, and where it acts."""

from __future__ import annotations

import string
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules

from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import KEY_ALIASES, Keys, _character_to_key

from recsys_tui.tui import dialogs, views

OURS = "recsys_tui.tui"
EVERYWHERE = "workbench"
MODIFIERS = frozenset(("ctrl", "shift", "alt", "super", "meta", "hyper"))
NAMED_KEYS = frozenset(key.value for key in Keys if "+" not in key.value and not key.value.startswith("<"))
Keymap = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class KeyEntry:
    """The binding of an id: its own keys, its action, what it does, and the class of widget where it acts."""

    id: str
    keys: tuple[str, ...]
    action: str
    does: str
    scope: str


@lru_cache(1)
def registered_keys() -> dict[str, KeyEntry]:
    """Every binding with an id, by id: of the application, then of its views and dialogs.

    Those that were not needed yet are read for it, which takes a tenth of a second.
    """
    for package in (views, dialogs):
        for module in iter_modules(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    return keys_so_far()


def keys_so_far() -> dict[str, KeyEntry]:
    """The same of what is there already: the application, and the views and dialogs that were needed."""
    if registered_keys.cache_info().currsize:
        return registered_keys()
    return _keys_of_classes(tuple(_below(DOMNode)))


@lru_cache(4)
def _keys_of_classes(classes: tuple[type[DOMNode], ...]) -> dict[str, KeyEntry]:
    from recsys_tui.tui.app import WorkbenchApp
    from recsys_tui.tui.base import WorkbenchBase

    found: dict[str, KeyEntry] = {}
    ours = [kind for kind in classes if not issubclass(kind, WorkbenchApp | WorkbenchBase)]
    ours.sort(key=lambda kind: (kind.__module__, kind.__qualname__))  # whichever was read first
    for scope, kind in [(EVERYWHERE, WorkbenchBase), *((kind.__name__, kind) for kind in ours)]:
        for binding in Binding.make_bindings(kind.__dict__.get("BINDINGS", ())):
            known = found.get(binding.id or "")
            if binding.id is None or (known is not None and known.scope != scope):
                continue
            keys = (binding.key,) if known is None else (*known.keys, binding.key)
            found[binding.id] = KeyEntry(binding.id, keys, binding.action, binding.description, scope)
    return found


def _below(kind: type[DOMNode]) -> Iterator[type[DOMNode]]:
    """The classes of this program that are made of another."""
    for below in kind.__subclasses__():
        if below.__module__.startswith(OURS):
            yield below
        yield from _below(below)


def keys_of(entry: KeyEntry, changed: Keymap) -> tuple[str, ...]:
    """The keys of a binding now, as the toolkit names them: what the configuration says, else its own."""
    given = changed.get(entry.id)
    return entry.keys if given is None else tuple(key_name(key) for key in given)


def key_name(key: str) -> str:
    """The name of a key as the toolkit has it: ``?`` is ``question_mark``."""
    return _character_to_key(key) if len(key) == 1 else key


def is_key(key: str) -> bool:
    """Whether there is such a key: a character, a name such as ``f2`` or ``pageup``, either with modifiers."""
    if key == "+":
        return True
    *modifiers, last = key.split("+")
    if not set(modifiers) <= MODIFIERS or not last:
        return False
    if len(last) == 1:
        return last.isprintable() and not last.isspace()
    return last in NAMED_KEYS or last in KEY_ALIASES or last in character_names()


def character_names() -> frozenset[str]:
    """Names of the characters of a keyboard: ``question_mark``, ``slash``."""
    return frozenset(_character_to_key(character) for character in string.punctuation + " ")


def key_names() -> list[str]:
    """Names that a misspelt one may have meant."""
    return sorted(NAMED_KEYS | character_names())


def collisions(changed: Keymap, entries: Collection[KeyEntry] | None = None) -> Iterator[tuple[str, str, str]]:
    """The keys that two actions would have at once, where the configuration changed either: (key, id, id).

    Keys of one view may be those of the workbench by design: there the view comes first. They collide where the
    configuration made them the same.
    """
    everything = registered_keys().values() if entries is None else entries
    mine = [(entry, keys_of(entry, changed)) for entry in everything if entry.id in changed]
    for entry, keys in mine:
        for other in everything:
            if other.id == entry.id or (other.id in changed and other.id < entry.id):
                continue
            if other.scope != entry.scope and EVERYWHERE not in (other.scope, entry.scope):
                continue
            both = set(keys) & set(keys_of(other, changed)) - (set(entry.keys) & set(other.keys))
            for key in sorted(both):
                yield key, other.id, entry.id
