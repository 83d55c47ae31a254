"""Explanations of a trained model: figures that add up, causes that are real, counterfactuals that hold."""

from __future__ import annotations

import os

import numpy as np
import pytest

from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.recommend.explanations.explain import explain
from recsys_tui.recommend.explanations.peers import cluster_taste
from recsys_tui.recommend.explanations.sureness import POPULARITY, SOME, STRONG, sureness
from recsys_tui.recommend.recommender import Recommender
from recsys_tui.recommend.session import Session


@pytest.fixture(scope="module")
def recommender(trained: Session) -> Recommender:
    found = trained.recommender()
    assert found is not None
    return found


@pytest.mark.parametrize("user", ["1", "42", "900"])
def test_it_says_what_the_list_says(recommender: Recommender, user: str):
    for entry in recommender.recommend(user, k=3, explain=True).items:
        found = explain(recommender, user, entry.item, counterfactuals=False)
        assert (found.rank, found.title) == (entry.rank, entry.title)
        assert found.score == pytest.approx(entry.score, abs=1e-4)
        assert found.probability == pytest.approx(entry.probability, abs=1e-6)
        assert sum(part.contribution for part in found.components) == pytest.approx(found.score, abs=1e-4)
        listed = {reason.kind: reason.contribution for reason in entry.reasons if reason.contribution}
        assert {part.kind: pytest.approx(part.contribution, abs=1e-4) for part in found.components} == listed
        assert len(found.history) == len(recommender.history(user))
        sizes = [abs(cause.contribution) for cause in found.history]
        assert sizes == sorted(sizes, reverse=True)


def test_any_item_is_explained(recommender: Recommender):
    listed = {entry.item for entry in recommender.recommend("42", k=200).items}
    taken = recommender.history("42")[0].item
    others = [item for item in recommender.model.catalogue.ids.to_list() if item and item not in listed]
    for item in [taken, *others[:4]]:
        found = explain(recommender, "42", item)
        assert found.rank is None
        assert not found.in_candidates
        assert found.already_taken == (item in {entry.item for entry in recommender.history("42")})
        assert sum(part.contribution for part in found.components) == pytest.approx(found.score, abs=1e-4)
        assert found.counterfactual is None


def test_causes_carry_what_was_done_and_said(recommender: Recommender):
    item = recommender.recommend("42", k=1).items[0].item
    done = {entry.item: entry for entry in recommender.history("42")}
    liked = next(i for i in recommender.model.catalogue.ids.to_list() if i and i not in done and i != item)
    found = explain(recommender, "42", item, like=[liked], dislike=["17"] if item != "17" else ["3"])
    said = {cause.item: cause for cause in found.history}
    assert said[liked].opinion == "like"
    assert said["17" if item != "17" else "3"].opinion == "dislike"
    for code, entry in done.items():
        assert (said[code].rating, said[code].time) == (entry.rating, entry.time)


def test_a_cause_counts_only_beyond_chance(recommender: Recommender):
    item = recommender.recommend("7", k=1).items[0].item
    found = explain(recommender, "7", item, counterfactuals=False)
    assert found.band > 0, "the training measures what random removals do"
    for cause in found.history:
        real = cause.effect is not None and abs(cause.effect) > found.band and cause.effect * cause.contribution > 0
        assert cause.beyond_chance == real
    # What stands behind it is what speaks for it; an action that speaks against it is shown, and is no cause of it.
    assert found.sureness.causes == sum(cause.beyond_chance and cause.contribution > 0 for cause in found.history)


def test_counterfactuals_hold(recommender: Recommender):
    """Without the set, the list that a person gets, made from a history that never held it, lacks the item."""
    wanted = int(os.environ.get("RECSYS_TEST_COUNTERFACTUALS", "12"))
    people = np.random.default_rng(3).permutation(len(recommender.model.people.histories))
    shown = 0
    for person in people.tolist():
        if shown >= wanted:
            break
        user = str(recommender.model.people.ids[person])
        history = [entry.item for entry in reversed(recommender.history(user))]
        item = recommender.recommend(user, k=1).items[0].item
        found = explain(recommender, user, item).counterfactual
        if found is None:
            continue
        shown += 1
        gone = {entry for entry, _ in found.items}
        assert gone <= set(history)
        assert found.verified
        assert not _listed(recommender.model, person, gone, item)
        for kept in gone:  # none can be taken back
            assert len(gone) == 1 or _listed(recommender.model, person, gone - {kept}, item)
    assert shown == wanted


def _listed(model: TrainedModel, person: int, gone: set[str], item: str) -> bool:
    """Whether an item is in the first ten of somebody without some actions, who are not offered in its place."""
    from dataclasses import replace

    from recsys_tui.recommend.ranking import rank

    codes = np.array([model.catalogue.ids.index(entry) for entry in gone])
    history = model.people.histories.rows(person, person + 1)
    allowed = np.ones((1, history.item_count), np.bool_)
    allowed[0, history.items] = False
    keep = ~np.isin(history.items, codes)
    fewer = replace(
        history,
        indptr=np.array([0, keep.sum()]),
        items=history.items[keep],
        weights=history.weights[keep],
        times=None,
        ratings=None,
    )
    served = "deep" if len(fewer.items) else "popular"
    return model.catalogue.ids.index(item) in rank(model, fewer, 10, served, allowed).items[0]


def test_ranks_without_an_action_are_ranked_anew(recommender: Recommender):
    item = recommender.recommend("42", k=1).items[0].item
    found = explain(recommender, "42", item)
    assert [entry.item for entry in found.without] == [
        cause.item for cause in sorted(found.history, key=lambda cause: -cause.contribution)[:3]
    ]
    assert all(entry.rank_before == 1 for entry in found.without)
    person = recommender.user_code("42")
    for entry in found.without:
        inside = _listed(recommender.model, person, {entry.item}, item)
        assert inside == (entry.rank_after is not None and entry.rank_after <= 10)


def test_someone_given_by_likes_alone(recommender: Recommender):
    item = recommender.recommend_for_new(["17", "3"], k=1).items[0].item
    found = explain(recommender, None, item, like=["17", "3"])
    assert found.user is None
    assert found.rank == 1
    assert {cause.item for cause in found.history} == {"17", "3"}
    assert all(cause.opinion == "like" for cause in found.history)
    assert found.sentences


def test_someone_of_whom_nothing_is_known(recommender: Recommender):
    item = recommender.recommend_for_new([], k=1).items[0].item
    found = explain(recommender, None, item)
    assert (found.rank, found.model, found.history) == (1, "popular", ())
    assert found.sureness.level == POPULARITY
    assert found.sentences == ("Nothing was done yet, so this is what is popular.",)


def test_unknown_items_and_people_are_told(recommender: Recommender):
    for user, item in (("nobody", "17"), ("42", "no such item")):
        with pytest.raises(UserError) as refused:
            explain(recommender, user, item)
        assert refused.value.exit_code == ExitCode.NOT_FOUND


def test_group_figures_are_counts_behind_the_gate(recommender: Recommender):
    model = recommender.model
    histories, clusters = model.people.histories, np.asarray(model.people.clusters)
    item = int(np.bincount(histories.items).argmax())
    took = {person for person in range(len(histories)) if item in histories.items_of(person)}
    inside = [person for person in took if clusters[person] == 0]
    size = int((clusters == 0).sum())
    found = cluster_taste(model, 0, "name", item, CrowdGate())
    assert (found.size, found.share, found.share_of_all) == (size, len(inside) / size, len(took) / len(histories))
    assert found.lift == pytest.approx(len(inside) / size / (len(took) / len(histories)))
    few = cluster_taste(model, 0, "name", item, CrowdGate(len(inside) + 1))
    assert few.share is few.share_of_all is few.lift is None


def test_no_few_takers_can_be_worked_out_from_all_groups_together(recommender: Recommender):
    """Every group's figures and everybody's together: who is left is nobody, or ten people and more."""
    model = recommender.model
    histories, clusters = model.people.histories, np.asarray(model.people.clusters)
    groups = range(int(clusters.max()) + 1)
    counts = np.zeros((len(groups), histories.item_count), np.int64)
    np.add.at(counts, (clusters[histories.owners], histories.items), 1)
    kept_back = 0
    for item in np.argsort(-counts.sum(axis=0))[::8]:
        told = [cluster_taste(model, group, "", int(item), CrowdGate()) for group in groups]
        shown = np.array([one.share is not None for one in told])
        assert (counts[shown, item] >= 10).all()
        if shown.any():  # else nothing is told of everybody either
            assert not 0 < counts[~shown, item].sum() < 10
        kept_back += int((counts[~shown, item] >= 10).sum())
    assert kept_back  # the rule had something to do


def test_how_sure_follows_from_the_parts():
    agreed = {"sequence": 1.0, "co_liking": 0.5, "content": 0.4, "popularity": 0.1}
    assert sureness(agreed, causes=3, actions=20).level == STRONG
    assert sureness(agreed, causes=1, actions=20).level == SOME
    assert sureness({"popularity": 1.0, "content": 0.2}, causes=0, actions=20).level == POPULARITY
    assert sureness({"popularity": 1.0, "content": 0.2}, causes=1, actions=20).level == SOME
    split = sureness({"sequence": 1.0, "co_liking": -1.0, "popularity": 0.5, "interplay": 2.5}, 2, 9)
    assert (split.agreeing, split.speaking, split.level) == (2, 3, STRONG)
    assert split.not_attributable == pytest.approx(0.5)
    assert split.popularity == pytest.approx(1 / 3)
