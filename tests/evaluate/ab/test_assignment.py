"""Who gets what: the same whenever it is asked, by fair chance, and independent from test to test."""

from __future__ import annotations

import hashlib
import hmac
from itertools import islice

from scipy.stats import chisquare

from recsys_tui.evaluate.ab.assignment import arm_of, coins, new_salt

SALTS = ("00" * 16, "0123456789abcdef0123456789abcdef")


def arms(salt: str, people: int) -> list[str]:
    return [arm_of(salt, str(user)) for user in range(people)]


def test_an_arm_is_one_bit_of_an_hmac_by_hand():
    message = (5).to_bytes(8, "big") + b"split" + (4).to_bytes(8, "big") + "Zoë".encode()
    bit = hmac.new(bytes(16), message, hashlib.sha256).digest()[0] & 1
    assert arm_of(SALTS[0], "Zoë") == "ab"[bit]


def test_people_stay_where_they_are_and_another_salt_deals_anew():
    first, second = (arms(salt, 4_000) for salt in SALTS)
    assert arms(SALTS[0], 4_000) == first
    table = [sum(pair == (x, y) for pair in zip(first, second, strict=True)) for x in "ab" for y in "ab"]
    assert chisquare(table).pvalue > 0.001


def test_a_new_salt_is_never_the_same():
    assert len({new_salt() for _ in range(100)}) == 100
    assert all(len(bytes.fromhex(new_salt())) == 16 for _ in range(3))


def test_coins_are_fair_and_of_their_visit():
    flips = [list(islice(coins(SALTS[1], "7", visit), 600)) for visit in range(1, 9)]
    assert flips[0] == list(islice(coins(SALTS[1], "7", 1), 600))
    assert len({tuple(one) for one in flips}) == 8
    heads = sum(map(sum, flips))
    assert chisquare([heads, 4_800 - heads]).pvalue > 0.001
    assert next(coins(SALTS[1], "71", 1)) in (True, False)
    # An id that ends in a digit and the number of a visit are told apart.
    assert list(islice(coins(SALTS[1], "7", 11), 64)) != list(islice(coins(SALTS[1], "71", 1), 64))
