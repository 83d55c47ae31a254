"""Cells of a histogram and the people behind them, against counting everybody and every difference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_tui.data.people_behind import PlacedRows, told_cells
from recsys_tui.output.crowd_gate import CrowdGate

CELLS = 5
ROWS = st.lists(st.tuples(st.integers(0, 24), st.integers(-1, CELLS - 1)), max_size=150)
FEW = CrowdGate(5)


def placed(rows: list[tuple[int, int]], count: int = CELLS) -> PlacedRows:
    return PlacedRows(
        np.array([who for who, _ in rows], np.uint32), np.array([where for _, where in rows], np.int8), count
    )


def of_cells(rows: list[tuple[int, int]], cells: set[int]) -> set[int]:
    return {who for who, where in rows if where in cells}


def few(people: set[int]) -> bool:
    return 0 < len(people) < FEW.minimum


@given(ROWS, st.integers(1, 9))
def test_few_people_are_counted_exactly_and_many_are_known_to_be_many(rows: list[tuple[int, int]], enough: int):
    found = placed(rows)
    assert found.rows.tolist() == [sum(where == cell for _, where in rows) for cell in range(CELLS)]
    for cell, people in enumerate(found.people(enough).tolist()):
        exact = len(of_cells(rows, {cell}))
        assert (people == exact) if exact < enough else enough <= people <= exact
    some = np.array([True, False, True, False, False])
    exact = len(of_cells(rows, {-1, 0, 2}))
    people = found.people_of(some, enough)
    assert (people == exact) if exact < enough else enough <= people <= exact


@pytest.mark.parametrize("busy", [1, 40])
def test_one_busy_person_is_no_crowd(busy: int):
    """However many rows one person makes of a cell, people are counted where they could be too few."""
    found = placed([(0, 0)] * 200 + [(who, 0) for who in range(1, busy + 1)], 1)
    people = found.people(10).item()
    assert (people == 2) if busy == 1 else (people >= 10)


@given(ROWS)
def test_neither_a_cell_nor_what_is_left_of_the_whole_is_of_a_few(rows: list[tuple[int, int]]):
    told = told_cells(placed(rows), FEW)
    hidden = {-1, *np.flatnonzero(~told).tolist()}
    assert not few(of_cells(rows, hidden)) or not told.any()
    for cell in np.flatnonzero(told).tolist():
        assert len(of_cells(rows, {cell})) >= FEW.minimum


@given(ROWS, ROWS)
def test_nor_is_what_is_left_of_all_without_a_part(part: list[tuple[int, int]], others: list[tuple[int, int]]):
    mask = np.array([True] * len(part) + [False] * len(others), np.bool_)
    told = told_cells(placed(part + others), FEW, mask)
    hidden = {-1, *np.flatnonzero(~told).tolist()}
    assert not few(of_cells(part, hidden)) or not told.any()
    assert not few(of_cells(others, hidden)) or not told.any()
    for cell in np.flatnonzero(told).tolist():
        assert len(of_cells(part, {cell})) >= FEW.minimum
        assert not few(of_cells(others, {cell}))


def test_the_smallest_of_the_others_is_kept_back_beside_a_few():
    """30, 12, 11 and 3 people by cell: the three would be what the others leave of 56."""
    rows = [(who, cell) for cell, people in enumerate((30, 12, 11, 3)) for who in range(people)]
    assert told_cells(placed(rows, 4), CrowdGate(10)).tolist() == [True, True, False, False]
    # Nothing is left of twelve and twelve.
    assert told_cells(placed(rows[:30] + rows[30:42], 2), CrowdGate(10)).tolist() == [True, True]


def test_the_same_few_people_in_several_cells_are_few():
    """Six people in each of two cells are no crowd of twelve, where they are the same six."""
    rows = [(who, 0) for who in range(30)] + [(who, 1) for who in range(20)]
    same = rows + [(who, cell) for cell in (2, 3) for who in range(6)]
    assert told_cells(placed(same, 4), CrowdGate(10)).tolist() == [True, False, False, False]
    different = rows + [(who, 2) for who in range(6)] + [(who, 3) for who in range(6, 12)]
    assert told_cells(placed(different, 4), CrowdGate(10)).tolist() == [True, True, False, False]


@given(ROWS)
def test_no_small_cell_can_be_worked_out_of_the_number_of_rows_and_a_mean(rows: list[tuple[int, int]]):
    """Two sums tell two cells: what is hidden beside them is nothing, three cells or more, or no small one."""
    told = told_cells(placed(rows), FEW, sums=2)
    hidden = [cell for cell in range(CELLS) if not told[cell] and of_cells(rows, {cell})]
    assert not told.any() or not hidden or len(hidden) > 2 or not any(few(of_cells(rows, {cell})) for cell in hidden)
    assert not few(of_cells(rows, {-1, *hidden})) or not told.any()
