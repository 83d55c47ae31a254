"""What events say: kinds in English and Chinese, quantities on a log scale, what counts against, what a person sets."""

from __future__ import annotations

from pathlib import Path

import pytest

from recsys_tui.data.dataset import Dataset, Mapping
from recsys_tui.data.event_strength import STRENGTHS, given_strengths, kind_of, strengths_of
from recsys_tui.data.load import load_dataset
from recsys_tui.data.merged_pairs import merged_pairs
from recsys_tui.output.errors import UserError


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("pv", "view"), ("Page-View", "view"), ("addtocart", "cart"), ("ADD_TO_CART", "cart"), ("buy", "purchase"),
        ("transaction", "purchase"), ("加购", "cart"), ("购买", "purchase"), ("收藏", "like"), ("取关", "unfollow"),
        ("Unfollow", "unfollow"), ("refund", "return"), ("teleport", None),
    ],
)  # fmt: skip
def test_kinds_by_their_words(name: str, kind: str | None) -> None:
    assert kind_of(name) == kind


def test_opposites_take_back_what_was_given() -> None:
    for yes, no in (("like", "dislike"), ("follow", "unfollow"), ("purchase", "return"), ("cart", "uncart")):
        assert STRENGTHS[yes] + STRENGTHS[no] == 0


def test_what_the_person_sets_by_name_or_by_kind() -> None:
    given = given_strengths(("purchase=9", "teleport=-2.5"))
    assert strengths_of(["buy", "pv", "teleport"], given) == {"buy": 9.0, "pv": 1.0, "teleport": -2.5}


@pytest.mark.parametrize(
    "entry", ["purchase", "=5", "purchase=", "purchase=many", "purchase=inf", "purchase=nan", "a=1e9"]
)
def test_what_is_no_strength_is_refused(entry: str) -> None:
    with pytest.raises(UserError) as refused:
        given_strengths((entry,))
    assert refused.value.exit_code == 2


def opened(tmp_path: Path, text: str, mapping: Mapping | None = None) -> Dataset:
    path = tmp_path / "events.csv"
    path.write_text(text)
    return load_dataset(path, mapping)


EVENTS = (
    "user,item,event,time\n"
    "a,x,view,2024-01-01 10:00:00\n"
    "a,x,purchase,2024-01-01 11:00:00\n"
    "a,y,view,2024-01-02 10:00:00\n"
    "b,x,purchase,2024-01-02 10:00:00\n"
    "b,x,return,2024-01-05 10:00:00\n"
    "b,y,dislike,2024-01-06 10:00:00\n"
    "b,z,view,2024-01-07 10:00:00\n"
)


def ids(dataset: Dataset, frame_name: str) -> list[tuple[str, str]]:
    users, items = dataset.users["id"].to_list(), dataset.items["id"].to_list()
    frame = getattr(merged_pairs(dataset), frame_name)
    return [(users[user], items[item]) for user, item in frame.select("user", "item").rows()]


def test_what_was_taken_back_is_in_no_history(tmp_path: Path) -> None:
    dataset = opened(tmp_path, EVENTS)
    assert ids(dataset, "taken") == [("a", "x"), ("a", "y"), ("b", "z")]
    assert ids(dataset, "against") == [("b", "x"), ("b", "y")]
    merged = merged_pairs(dataset).taken
    assert merged["net"].to_list() == [6.0, 1.0, 1.0]
    assert merged["events"].to_list() == [2, 1, 1]


def test_weights_are_shown_and_changeable(tmp_path: Path) -> None:
    dataset = opened(tmp_path, EVENTS, Mapping(weights=("view=0.5",)))
    assert dataset.weights == {"view": 0.5, "purchase": 5.0, "return": -5.0, "dislike": -3.0}
    sentence = next(entry.message for entry in dataset.findings if entry.code == "event_weights")
    assert "view 0.5" in sentence
    assert "--event-weight" in sentence


def test_an_event_the_data_does_not_have(tmp_path: Path) -> None:
    with pytest.raises(UserError) as refused:
        opened(tmp_path, EVENTS, Mapping(weights=("teleport=1",)))
    assert refused.value.message_id == "data.no_such_event"
    assert "purchase" in str(refused.value)


def test_quantities_count_on_a_log_scale_and_negative_ones_against(tmp_path: Path) -> None:
    text = "customer_id,sku,quantity\na,x,1\na,y,7\nb,x,3\nb,y,2\nb,y,-2\n"
    dataset = opened(tmp_path, text)
    assert dataset.interactions.sort("row")["strength"].to_list() == pytest.approx(
        [1, 3, 2, 1.58496, -1.58496], abs=1e-4
    )
    assert ids(dataset, "against") == [("b", "y")]


def test_ratings_beyond_any_scale_are_counts(tmp_path: Path) -> None:
    dataset = opened(tmp_path, "user,artist,rating\na,x,1\na,y,4500\nb,x,31\n")
    assert "rating" not in dataset.interactions.columns
    assert dataset.interactions["quantity"].to_list() == [1, 4500, 31]
    assert not dataset.explicit


@pytest.mark.parametrize(("returns", "told"), [(1, 10), (10, 10), (11, 20)])
def test_how_many_count_against_is_told_in_tens(tmp_path: Path, returns: int, told: int) -> None:
    """The bar of a kind that one person did is kept back, and with it another one."""
    rows = [f"u{n},x{n % 3},purchase" for n in range(40)] + [f"u{n},x{n % 3},return" for n in range(returns)]
    findings = opened(tmp_path, "user,item,event\n" + "\n".join(rows)).findings
    assert [entry.count for entry in findings if entry.code == "counts_against"] == [told]
