"""Answers of a trained model: what is listed, what acts on it, and that every input of the deep model counts."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.models.interaction import InteractionModel
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.recommend.feedback import with_feedback
from recsys_tui.recommend.ranking import MODEL_NAMES, rank
from recsys_tui.recommend.recommender import LINK_PARTS, Recommender
from recsys_tui.recommend.session import Session
from recsys_tui.recommend.similar import similar


@pytest.fixture(scope="module")
def recommender(trained: Session) -> Recommender:
    found = trained.recommender()
    assert found is not None
    return found


def ids(answer: Any) -> list[str]:
    return [entry.item for entry in answer.items]


def test_a_list_is_ranked_titled_and_unseen(recommender: Recommender):
    answer = recommender.recommend("42", k=20)
    assert [entry.rank for entry in answer.items] == list(range(1, 21))
    assert len(set(ids(answer))) == 20
    scores = [entry.score for entry in answer.items]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= entry.probability <= 1 and entry.title for entry in answer.items)
    assert not set(ids(answer)) & {entry.item for entry in recommender.history("42")}


def test_a_model_without_an_encoder_says_so(recommender: Recommender):
    with pytest.raises(UserError) as refused:
        recommender.recommend("7", model="encoder")
    assert refused.value.exit_code == ExitCode.USAGE
    assert "--preset standard" in str(refused.value)


@pytest.mark.parametrize("name", [name for name in MODEL_NAMES if name not in ("encoder", *LINK_PARTS)])
def test_every_model_answers(recommender: Recommender, name: str):
    answer = recommender.recommend("7", k=5, model=name)
    assert answer.model == name
    assert len(answer.items) == 5


@pytest.mark.parametrize("name", LINK_PARTS)
def test_without_links_their_models_are_refused(recommender: Recommender, name: str):
    with pytest.raises(UserError) as refused:
        recommender.recommend("7", model=name)
    assert (refused.value.message_id, refused.value.exit_code) == ("models.no_links", ExitCode.USAGE)


def test_reasons_sum_to_the_score(recommender: Recommender):
    for user in ("1", "42", "900"):
        for entry in recommender.recommend(user, k=10, explain=True).items:
            assert sum(reason.contribution for reason in entry.reasons) == pytest.approx(entry.score, abs=1e-4)


def test_a_list_longer_than_the_candidates_goes_on_below_them(recommender: Recommender):
    answer = recommender.recommend("42", k=400, explain=True)
    assert len(set(ids(answer))) == 400
    scores = [entry.score for entry in answer.items]
    assert scores == sorted(scores, reverse=True)
    assert ids(answer)[:20] == ids(recommender.recommend("42", k=20))


def test_asking_for_more_than_there_is_gives_what_there_is(recommender: Recommender):
    seen = len(recommender.history("42"))
    assert len(recommender.recommend("42", k=10_000).items) == 1_200 - seen


def test_lists_for_everyone_equal_single_lists(recommender: Recommender):
    lists = recommender.recommend_all(10, users=["5", "42", "1200"])
    for user in ("5", "42", "1200"):
        rows = lists.filter(lists["user"] == user)
        assert rows["rank"].to_list() == list(range(1, 11))
        assert rows["item"].to_list() == ids(recommender.recommend(user, k=10))


def test_likes_and_dislikes_act_at_once(recommender: Recommender):
    before = ids(recommender.recommend("42", k=10))
    disliked = ids(recommender.recommend("42", k=10, dislike=before[:1]))
    assert before[0] not in disliked
    liked = ids(recommender.recommend("42", k=10, like=[before[5]]))
    assert before[5] not in liked
    assert liked != before


def test_someone_new_gets_the_popular_list_until_they_like_something(recommender: Recommender):
    nobody = recommender.recommend_for_new([], k=5)
    assert nobody.user is None
    assert nobody.note
    assert ids(nobody) == ids(recommender.recommend_for_new([], k=5, model="popular"))
    someone = recommender.recommend_for_new(["17", "586"], k=5)
    assert someone.note is None
    assert ids(someone) != ids(nobody)


def test_unknown_people_items_and_models_are_told_with_the_nearest(recommender: Recommender):
    with pytest.raises(UserError, match="Nearest: 1500, 1499, 1498") as caught:
        recommender.recommend("1501")
    assert caught.value.exit_code == 3
    with pytest.raises(UserError) as caught:
        recommender.recommend("42", like=["no such film"])
    assert caught.value.exit_code == 3
    with pytest.raises(UserError) as caught:
        recommender.recommend("42", model="oracle")
    assert caught.value.exit_code == 2


def test_a_spreadsheet_form_of_an_id_is_accepted(recommender: Recommender):
    assert ids(recommender.recommend("42.0")) == ids(recommender.recommend("42"))


def _lists(recommender: Recommender, model: Any) -> list[list[int]]:
    people = recommender.model.people.histories.rows(0, 40)
    allowed = np.ones((len(people), people.item_count), np.bool_)
    return rank(model, people, 10, "deep", allowed).items.tolist()


@pytest.mark.parametrize("part", ["profiles", "content", "interaction"])
def test_permuting_each_input_of_the_deep_model_changes_its_lists(recommender: Recommender, part: str):
    """Profile, content and interaction inputs all count: shuffled over items, each gives other lists."""
    model = recommender.model
    shuffled = np.random.default_rng(0).permutation(model.people.histories.item_count)
    if part == "profiles":
        profiles = model.experts.profiles
        changed: Any = dataclasses.replace(
            profiles,
            item_map=profiles.item_map[shuffled],
            item_places=profiles.item_places[shuffled],
            affinity=profiles.affinity[:, shuffled],
        )
        model = dataclasses.replace(model, experts=dataclasses.replace(model.experts, profiles=changed))
    elif part == "content":
        content = model.experts.content
        lengths = np.diff(content.indptr)[shuffled]
        pieces = [slice(content.indptr[item], content.indptr[item + 1]) for item in shuffled]
        changed = dataclasses.replace(
            content,
            indptr=np.concatenate([[0], np.cumsum(lengths)]),
            terms=np.concatenate([content.terms[piece] for piece in pieces]),
            values=np.concatenate([content.values[piece] for piece in pieces]),
            dense=content.dense[shuffled],
        )
        model = dataclasses.replace(model, experts=dataclasses.replace(model.experts, content=changed))
    else:
        inner = model.interaction

        class Shuffled(InteractionModel):
            def logits(self, signals: Any, lengths: Any) -> Any:
                return inner.logits(signals, lengths)[:, shuffled]

        model = dataclasses.replace(model, interaction=Shuffled(inner.mean, inner.spread, inner.weights, inner.bias))
    before, after = _lists(recommender, recommender.model), _lists(recommender, model)
    different = sum(one != other for one, other in zip(before, after, strict=True))
    assert different >= 20


def test_feedback_moves_an_item_to_the_end():
    history = with_feedback(Histories.of_one([1, 2, 3], 5), [1], [3])
    assert history.items.tolist() == [2, 1]


def test_clusters_are_crowds_with_names(recommender: Recommender):
    clusters = recommender.clusters()
    assert sum(cluster.size for cluster in clusters) == 1_500
    assert len({cluster.name for cluster in clusters}) == len(clusters)
    histories, assigned = recommender.model.people.histories, recommender.model.people.clusters
    for cluster in clusters:
        members = np.flatnonzero(assigned == cluster.id)
        assert cluster.size == len(members)
        for item, _, lift in cluster.top_items:
            code = recommender.item_code(item)
            assert sum(code in histories.items_of(int(person)) for person in members) >= 10
            assert lift > 1


@pytest.mark.parametrize("bound", [8_000, 0])
def test_answering_imports_nothing_heavy(trained: Session, bound: int):
    """A cold process answers from the stored model without torch, scikit-learn, SciPy or Polars, from pools too."""
    program = (
        "import sys\n"
        "from recsys_tui.cli.entry import main\n"
        "from recsys_tui.models import item_pools\n"
        f"item_pools.POOLED_ABOVE = {bound}\n"
        f"code = main(['recommend', 'films', '--user', '42', '--json', '--home', {str(trained.home.root)!r}])\n"
        "heavy = {'torch', 'sklearn', 'scipy', 'polars', 'textual'} & set(sys.modules)\n"
        "sys.exit(code or (f'imported {heavy}' if heavy else 0))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_warm_answers_are_the_cold_ones(trained: Session):
    """From the second answer on a process keeps single-precision coefficients; the lists stay as they were."""
    cold, info = trained.recommender(), trained.model_info()
    assert cold is not None
    assert info is not None
    fresh = Recommender(
        TrainedModel.from_arrays(trained.workspace.load_model(info).arrays), cold.manifest, "quick", "next"
    )
    first = fresh.recommend("42", k=50)
    assert fresh.model.experts.ease.coefficients.dtype == np.float16
    second = fresh.recommend("42", k=50)
    assert fresh.model.experts.ease.coefficients.dtype == np.float32
    assert [entry.item for entry in second.items] == [entry.item for entry in first.items]
    np.testing.assert_allclose(
        [entry.score for entry in second.items], [entry.score for entry in first.items], rtol=1e-5
    )


def test_a_dislike_lowers_what_goes_with_it_and_lifts_nothing_by_much(trained: Session, recommender: Recommender):
    near, others = [], []
    for user in ("42", "7", "100", "311", "900"):
        before = {item.item: item for item in recommender.recommend(user, k=400).items}
        first = next(iter(before))
        after = {item.item: item for item in recommender.recommend(user, k=1_155, dislike=[first]).items}
        assert first not in after
        alike = {entry.item for entry in similar(trained, recommender, first, 10).items} & set(before)
        for item, entry in before.items():
            if item in after:
                change = after[item].probability - entry.probability
                (near if item in alike else others).append((after[item].rank - entry.rank, change))
    assert np.mean([change < 0 for _, change in near]) > 0.8
    assert np.median([moved for moved, _ in near]) > 0
    # What does not go with it stays where it was, but for the places that others leave.
    assert abs(np.mean([change for _, change in others])) < 0.5 * abs(np.mean([change for _, change in near]))
