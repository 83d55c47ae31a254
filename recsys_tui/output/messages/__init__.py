"""The message catalogue: every sentence that a person reads, by id, in one place.

Each room has a module of its own here (``data``, ``models``, …) with one ``ENGLISH`` dictionary. An id is
``room.what_it_says``; a template takes named fields in ``str.format`` syntax, and chooses words by a count:
``{count} {count:row is|rows are} left``. Values are inserted as they are, so
text that came from a file must have been neutralised at load (:mod:`recsys_tui.output.neutralise`). Paths alone are
neutralised here: the name of a file may hold anything, line ends and escape sequences among it.
"""

from __future__ import annotations

import string
from pathlib import PurePath
from typing import Any

from recsys_tui.output.messages import (
    ab,
    audit,
    cli,
    clusters,
    compare,
    config,
    data,
    datasets,
    evaluate,
    explain,
    feedback,
    forget,
    home,
    items,
    live,
    models,
    private,
    pseudonyms,
    report,
    shell,
    store,
    take,
    train,
    tui,
)
from recsys_tui.output.neutralise import neutral_id

_ROOMS = (
    ab,
    audit,
    cli,
    clusters,
    compare,
    config,
    data,
    datasets,
    evaluate,
    explain,
    feedback,
    forget,
    home,
    items,
    live,
    models,
    private,
    pseudonyms,
    report,
    shell,
    store,
    take,
    train,
    tui,
)


def _gather() -> dict[str, str]:
    gathered: dict[str, str] = {}
    for room in _ROOMS:
        prefix = room.__name__.rpartition(".")[2] + "."
        for key, template in room.ENGLISH.items():
            if not key.startswith(prefix):
                raise ValueError(f"message id {key!r} does not start with {prefix!r}")
            gathered[key] = template
    return gathered


CATALOGUE: dict[str, str] = _gather()
# Sentences of explanations come in Chinese too; what a language lacks is said in English.
LANGUAGES = ("en", "zh")
TRANSLATED: dict[str, dict[str, str]] = {"zh": explain.CHINESE}


class _Sentences(string.Formatter):
    """``str.format``, with a choice of words: what stands before the bar is for one, what stands after it for more."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, PurePath):
            value = neutral_id(str(value))
        if "|" not in format_spec:
            return str(super().format_field(value, format_spec))
        one, more = format_spec.split("|")
        return one if str(value) == "1" else more


_SENTENCES = _Sentences()


def say(message_id: str, /, **fields: object) -> str:
    """Return the sentence for ``message_id`` with ``fields`` filled in.

    Raises ``KeyError`` for an id or a field that does not exist: a missing sentence is a bug, found by tests.
    """
    return _SENTENCES.vformat(CATALOGUE[message_id], (), fields)


def say_in(language: str, message_id: str, /, **fields: object) -> str:
    """The sentence in a language of ``LANGUAGES``; in English where that has none of its own. Raises as :func:`say`."""
    template = TRANSLATED.get(language, {}).get(message_id)
    return say(message_id, **fields) if template is None else _SENTENCES.vformat(template, (), fields)
