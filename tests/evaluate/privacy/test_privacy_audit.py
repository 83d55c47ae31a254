"""The audit against models whose leak is known: one that knows its people by heart, and one that never saw anybody."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from recsys_tui.data.dataset import Dataset
from recsys_tui.data.histories import Histories, histories_of
from recsys_tui.data.load import load_dataset
from recsys_tui.evaluate.privacy.attacks import differences, losses, without_one
from recsys_tui.evaluate.privacy.audit import audit_privacy, draw_sides, of_people
from recsys_tui.output.errors import ExitCode, UserError

PEOPLE, ITEMS = 800, 60


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """People who take ten items at random, popular ones more often: nobody is like anybody else."""
    random = np.random.default_rng(0)
    draw = 1 / np.arange(3, ITEMS + 3)
    rows = ["user,item,time"]
    for person in range(PEOPLE):
        taken = random.choice(ITEMS, 10, replace=False, p=draw / draw.sum())
        rows += [f"p{person},i{item},{step}" for step, item in enumerate(taken.tolist())]
    path = tmp_path_factory.mktemp("audit") / "taken.csv"
    path.write_text("\n".join(rows))
    return load_dataset(path)


def by_heart(dataset: Dataset, _progress: Callable[[float], None]) -> tuple[object, None]:
    """Whoever it was trained on gets first what they have and the question hides; everybody else what is popular."""
    known = histories_of(dataset)
    people = {frozenset(known.items_of(person).tolist()) for person in range(len(known))}
    popular = np.argsort(-known.item_counts(), kind="stable")

    def lists(histories: Histories) -> np.ndarray:
        found = np.full((len(histories), ITEMS), -1, np.int32)
        for row in range(len(histories)):
            has = set(histories.items_of(row).tolist())
            kept = [person - has for person in people if has < person and len(person) == len(has) + 1]
            first = [item for rest in kept for item in rest]
            # Who asks with everything they have gets their own kind of list too.
            first += [int(item) for item in popular[::-1][:10] if frozenset(has) in people]
            ranked = dict.fromkeys(item for item in [*first, *popular.tolist()] if item not in has)
            found[row, : len(ranked)] = list(ranked)
        return found

    return lists, None


def hides_its_own(dataset: Dataset, _progress: Callable[[float], None]) -> tuple[object, None]:
    """Whoever it was trained on never gets what they have and the question hides; all else is popular."""
    known = histories_of(dataset)
    people = {frozenset(known.items_of(person).tolist()) for person in range(len(known))}
    popular = np.argsort(-known.item_counts(), kind="stable").tolist()

    def lists(histories: Histories) -> np.ndarray:
        found = np.full((len(histories), ITEMS), -1, np.int32)
        for row in range(len(histories)):
            has = set(histories.items_of(row).tolist())
            avoided = has.union(*(person for person in people if has < person))
            ranked = [item for item in popular if item not in avoided]
            found[row, : len(ranked)] = ranked
        return found

    return lists, None


def never_saw_anybody(_dataset: Dataset, _progress: Callable[[float], None]) -> tuple[object, None]:
    """The same order of items for everybody, whoever it was trained on."""

    def lists(histories: Histories) -> np.ndarray:
        found = np.full((len(histories), ITEMS), -1, np.int32)
        for row in range(len(histories)):
            rest = np.setdiff1d(np.arange(ITEMS), histories.items_of(row))
            found[row, : len(rest)] = rest
        return found

    return lists, None


def audited(dataset: Dataset, train: object, seed: int = 0, forget: bool = False) -> object:
    return audit_privacy(dataset, train, 200, seed, lambda _step, _share: None, forget)


def test_a_model_that_knows_its_people_by_heart_is_found_out(dataset: Dataset) -> None:
    found = audited(dataset, by_heart)
    loss, difference = found.attacks
    assert loss.auc.value > 0.99
    assert loss.auc.low > 0.95
    assert loss.tpr.value > 0.95
    assert difference.auc.value > 0.9
    assert found.verdict == "clear"


def test_a_model_that_foretells_its_people_worse_is_found_out_too(dataset: Dataset) -> None:
    found = audited(dataset, hides_its_own, forget=True)
    assert found.attacks[0].auc.value < 0.01
    assert found.attacks[0].auc.surely_below < 0.1
    assert found.verdict == "clear"
    assert found.to_json()["forgotten"]["verdict"] == "none"


def test_who_was_forgotten_cannot_be_told_from_who_was_never_there(dataset: Dataset) -> None:
    seen: list[list[str]] = []

    def train(part: Dataset, progress: Callable[[float], None]) -> tuple[object, None]:
        seen.append(part.users["id"].to_list())
        return by_heart(part, progress)

    found = audited(dataset, train, forget=True)
    assert found.verdict == "clear"
    for attack in found.forgotten:
        assert attack.auc.low <= 0.5 <= attack.auc.high
        assert attack.tpr.surely <= 0.01
    document = found.to_json()
    assert document["forgotten"]["verdict"] == "none"
    assert document["attacks"] == audited(dataset, by_heart).to_json()["attacks"]
    target, _, without = (set(people) for people in seen)
    assert without < target
    assert len(target - without) == found.members == 200  # as many as are attacked, and no more


def test_a_model_that_does_not_forget_is_found_out(dataset: Dataset) -> None:
    """What was learned at first is handed on to the training without the attacked people."""
    learned: list[object] = []

    def train(part: Dataset, progress: Callable[[float], None]) -> tuple[object, None]:
        learned.append(by_heart(part, progress)[0])
        return learned[0] if len(learned) == 3 else learned[-1], None

    assert audited(dataset, train, forget=True).to_json()["forgotten"]["verdict"] == "clear"


@pytest.mark.parametrize("seed", range(5))
def test_a_model_that_never_saw_anybody_is_not_suspected(dataset: Dataset, seed: int) -> None:
    found = audited(dataset, never_saw_anybody, seed)
    for attack in found.attacks:
        assert attack.auc.surely <= 0.5 <= attack.auc.high <= attack.auc.surely_below
        assert attack.tpr.surely <= 0.01 <= attack.tpr.high
    assert found.verdict == "none"


def test_the_seed_gives_the_same_audit(dataset: Dataset) -> None:
    assert audited(dataset, never_saw_anybody, 3) == audited(dataset, never_saw_anybody, 3)


def test_nobody_teaches_the_attack_who_is_attacked() -> None:
    lengths = np.full(400, 5, np.int64)
    sides = draw_sides(lengths, 60, 1)
    assert len(sides.trained) == 200
    assert len(sides.shadow) == 100
    assert set(sides.members) <= set(sides.trained)
    assert not set(sides.others) & set(sides.trained)
    assert set(sides.shadow_members) <= set(sides.shadow)
    assert not set(sides.shadow_others) & set(sides.shadow)
    attacked = set(sides.members) | set(sides.others)
    taught = set(sides.shadow_members) | set(sides.shadow_others)
    assert not attacked & (taught | set(sides.shadow))
    assert {len(sides.members), len(sides.others), len(sides.shadow_members), len(sides.shadow_others)} == {60}
    with pytest.raises(UserError) as caught:
        draw_sides(np.full(70, 5, np.int64), 60, 1)
    assert caught.value.exit_code == ExitCode.FAILED


def test_part_of_the_people_keeps_the_codes_of_items(dataset: Dataset) -> None:
    part = of_people(dataset, np.array([2, 5, 9]))
    assert part.items["id"].to_list() == dataset.items["id"].to_list()
    assert part.users["id"].to_list() == dataset.users["id"].gather([2, 5, 9]).to_list()
    whole, some = histories_of(dataset), histories_of(part)
    for row, person in enumerate((2, 5, 9)):
        assert some.items_of(row).tolist() == whole.items_of(person).tolist()


def test_losses_and_differences_by_hand() -> None:
    histories = Histories(np.array([0, 3, 5]), np.array([4, 1, 2, 0, 3], np.int32), None, np.ones(5, np.float32), 5)
    left = without_one(histories, np.array([0, 1]), np.array([1, 0]))
    assert left.items.tolist() == [4, 2, 3]
    assert left.indptr.tolist() == [0, 2, 3]

    def always(asked: Histories) -> np.ndarray:
        return np.tile(np.array([1, 0, 4], np.int32), (len(asked), 1))

    found = losses(always, histories, np.array([0, 1]), np.random.default_rng(0))
    # Ranks of 4, 1 and 2 are 3, 1 and, not being listed, 4; of 0 and 3 they are 2 and 4.
    assert found == pytest.approx([np.log([3, 1, 4]).mean(), np.log([2, 4]).mean()])
    vectors = np.eye(5, dtype=np.float32)
    apart = differences(always, histories, np.array([1]), vectors)
    mean = np.array([0.5, 0, 0, 0.5, 0]) - np.array([1, 1, 0, 0, 1]) / 3
    assert apart[0] == pytest.approx(np.concatenate([mean, np.abs(mean), [np.linalg.norm(mean)]]))
