"""The README's tables of privacy are made of the committed figures."""

from __future__ import annotations

import json

import pytest

from tests.bench.private import DATASETS, EPSILONS, RESULTS, audit_table_of, main, table_of

README = RESULTS.parent.parent.parent.parent / "README.md"


def test_the_readme_shows_the_committed_figures(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--table"], RESULTS.parent) == 0
    printed = capsys.readouterr().out
    results = json.loads(RESULTS.read_text("utf-8"))
    readme = README.read_text("utf-8")
    assert set(results) == set(DATASETS)
    for table in (table_of(results), audit_table_of(results)):
        assert table in printed
        assert readme.count(table) == 1


def test_a_row_of_each_table_by_hand() -> None:
    measured = {f"{epsilon:g}": [0.01, 0.03] for epsilon in EPSILONS}
    attack = {"auc": {"value": 0.6, "low": 0.5, "high": 0.7}, "tpr": {"value": 0.025, "low": 0.01, "high": 0.04}}
    audit = {"attacks": [attack, attack]}
    found = {
        "people": 1_200,
        "descriptions": 0.0123,
        "popular": 0.0456,
        "private": measured,
        "without_noise": 0.1,
        "audit": {"quick": audit, "private": audit},
    }
    row = table_of({"ml-100k": found}).splitlines()[-1]
    assert row == "| ml-100k, 1,200 | .012 | .046 | " + " | ".join([".020 ± .014"] * 5) + " | .100 |"
    row = audit_table_of({"ml-100k": found}).splitlines()[-1]
    pair = ".600 (.500-.700) | 2.5% (1.0%-4.0%)"
    assert row == f"| ml-100k, `--private 1` | {pair} | {pair} |"
    found["forgotten"] = {"members": 7, "before": [attack, attack], "after": [attack, attack]}
    rows = audit_table_of({"ml-100k": found}).splitlines()[-2:]
    assert rows[0] == f"| ml-100k, `quick`, ratings alone | {pair} | {pair} |"
    assert rows[1] == f"| ml-100k, the same after `forget` of all 7 attacked | {pair} | {pair} |"
