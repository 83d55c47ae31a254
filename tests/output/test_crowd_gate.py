"""Figures about people pass only where enough people stand behind them."""

from __future__ import annotations

import pytest

from recsys_tui.output.crowd_gate import SETTING, CrowdGate, smallest_crowd


@pytest.mark.parametrize(("minimum", "people", "open_"), [(10, 9, False), (10, 10, True), (5, 4, False), (5, 5, True)])
def test_the_gate_opens_at_its_minimum(minimum: int, people: int, open_: bool):
    gate = CrowdGate(minimum)
    assert gate.open_for(people) is open_
    assert gate.pass_value(4.5, people) == (4.5 if open_ else None)
    assert gate.pass_text("4.5", people) == ("4.5" if open_ else f"<{minimum} people")


@pytest.mark.parametrize(
    ("told", "minimum"), [("20", 20), ("5", 5), ("4", 10), ("", 10), ("²", 10), ("many", 10), ("9" * 5000, 10)]
)
def test_a_minimum_that_makes_no_sense_is_ten(monkeypatch: pytest.MonkeyPatch, told: str, minimum: int):
    monkeypatch.setenv(SETTING, told)
    assert smallest_crowd() == minimum


def test_ten_people_by_default_and_never_fewer_than_five():
    assert CrowdGate().minimum == 10
    with pytest.raises(ValueError, match="fewer than 5"):
        CrowdGate(4)
