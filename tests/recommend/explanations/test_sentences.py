"""Sentences say what the figures say, in English and Chinese, and nothing else."""

from __future__ import annotations

import re
import string

import pytest

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import explain as words
from recsys_tui.recommend.answers import Reason
from recsys_tui.recommend.explanations.explanation import Cause, Without
from recsys_tui.recommend.explanations.peers import ClusterTaste
from recsys_tui.recommend.explanations.sentences import joined, language_of, sentences_of
from recsys_tui.recommend.explanations.shared_terms import SharedTerm
from recsys_tui.recommend.explanations.sureness import Sureness

SURE = Sureness("strong", 3, 4, 2, 20, 0.1, 0.1)
PARTS = (Reason("sequence", "", 1.0), Reason("content", "", 0.5), Reason("popularity", "", -0.2))


def cause(item: str, title: str | None, contribution: float = 1.0, real: bool = True, **known) -> Cause:
    values = {"rating": None, "time": None, "opinion": None} | known
    return Cause(item, title, contribution=contribution, exact=contribution, rescored=0.0, effect=contribution,
                 beyond_chance=real, **values)  # fmt: skip


def said(language: str = "en", rank: int | None = 1, causes=(), terms=(), taste=None, without=(), sure=SURE):
    return sentences_of(language, rank, PARTS, causes, terms, taste, without, 150, sure)


def test_causes_then_what_would_change_it():
    causes = (cause("a", "Alien", rating=5.0), cause("b", None, opinion="like"), cause("c", "Noise", real=False))
    assert said(causes=causes, without=(Without("a", "Alien", 1, 14), Without("b", None, 1, 2))) == (
        "It stands at 1 mainly because of Alien (rated 5) and b (liked).",
        "Without Alien it would stand at 14 instead of 1.",
    )
    assert said("zh", 3, causes, without=(Without("a", "Alien", 3, None),)) == (
        "它排在第 3 位,主要是因为《Alien》(评分 5)和《b》(喜欢)。",
        "如果没有《Alien》,它不会进入前 150 位。",
    )


def test_mainly_is_said_only_where_it_is_so():
    """What speaks for it sums to 1.5: the named have to add half of that, with none before them, and hold it up."""
    strong, weak = cause("a", "Alien", 1.0), cause("b", "Blob", 0.3)
    assert said(causes=(strong, weak))[0] == "It stands at 1 mainly because of Alien and Blob."
    assert said(causes=(weak,))[0] == "It stands at 1, in part because of Blob."
    passed_over = cause("a", "Alien", 1.0, real=False)
    assert said(causes=(passed_over, weak))[0] == "It stands at 1, in part because of Blob."
    unmoved = (Without("a", "Alien", 1, 1),)
    assert said(causes=(strong,), without=unmoved)[0] == "It stands at 1, in part because of Alien."
    better = (Without("a", "Alien", 55, 46), Without("b", "Blob", 55, 60))
    assert said(rank=55, causes=(strong, weak), without=better) == (
        "It stands at 55, in part because of Blob.",
        "Without Blob it would stand at 60 instead of 55.",
    )
    assert said(rank=None, causes=(weak,))[0] == "What speaks for it is, in part, Blob."
    assert said(rank=None, causes=(strong,))[0] == "What speaks for it most is Alien."


def test_a_rank_that_is_not_the_one_on_screen_is_that_by_score_alone():
    causes = (cause("a", "Alien", 1.0),)
    assert sentences_of("en", 13, PARTS, causes, (), None, (), 150, SURE, elsewhere=True)[0] == (
        "By score alone it stands at 13, mainly because of Alien."
    )
    assert sentences_of("zh", 13, PARTS, causes, (), None, (), 150, SURE, elsewhere=True)[0].startswith("只按分数")
    weak = (cause("b", "Blob", 0.3),)
    assert sentences_of("en", 13, PARTS, weak, (), None, (), 150, SURE, elsewhere=True)[0] == (
        "By score alone it stands at 13, in part because of Blob."
    )


def test_what_adds_next_to_nothing_is_no_cause():
    causes = (cause("a", "Alien", 1.0), cause("b", "Blob", 0.005), cause("c", "Cube", -0.005))
    assert said(causes=causes)[0] == "It stands at 1 mainly because of Alien."


def test_what_was_taken_before_disliked_or_never_reached_is_told_as_such():
    again = (Reason("again", "", -0.6),)
    assert sentences_of("en", 1, again, (), (), None, (), 150, SURE) == (
        "It was taken before, and what is taken again comes by its chance to be taken the next time.",
    )
    assert sentences_of("en", None, PARTS, (cause("a", "Alien"),), (), None, (), 150, SURE, disliked=True) == (
        "This person said that they dislike it, so it is in no list of theirs.",
    )
    nothing = Sureness("popularity", 0, 0, 0, 0, 0.0, 0.0)
    assert said(rank=None, sure=nothing)[0].startswith("Nothing was done yet, so lists are")
    assert said(rank=2, sure=nothing)[0] == "Nothing was done yet, so this is what is popular."


def test_a_fall_that_no_real_cause_brought_is_not_told():
    found = said(causes=(cause("a", "Alien"),), without=(Without("z", "Other", 1, 90), Without("a", "Alien", 1, 1)))
    assert not any("Other" in sentence or "Without" in sentence for sentence in found)


def test_shared_terms_and_groups_stand_in():
    terms = (
        SharedTerm("the", "word", 0.9, telling=False),
        SharedTerm("Sci-Fi", "category", 0.4),
        SharedTerm("1980s", "decade", 0.001),
    )
    taste = ClusterTaste(3, "noir", 40, 0.5, 0.2, 2.5)
    assert said(causes=(cause("a", "Alien"),), terms=terms, taste=taste)[1] == (
        "It shares Sci-Fi with what was taken before."
    )
    assert said(causes=(cause("a", "Alien"),), taste=taste)[1] == (
        "People of the group noir take it 2.5 times as often as all people do."
    )
    numbered = ClusterTaste(3, "group 3", 40, 0.5, 0.2, 2.5)
    assert said(causes=(cause("a", "Alien"),), taste=numbered)[1] == (
        "People of group 3 take it 2.5 times as often as all people do."
    )
    assert "noir" not in " ".join(said(taste=ClusterTaste(3, "noir", 40, None, None, None)))
    assert "noir" not in " ".join(said(taste=ClusterTaste(3, "noir", 40, 0.2, 0.2, 1.0)))


def test_without_causes_the_strongest_part_is_told():
    assert said() == ("What counts most: what usually follows the latest actions.",)


def test_what_turns_a_match_into_a_chance_is_no_reason():
    parts = (*PARTS, Reason("novelty", "", 2.0))
    for language in ("en", "zh"):
        assert sentences_of(language, 9, parts, (), (), None, (), 150, SURE) == said(language)
    assert sentences_of("en", 9, parts[-1:], (), (), None, (), 150, SURE) == ()


def test_popularity_is_admitted():
    mostly = Sureness("popularity", 1, 2, 0, 20, 0.8, 0.0)
    assert said(causes=(cause("a", "Alien"),), sure=mostly) == (
        "Mostly popularity, with little evidence: it is popular, and little of what was done before points to it.",
    )
    assert len(said("zh", sure=mostly)) == 1


def test_lists_are_read_as_lists():
    assert [joined("en", list("abc")[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert joined("zh", ["甲", "乙", "丙"]) == "甲、乙和丙"


def test_both_languages_use_the_same_figures():
    """A Chinese sentence has the fields of the English one: neither claims a figure that the other does not."""
    for key, template in words.CHINESE.items():
        if key.startswith("explain.part_"):
            continue
        fields = {name for _, name, _, _ in string.Formatter().parse(template) if name}
        english = {name for _, name, _, _ in string.Formatter().parse(words.ENGLISH[key]) if name}
        assert fields == english, key
        assert re.search(r"[\u4e00-\u9fff《、]", template), key


def test_the_language_is_given_or_that_of_the_locale(monkeypatch: pytest.MonkeyPatch):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert language_of(None) == "zh"
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert language_of(None) == "en"
    assert language_of("zh") == "zh"
    with pytest.raises(UserError) as refused:
        language_of("fr")
    assert refused.value.exit_code == ExitCode.USAGE
