"""The audit: a model is trained on half of the people, and attacked with histories of some of them and of others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.dataset import ID, USER, Dataset
from recsys_tui.data.histories import Histories, Ints, Longs, histories_of
from recsys_tui.data.subset import subset
from recsys_tui.evaluate.privacy.attacks import (
    DIFFERENCE,
    FEWEST_ACTIONS,
    LOSS,
    Lister,
    differences,
    item_vectors,
    learned_suspicion,
    losses,
)
from recsys_tui.evaluate.privacy.leak_figures import FALSE_ALARMS, Leak, leak, promised_limits
from recsys_tui.models.deep_candidates import DEEP
from recsys_tui.models.experts import people_at_once
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.output.crowd_counts import whole_crowds
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.recommend.ranking import rank
from recsys_tui.recommend.recommender import Recommender

FEWEST_PEOPLE = 80
DEEPEST = 2_000
# A leak is called clear where an attack surely gets beyond these.
CLEAR_AREA, CLEAR_SHARE = 0.6, 0.05

# Trains on a dataset; tells the share that is done. Gives the model as an attack sees it, and what it promises.
Train = Callable[[Dataset, Callable[[float], None]], tuple[Lister, dict[str, Any] | None]]
Tell = Callable[[str, float], None]
# What is found out from a model.
Attack = Callable[[Lister], tuple[Leak, ...]]
TRAINING, SHADOW, FORGETTING, ATTACKING = "training", "shadow", "forgetting", "attacking"


@dataclass(frozen=True)
class Sides:
    """Codes of people: ``trained`` is half of all, the model's; ``shadow`` a quarter, the shadow model's.

    ``members`` and ``others`` are attacked; ``shadow_members`` and ``shadow_others`` teach the attack, and are none of
    them.
    """

    trained: Longs
    shadow: Longs
    members: Longs
    others: Longs
    shadow_members: Longs
    shadow_others: Longs


@dataclass(frozen=True)
class PrivacyAudit:
    """What was found. ``limits``: area and share found that the promise of a private model allows at most.

    ``forgotten``: how far the same attacks get after the attacked members were forgotten, if that was asked for.
    """

    people: int
    members: int
    others: int
    attacks: tuple[Leak, ...]
    privacy: dict[str, Any] | None
    forgotten: tuple[Leak, ...] | None = None

    @property
    def limits(self) -> tuple[float, float] | None:
        """The largest area and the largest share found at 1 % false alarms that the promise allows, if there is one."""
        return None if self.privacy is None else promised_limits(float(self.privacy["mu"]))

    @property
    def verdict(self) -> str:
        """``none``: no figure is surely better than a guess; ``some``: one is; ``clear``: and by a lot."""
        return verdict_of(self.attacks)

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        limits = self.limits
        return {
            "people": self.people,
            "members": self.members,
            "others": self.others,
            "attacks": [attack.to_json() for attack in self.attacks],
            "limits": None if limits is None else {"auc": limits[0], "tpr": limits[1]},
            "verdict": self.verdict,
            "privacy": self.privacy,
            "forgotten": None
            if self.forgotten is None
            else {"attacks": [attack.to_json() for attack in self.forgotten], "verdict": verdict_of(self.forgotten)},
        }


def verdict_of(attacks: tuple[Leak, ...]) -> str:
    """``none``: no figure is surely better than a guess; ``some``: one is; ``clear``: and by a lot.

    An area that is surely below a half tells as much as one above: whoever knows that members are the less suspect
    turns the attack around.
    """
    area = max(max(attack.auc.surely, 1 - attack.auc.surely_below) for attack in attacks)
    found = max(attack.tpr.surely for attack in attacks)
    if area > CLEAR_AREA or found > CLEAR_SHARE:
        return "clear"
    return "some" if area > 0.5 or found > FALSE_ALARMS else "none"


def draw_sides(lengths: Longs, most: int, seed: int) -> Sides:
    """Deal the people out by a seed; ``lengths`` (people,) of their histories, ``most`` are asked on each side.

    They are asked in whole tens: of one person more or fewer, two audits would tell of that person by subtraction.
    Raises ``UserError`` (exit 1) where there are too few.
    """
    random, gate = np.random.default_rng(seed), CrowdGate()
    dealt = random.permutation(len(lengths)).astype(np.int64)
    trained, rest = np.array_split(dealt, 2)

    def able(people: Longs) -> Longs:
        found = people[lengths[people] >= FEWEST_ACTIONS][:most]
        return np.sort(found[: whole_crowds(len(found), gate)])

    members, others_taught = np.array_split(trained, 2)
    others, shadow = np.array_split(rest, 2)
    sides = Sides(np.sort(trained), np.sort(shadow), able(members), able(others), able(shadow), able(others_taught))
    fewest = min(len(each) for each in (sides.members, sides.others, sides.shadow_members, sides.shadow_others))
    if 4 * fewest < FEWEST_PEOPLE:
        raise UserError("audit.too_few", ExitCode.FAILED, fewest=FEWEST_PEOPLE, actions=FEWEST_ACTIONS)
    return sides


def audit_privacy(
    dataset: Dataset, train: Train, most: int, seed: int, tell: Tell, forget: bool = False
) -> PrivacyAudit:
    """Train and attack. The attacked people are dealt out by the seed, and so are the actions that are hidden.

    ``forget``: train anew without the attacked members, as forgetting them does, and attack once more. Raises
    ``UserError``: exit 1 where there are too few people to attack, exit 2 where a part of them is too small for a
    private model.
    """
    histories = histories_of(dataset)
    sides = draw_sides(histories.lengths, most, seed)
    try:
        target, privacy = train(of_people(dataset, sides.trained), lambda share: tell(TRAINING, share))
        shadow, _ = train(of_people(dataset, sides.shadow), lambda share: tell(SHADOW, share))
    except UserError as error:
        if error.message_id != "private.too_few":
            raise
        fewest = int(str(error.fields["fewest"]))
        told = {"people": dataset.user_count, "fewest": fewest, "needed": 4 * fewest}
        raise UserError("audit.private_too_few", error.exit_code, **told) from error
    left = np.setdiff1d(sides.trained, sides.members)
    without = train(of_people(dataset, left), lambda share: tell(FORGETTING, share))[0] if forget else None
    tell(ATTACKING, 0.0)
    attack = taught_attack(shadow, histories, sides, seed)
    attacks = attack(target)
    tell(ATTACKING, 1.0 if without is None else 0.5)
    forgotten = None if without is None else attack(without)
    tell(ATTACKING, 1.0)
    counts = dataset.user_count, len(sides.members), len(sides.others)
    return PrivacyAudit(*counts, attacks, privacy, forgotten)


def taught_attack(shadow: Lister, histories: Histories, sides: Sides, seed: int) -> Attack:
    """Both attacks, as far as a shadow model teaches them: what they find out from a model of the attacked people.

    Whatever model is asked, the same actions are hidden.
    """
    teaching = (sides.shadow_members, sides.shadow_others)
    known = np.concatenate(teaching)
    vectors = item_vectors(histories.prefixes(known, histories.lengths[known]), seed)
    taught = [differences(shadow, histories, people, vectors) for people in teaching]
    suspect = learned_suspicion(taught[0], taught[1])

    def attack(target: Lister) -> tuple[Leak, ...]:
        random = np.random.default_rng(seed + 1)
        asked = (sides.members, sides.others)
        suspicion = [-losses(target, histories, people, random) for people in asked]
        apart = [suspect(differences(target, histories, people, vectors)) for people in asked]
        return leak(LOSS, suspicion[0], suspicion[1], seed), leak(DIFFERENCE, apart[0], apart[1], seed)

    return attack


def of_people(dataset: Dataset, people: Longs) -> Dataset:
    """The dataset of these people alone, with the whole catalogue in the same order."""
    inside = np.zeros(dataset.user_count, np.bool_)
    inside[people] = True
    return subset(dataset, inside[dataset.interactions[USER].to_numpy()], dataset.items[ID])


def lister_of(model: TrainedModel, manifest: dict[str, Any], preset: str, horizon: str) -> Lister:
    """A trained model as an attack sees it: lists of up to 2,000 items of the part that serves."""
    model = replace(model, experts=model.experts.for_many())
    served, _ = Recommender(model, manifest, preset, horizon).serving(DEEP)
    depth = min(DEEPEST, len(model.catalogue))

    def lists(histories: Histories) -> Ints:
        found: list[NDArray[np.int32]] = []
        size = people_at_once(histories.item_count)
        for start in range(0, len(histories), size):
            some = histories.rows(start, min(start + size, len(histories)))
            allowed = np.ones((len(some), some.item_count), np.bool_)
            allowed[some.owners, some.items] = False
            found.append(rank(model, some, depth, served, allowed).items)
        width = max(each.shape[1] for each in found)
        padded = [np.pad(each, ((0, 0), (0, width - each.shape[1])), constant_values=-1) for each in found]
        return np.concatenate(padded)

    return lists
