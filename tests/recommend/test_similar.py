"""What is like an item, held against dense algebra by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.recommend.baskets import Baskets
from recsys_tui.recommend.forgetting import train_to_end
from recsys_tui.recommend.item_neighbours import ContentNeighbours, TasteNeighbours
from recsys_tui.recommend.recommender import Recommender
from recsys_tui.recommend.session import Session
from recsys_tui.recommend.similar import WAYS, all_similar, similar
from recsys_tui.store.home import Home
from recsys_tui.training.job import TrainingRequest


@pytest.fixture(scope="module")
def recommender(trained: Session) -> Recommender:
    found = trained.recommender()
    assert found is not None
    return found


@pytest.fixture(scope="module")
def taken(recommender: Recommender) -> np.ndarray:
    """Who took what, dense, shape (people, items)."""
    histories = recommender.model.people.histories
    matrix = np.zeros((len(histories), histories.item_count))
    matrix[histories.owners, histories.items] = 1
    return matrix


def scaled(taken: np.ndarray, power: float) -> np.ndarray:
    """All pairs, the diagonal too: c / (√n · m to a power + 20), n people have the item of the row."""
    counts = taken.sum(axis=0)
    return (taken.T @ taken) / (np.sqrt(counts)[:, None] * counts[None, :] ** power + 20)


def told(together: float, own: float, theirs: float) -> float:
    """What may be said of a pair of items that so many people took: nothing where ten did not take both, or where as
    few could have taken but one of them; 1 to 9 of whatever they are count as ten."""
    if together < 10:
        return 0.0
    if 0 < own - together < 10 or 0 < theirs - together < 10:
        together = min(own, theirs) - 10
        if together < 10:
            return 0.0
    together, own, theirs = (max(count, 10) for count in (together, own, theirs))
    return together / (own**0.5 * theirs**0.75 + 20)


def test_by_taste_is_who_took_both_over_who_took_each(recommender: Recommender, taken: np.ndarray):
    cosines, exact = scaled(taken, 0.5), scaled(taken, 0.75)
    ways, counts, together, hidden = TasteNeighbours(recommender.model), taken.sum(axis=0), taken.T @ taken, 0
    for item in (0, 16, 300, 700, 1_100):
        cosines[item, item] = 0
        kept = np.argsort(-cosines[item], kind="stable")[:100]
        kept = kept[together[item, kept] >= 10]
        shown = {code: told(together[item, code], counts[item], counts[code]) for code in kept.tolist()}
        shown = {code: score for code, score in shown.items() if score}
        codes, scores = ways.nearest(item, 10)
        assert scores == pytest.approx(sorted(shown.values(), reverse=True)[:10], rel=2e-3)  # stored in half precision
        assert scores == pytest.approx([shown[code] for code in codes.tolist()], rel=2e-3)
        hidden += sum(abs(one / exact[item, code] - 1) > 0.01 for code, one in shown.items())
        assert item not in codes.tolist()
    assert hidden > 0


def test_what_a_few_people_took_has_no_neighbours_by_taste_and_is_nobodys(
    trained: Session, recommender: Recommender, taken: np.ndarray
):
    """Else the few who took it would have all that they took listed beside it."""
    counts, together = taken.sum(axis=0), taken.T @ taken
    np.fill_diagonal(together, 0)
    few = np.flatnonzero((counts > 0) & (counts < 10))
    assert len(few) > 10
    answer = similar(trained, recommender, str(recommender.model.catalogue.ids[int(few[0])]), 10)
    assert (answer.items, answer.note) == ((), say("items.none_taste", people=10))
    for item, codes, _scores in TasteNeighbours(recommender.model).of_all(100):
        if counts[item]:
            assert (together[item, codes] >= 10).all()


def test_two_items_that_the_same_people_took_do_not_tell_who_lacks_them(tmp_path: Path):
    answers = []
    for few in (2, 7):
        rows = [f"u{n},{item}" for n in range(few, 60) for item in ("bread", "butter")]
        rows += [f"u{n},i{place}" for n in range(60) for place in range(12) if (n * 7 + place * 5) % 11 < 5]
        (tmp_path / f"{few}.csv").write_text("user,item\n" + "\n".join(rows) + "\n")
        session = Session.open(tmp_path / f"{few}.csv", home=Home(tmp_path / "home"))
        train_to_end(session, TrainingRequest("quick"))
        answers.append(similar(session, session.recommender(), "bread", 1).items[0])
    assert [(answer.item, answer.people) for answer in answers] == [("butter", None)] * 2
    assert answers[0].score == pytest.approx(answers[1].score)
    assert answers[0].score == pytest.approx(60 / (60**1.25 + 20), rel=2e-3)


def test_an_item_nobody_took_has_the_weighted_mean_of_what_is_like_it(recommender: Recommender, taken: np.ndarray):
    cold = recommender.model.experts.cold
    assert cold is not None
    item = int(cold.items[3])
    assert taken[:, item].sum() == 0
    table = recommender.model.experts.neighbours.table
    counts, together = taken.sum(axis=0), taken.T @ taken
    kept = np.zeros((taken.shape[1],) * 2)
    for row, (partners, values) in enumerate(zip(table.partners, table.values, strict=True)):
        kept[row, partners[values > 0]] = 1
    kept *= together >= 10
    kept[np.diag_indices(len(kept))] = 1
    near, shares = np.asarray(cold.nearest[3]), np.asarray(cold.shares[3], float)
    expected = np.zeros(len(counts))
    for one, share in zip(near.tolist(), shares.tolist(), strict=True):
        for code in np.flatnonzero(kept[one]).tolist():
            both = together[one, code] if code != one else max(10, counts[one])
            expected[code] += share * told(both, counts[one], counts[code])
    expected[item] = 0
    codes, scores = TasteNeighbours(recommender.model).nearest(item, 8)
    assert scores == pytest.approx(np.sort(expected)[::-1][:8], rel=2e-3)
    assert scores == pytest.approx(expected[codes], rel=2e-3)


def test_by_content_is_the_cosine_of_what_they_are_about(recommender: Recommender):
    content = recommender.model.experts.content
    assert content.vectors is None
    rows = np.zeros((len(content.indptr) - 1, len(content.vocabulary)))
    for item in range(len(rows)):
        stretch = slice(content.indptr[item], content.indptr[item + 1])
        rows[item, content.terms[stretch]] = content.values[stretch]
    ways = ContentNeighbours(recommender.model)
    for item in (16, 1_150):
        cosines = rows @ rows[item]
        cosines[item] = 0
        codes, scores = ways.nearest(item, 6)
        assert scores == pytest.approx(np.sort(cosines)[::-1][:6], abs=1e-5)
        assert scores == pytest.approx(cosines[codes], abs=1e-5)


@pytest.mark.parametrize("by", ["taste", "content"])
def test_lists_of_all_items_are_those_of_each(trained: Session, recommender: Recommender, by: str):
    lists = all_similar(trained, recommender, 4, by)
    assert lists.columns == ["item", "neighbour", "rank", "score"]
    for item in ("17", "900", "1200"):
        alone = similar(trained, recommender, item, 4, by)
        rows = lists.filter(lists["item"] == item)
        assert rows["rank"].to_list() == [entry.rank for entry in alone.items]
        assert len(alone.items) == 4 or (by == "taste" and item != "17")
        assert rows["score"].to_list() == pytest.approx([entry.score for entry in alone.items], abs=1e-5)


def test_the_answer_names_its_model_and_says_where_nobody_took_the_item(trained: Session, recommender: Recommender):
    answer = similar(trained, recommender, "17", 3)
    assert (answer.item, answer.by, answer.preset, answer.horizon, answer.note) == (
        "17",
        "taste",
        "quick",
        "next",
        None,
    )
    assert answer.title == recommender.titles(["17"])["17"]
    assert [entry.title for entry in answer.items] == list(
        recommender.titles([entry.item for entry in answer.items]).values()
    )
    cold = recommender.model.experts.cold
    assert cold is not None
    new = recommender.model.catalogue.ids[int(cold.items[0])]
    note = similar(trained, recommender, str(new), 3).note
    assert note is not None
    assert "Nobody has taken" in note


def test_what_cannot_be_answered(trained: Session, recommender: Recommender):
    with pytest.raises(UserError) as found:
        similar(trained, recommender, "1201", 3)
    assert found.value.exit_code is ExitCode.NOT_FOUND
    assert "1200" in str(found.value)
    for by, code in (("basket", "items.no_baskets"), ("looks", "items.unknown_way")):
        with pytest.raises(UserError) as found:
            similar(trained, recommender, "17", 3, by)
        assert (found.value.message_id, found.value.exit_code) == (code, ExitCode.USAGE)
    assert WAYS == ("taste", "content", "basket")


# Bread and butter meet in the baskets of 12 people (ten of them buy both again, the butter twice at once), bread and
# ink in those of 9. Five others have wax, so that what is not told is of enough people.
BASKETS = [
    *((f"u{n}", f"b{n}", ("bread", "butter")) for n in range(12)),
    *((f"u{n}", f"again{n}", ("bread", "butter", "butter")) for n in range(10)),
    *((f"u{n}", f"i{n}", ("bread", "ink")) for n in range(9)),
    *((f"v{n}", f"c{n}", ("paper", "wax")[: 1 + (n < 5)]) for n in range(20)),
]


@pytest.fixture
def shop(tmp_path: Path) -> Session:
    rows = [f"{user},{item},{basket}" for user, basket, items in BASKETS for item in items]
    (tmp_path / "shop.csv").write_text("user,item,invoice\n" + "\n".join(rows) + "\n")
    return Session.open(tmp_path / "shop.csv", home=Home(tmp_path / "home"))


def test_by_basket_is_a_shrunk_lift_with_a_crowd_behind_it(shop: Session):
    answer = similar(shop, None, "bread", 10, "basket")
    # 51 baskets, 31 with bread, 22 with butter, 22 with both, all in tens; nine people are too few for ink.
    assert [(entry.item, entry.rank) for entry in answer.items] == [("butter", 1)]
    assert answer.items[0].score == pytest.approx((20 + 5) / (30 * 20 / 50 + 5))
    assert (answer.preset, answer.horizon, answer.title, answer.note) == (None, None, None, None)
    alone = similar(shop, None, "paper", 10, "basket")
    assert alone.items == ()
    assert alone.note is not None
    assert "10 people" in alone.note
    lists = all_similar(shop, None, 3, "basket")
    assert lists.select("item", "neighbour").rows() == [("bread", "butter"), ("butter", "bread")]


def test_a_smaller_crowd_lets_more_through_but_no_pair_below_chance(shop: Session):
    data = shop.dataset
    ids = data.items["id"].to_list()
    codes, lifts = Baskets.of(data).together(ids.index("bread"), 5, CrowdGate(9))
    assert [ids[code] for code in codes] == ["butter", "ink"]
    # Of 54 baskets 27, 18 and 9, in nines.
    assert lifts == pytest.approx([(18 + 5) / (27 * 18 / 54 + 5), (9 + 5) / (27 * 9 / 54 + 5)])
    codes, _ = Baskets.of(data).together(ids.index("butter"), 5, CrowdGate(5))
    assert [ids[code] for code in codes] == ["bread"]


BOTH = ("tea", "pot")
A_FEW = {
    "buy again": [f"u{n},{item},a{n},purchase" for n in range(3) for item in BOTH],
    "buy one again": [f"u{n},tea,a{n},purchase" for n in range(3)],
    "send back": [f"v{n},mug,c{n},return" for n in range(4)],
    "have one": [f"x{n},tea,d{n},purchase" for n in range(3)],
    "have both and not in one basket": [f"x{n},{item},{item}{n},purchase" for n in range(2) for item in BOTH],
    "have a second basket": [f"v{n},mug,a{n},purchase" for n in range(4)],
}


@pytest.mark.parametrize("more", A_FEW.values(), ids=A_FEW.keys())
def test_by_basket_nobody_reads_what_a_few_do(tmp_path: Path, more: list[str]):
    bought = [f"u{n},{item},b{n},purchase" for n in range(20) for item in BOTH]
    bought += [f"v{n},mug,c{n},purchase" for n in range(30)] + [f"v{n},cup,c{n},purchase" for n in range(12)]

    def lifts(rows: list[str]) -> list[float]:
        (tmp_path / "shop.csv").write_text("user,item,invoice,event\n" + "\n".join(rows) + "\n")
        session = Session.open(tmp_path / "shop.csv", home=Home(tmp_path / "home"))
        return [similar(session, None, item, 1, "basket").items[0].score for item in ("tea", "mug")]

    told = [(20 + 5) / (20 * 20 / 50 + 5), (10 + 5) / (30 * 10 / 50 + 5)]
    assert lifts(bought) == pytest.approx(told)
    assert lifts([*bought, *more]) == pytest.approx(told)


@pytest.mark.parametrize("eager", [1, 9, 10])
def test_by_basket_nobody_reads_how_often_a_few_came_back(tmp_path: Path, eager: int):
    """In all tens of their baskets, beside twenty people on its page, whom an item's baskets are of could be known."""

    def score(name: str, more: int) -> float:
        rows = [f"u{n},{item},a{n}" for n in range(20) for item in ("tea", "mug")]
        rows += [f"v{n},pot,b{n}" for n in range(30)]
        rows += [f"u{n},{item},c{n}-{time}" for n in range(eager) for time in range(more) for item in ("tea", "mug")]
        (tmp_path / name).write_text("user,item,invoice\n" + "\n".join(rows) + "\n")
        session = Session.open(tmp_path / name, home=Home(tmp_path / "home"))
        session.load()
        return similar(session, None, "tea", 1, "basket").items[0].score

    assert (score("once.csv", 0) == score("often.csv", 90)) == (eager < 10)


def test_what_was_sent_back_is_in_no_basket(tmp_path: Path):
    rows = [f"u{n},{item},b{n},1" for n in range(12) for item in ("tea", "pot")]
    rows += [f"u{n},{item},r{n},-1" for n in range(12) for item in ("tea", "mug")]
    rows += [f"w{n},mug,m{n},2" for n in range(30)]
    (tmp_path / "shop.csv").write_text("user,item,invoice,quantity\n" + "\n".join(rows) + "\n")
    session = Session.open(tmp_path / "shop.csv", home=Home(tmp_path / "home"))
    assert [entry.item for entry in similar(session, None, "tea", 5, "basket").items] == ["pot"]


def test_an_unknown_item_has_no_basket(shop: Session):
    with pytest.raises(UserError) as found:
        similar(shop, None, "butte", 3, "basket")
    assert found.value.exit_code is ExitCode.NOT_FOUND
    assert "butter" in str(found.value)


def test_neighbours_say_why(trained: Session):
    """People counted from the histories, terms held against the item table."""
    recommender = trained.recommender()
    assert recommender is not None
    taken = trained.dataset.interactions.group_by("user").agg("item").rows()
    by_item: dict[int, set[int]] = {}
    for user, items in taken:
        for code in items:
            by_item.setdefault(code, set()).add(user)
    places = {str(name): code for code, name in enumerate(trained.dataset.items["id"].to_list())}
    items = trained.dataset.items
    categories = dict(zip(items["id"].to_list(), items["categories"].to_list(), strict=True))
    answer = similar(trained, recommender, "17", 10)
    counted = 0
    for entry in answer.items:
        own, other = by_item[places["17"]], by_item.get(places[entry.item], set())
        both = len(own & other)
        open_to = both >= 10 and all(rest == 0 or rest >= 10 for rest in (len(own) - both, len(other) - both))
        assert entry.people == (both if open_to else None)
        counted += open_to
        shared = set(categories["17"]) & set(categories[entry.item])
        assert shared <= set(entry.terms) or len(entry.terms) == 5
    assert counted
