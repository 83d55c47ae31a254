"""The figures of the person on screen are called what they count."""

from __future__ import annotations

from dataclasses import replace

from recsys_tui.recommend.answers import HistoryItem
from recsys_tui.tui.lines.person import person_lines
from recsys_tui.tui.state.workbench import PersonState, WorkbenchState

TAKEN = tuple(HistoryItem(f"i{place}", None, (), None, place) for place in range(163))


def test_what_is_there_more_than_once_is_actions_and_else_items():
    person = PersonState("u1", TAKEN)
    assert person_lines(WorkbenchState(person=person), 80)[0].plain.startswith("163 items")
    person = replace(person, history=TAKEN + TAKEN[:124])
    assert person_lines(WorkbenchState(person=person), 80)[0].plain.startswith("287 actions")
