"""The terms of an item: words of its title and text, categories, tags, decade, attributes; CJK as character n-grams."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import TYPE_CHECKING

from recsys_tui.data.dataset import ATTRIBUTE_PREFIX

if TYPE_CHECKING:
    import polars as pl

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]+")
_YEAR_AT_END = re.compile(r"\s*\((\d{4})\)\s*$")
CJK_LENGTHS = (2, 3)
LONGEST_TEXT = 4_000  # characters of a description that are read


class TermKind(IntEnum):
    """Where a term comes from."""

    WORD = 0
    CATEGORY = 1
    TAG = 2
    DECADE = 3
    ATTRIBUTE = 4
    NUMBER = 5


Term = tuple[TermKind, str]


def plain_text(text: str) -> str:
    """A text as its words are written: in lower case, and each character in its plain form."""
    return unicodedata.normalize("NFKC", text).lower()


def words_of(text: str) -> Iterator[str]:
    """Lower-case words; runs of CJK characters give their 2- and 3-grams (a run of one gives itself)."""
    for match in _WORD.finditer(plain_text(text)):
        word = match.group()
        rest = 0
        for run in _CJK.finditer(word):
            if run.start() > rest:
                yield word[rest : run.start()]
            yield from _character_ngrams(run.group())
            rest = run.end()
        if rest < len(word):
            yield word[rest:]


def _character_ngrams(run: str) -> Iterator[str]:
    if len(run) < CJK_LENGTHS[0]:
        yield run
    for length in CJK_LENGTHS:
        for start in range(len(run) - length + 1):
            yield run[start : start + length]


def terms_of_items(items: pl.DataFrame) -> Iterator[list[Term]]:
    """The terms of each row of an item table: columns title, text, categories, tags, year and attributes of text.

    What an attribute says is told with its name, ``language: fr``. Numbers are not among these terms: see
    :class:`~recsys_tui.profiles.number_scales.NumberScales`.
    """
    from recsys_tui.data.dataset import CATEGORIES, TAGS, TEXT, TITLE, YEAR

    columns = [column for column in (TITLE, TEXT, CATEGORIES, TAGS, YEAR) if column in items.columns]
    attributes = [name for name in items.columns if name.startswith(ATTRIBUTE_PREFIX) and not _is_number(items, name)]
    if not columns and not attributes:
        yield from ([] for _ in range(items.height))
        return
    for row in items.select(*columns, *attributes).iter_rows(named=True):
        described = _terms_of_row(row.get(TITLE), row.get(TEXT), row.get(CATEGORIES), row.get(TAGS), row.get(YEAR))
        yield [*described, *(term for name in attributes for term in _terms_of_attribute(name, row[name]))]


def _is_number(items: pl.DataFrame, name: str) -> bool:
    return items.schema[name].is_numeric()


def _terms_of_attribute(name: str, value: str | Iterable[str | None] | None) -> Iterator[Term]:
    label = name.removeprefix(ATTRIBUTE_PREFIX)
    for entry in (value,) if isinstance(value, str) else value or ():
        if entry:
            yield TermKind.ATTRIBUTE, f"{label}: {entry}"


def _terms_of_row(
    title: str | None,
    text: str | None,
    categories: Iterable[str | None] | None,
    tags: Iterable[str | None] | None,
    year: int | None,
) -> Iterator[Term]:
    if title:
        for word in words_of(_YEAR_AT_END.sub("", title)):
            yield TermKind.WORD, word
        found = _YEAR_AT_END.search(title)
        if year is None and found:
            year = int(found.group(1))
    if text:
        for word in words_of(text[:LONGEST_TEXT]):
            yield TermKind.WORD, word
    for category in categories or ():
        if category:
            yield TermKind.CATEGORY, category
    for tag in tags or ():
        if tag:
            yield TermKind.TAG, tag.lower()
    if year is not None and year > 0:
        yield TermKind.DECADE, f"{year // 10 * 10}s"
