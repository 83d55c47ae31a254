"""Every option acts before candidates are drawn, for one person, someone new and many people alike."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from recsys_tui.models.repeat_consumption import RepeatModel
from recsys_tui.recommend.answers import Recommendations
from recsys_tui.recommend.list_building import pins_that_count
from recsys_tui.recommend.list_options import ListOptions, list_options
from recsys_tui.recommend.ranking import rank
from recsys_tui.recommend.recommender import Recommender
from recsys_tui.recommend.session import Session

USER = "42"
K = 20


@pytest.fixture(scope="module")
def recommender(trained: Session) -> Recommender:
    found = trained.recommender()
    assert found is not None
    return found


@pytest.fixture(scope="module")
def candidates(recommender: Recommender) -> list[str]:
    """The ids of everything that the deep model considers for one person when nothing is asked of it."""
    return ids(recommender.recommend(USER, k=recommender.model.fusion.candidates))


def ids(answer: Recommendations) -> list[str]:
    return [entry.item for entry in answer.items]


def years(recommender: Recommender) -> dict[str, int]:
    values = recommender.model.catalogue.attributes["year"].values  # type: ignore[union-attr]
    return {str(item): int(year) for item, year in zip(recommender.model.catalogue.ids.to_list(), values, strict=True)}


def popular_first(recommender: Recommender) -> list[str]:
    counts = recommender.model.people.histories.item_counts()
    return [str(recommender.model.catalogue.ids[int(code)]) for code in np.argsort(-counts, kind="stable")]


def best_of(recommender: Recommender, allowed: set[str], model: str) -> list[str]:
    """The best unseen items of ``allowed`` when only these are ever looked at."""
    code = recommender.user_code(USER)
    history = recommender.model.people.histories.rows(code, code + 1)
    all_ids = recommender.model.catalogue.ids.to_list()
    mask = np.array([[item in allowed for item in all_ids]])
    mask[0, history.items] = False
    ranked = rank(recommender.model, history, K, model, mask)
    return [str(all_ids[item]) for item in ranked.items[0] if item >= 0]


@pytest.mark.parametrize("model", ["deep", "ease"])
def test_where_all_candidates_are_kept_out_the_list_is_as_long_and_the_best_of_the_rest(
    recommender: Recommender, candidates: list[str], model: str
):
    everything = {str(item) for item in recommender.model.catalogue.ids.to_list()}
    year_of = years(recommender)
    latest = {item for item in everything if year_of[item] >= 2015}
    unpopular = set(popular_first(recommender)[600:])
    drama = {
        str(recommender.model.catalogue.ids[item]) for item in range(1_200)
        if "Drama" in recommender.model.catalogue.categories_of(item)
    }  # fmt: skip
    rest = everything - set(candidates)
    for options, allowed in (
        (list_options(exclude_items=candidates), rest),
        (list_options(only_items=sorted(rest)[:200]), set(sorted(rest)[:200])),
        (list_options(where=["year>=2015", "genre!=Drama"], exclude_items=candidates), rest & latest - drama),
        (list_options(hide_popular=50), unpopular),
        (list_options(hide_popular=50, where=["categories=drama"]), unpopular & drama),
    ):
        listed = ids(recommender.recommend(USER, k=K, model=model, options=options))
        assert len(listed) == K
        assert set(listed) <= allowed
        assert listed == best_of(recommender, allowed, model)


def test_a_title_is_found_by_its_exact_words(recommender: Recommender, candidates: list[str]):
    title = recommender.model.catalogue.titles[recommender.item_code(candidates[-1])]
    assert title is not None
    wanted = list_options(where=[f"title={title.upper()}"])
    assert [entry.title for entry in recommender.recommend(USER, options=wanted).items] == [title]
    assert not recommender.recommend(USER, options=list_options(where=[f"title={title[:-2]}"])).items


OPTIONS = {
    "where": list_options(where=["year>=2000", "categories=Drama"]),
    "exclude": list_options(exclude_items=["17", "586", "3"]),
    "popular": list_options(hide_popular=30),
    "pin": list_options(pin=["1111", "17"], hide_popular=30),
    "diversity": list_options(diversity=0.4),
    "all": list_options(where=["year<2010"], pin=["900"], diversity=0.4, hide_popular=10, repeat="never"),
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_many_people_get_what_each_would_get_alone(recommender: Recommender, options: ListOptions):
    people = ["5", USER, "1200"]
    lists = recommender.recommend_all(10, users=people, options=options)
    for user in people:
        rows = lists.filter(lists["user"] == user)
        alone = recommender.recommend(user, k=10, options=options)
        assert rows["item"].to_list() == ids(alone)
        assert rows["rank"].to_list() == list(range(1, 11))
        np.testing.assert_allclose(rows["score"], [entry.score for entry in alone.items], atol=1e-2)


def test_options_act_for_someone_new_with_and_without_likes(recommender: Recommender):
    year_of = years(recommender)
    wanted = list_options(where=["year>=2010"], hide_popular=20, pin=["1111"])
    hidden = set(popular_first(recommender)[:240])
    for like in ([], ["17", "586"]):
        answer = recommender.recommend_for_new(like, k=K, options=wanted)
        assert len(answer.items) == K
        assert answer.items[0].item == "1111"
        assert all(year_of[item] >= 2010 and item not in hidden for item in ids(answer)[1:])


def test_pins_stand_first_with_their_own_scores_and_the_others_keep_theirs(
    recommender: Recommender, candidates: list[str]
):
    plain = recommender.recommend(USER, k=K, explain=True)
    inside, beyond = ids(plain)[7], next(item for item in popular_first(recommender)[::-1] if item not in candidates)
    answer = recommender.recommend(USER, k=K, explain=True, options=list_options(pin=[beyond, inside]))
    assert ids(answer) == [beyond, inside, *[item for item in ids(plain) if item != inside][: K - 2]]
    assert [entry.pinned for entry in answer.items] == [True, True] + [False] * (K - 2)
    known = {entry.item: entry for entry in plain.items}
    for entry in answer.items[1:]:
        assert entry.score == pytest.approx(known[entry.item].score, abs=1e-4)
        assert entry.probability == pytest.approx(known[entry.item].probability, abs=1e-5)
    for entry in answer.items:
        assert sum(reason.contribution for reason in entry.reasons) == pytest.approx(entry.score, abs=1e-4)
    assert answer.items[0].score < answer.items[-1].score


def test_pins_are_stronger_than_conditions_and_weaker_than_refusals(recommender: Recommender):
    seen = recommender.history(USER)[0].item
    first, second = ids(recommender.recommend(USER, k=2))
    strong = list_options(pin=[seen, first], where=["year<1900"])
    assert ids(recommender.recommend(USER, k=3, options=strong)) == [seen, first]
    refused = list_options(pin=[first, second], exclude_items=[first])
    answer = recommender.recommend(USER, k=5, dislike=[second], options=refused)
    assert not {first, second} & set(ids(answer))
    assert not any(entry.pinned for entry in answer.items)
    assert len(answer.items) == 5
    assert answer.note is not None
    assert answer.note.endswith(f"kept out otherwise: {first}, {second}")
    assert [entry.pinned for entry in recommender.recommend(USER, k=1, options=strong).items] == [True]


def test_ten_thousand_pins_cost_no_more_than_have_a_place(recommender: Recommender):
    """All films are pinned, the seen and the refused among them, the worst first, and far more than the list holds."""
    everything = popular_first(recommender)[::-1]
    refused = everything[:2]
    wanted = list_options(pin=everything, exclude_items=refused)
    selection = recommender.select(wanted)
    standing = np.ones((2, len(everything)), np.bool_)
    standing[:, selection.excluded] = False
    standing[1, selection.pins[2]] = False
    counted = pins_that_count(standing, selection.pins, 3)
    assert counted.tolist() == selection.pins[2:6].tolist()
    answer = recommender.recommend(USER, k=K, options=wanted)
    assert ids(answer) == everything[2 : 2 + K]
    assert answer.note is not None
    assert answer.note.endswith(f"kept out otherwise: {', '.join(refused)}")
    lists = recommender.recommend_all(K, users=[USER, "7"], options=wanted)
    assert lists.filter(lists["user"] == "7")["item"].to_list() == everything[2 : 2 + K]


def test_a_part_scores_its_pins_too(recommender: Recommender):
    answer = recommender.recommend(USER, k=3, model="popular", options=list_options(pin=["1111"]))
    strength = recommender.model.experts.popular.strength
    assert answer.items[0].score == pytest.approx(float(strength[recommender.item_code("1111")]))


def test_no_diversity_is_the_plain_list_and_more_of_it_makes_lists_less_alike(recommender: Recommender):
    content = np.asarray(recommender.model.experts.content.dense)
    ids_of_all = recommender.model.people.ids.to_list()[::100]
    people = [str(user) for user in ids_of_all]

    def mean_likeness(diversity: float) -> float:
        lists = recommender.recommend_all(10, users=people, options=ListOptions(diversity=diversity))
        total = []
        for user in people:
            rows = content[[recommender.item_code(item) for item in lists.filter(lists["user"] == user)["item"]]]
            total.append(((rows @ rows.T).sum() - 10) / 90)
        return float(np.mean(total))

    plain = recommender.recommend(USER, k=K)
    assert recommender.recommend(USER, k=K, options=ListOptions(diversity=0)).items == plain.items
    diverse = recommender.recommend(USER, k=K, options=ListOptions(diversity=0.5))
    assert ids(diverse)[0] == ids(plain)[0]
    assert ids(diverse) != ids(plain)
    wide = {entry.item: entry.score for entry in recommender.recommend(USER, k=200).items}
    assert all(entry.score == pytest.approx(wide[entry.item], abs=1e-4) for entry in diverse.items)
    measured = [mean_likeness(diversity) for diversity in (0, 0.3, 0.6, 1)]
    assert measured == sorted(measured, reverse=True)
    assert measured[-1] < 0.5 * measured[0]


def test_an_empty_list_says_which_option_emptied_it(recommender: Recommender):
    answer = recommender.recommend(USER, options=list_options(where=["year>2000", "categories=Sc-Fi"]))
    assert not answer.items
    assert answer.note is not None
    assert "--where categories=Sc-Fi lets in none at all. Nearest: Sci-Fi." in answer.note
    seen = [entry.item for entry in recommender.history(USER)]
    answer = recommender.recommend(USER, options=list_options(only_items=seen))
    assert not answer.items
    assert answer.note is not None
    assert "all that --only-items let in are known to this person" in answer.note
    assert recommender.recommend_all(5, users=[USER], options=list_options(only_items=seen)).height == 0


@pytest.fixture
def again(recommender: Recommender, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """The same model where people take everything they have again, and next to nothing new."""
    people = recommender.model.people
    histories = people.histories
    count = len(histories.items)
    repeats = RepeatModel(
        np.linspace(2, 4, count).astype(np.float32), np.full(count, 3, np.uint16), np.zeros(count, np.int64),
        np.ones(len(histories), np.float32),
    )  # fmt: skip
    monkeypatch.setitem(people.__dict__, "repeats", repeats)
    return lambda user: [entry.item for entry in recommender.history(user)]


def test_what_is_taken_again_keeps_to_the_options_too(recommender: Recommender, again: Callable[[str], list[str]]):
    seen, year_of = again(USER), years(recommender)
    plain = ids(recommender.recommend(USER, k=10))
    assert plain == seen[:10]  # the later, the likelier
    hidden = set(popular_first(recommender)[:120])
    wanted = list_options(where=["year<2000"], hide_popular=10, exclude_items=seen[:1])
    listed = ids(recommender.recommend(USER, k=10, options=wanted))
    assert listed == [item for item in seen[1:] if year_of[item] < 2000 and item not in hidden][:10]
    assert recommender.recommend_all(10, users=[USER], options=wanted)["item"].to_list() == listed
    assert not set(ids(recommender.recommend(USER, k=10, options=list_options(repeat="never")))) & set(seen)


def test_pins_among_what_is_taken_again(recommender: Recommender, again: Callable[[str], list[str]]):
    seen = again(USER)
    plain = {entry.item: entry for entry in recommender.recommend(USER, k=1_200, explain=True).items}
    new, best = [item for item in plain if item not in seen][60], next(item for item in plain if item not in seen)
    answer = recommender.recommend(
        USER, k=12, explain=True, options=list_options(pin=[new, seen[4], best], where=["year<1900"])
    )
    assert ids(answer) == [new, seen[4], best]
    answer = recommender.recommend(USER, k=12, explain=True, options=list_options(pin=[new, seen[4], best]))
    assert ids(answer) == [new, seen[4], best, *[item for item in seen if item != seen[4]][:9]]
    for entry in answer.items:
        assert sum(reason.contribution for reason in entry.reasons) == pytest.approx(entry.score, abs=1e-4)
        assert entry.chance == pytest.approx(np.exp(entry.score), rel=1e-5)
        if entry.item != new:  # beyond the list its rank, and so its chance, is not known exactly
            assert entry.score == pytest.approx(plain[entry.item].score, abs=1e-4)
    assert answer.items[0].score < answer.items[2].score
