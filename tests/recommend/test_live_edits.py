"""What somebody says of items, step by step: undo, redo, what is written, and how a list moves."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from recsys_tui.recommend.agreement import stages_that_agree
from recsys_tui.recommend.answers import Reason
from recsys_tui.recommend.live_edits import LiveEdits, rank_moves, verdicts_to_write, with_verdict
from recsys_tui.store.feedback_log import FeedbackLog
from recsys_tui.store.verdicts import DISLIKE, LIKE, Verdicts


def test_saying_it_again_takes_it_back():
    edits = LiveEdits().after("a", LIKE)
    assert edits.said == Verdicts(("a",))
    assert edits.after("a", LIKE).said == Verdicts()
    assert edits.after("a", DISLIKE).said == Verdicts((), ("a",))


def test_what_was_said_before_this_sitting_can_be_taken_back_and_that_undone():
    edits = LiveEdits(Verdicts(("old",))).after("old", LIKE)
    assert edits.said == Verdicts()
    assert edits.undo().said == Verdicts(("old",))
    assert edits.undo().undo() == edits.undo(), "nothing further to undo"


def test_something_new_said_forgets_what_was_undone():
    edits = LiveEdits().after("a", LIKE).undo().after("b", LIKE)
    assert edits.redo() == edits
    assert edits.said == Verdicts(("b",))


def test_undo_and_redo_have_no_limit():
    edits = LiveEdits()
    for number in range(1_000):
        edits = edits.after(f"i{number}", LIKE)
    for _ in range(1_000):
        edits = edits.undo()
    assert edits.said == Verdicts()
    for _ in range(1_000):
        edits = edits.redo()
    assert edits.said.liked == tuple(f"i{number}" for number in range(1_000))
    assert edits.touched == {f"i{number}" for number in range(1_000)}


def test_what_others_wrote_meanwhile_stands_and_the_steps_stay():
    edits = LiveEdits().after("a", LIKE).standing(Verdicts(("other", "a")))
    assert edits.undo().said == Verdicts(("other",))


@pytest.mark.parametrize(
    ("kept", "wanted", "rows"),
    [
        (Verdicts(), Verdicts(("a",)), [("a", LIKE)]),
        (Verdicts(("a",)), Verdicts(), [("a", None)]),
        (Verdicts(("a", "b")), Verdicts(("b", "a")), [("a", LIKE)]),
        (Verdicts(("a",)), Verdicts((), ("a",)), [("a", DISLIKE)]),
        (Verdicts(("a", "b"), ("c",)), Verdicts(("a", "b"), ("c",)), []),
        (Verdicts(("a", "b", "c")), Verdicts(("a", "c", "d")), [("b", None), ("d", LIKE)]),
    ],
)
def test_the_fewest_rows_are_written(kept: Verdicts, wanted: Verdicts, rows: list[tuple[str, str | None]]):
    assert verdicts_to_write(kept, wanted) == rows


def test_the_log_holds_what_stands_after_any_edits(tmp_path: Path):
    seeded, log = random.Random(5), FeedbackLog(tmp_path)
    edits, kept = LiveEdits(), Verdicts()
    for step in range(60):
        way = seeded.random()
        if way < 0.6:
            edits = edits.after(seeded.choice("abcdef"), seeded.choice((LIKE, DISLIKE)))
        else:
            edits = edits.undo() if way < 0.8 else edits.redo()
        if step % 3 == 0:  # several steps at once too, as a what-if keeps them
            rows = verdicts_to_write(kept, edits.said)
            log.add([("u", item, verdict) for item, verdict in rows])
            kept = edits.said
            assert log.of("u") == kept


def test_a_verdict_is_the_last_thing_said():
    said = Verdicts(("a", "b"), ("c",))
    assert with_verdict(said, "a", LIKE) == Verdicts(("b", "a"), ("c",))
    assert with_verdict(said, "c", None) == Verdicts(("a", "b"), ())


def test_moves_between_two_lists():
    # c rose from 3 to 1, a fell from 1 to 2, d is new, b stayed nowhere
    assert rank_moves(["a", "b", "c"], ["c", "a", "d"]) == (2, -1, None)
    assert rank_moves(["a", "b"], ["a", "b"]) == (0, 0)
    assert rank_moves([], ["a"]) == (None,)


def test_stages_agree_where_their_part_raises_the_score():
    reasons = [
        Reason("sequence", "", -0.1), Reason("encoder", "", 0.3), Reason("content", "", 0.004),
        Reason("interaction", "", 0.2), Reason("profile", "", -0.2), Reason("popularity", "", 9.0),
    ]  # fmt: skip
    assert stages_that_agree(reasons) == (False, False, True, True)
    assert stages_that_agree([Reason("sequence", "", 1.0)]) is None
    assert stages_that_agree([]) is None
