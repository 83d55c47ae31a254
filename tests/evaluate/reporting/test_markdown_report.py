"""The report as Markdown: tables and sentences, in which names from data are no markup."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from recsys_tui.evaluate.reporting.markdown_report import markdown_report
from recsys_tui.evaluate.reporting.sections import report_of

sys.path.insert(0, str(Path(__file__).parent))
from invented import DATA, LABEL, MODEL, document


def test_a_renderer_sees_headings_tables_and_text_only():
    parser = pytest.importorskip("markdown_it", reason="markdown-it-py is not installed")
    text = markdown_report(report_of(document(), DATA, "2026-01-31"))
    tokens = parser.MarkdownIt("gfm-like", {"linkify": False}).parse(text)
    kinds = {token.type for token in tokens}
    inline = [token for token in tokens if token.type == "inline"]
    assert {kind.removesuffix("_open") for kind in kinds if kind.endswith("_open")} == {
        "heading", "paragraph", "table", "thead", "tbody", "tr", "th", "td",
    }  # fmt: skip
    assert {child.type for token in inline for child in token.children or ()} <= {"text", "text_special"}
    shown = ["".join(child.content for child in token.children or ()) for token in inline]
    assert MODEL in shown
    assert f"cluster {LABEL}" in shown
    assert DATA in shown
    assert any("Popularity bias: yes." in sentence for sentence in shown)
    assert "0.1100 (0.1000 to 0.1200)" in shown


def test_a_mean_that_is_kept_back_beside_others_is_not_one_of_few_people():
    found = document()
    for model, people in zip(found["models"], (40, None), strict=True):
        model["satisfaction"] |= {"people": people, "mean": None, "ci95": None}
    text = markdown_report(report_of(found, DATA, "2026-01-31"))
    assert "| deep | kept back | 40 |" in text
    assert "Kept back is a mean that beside the others would tell of fewer than 10 people" in text
    assert "kept back | <10 people" not in text
