"""Probabilities and expected ratings of pairs, and audiences, from the trained films."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

import numpy as np
import pytest

from recsys_tui.data.sparse_rows import SparseRows
from recsys_tui.data.told_takers import told_takers
from recsys_tui.models import item_pools
from recsys_tui.models.newcomers import pair_logits
from recsys_tui.models.popularity import Popularity
from recsys_tui.models.signal_names import SIGNALS
from recsys_tui.models.signals import signal_stack
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.recommend.audience import Audience, audience
from recsys_tui.recommend.prediction import predict, predict_pairs
from recsys_tui.recommend.recommender import Recommender
from recsys_tui.recommend.session import Session
from recsys_tui.store.verdicts import Verdicts


@pytest.fixture(scope="module")
def films(trained: Session) -> Recommender:
    found = trained.recommender()
    assert found is not None
    return found


@pytest.fixture(scope="module")
def everybody(films: Recommender) -> Audience:
    """The whole audience of one film."""
    return audience(films, "17", 2_000)


def whole_logits(films: Recommender, user: str) -> np.ndarray:
    code = films.user_code(user)
    history = films.model.people.histories.rows(code, code + 1)
    return signal_stack(films.model.experts, films.model.interaction, history).values[SIGNALS.index("interaction"), 0]


def test_a_pair_says_what_the_persons_list_says(films: Recommender):
    for entry in films.recommend("42", k=4).items:
        found = predict(films, "42", entry.item)
        assert found.probability == pytest.approx(entry.probability, rel=1e-5)
        assert (found.user, found.title, found.already_taken) == ("42", entry.title, False)


def test_many_pairs_say_what_each_says_alone_in_their_order(films: Recommender):
    pairs = [("7", "20"), ("42", "17"), ("7", "3"), ("42", "17")]
    many, alone = predict_pairs(films, pairs), [predict(films, *pair) for pair in pairs]
    assert [(entry.user, entry.item) for entry in many] == pairs
    for one, other in zip(many, alone, strict=True):
        assert one.probability == pytest.approx(other.probability, rel=2e-3)
        assert one.expected_rating == pytest.approx(other.expected_rating, abs=1e-3)
        assert one.already_taken == other.already_taken


def test_what_somebody_has_is_told(films: Recommender):
    had = films.history("42", 1)[0].item
    assert predict(films, "42", had).already_taken
    assert [entry.already_taken for entry in predict_pairs(films, [("42", had), ("42", "17")])] == [True, False]


def test_someone_new_is_what_they_like(films: Recommender):
    """Who likes what somebody took, and nothing else, is as likely to take the next thing."""
    history = [entry.item for entry in reversed(films.history("42", 3))]
    one, two = (predict(films, None, "17", like).probability for like in (history[:1], history))
    assert one != two
    listed = {entry.item: entry.probability for entry in films.recommend_for_new(history, k=5).items}
    for item, probability in listed.items():
        assert predict(films, None, item, history).probability == pytest.approx(probability, rel=1e-5)


def test_an_expected_rating_is_the_persons_own_and_moves_with_likes(films: Recommender):
    model = films.model
    assert model.ratings is not None
    mean_rating = {
        user: np.nanmean(model.people.histories.ratings[slice(*model.people.histories.indptr[[code, code + 1]])])
        for user, code in ((user, films.user_code(user)) for user in map(str, range(1, 200)))
    }
    lenient, strict = max(mean_rating, key=mean_rating.__getitem__), min(mean_rating, key=mean_rating.__getitem__)
    ratings = [[predict(films, user, item).expected_rating for item in ("17", "20", "3")] for user in (lenient, strict)]
    assert np.mean(ratings[0]) > np.mean(ratings[1]) + 0.2
    nobody, fan = predict(films, None, "17"), predict(films, None, "17", ["20", "3", "586"])
    code = films.item_code("17")
    assert nobody.expected_rating == pytest.approx(model.ratings.mean + model.ratings.items[code, 0], abs=1e-3)
    assert fan.expected_rating > nobody.expected_rating  # likes are ratings above the mean
    assert model.ratings.bounds[0] <= fan.expected_rating <= model.ratings.bounds[1]


@pytest.mark.parametrize(("user", "item"), [("1501", "17"), ("42", "1201"), ("42", "")])
def test_who_and_what_is_not_there_is_told_with_the_nearest(films: Recommender, user: str, item: str):
    for ask in (lambda: predict(films, user, item), lambda: predict_pairs(films, [("42", "17"), (user, item)])):
        with pytest.raises(UserError) as caught:
            ask()
        assert caught.value.exit_code == ExitCode.NOT_FOUND


def test_an_audience_is_everybody_else_by_their_logit(films: Recommender, everybody: Audience):
    found = everybody
    histories, code = films.model.people.histories, films.item_code("17")
    owners = {str(films.model.people.ids[int(person)]) for person in histories.owners[histories.items == code]}
    named = [member.user for member in found.users]
    assert len(owners) > 100
    assert not owners & set(named)
    assert len(named) == found.people == len(histories) - len(owners)
    assert [member.rank for member in found.users] == list(range(1, len(named) + 1))
    scores = [member.score for member in found.users]
    assert scores == sorted(scores, reverse=True)
    for member in (found.users[0], found.users[300]):
        assert member.score == pytest.approx(whole_logits(films, member.user)[code], abs=2e-2)
        assert member.probability == pytest.approx(predict(films, member.user, "17").probability, abs=2e-3)


def test_who_is_barred_from_an_item_is_who_may_not_be_recommended_it(films: Recommender):
    people = films.model.people
    count, items = len(people.histories), people.histories.item_count
    # Everybody took back the item of their own number; the last ten people are items themselves.
    indptr, own = np.arange(count + 1), np.where(np.arange(count) >= count - 10, np.arange(count) % items, -1)
    against = SparseRows(indptr, (np.arange(count) % items).astype(np.int32), np.ones(count, np.float32))
    people = replace(people, against=against, own_items=(own + 5 * (own >= 0)).astype(np.int32))
    allowed = np.ones((count, items), np.bool_)
    people.ruled_out(np.arange(count), allowed)
    allowed[people.histories.owners, people.histories.items] = False
    for item in (0, 17, 299, 304):
        np.testing.assert_array_equal(people.barred_from(item), ~allowed[:, item])


def test_an_audience_of_a_large_catalogue_is_the_same(
    films: Recommender, everybody: Audience, monkeypatch: pytest.MonkeyPatch
):
    """There the experts are asked about the one item alone."""
    monkeypatch.setattr(item_pools, "POOLED_ABOVE", 0)
    found = audience(films, "17", 2_000)
    assert found.people == everybody.people
    other = {member.user: member.score for member in everybody.users}
    assert {member.user for member in found.users} == other.keys()
    for member in found.users:
        assert member.score == pytest.approx(other[member.user], abs=1e-3)


def test_an_audience_knows_who_would_take_it(films: Recommender, everybody: Audience):
    """People who took an item, with that one action taken out, stand far above the middle of its audience."""
    model, item = films.model, films.item_code("17")
    histories = model.people.histories
    owners = np.flatnonzero(np.bincount(histories.owners[histories.items == item], minlength=len(histories)))
    others = np.array([member.probability for member in everybody.users])
    above = []
    for person in owners:
        history = [str(model.catalogue.ids[int(i)]) for i in histories.items_of(int(person)) if i != item]
        own = predict(films, None, "17", history)
        above.append(np.mean(others < own.probability))
    assert len(above) > 500
    assert np.mean(above) > 0.7


def test_an_item_that_nobody_took_has_an_audience_through_its_content(films: Recommender):
    untouched = np.flatnonzero(films.model.people.histories.item_counts() == 0)
    found = audience(films, str(films.model.catalogue.ids[int(untouched[0])]), 2_000)
    assert len(found.users) == len(films.model.people.histories)
    assert found.users[0].score > found.users[-1].score + 0.5


def test_how_few_have_an_item_is_not_told_by_who_is_left_out(films: Recommender):
    counts = films.model.people.histories.item_counts()
    for few in np.flatnonzero((counts > 0) & (counts < 10))[:3]:
        found = audience(films, str(films.model.catalogue.ids[int(few)]), 10_000)
        assert found.people is None
        assert len(found.users) == len(films.model.people.ids) - 10


def _named(found: Audience) -> set[str]:
    return {member.user for member in found.users}


def _rare_item(films: Recommender) -> tuple[str, set[str]]:
    """An item that a few people have, and who they are."""
    histories, ids = films.model.people.histories, films.model.people.ids
    counts = histories.item_counts()
    code = int(np.flatnonzero((counts > 0) & (counts < 5))[0])
    return str(films.model.catalogue.ids[code]), {str(ids[int(who)]) for who in histories.owners_of(code)}


def test_two_models_leave_out_the_same_people_beside_the_few_who_have_an_item(
    films: Recommender, monkeypatch: pytest.MonkeyPatch
):
    """Else who is left out by both would be those few."""
    item, takers = _rare_item(films)
    one = _named(audience(films, item, 10_000))
    monkeypatch.setattr("recsys_tui.recommend.audience.pair_logits", lambda *asked: -pair_logits(*asked))
    assert _named(audience(films, item, 10_000)) == one
    assert not takers & one


@pytest.mark.parametrize("count", [1, 9, 10, 30])
def test_what_is_said_of_an_item_does_not_tell_who_few_have_it(films: Recommender, count: int):
    """Less those who are known to have said something, no fewer are left out than without what they said."""
    item, takers = _rare_item(films)
    everyone = {str(user) for user in films.model.people.ids.to_list()}
    out = everyone - _named(audience(films, item, 10_000))
    said = sorted(everyone - takers, key=lambda user: (user in out, user))[:count]
    found = audience(films, item, 10_000, feedback={user: Verdicts(disliked=(item,)) for user in said})
    assert found.people is None
    assert everyone - _named(found) == out | set(said)


@pytest.mark.parametrize("free", [0, 3, 9, 10])
@pytest.mark.parametrize("has_few", [False, True])
def test_how_few_could_be_named_or_took_an_item_back_is_not_told(films: Recommender, free: int, has_few: bool):
    people, everyone = films.model.people, len(films.model.people.histories)
    item = _rare_item(films)[0] if has_few else "17"
    code = films.item_code(item)
    others = np.setdiff1d(np.arange(everyone), people.histories.owners_of(code))
    takers = everyone - len(others)
    for count in (free, len(others) - free):
        back = np.zeros(everyone, np.int64)
        back[others[:count]] = 1
        rows = SparseRows(np.append(0, np.cumsum(back)), np.full(count, code, np.int32), np.ones(count, np.float32))
        asked = copy(films)
        asked.model = replace(films.model, people=replace(people, against=rows))
        found = audience(asked, item, 10_000)
        left = max(0, everyone - _at_least_ten(takers) - _at_least_ten(count))
        exact = takers == _at_least_ten(takers) and count == _at_least_ten(count)
        assert len(found.users) == (left if not exact or left == 0 or left >= 10 else 0)
        assert found.people == (left if exact and (left == 0 or left >= 10) else None)


def _at_least_ten(people: int) -> int:
    return max(10, people) if people else 0


def test_how_one_person_rated_is_not_told_to_somebody_new(films: Recommender):
    assert films.model.ratings is not None
    counts = films.model.people.histories.item_counts()
    few = [str(films.model.catalogue.ids[int(code)]) for code in np.flatnonzero((counts > 0) & (counts < 10))]
    mean = pytest.approx(films.model.ratings.mean, abs=1e-5)
    assert all(predict(films, None, item).expected_rating == mean for item in few[:5])
    assert predict(films, None, "17").expected_rating != mean
    # Many took it, three of them rated it.
    known, code = films.model.people.histories, films.item_code("17")
    assert known.ratings is not None
    rows = np.flatnonzero(known.items == code)
    ratings = known.ratings.copy()
    ratings[rows[3:]] = np.nan
    people = replace(films.model.people, histories=replace(known, ratings=ratings))
    seldom = Recommender(replace(films.model, people=people), films.manifest, "quick", films.horizon)
    assert predict(seldom, None, "17").expected_rating == mean


def test_how_an_item_is_rated_that_is_kept_back_beside_those_of_a_few_is_not_told_to_somebody_new(films: Recommender):
    """Its page has no mean: less those of all other items, it would be how those few rated."""
    assert films.model.ratings is not None
    known, code, popular = films.model.people.histories, films.item_code("17"), films.model.experts.popular
    told, exact = told_takers(known, CrowdGate())
    assert exact[code]
    exact[code] = False
    kept_back = Popularity(popular.name, popular.strength, (told, exact))
    model = replace(films.model, experts=replace(films.model.experts, popular=kept_back))
    beside = Recommender(model, films.manifest, "quick", films.horizon)
    assert predict(beside, None, "17").expected_rating == pytest.approx(films.model.ratings.mean, abs=1e-5)
    alone = predict(beside, None, "20").expected_rating
    assert predict(beside, None, "20", ["17"]).expected_rating == alone
    assert predict(films, None, "20", ["17"]).expected_rating != alone


def _rated_so(films: Recommender, ratings: np.ndarray) -> Recommender:
    """The same with other ratings."""
    people = replace(films.model.people, histories=replace(films.model.people.histories, ratings=ratings))
    return Recommender(replace(films.model, people=people), films.manifest, "quick", films.horizon)


def test_a_mean_that_tells_how_few_rated_otherwise_is_not_told_to_somebody_new(films: Recommender):
    """Of two levels of ratings, how many there are and their mean tell how many of each."""
    assert films.model.ratings is not None
    known, code = films.model.people.histories, films.item_code("17")
    assert known.ratings is not None
    mean = pytest.approx(films.model.ratings.mean, abs=1e-5)
    of_item = np.flatnonzero(known.items == code)
    for ones, told in ((0, False), (3, True), (20, False)):
        ratings = known.ratings.copy()
        ratings[of_item] = 5
        ratings[of_item[:ones]] = 1
        expected = predict(_rated_so(films, ratings), None, "17").expected_rating
        assert (expected == mean) == told
    ratings = np.full(len(known.items), 5, known.ratings.dtype)
    ratings[:3] = 1
    assert predict(_rated_so(films, ratings), None, "17").expected_rating is None
    assert predict(_rated_so(films, ratings), None, "20", ["17"]).expected_rating is None


def test_how_a_few_rated_is_not_told_beside_a_like_either(films: Recommender):
    counts = films.model.people.histories.item_counts()
    few = [str(films.model.catalogue.ids[int(code)]) for code in np.flatnonzero((counts > 0) & (counts < 10))]
    told = {predict(films, None, item, ["17"]).expected_rating for item in few[:5]}
    assert len(few) > 1
    assert len(told) == 1


def test_how_a_few_rated_is_not_told_by_what_a_like_of_theirs_moves(films: Recommender):
    """Whoever likes what few rated is by so much kinder than these as they were unkind."""
    counts = films.model.people.histories.item_counts()
    few = [str(films.model.catalogue.ids[int(code)]) for code in np.flatnonzero((counts > 0) & (counts < 10))][:5]
    for item in ("17", few[0]):
        alone = predict(films, None, item).expected_rating
        assert {predict(films, None, item, [each]).expected_rating for each in few} == {alone}
        beside = predict(films, None, item, ["20"]).expected_rating
        assert beside != alone
        assert predict(films, None, item, ["20", few[0]]).expected_rating == beside


def test_who_rated_nothing_is_told_what_somebody_new_is(films: Recommender):
    """Else, less that, it would be what the few gave who rated an item."""
    known = films.model.people.histories
    assert known.ratings is not None
    ratings = known.ratings.copy()
    ratings[known.indptr[7] : known.indptr[8]] = np.nan
    seen, user = _rated_so(films, ratings), str(films.model.people.ids[7])
    counts = known.item_counts()
    few = [str(films.model.catalogue.ids[int(code)]) for code in np.flatnonzero((counts > 0) & (counts < 10))][:3]
    new = [predict(seen, None, item).expected_rating for item in [*few, "17"]]
    assert [predict(seen, user, item).expected_rating for item in [*few, "17"]] == pytest.approx(new)
    assert [each.expected_rating for each in predict_pairs(seen, [(user, item) for item in [*few, "17"]])] == (
        pytest.approx(new))  # fmt: skip
    assert (
        predict(seen, user, "17", ["20", few[0]]).expected_rating == predict(seen, None, "17", ["20"]).expected_rating
    )


def test_an_audience_of_an_item_that_hardly_anybody_lacks_is_empty(films: Recommender):
    """Nor does one of whom a few took it back tell how many they are."""
    code = films.item_code("17")
    known = films.model.people
    takers, count = len(known.histories.owners_of(code)), len(known.histories)
    most = np.setdiff1d(np.arange(count), known.histories.owners_of(code))

    def whole(people: np.ndarray) -> Audience:
        rows = np.zeros(count + 1, np.int64)
        rows[np.sort(people) + 1] = 1
        against = SparseRows(rows.cumsum(), np.full(len(people), code, np.int32), np.ones(len(people), np.float32))
        model = replace(films.model, people=replace(known, against=against))
        return audience(Recommender(model, films.manifest, "quick", films.horizon), "17", count)

    hardly = whole(most[:-4])
    assert (hardly.people, hardly.users) == (None, ())
    for taken_back in (1, 9):
        found = whole(most[:taken_back])
        assert (found.people, len(found.users)) == (None, count - takers - 10)


def test_a_smaller_audience_is_the_top_of_a_larger_one(films: Recommender, everybody: Audience):
    assert audience(films, "17", 3).users == everybody.users[:3]


def test_that_a_person_is_the_item_themself_is_no_secret(films: Recommender):
    """In a graph of people; else how many could be named would never be told there."""
    people, code = films.model.people, films.item_code("17")
    own = np.where(np.arange(len(people.ids)) == 3, code, -1).astype(np.int32)
    alone = replace(people, own_items=own)
    asked = Recommender(replace(films.model, people=alone), films.manifest, "quick", films.horizon)
    found = audience(asked, "17", 2_000)
    assert found.people == len(found.users) == int((~alone.barred_from(code)).sum())


def test_how_few_took_back_a_person_who_has_themself_is_not_told(films: Recommender):
    """As one who follows themself: they are among those who have the item, no other who is left out beside these."""
    known, code = films.model.people, films.item_code("17")
    takers, count = known.histories.owners_of(code), len(known.histories)
    own = np.where(np.arange(count) == int(takers[0]), code, -1).astype(np.int32)
    rows = np.zeros(count + 1, np.int64)
    rows[int(np.setdiff1d(np.arange(count), takers)[0]) + 1] = 1
    against = SparseRows(rows.cumsum(), np.array([code], np.int32), np.ones(1, np.float32))
    model = replace(films.model, people=replace(known, own_items=own, against=against))
    found = audience(Recommender(model, films.manifest, "quick", films.horizon), "17", count)
    assert (found.people, len(found.users)) == (None, count - len(takers) - 10)
