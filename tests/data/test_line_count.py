"""Lines are counted where they are lines."""

from __future__ import annotations

import gzip
from pathlib import Path

from recsys_tui.data import line_count
from recsys_tui.data.line_count import count_lines
from recsys_tui.data.preview import preview


def test_lines_are_counted_over_all_parts(tmp_path: Path):
    for number, lines in enumerate((3, 4)):
        (tmp_path / f"part{number}.csv").write_text("user,item\n" + "u,i\n" * (lines - 1))
    told: list[tuple[int, float]] = []
    paths = sorted(tmp_path.iterdir())
    assert count_lines(paths, lambda lines, share: told.append((lines, share))) == 7
    assert told[-1] == (7, 1.0)


def test_progress_grows_with_the_file(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(line_count, "BLOCK", 100)
    monkeypatch.setattr(line_count, "SECONDS_BETWEEN_REPORTS", 0.0)
    path = tmp_path / "long.csv"
    path.write_text("u1,item1,5\n" * 100)
    told: list[tuple[int, float]] = []
    assert count_lines([path], lambda lines, share: told.append((lines, share))) == 100
    assert [lines for lines, _ in told] == sorted(lines for lines, _ in told)
    assert len(told) > 5
    assert told[5][1] < 1
    assert count_lines([path], lambda _lines, _share: None, lambda: True) is None, "it can be stopped"


def test_what_is_no_plain_text_is_not_counted(tmp_path: Path):
    packed, binary = tmp_path / "a.csv.gz", tmp_path / "b.parquet"
    packed.write_bytes(gzip.compress(b"user,item\n1,2\n" * 50))
    binary.write_bytes(bytes(range(32)) * 64)
    for path in (packed, binary):
        assert count_lines([path], lambda _lines, _share: None) is None


def test_a_preview_names_its_files_and_looks_no_further_than_asked(tmp_path: Path):
    path = tmp_path / "ratings.csv"
    path.write_text("user,item,note\n" + "".join(f"u{n % 7},i{n % 9},{n}\n" for n in range(5_000)))
    found = preview(path, rows=3, sample=100)
    assert found.files == (path,)
    assert found._table.frame.height == 100
    assert len(found.rows) == 3
