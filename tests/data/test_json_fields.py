"""JSON whose records have fields of their own: as columns these would be far more than what is written in them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from recsys_tui.data.readers import read_table
from recsys_tui.data.readers.json_fields import MOST_FIELDS, SCANNED, common_fields, has_rare_fields
from recsys_tui.output.errors import UserError


def own_fields(count: int, nested: bool = False) -> list[dict[str, Any]]:
    """Records of a user, an item, and a field that no other record has."""
    pairs = [{"user": f"u{place % 50}", "item": f"i{place % 30}"} for place in range(count)]
    own = [{f"k{place}": 1} for place in range(count)]
    return [pair | ({"more": one} if nested else one) for pair, one in zip(pairs, own, strict=True)]


def written(folder: Path, records: list[dict[str, Any]], lines: bool) -> Path:
    path = folder / "data.json"
    path.write_text("\n".join(map(json.dumps, records)) if lines else json.dumps(records))
    return path


@pytest.mark.parametrize("lines", [True, False])
def test_of_too_many_fields_those_are_columns_that_most_records_have(tmp_path: Path, lines: bool) -> None:
    records = own_fields(2_000)
    for record in records[1_000:]:
        record["shop"] = "north"
    table = read_table(written(tmp_path, records, lines))
    assert table.frame.height == 2_000
    assert {"user", "item", "shop"} < set(table.frame.columns)
    assert table.frame.width == MOST_FIELDS
    assert [(finding.code, finding.count) for finding in table.findings] == [("rare_fields", 2_003 - MOST_FIELDS)]
    shop = table.frame.select("user", "item", "shop").rows()
    assert shop == [(record["user"], record["item"], record.get("shop")) for record in records]


@pytest.mark.parametrize("lines", [True, False])
def test_fields_of_what_is_nested_are_no_columns(tmp_path: Path, lines: bool) -> None:
    records = own_fields(2_000, nested=True)
    table = read_table(written(tmp_path, records, lines))
    assert table.frame.rows() == [(record["user"], record["item"]) for record in records]
    assert table.findings == ()


@pytest.mark.parametrize("lines", [True, False])
def test_a_matrix_keeps_all_its_columns(tmp_path: Path, lines: bool) -> None:
    """Of a matrix with 600 items each person knows one in six."""
    records = [
        {"who": f"u{row}"} | {f"i{item}": 1 + (row * item) % 5 for item in range(600) if (row + item) % 6 == 0}
        for row in range(60)
    ]
    table = read_table(written(tmp_path, records, lines))
    assert set(table.frame.columns) == {"who", *(f"i{item}" for item in range(600))}
    assert table.findings == ()


@pytest.mark.parametrize("lines", [True, False])
def test_a_matrix_of_which_hardly_anything_is_known_keeps_all_its_columns_too(tmp_path: Path, lines: bool) -> None:
    """Of one with 1,200 items each person knows one in sixty, and ten people each item."""
    records = [
        {"who": f"u{row}"} | {f"i{item}": 1 + (row * item) % 5 for item in range(row % 60, 1_200, 60)}
        for row in range(600)
    ]
    table = read_table(written(tmp_path, records, lines))
    assert table.frame.width == 1_201
    assert table.findings == ()
    assert common_fields(records)[1] == 0


@pytest.mark.parametrize("lines", [True, False])
def test_the_fields_of_the_first_record_come_first(tmp_path: Path, lines: bool) -> None:
    """The first column of a matrix names the people."""
    records = [{"who": f"u{row}"} | {f"i{item}": 1 for item in range(row % 12, 2_400, 12)} for row in range(300)]
    assert read_table(written(tmp_path, records, lines)).frame.columns[:3] == ["who", "i0", "i12"]


def test_what_follows_in_a_long_text_counts_too(tmp_path: Path) -> None:
    usual = b'{"user":"u1","item":"i1","rating":5,"text":"what: \\"was\\": it"}\n' * 100_000
    assert not has_rare_fields(usual, tmp_path)
    odd = b"".join(b'{"user":"u1","item":"i1","k%d":5}\n' % place for place in range(100_000))
    assert has_rare_fields(usual + odd, tmp_path)


def test_fields_of_a_document_in_one_line_are_found_wherever_it_is_looked_into(tmp_path: Path) -> None:
    text = json.dumps(own_fields(100_000), separators=(",", ":")).encode()
    assert has_rare_fields(text, tmp_path)
    matrix = [{"user": f"u{row}"} | {f"i{item}": "much" for item in range(row % 15, 3_000, 15)} for row in range(2_500)]
    text = json.dumps(matrix, separators=(",", ":")).encode()
    assert len(text) > SCANNED
    assert not has_rare_fields(text, tmp_path)


@pytest.mark.parametrize("end", ['"}', ""])
def test_quotes_within_texts_take_no_time(tmp_path: Path, end: str) -> None:
    """As of JSON that stands in JSON; for each of them the rest of its text was looked through."""
    text = b'{"user":"u1","item":"i1","sent":"' + b'\\"a\\": 1, ' * 100_000 + end.encode()
    start = time.perf_counter()
    assert not has_rare_fields(text, tmp_path)
    assert time.perf_counter() - start < 2


def test_more_cells_than_fit_in_memory_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = [{"user": f"u{row}"} | {f"i{item}": 1 for item in range(row % 10, 3_000, 10)} for row in range(500)]
    text = json.dumps(records).encode()
    monkeypatch.setenv("RECSYS_FREE_MEMORY", str(10_000_000))
    with pytest.raises(UserError) as told:
        has_rare_fields(text, tmp_path)
    assert (told.value.message_id, told.value.exit_code) == ("data.too_large_for_memory", 1)
    monkeypatch.setenv("RECSYS_FREE_MEMORY", str(100_000_000))
    assert not has_rare_fields(text, tmp_path)


def test_the_fields_of_few_records_are_all_columns() -> None:
    records = own_fields(40)
    names, rare = common_fields(records)
    assert rare == 0
    assert names[:3] == ["user", "item", "k0"]
    assert len(names) == 42
