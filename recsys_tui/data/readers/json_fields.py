"""How many fields the records of a JSON text have, which as columns may be far more than what is written in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from recsys_tui.data.memory import FIELD, check_can_take

MOST_FIELDS = 250
# As many fields as columns of which most are empty: of a matrix of people and items one in so many cells is known.
TIMES = 20
# Of emptier ones too, as long as each column has a few records and all take neither seconds nor hundreds of megabytes.
FEW_RECORDS, MOST_CELLS = 5, 5_000_000
# Looked at are so many bytes, in so many parts of the text.
SCANNED, PARTS = 1 << 22, 64
_RECORD = b'{"'
# Any text; names of fields have a colon, and one that is none is passed over as a whole, with the quotes in it.
_TEXT = re.compile(rb'"((?:[^"\\\n]++|\\.)*+)("[ \t\r\n]*+:|"?+)')


def has_rare_fields(text: bytes, path: Path) -> bool:
    """Whether a text names so many fields that most columns would hold hardly anything: each record its own, say.

    Raises ``UserError`` (exit 1) where all of them as columns take more memory than is free, and are no rare ones.
    """
    keys, named, records = set[bytes](), 0, 0
    size = len(text) if len(text) <= SCANNED else SCANNED // PARTS
    for start in range(0, len(text), max(size, len(text) // PARTS)):
        part = text[start : start + size]
        part = part[max(0, part.find(_RECORD)) :]  # it may begin within a text
        found = [name for name, end in _TEXT.findall(part) if end.endswith(b":")]
        keys.update(found)
        named, records = named + len(found), records + part.count(b"{")
    if len(keys) <= MOST_FIELDS:
        return False
    times = max(1.0, len(text) / SCANNED)
    if _are_rare(len(keys), int(named * times), int(records * times)):
        return True
    check_can_take(path, records * times * len(keys) * FIELD)
    return False


def common_fields(records: Iterable[Mapping[str, object]]) -> tuple[list[str], int]:
    """The fields of some records that are columns, in the order in which they come first, and how many others there
    are: of too many, of which most are in hardly any record, those that most have."""
    counts, records_seen = Counter[str](), 0
    for record in records:
        counts.update(record.keys())
        records_seen += 1
    if not _are_rare(len(counts), counts.total(), records_seen):
        return list(counts), 0
    common = {name for name, _ in counts.most_common(MOST_FIELDS)}
    return [name for name in counts if name in common], len(counts) - len(common)


def _are_rare(fields: int, named: int, records: int) -> bool:
    if fields <= max(MOST_FIELDS, TIMES * named / max(1, records)):
        return False
    return named < FEW_RECORDS * fields or records * fields > MOST_CELLS
