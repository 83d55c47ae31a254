"""The README's table of explanations is made of the committed figures, and they are within their bounds."""

from __future__ import annotations

import json

import pytest

from tests.bench.explanations import DATASETS, RESULTS, bounds_missed, main, table_of


def test_the_readme_shows_the_committed_figures(capsys: pytest.CaptureFixture[str]):
    assert main(["--table"], RESULTS.parent) == 0
    table = capsys.readouterr().out.strip()
    results = json.loads(RESULTS.read_text("utf-8"))
    readme = (RESULTS.parent.parent.parent.parent / "README.md").read_text("utf-8")
    assert readme.count(table) == 1
    assert set(results) == set(DATASETS)
    assert table == table_of(results)


def test_a_missed_bound_is_told():
    results = json.loads(RESULTS.read_text("utf-8"))
    found = results["ml-1m"]
    assert list(bounds_missed("ml-1m", found)) == []
    figures = found["audit"]["faithfulness"]
    figures["areas"]["attribution"]["value"] = 1.2 * figures["areas"]["random"]["value"]
    figures["differences"]["recent"]["low"] = -0.01
    figures["completeness_error"] = 1e-3
    found |= {"not_attributable": 0.3, "milliseconds": {"plain": 60, "changes": 2_000}}
    found["counterfactuals"]["confirmed"] -= 1
    told = list(bounds_missed("ml-1m", found))
    parts = ("30 %", "the newest", "parts miss", "30% of", "plain takes 60", "changes takes 2000", "499 of 500")
    assert len(told) == len(parts)
    assert all(part in sentence for part, sentence in zip(parts, told, strict=True))
