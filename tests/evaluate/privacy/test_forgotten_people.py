"""What a model that learns everything by heart still knows of people who were forgotten in a home folder: nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recsys_tui.data.dataset import ID, Dataset
from recsys_tui.data.histories import Histories, histories_of
from recsys_tui.data.load import load_dataset
from recsys_tui.evaluate.privacy.attacks import losses
from recsys_tui.evaluate.privacy.audit import Sides, draw_sides
from recsys_tui.evaluate.privacy.leak_figures import Measured, area
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from tests.bench.forgotten import forgotten, in_codes, translated, written
from tests.evaluate.privacy.test_privacy_audit import by_heart

PEOPLE, ITEMS, ATTACKED = 100, 60, 22


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """People who take eight things at random; ids that mean nobody else."""
    random = np.random.default_rng(2)
    rows = ["user,item,time"]
    for person in range(PEOPLE):
        taken = random.permutation(ITEMS)[:8].tolist()
        rows += [f"person-{person},thing-{item},{1_600_000_000 + 86_400 * step}" for step, item in enumerate(taken)]
    path = tmp_path_factory.mktemp("everybody") / "taken.csv"
    path.write_text("\n".join(rows))
    return load_dataset(path)


def told_apart(session: Session, everybody: Dataset, sides: Sides) -> Measured:
    """Of a model that knows by heart what a training of this session would be given."""
    given = session.dataset
    lists = translated(by_heart(given, lambda _share: None)[0], given.items[ID].to_list(), everybody)
    histories = histories_of(everybody)
    asked = (sides.members, sides.others)
    return area(*(-losses(lists, histories, people, np.random.default_rng(0)) for people in asked), 0)


def test_forgotten_people_cannot_be_told_from_people_who_were_never_there(everybody: Dataset, tmp_path: Path) -> None:
    sides = draw_sides(histories_of(everybody).lengths, ATTACKED, 0)
    source = tmp_path / "people.csv"
    written(everybody, sides.trained, source)
    session = Session.open(source, home=Home(tmp_path / "home"))
    before = told_apart(session, everybody, sides)
    assert before.value > 0.99
    assert before.surely > 0.6
    forgotten(session, everybody, sides)
    for again in (session, Session.open(source, home=session.home, refresh=True)):  # the source still names them
        after = told_apart(again, everybody, sides)
        assert after.surely <= 0.5
        assert after.low <= 0.5 <= after.high
        assert again.dataset.user_count == len(sides.trained) - len(sides.members)


def test_histories_in_other_codes_keep_what_those_know() -> None:
    weights = np.array([1, 2, 3, 4], np.float32)
    histories = Histories(np.array([0, 3, 4]), np.array([0, 2, 1, 2], np.int32), np.arange(4), weights, 3)
    found = in_codes(histories, np.array([5, -1, 0], np.int32), 6)
    assert found.indptr.tolist() == [0, 2, 3]
    assert found.items.tolist() == [5, 0, 0]
    assert found.times.tolist() == [0, 1, 3]
    assert found.weights.tolist() == [1, 2, 4]
    assert found.item_count == 6
