"""Reports of A/B tests: counts by hand, figures that too few people stand behind, sessions that are not over."""

from __future__ import annotations

import pytest

from recsys_tui.evaluate.ab.dealing import passed_over
from recsys_tui.evaluate.ab.outcomes import people_of
from recsys_tui.evaluate.ab.report import AbReport, report, report_document
from recsys_tui.evaluate.ab.sequential import of_groups, of_pairs, of_signs, units_needed
from recsys_tui.evaluate.ab.words import notes, verdict
from recsys_tui.store.ab_log import AbLog
from recsys_tui.store.ab_records import VISIT_MILLISECONDS, AbTest

Shown = list[tuple[str, str | None]]
LATER = 10**12
LIST: Shown = [("p", "a"), ("q", "b"), ("r", "b"), ("s", "a"), ("t", None)]


def begun(mode: str = "interleave") -> tuple[AbLog, AbTest]:
    log = AbLog.in_memory()
    return log, log.start("deep", "ease", mode, "00" * 16, at=0)


def sat(log: AbLog, test: AbTest, user: str, events: list[tuple[str, str]], shown: Shown = LIST, at: int = 0) -> None:
    """One visit, in which an item counts for the arm that it has in the list."""
    arm = shown[0][1] if test.mode == "split" else None
    visit = log.visit(test, user, arm, "quick", at=at)
    log.show(visit, shown, at=at)
    arms = dict(shown)
    log.note(visit, [(item, kind, arms.get(item)) for item, kind in events], at=at)


def reported(log: AbLog, test: AbTest, now: int = LATER, **asked: float) -> AbReport:
    return report(test, *log.record(test), now, **asked)


def test_what_one_person_did_by_hand():
    log, test = begun()
    # p passed over, q opened and liked, s disliked; t is of no arm; x is not in the list.
    sat(log, test, "7", [("q", "open"), ("p", "skip"), ("q", "like"), ("s", "dislike"), ("t", "like"), ("x", "like")])
    person = people_of(*log.record(test))["7"]
    a, b = person.arms["a"], person.arms["b"]
    assert (a.shown, a.seen, a.opened, a.liked, a.disliked, a.visits_liked) == (2, 2, 0, 0, 1, 0)
    assert (b.shown, b.seen, b.opened, b.liked, b.disliked, b.visits_liked) == (2, 1, 1, 1, 0, 1)
    assert (person.visits, person.actions, person.wins, person.ties) == (1, 5, {"a": 0, "b": 1}, 0)


def test_what_was_said_last_counts_and_an_item_stays_with_its_first_arm():
    log, test = begun()
    visit = log.visit(test, "7", None, "quick", at=0)
    log.show(visit, LIST, at=0)
    log.note(visit, [("p", "like", "a"), ("p", "clear", "b"), ("q", "like", "b"), ("q", "dislike", "b")], at=0)
    log.note(visit, [("r", "open", "b"), ("r", "dislike", "b"), ("s", "dislike", "a"), ("s", "like", None)], at=0)
    person = people_of(*log.record(test))["7"]
    assert (person.arms["a"].liked, person.arms["b"].liked, person.arms["b"].disliked) == (1, 0, 2)
    # p was taken back, q and r are disliked, s is liked: a has taken up one, b none.
    assert person.wins == {"a": 1, "b": 0}


def test_what_a_like_tells_of_the_items_above():
    shown = tuple(LIST)
    assert passed_over(shown, "s", {"q"}) == [("p", "skip", "a"), ("r", "skip", "b")]
    assert passed_over(shown, "p", set()) == []
    assert passed_over(shown, "elsewhere", set()) == []


def crowd(mode: str = "interleave") -> tuple[AbLog, AbTest]:
    """Twenty people of one visit each: twelve like an item of a, five one of b, three do nothing; two come back."""
    log, test = begun(mode)
    for number in range(20):
        item = "p" if number < 12 else "q"
        side = "a" if number % 2 == 0 else "b"
        shown: Shown = LIST if mode == "interleave" else [(each, side) for each, _ in LIST]
        events = [] if number >= 17 else [(item, "open"), *([("p", "skip")] if item == "q" else []), (item, "like")]
        sat(log, test, f"{number}", events, shown)
        if number < 2:
            sat(log, test, f"{number}", [], shown, at=VISIT_MILLISECONDS)
    return log, test


def test_interleaved_lists_by_hand():
    log, test = crowd()
    found = reported(log, test)
    assert found.wins is not None
    # Five people stand behind the wins of b, and five others behind ties: ten together, beside twelve.
    assert (found.wins.a, found.wins.b, found.wins.ties) == (12, None, None)
    # The five who preferred b and the three who preferred neither would be what twelve leave of twenty.
    assert (found.wins.people_a, found.wins.people_b, found.wins.people_ties) == (None, None, None)
    assert (found.people, found.sessions, found.open_sessions) == (20, 22, 0)
    assert found.primary == of_signs(12, 5, 0.2)
    won = found.outcomes["win_share"]
    # Seventeen of twenty won or lost: the three others count as ten.
    assert (won.a, won.b, won.people) == (pytest.approx(12 / 17), pytest.approx(5 / 17), 10)
    assert won.difference == of_pairs([1.0] * 12 + [-1.0] * 5, 0.2, bound=1.0)
    likes = found.outcomes["like_rate"]
    # Two of the twelve came back and liked nothing: half of their visits.
    assert likes.a == pytest.approx((10 + 2 * 0.5) / 20)
    assert likes.b == pytest.approx(5 / 20)
    assert likes.difference == of_pairs([0.5] * 2 + [1.0] * 10 + [-1.0] * 5 + [0.0] * 3, 0.1, bound=1.0)
    # Only the five who liked q saw an item of both arms: too few to say anything of them.
    assert found.outcomes["satisfaction"].a is None
    assert found.outcomes["sessions"].everyone == pytest.approx(22 / 20)
    assert found.outcomes["return_rate"].everyone == pytest.approx(2 / 20)
    assert found.outcomes["sessions"].difference is None
    assert [(arm.shown, arm.likes, arm.clicks, arm.dislikes) for arm in found.arms] == [
        (44, 12, 12, 0), (44, None, None, 0),
    ]  # fmt: skip
    assert found.sample_ratio is not None
    assert (found.sample_ratio.a, found.sample_ratio.b, found.sample_ratio.mismatch) == (22, 0, True)
    assert "at fault" in verdict(found)


def test_split_people_by_hand():
    log, test = crowd("split")
    found = reported(log, test)
    assert found.wins is None
    assert found.outcomes["win_share"].a is None
    assert [(arm.people, arm.sessions) for arm in found.arms] == [(10, 11), (10, 11)]
    # Even numbers are in a: 0 to 10 like p and see nothing else, 12 to 16 see p and like q, 18 does nothing.
    assert found.outcomes["satisfaction"].a is None  # that is of nine people and of eight
    assert found.outcomes["like_rate"].a == pytest.approx((0.5 + 5 + 3) / 10)
    assert found.outcomes["sessions"].difference == of_groups([2.0] + [1.0] * 9, [2.0] + [1.0] * 9, 0.5)
    assert found.sample_ratio is not None
    assert not found.sample_ratio.mismatch
    assert found.sample_size.needed is None


def test_satisfaction_is_the_share_of_liked_among_seen():
    log, test = begun("split")
    for number in range(24):
        side = "a" if number < 12 else "b"
        shown: Shown = [(each, side) for each in "pqr"]
        events = [("p", "skip"), ("q", "skip"), ("r", "like")] if number % 3 else [("p", "dislike"), ("q", "open")]
        if side == "a":
            events += [("q", "open"), ("q", "like")]
        sat(log, test, f"{number}", events, shown)
    found = reported(log, test)
    satisfaction = found.outcomes["satisfaction"]
    a, b = [1 / 2] * 4 + [2 / 3] * 8, [0.0] * 4 + [1 / 3] * 8
    assert satisfaction.a == pytest.approx(sum(a) / 12)
    assert satisfaction.b == pytest.approx(sum(b) / 12)
    assert found.primary == satisfaction.difference
    expected = of_groups(a, b, 0.1, bound=1.0)
    assert expected is not None
    assert found.primary is not None
    assert (found.primary.delta, found.primary.p) == pytest.approx((expected.delta, expected.p))
    assert "deep is ahead of ease" in verdict(found)


def test_nothing_is_shown_of_fewer_than_ten_people():
    log, test = begun("split")
    for number in range(19):
        side = "a" if number < 10 else "b"
        sat(log, test, f"{number}", [("p", "open"), ("p", "like")], [("p", side), ("q", side)])
    document = report_document(reported(log, test))
    assert [arm["people"] for arm in document["arms"]] == [10, None]
    assert (document["people"], document["sessions"], document["sample_ratio"]) == (None, None, None)
    assert document["satisfaction"]["a"] is None
    assert document["p"] is None
    assert "10 people" in verdict(reported(log, test))
    sat(log, test, "19", [("p", "open")], [("p", "b"), ("q", "b")])
    assert reported(log, test).people == 20


def test_sessions_count_when_they_are_over():
    log, test = crowd()
    early = reported(log, test, now=VISIT_MILLISECONDS)
    assert (early.sessions, early.open_sessions) == (20, None)  # two people sit in them
    assert any("fewer than 10 people are not over" in note for note in notes(early))
    for number in range(3, 11):
        sat(log, test, f"{number}", [], at=VISIT_MILLISECONDS)
    early = reported(log, test, now=VISIT_MILLISECONDS)
    assert early.open_sessions == 10
    assert any("10 sessions are not over" in note for note in notes(early))
    log.stop(at=VISIT_MILLISECONDS)
    stopped = log.tests()[0]
    assert report(stopped, *log.record(stopped), VISIT_MILLISECONDS).open_sessions == 0


def test_how_many_more_it_takes():
    log, test = crowd()
    size = reported(log, test, effect=0.2, power=0.9).sample_size
    assert size.needed == units_needed(0.2, 0.9, 1.0, 0.2)
    assert size.needed is not None
    assert size.still_needed == size.needed - 10  # 17 are decided, beside those in which five people decided nothing
    for number in range(20, 32):
        sat(log, test, f"{number}", [("p", "like")] if number < 25 else [])
    assert reported(log, test, effect=0.2, power=0.9).sample_size.still_needed == size.needed - 22
    assert reported(log, test, effect=1.0).sample_size.still_needed is not None


def test_how_many_so_far_does_not_tell_how_few_have_seen_nothing():
    log, test = begun("split")
    for number in range(40):
        side = "a" if number % 2 else "b"
        events = [("p", "skip"), ("q", "like")] if number % 4 < 2 else [("p", "like")]
        sat(log, test, f"{number}", events if number else [], [("p", side), ("q", side)])
    found = reported(log, test)
    # One of the twenty people of b has seen nothing, and counts as ten.
    assert found.primary is not None
    assert (found.outcomes["satisfaction"].people, found.sample_size.so_far) == (30, 30)


@pytest.mark.parametrize("deciding", [9, 10])
def test_what_a_few_people_decided_is_not_concluded(deciding: int):
    log, test = begun()
    for number in range(40):
        sat(log, test, f"{number}", [("p", "like")] if number < deciding else [])
    found = reported(log, test)
    assert found.people == 40
    assert found.sample_size.so_far == (10 if deciding == 10 else None)
    assert (report_document(found)["delta"] is None) == (deciding < 10)


def test_whether_chance_dealt_fairly_does_not_tell_the_few_sessions_that_began_with_an_arm():
    told = []
    for few in (2, 3):
        log, test = begun()
        for number in range(24):
            sat(log, test, f"{number}", [], LIST if number < few else LIST[1:])
        found = reported(log, test)
        assert found.sample_ratio is not None
        assert (found.sample_ratio.a, found.sample_ratio.b) == (None, None)
        told.append((report_document(found)["sample_ratio"], [note for note in notes(found) if "Fair deal" in note]))
    assert told[0] == told[1]
    assert "p <0.010" in told[0][1][0]
