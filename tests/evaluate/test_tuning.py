"""Settings are chosen on the training part alone, by what ranks best there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recsys_tui.data.dataset import Dataset
from recsys_tui.data.dataset import Mapping as ColumnMapping
from recsys_tui.data.histories import Floats, Histories
from recsys_tui.data.load import load_dataset
from recsys_tui.evaluate import tuning
from recsys_tui.evaluate.classics import Classic, FitContext, classics
from recsys_tui.evaluate.protocols import PROTOCOLS, Split, split
from recsys_tui.evaluate.tuning import tune
from recsys_tui.models.popularity import Popularity
from recsys_tui.output.crowd_gate import SETTING


class Shifted(Popularity):
    """Popularity, or with the setting ``upside_down`` its opposite."""

    def score(self, histories: Histories) -> Floats:
        return self.sign * super().score(histories)


def recorded(seen: list[Histories]) -> Classic:
    def fit(histories: Histories, setting: Mapping[str, Any], _context: FitContext) -> Shifted:
        seen.append(histories)
        model = Shifted.fit(histories)
        model.sign = np.float32(-1 if setting["upside_down"] else 1)
        return model

    return Classic("popular", fit, ({"upside_down": True}, {"upside_down": False}))


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    random = np.random.default_rng(2)
    draw = 1 / np.arange(1, 31)
    rows = [
        f"u{person},i{item},{1_600_000_000 + int(random.integers(0, 10**7))}"
        for person in range(150)
        for item in random.choice(30, 8, replace=False, p=draw / draw.sum())
    ]
    (tmp_path / "events.csv").write_text("user,item,time\n" + "\n".join(rows) + "\n")
    return load_dataset(tmp_path / "events.csv", ColumnMapping(siblings=False))


def context(whole: Split) -> FitContext:
    return FitContext(whole.train, 0, "cpu", lambda _share: None)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_setting_that_ranks_best_is_chosen_without_a_look_at_the_test(dataset: Dataset, protocol: str):
    whole = split(dataset, protocol, seed=0)
    seen: list[Histories] = []
    tuned = tune(recorded(seen), whole, context(whole))
    assert tuned.setting == {"upside_down": False}
    assert [setting["upside_down"] for setting, _ in tuned.tried] == [True, False]
    assert tuned.tried[1][1] > 2 * tuned.tried[0][1]
    learned = whole.train.interactions.select("user", "item").unique().height
    for histories in seen:
        # Part of the training pairs, and of those only a part: what settings are judged by is held out again.
        assert 0 < len(histories.items) < learned
        assert histories.item_count == whole.train.items.height


def test_where_nothing_can_be_held_out_the_first_guess_is_taken(tmp_path: Path):
    rows = [f"u{n % 12},i{n // 12}" for n in range(36)]
    (tmp_path / "events.csv").write_text("user,item\n" + "\n".join(rows) + "\n")
    whole = split(load_dataset(tmp_path / "events.csv", ColumnMapping(siblings=False)), "random", seed=0)
    tuned = tune(recorded([]), whole, context(whole))
    assert (tuned.setting, tuned.tried) == ({"upside_down": True}, ())


def test_of_more_people_than_settings_are_judged_by_the_same_crowds_are_whatever_the_seed(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
):
    """Else two comparisons would tell of the few who are asked about in one and not in the other."""
    monkeypatch.setenv(SETTING, "70")
    monkeypatch.setattr(tuning, "MOST_PEOPLE", 140)
    whole = split(dataset, "last", seed=0)
    contexts = [FitContext(whole.train, seed, "cpu", lambda _share: None) for seed in range(4)]
    tried = [tune(recorded([]), whole, each).tried for each in contexts]
    assert all(each == tried[0] for each in tried)


def test_every_setting_of_every_classic_fits_and_ranks(dataset: Dataset):
    whole = split(dataset, "last", seed=0)
    for classic in classics().values():
        if classic.name in ("sasrec", "warp") or classic.needs_ratings:  # the slow ones have tests of their own
            continue
        tuned = tune(classic, whole, context(whole))
        assert len(tuned.tried) == (len(classic.grid) if len(classic.grid) > 1 else 0)
        assert all(0 <= score <= 1 for _, score in tuned.tried)
        assert len({str(setting) for setting, _ in tuned.tried}) == len(tuned.tried)


def test_models_of_ratings_are_tuned_by_how_near_they_come(tmp_path: Path):
    random = np.random.default_rng(6)
    rows = [
        f"u{person},i{item},{1 + (person % 3 + item) % 5},{1_600_000_000 + int(random.integers(0, 10**7))}"
        for person in range(60)
        for item in random.choice(30, 10, replace=False)
    ]
    (tmp_path / "ratings.csv").write_text("user,item,rating,time\n" + "\n".join(rows) + "\n")
    whole = split(load_dataset(tmp_path / "ratings.csv", ColumnMapping(siblings=False)), "last", seed=0)
    classic = classics()["mf"]
    tuned = tune(classic, whole, context(whole))
    assert tuned.metric == "rmse"
    assert len(tuned.tried) == len(classic.grid)
    errors = [error for _, error in tuned.tried]
    assert dict(tuned.setting) == dict(tuned.tried[int(np.argmin(errors))][0])
    assert 0 < min(errors) < 1.4  # ratings are spread evenly over 1 to 5: guessing their mean errs by 1.41
