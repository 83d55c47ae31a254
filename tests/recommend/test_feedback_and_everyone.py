"""What acts on a list, and lists for everyone at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.data.sparse_rows import SparseRows
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.recommend.explanations.explain import explain
from recsys_tui.recommend.feedback import LIKE_WEIGHT, with_feedback
from recsys_tui.recommend.list_options import ListOptions
from recsys_tui.recommend.prediction import predict
from recsys_tui.recommend.recommender import Recommender
from recsys_tui.recommend.session import Session


@pytest.fixture(scope="module")
def recommender(trained: Session) -> Recommender:
    found = trained.recommender()
    assert found is not None
    return found


def test_everyones_lists_hold_nothing_seen_and_are_those_asked_for_one_by_one(recommender: Recommender):
    told: list[float] = []
    lists = recommender.recommend_all(10, progress=told.append)
    histories = recommender.model.people.histories
    assert lists.columns == ["user", "item", "rank", "score", "history"]
    assert lists["history"].gather_every(10).to_list() == histories.lengths.tolist()
    assert lists.height == 10 * len(histories)
    assert told == sorted(told)
    assert told[-1] == 1
    ids, items = recommender.model.people.ids.to_list(), recommender.model.catalogue.ids.to_list()
    seen = {(ids[owner], items[item]) for owner, item in zip(histories.owners, histories.items, strict=True)}
    assert not seen & set(zip(lists["user"], lists["item"], strict=True))
    assert lists["user"].unique(maintain_order=True).to_list() == ids
    same = 0
    for user in ids[::50]:
        alone = recommender.recommend(str(user), k=10)
        together = lists.filter(lists["user"] == user)
        np.testing.assert_allclose([entry.score for entry in alone.items], together["score"], rtol=1e-2, atol=1e-2)
        same += [entry.item for entry in alone.items] == together["item"].to_list()
    assert same >= len(ids[::50]) - 1


def test_named_people_come_in_their_order_and_nobody_gives_an_empty_table(recommender: Recommender):
    lists = recommender.recommend_all(3, users=["900", "2"])
    assert lists["user"].to_list() == ["900"] * 3 + ["2"] * 3
    nobody = recommender.recommend_all(3, users=[])
    assert nobody.height == 0
    assert nobody.schema == lists.schema
    with pytest.raises(UserError) as caught:
        recommender.recommend_all(3, users=["2", "nobody"])
    assert caught.value.exit_code == ExitCode.NOT_FOUND


def test_seen_items_come_back_only_where_repeats_are_allowed(recommender: Recommender):
    seen = {entry.item for entry in recommender.history("42")}
    allowed = {entry.item for entry in recommender.recommend("42", k=50, options=ListOptions("allow")).items}
    assert allowed & seen
    for repeat in ("auto", "never"):
        assert not seen & {entry.item for entry in recommender.recommend("42", k=50, options=ListOptions(repeat)).items}
    with pytest.raises(UserError) as caught:
        ListOptions(repeat="sometimes")
    assert caught.value.exit_code == ExitCode.USAGE


def test_disliking_everything_one_has_gives_the_popular_list_without_it(recommender: Recommender):
    seen = [entry.item for entry in recommender.history("42")]
    answer = recommender.recommend("42", k=20, dislike=seen)
    assert answer.model == "popular"
    assert answer.note
    assert answer.cluster is None
    assert not set(seen) & {entry.item for entry in answer.items}


def test_a_like_pulls_what_goes_with_it_up(recommender: Recommender):
    """Of what most people take next after an item, the mean place falls once it is liked."""
    item = recommender.recommend("42", k=1).items[0].item
    code = recommender.item_code(item)
    after = recommender.model.experts.transitions.score(Histories.of_one([code], 1_200))[0]
    followers = {str(recommender.model.catalogue.ids[int(place)]) for place in np.argsort(-after)[:10]}

    def mean_place(like: list[str]) -> float:
        order = [entry.item for entry in recommender.recommend("42", k=1_200, like=like).items]
        return float(np.mean([order.index(follower) for follower in followers if follower in order]))

    assert mean_place([item]) < 0.9 * mean_place([])


def test_feedback_keeps_weights_and_each_item_once():
    history = Histories.of_one([1, 2, 3], 6, np.array([0.5, 0.7, 0.9], np.float32))
    changed = with_feedback(history, [4, 1, 4], [2])
    assert changed.items.tolist() == [3, 4, 1]
    np.testing.assert_allclose(changed.weights, [0.9, LIKE_WEIGHT, LIKE_WEIGHT])
    assert with_feedback(history, [], []) is history


def test_what_is_liked_and_disliked_at_once_is_refused(recommender: Recommender):
    for ask in (
        lambda: recommender.recommend("42", like=["3", "17"], dislike=["17"]),
        lambda: recommender.recommend_for_new(["17"], ["17"]),
        lambda: predict(recommender, "42", "3", ["17"], ["17"]),
        lambda: explain(recommender, None, "3", like=["17"], dislike=["17"]),
    ):
        with pytest.raises(UserError, match="'17' is both liked and disliked") as caught:
            ask()
        assert caught.value.exit_code == ExitCode.USAGE


def test_history_is_newest_first_and_limited(recommender: Recommender):
    whole = recommender.history("42")
    times = [entry.time for entry in whole]
    assert times == sorted(times, reverse=True)
    assert all(entry.rating is not None and 0.5 <= entry.rating <= 5 for entry in whole)
    assert recommender.history("42", limit=3) == whole[:3]


def test_where_a_part_ranked_better_it_serves_and_says_so(recommender: Recommender):
    humbled = Recommender(recommender.model, {**recommender.manifest, "served": "ease"}, "quick", "next")
    answer = humbled.recommend("42", k=10)
    assert answer.model == "ease"
    assert answer.note is not None
    assert "ease alone ranked better" in answer.note
    assert answer.items == recommender.recommend("42", k=10, model="ease").items
    assert humbled.recommend("42", k=10, model="sequence").model == "sequence"


def test_who_is_linked_with_nobody_is_told_that_friends_say_nothing(recommender: Recommender):
    people = recommender.model.people
    count = len(people.histories)
    # Nobody but the first person is linked with somebody.
    rows = SparseRows(np.minimum(np.arange(count + 1), 1), np.array([7], np.int32), np.ones(1, np.float32))
    linked = replace(people, histories=replace(people.histories, peers={"friends": rows}))
    model = replace(recommender.model, people=linked)
    social = Recommender(model, recommender.manifest, "quick", "next")
    first, second = (str(people.ids[code]) for code in (0, 1))
    assert social.recommend(first, model="friends").note is None
    assert "of this person it knows nobody" in str(social.recommend(second, model="friends").note)


def test_the_document_holds_the_answer_and_no_clock(recommender: Recommender):
    answer = recommender.recommend("42", k=3, explain=True)
    document = answer.to_json()
    assert document == recommender.recommend("42", k=3, explain=True).to_json()
    assert (document["user"], document["model"], document["preset"], document["horizon"]) == (
        "42", "deep", "quick", "next",
    )  # fmt: skip
    for entry, shown in zip(document["items"], answer.items, strict=True):
        assert (entry["rank"], entry["item"], entry["title"]) == (shown.rank, shown.item, shown.title)
        contributions = [abs(reason["contribution"]) for reason in entry["reasons"]]
        assert contributions == sorted(contributions, reverse=True)


def test_what_is_like_something_disliked_comes_lower(recommender: Recommender):
    """The nearest items of a disliked one fall."""
    model = recommender.model
    unwanted = str(model.catalogue.ids[int(np.argmax(model.experts.popular.strength))])
    alone = Histories.of_one([recommender.item_code(unwanted)], model.people.histories.item_count)
    near = np.argsort(-model.experts.ease.score(alone)[0] - 10 * model.experts.neighbours.score(alone)[0])[:40]
    alike = {str(model.catalogue.ids[int(item)]) for item in near} - {unwanted}
    fallen = []
    for user in ("5", "42", "77", "300"):
        before = [entry.item for entry in recommender.recommend(user, k=1_200).items]
        after = [entry.item for entry in recommender.recommend(user, k=1_200, dislike=[unwanted]).items]
        both = alike & set(before) & set(after)
        fallen.append(np.mean([after.index(item) - before.index(item) for item in both]))
    assert np.mean(fallen) > 1
    after = [entry.item for entry in recommender.recommend_for_new(["17", "586", "8"], [unwanted], k=1_200).items]
    assert unwanted not in after
