"""Explanations of lists in which things are taken again: every rank in them is one of the list that is shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recsys_tui.models.repeat_consumption import RepeatModel
from recsys_tui.recommend.explanations.explain import explain
from recsys_tui.recommend.explanations.explanation import Seen
from recsys_tui.recommend.list_options import list_options
from recsys_tui.recommend.prediction import predict
from recsys_tui.recommend.recommender import Recommender
from recsys_tui.recommend.session import Session

USER = "42"


@pytest.fixture
def recommender(trained: Session, monkeypatch: pytest.MonkeyPatch) -> Recommender:
    """The films, where people take some of what they have again, about as often as something new."""
    found = trained.recommender()
    assert found is not None
    count = len(found.model.people.histories.items)
    random = np.random.default_rng(3)
    repeats = RepeatModel(
        random.normal(-3, 1, count).astype(np.float32), np.full(count, 3, np.uint16), np.zeros(count, np.int64),
        np.full(len(found.model.people.histories), 2.0, np.float32),
    )  # fmt: skip
    monkeypatch.setitem(found.model.people.__dict__, "repeats", repeats)
    return found


def without(recommender: Recommender, place: int) -> Recommender:
    """The same people, but that one of them never did one thing."""
    people = recommender.model.people
    histories, code = people.histories, recommender.user_code(USER)
    gone = int(histories.indptr[code]) + place
    indptr = histories.indptr.copy()
    indptr[code + 1 :] -= 1

    def cut(values: np.ndarray | None) -> np.ndarray | None:
        return None if values is None else np.delete(values, gone)

    assert people.repeats is not None
    fewer = replace(
        histories, indptr=indptr, items=cut(histories.items), times=cut(histories.times),
        weights=cut(histories.weights), ratings=cut(histories.ratings),
    )  # fmt: skip
    repeats = replace(
        people.repeats, logits=cut(people.repeats.logits), times=cut(people.repeats.times),
        last=cut(people.repeats.last),
    )  # fmt: skip
    changed = replace(recommender.model, people=replace(people, histories=fewer, repeats=repeats))
    return Recommender(changed, recommender.manifest, recommender.preset, recommender.horizon)


def test_ranks_are_those_of_the_list_with_what_is_taken_again(recommender: Recommender):
    listed = recommender.recommend(USER, k=40).items
    had = recommender.model.people.histories.items_of(recommender.user_code(USER)).tolist()
    codes = {entry.item: recommender.item_code(entry.item) for entry in listed}
    new = [entry for entry in listed if codes[entry.item] not in had]
    assert 5 < len(new) < 35  # both kinds are in the list
    for entry in (new[0], new[3], new[5]):
        found = explain(recommender, USER, entry.item)
        assert found.rank == entry.rank
        assert found.without
        for change in found.without:
            assert change.rank_before == entry.rank
            other = without(recommender, had.index(recommender.item_code(change.item)))
            again = other.recommend(USER, k=100, options=list_options(exclude_items=[change.item])).items
            places = [one.rank for one in again if one.item == entry.item]
            assert [change.rank_after] == (places or [None])


def test_ranks_of_a_list_that_is_spread_out_are_those_on_screen(trained: Session):
    recommender = trained.recommender()
    assert recommender is not None
    options = list_options(diversity=0.5)
    listed = recommender.recommend(USER, k=20, options=options).items
    for entry in listed:
        found = explain(recommender, USER, entry.item, options=options, seen=Seen(entry.rank, 20))
        assert found.rank == entry.rank
        assert all(change.rank_before == entry.rank for change in found.without)
        assert not any("By score" in sentence for sentence in found.sentences)
    found = explain(recommender, USER, listed[0].item, seen=Seen(15, 20))
    assert found.rank != 15
    assert found.sentences[0].startswith("By score alone it stands at")


def test_a_probability_is_that_of_the_pair_and_a_chance_that_of_the_next_occasion(recommender: Recommender):
    listed = recommender.recommend(USER, k=30).items
    for entry in listed:
        assert entry.probability == pytest.approx(predict(recommender, USER, entry.item).probability, abs=1e-5)
        assert entry.chance == pytest.approx(np.exp(entry.score), rel=1e-5)
        assert entry.foretold == entry.chance
    found = explain(recommender, USER, listed[2].item)
    assert (found.probability, found.chance) == pytest.approx((listed[2].probability, listed[2].chance), abs=1e-5)


def test_where_people_take_things_once_there_is_no_such_chance(trained: Session):
    recommender = trained.recommender()
    assert recommender is not None
    entry = recommender.recommend(USER, k=1).items[0]
    assert entry.chance is None
    assert entry.foretold == entry.probability
    assert explain(recommender, USER, entry.item).chance is None


def test_what_is_taken_again_has_no_causes_but_that(recommender: Recommender):
    listed = recommender.recommend(USER, k=40).items
    had = set(recommender.model.people.histories.items_of(recommender.user_code(USER)).tolist())
    again = next(entry for entry in listed if recommender.item_code(entry.item) in had)
    found = explain(recommender, USER, again.item)
    assert (found.rank, found.score) == (again.rank, pytest.approx(again.score))
    assert (found.history, found.content, found.without, found.counterfactual) == ((), (), (), None)
    assert [part.kind for part in found.components] == ["again"]
    assert found.sentences[0].startswith("It was taken before")
    last = recommender.model.catalogue.ids[len(recommender.model.catalogue.ids) - 1]  # nobody has taken it
    outside = explain(recommender, USER, str(last))
    assert outside.rank is None
    assert outside.note is not None
    assert "among new items" in outside.note


def test_a_disliked_item_says_so(trained: Session):
    recommender = trained.recommender()
    assert recommender is not None
    found = explain(recommender, USER, "17", dislike=["17", "30"])
    assert found.rank is None
    assert found.sentences == ("This person said that they dislike it, so it is in no list of theirs.",)
    assert "17" not in {cause.item for cause in found.history if cause.opinion == "dislike"}
    assert "30" in {cause.item for cause in found.history if cause.opinion == "dislike"}
