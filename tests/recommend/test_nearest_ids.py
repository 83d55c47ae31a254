"""Suggestions for an id that does not exist."""

from __future__ import annotations

import time

from recsys_tui.recommend.nearest_ids import nearest_ids


def test_numbers_are_near_by_their_value():
    known = ["1", "7", "10", "43", "100"]
    assert nearest_ids("42", known) == ["43", "10", "7"]
    assert nearest_ids("0042", known) == ["43", "10", "7"]


def test_texts_are_near_by_their_letters():
    known = ["anna", "Annabel", "bernd", "hanna", "zoe"]
    assert nearest_ids("hana", known)[0] == "hanna"
    assert nearest_ids("xxxxxxxx", known) == []
    assert nearest_ids("anna", []) == []


def test_a_part_of_an_id_is_enough():
    assert nearest_ids("4711", ["customer-4711-berlin", "customer-0815-paris"]) == ["customer-4711-berlin"]


def test_numbers_among_texts_are_texts():
    assert nearest_ids("12", ["12a", "x9"]) == ["12a"]


def test_a_number_of_many_thousand_digits_is_no_error():
    assert nearest_ids("9" * 5_000, ["1", "2"]) == []
    assert nearest_ids("5", ["9" * 5_000, "6"]) == []


def test_many_ids_take_little_time():
    known = [f"user-{number:06d}" for number in range(300_000)]
    start = time.perf_counter()
    assert nearest_ids("user-299999x", known)
    assert time.perf_counter() - start < 5
