"""Candidates of held-out lists, with their signals: what the deep model is trained and chosen on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from recsys_tui.data.histories import Flags, Floats, Histories, Ints, Longs
from recsys_tui.data.weighted_rows import strongest
from recsys_tui.models.context import context_of, with_peaks
from recsys_tui.models.experts import Experts, people_at_once
from recsys_tui.models.held_out import HeldOut
from recsys_tui.models.interaction import InteractionModel
from recsys_tui.models.item_pools import places_in
from recsys_tui.models.signal_names import SIGNALS, signals_for
from recsys_tui.models.signals import SignalStack, signals_to_rank, standardise_where

UNIFORM_NEGATIVES = 200


@dataclass(frozen=True)
class CandidateLists:
    """``z`` (lists, candidates, signals) standardised over the candidates, ``items`` (lists, candidates) their codes,
    ``taken`` (lists, candidates) which of them were taken, ``wanted`` (lists,) how many there were to find,
    ``context`` (lists, features) with the peaks of the signals, ``validation`` (lists,) and ``people`` (lists,).
    ``part_ndcg``: NDCG@10 of each signal alone, ranking the whole catalogue of the validation lists, empty without any;
    ``part_gains`` (validation lists, signals): the same for each list. ``folds`` (lists,) as in :class:`HeldOut`.
    """

    z: Floats
    items: Ints
    taken: Flags
    wanted: Longs
    context: Floats
    validation: Flags
    part_ndcg: dict[str, float]
    people: Longs
    folds: Longs | None = None
    part_gains: Floats | None = None

    def select(self, mask: Flags) -> CandidateLists:
        """The lists that ``mask`` marks."""
        return CandidateLists(
            self.z[mask],
            self.items[mask],
            self.taken[mask],
            self.wanted[mask],
            self.context[mask],
            self.validation[mask],
            self.part_ndcg,
            self.people[mask],
            None if self.folds is None else self.folds[mask],
        )


def blend_samples(
    experts: Experts, interaction: InteractionModel, held_out: HeldOut, horizon: str, most_lists: int, seed: int
) -> Floats:
    """Signals of one target (first) and of 200 uniformly drawn items, shape (lists, 201, signals).

    Standardised over the person's whole catalogue, or over their pool where the catalogue is too large (lists whose
    target is not in it are left out): from these the blend that draws candidates is learned.
    """
    random = np.random.default_rng(seed)
    training = np.flatnonzero(~held_out.apart)
    chosen = np.sort(random.permutation(training)[:most_lists])
    lists = held_out.lists
    names = signals_for(horizon)
    blocks = []
    size = people_at_once(lists.item_count)
    for start in range(0, len(chosen), size):
        rows = chosen[start : start + size]
        batch = lists.prefixes(rows, lists.lengths[rows])
        stack = signals_to_rank(experts, interaction, batch, untaken(batch))
        z = stack.standardised(names)
        targets, shape = held_out.targets[rows, 0], (len(rows), UNIFORM_NEGATIVES)
        if stack.items is None:
            drawn = random.integers(0, lists.item_count, shape)
        else:
            targets = places_in(stack.items, targets)
            drawn = np.floor(random.random(shape) * (stack.items >= 0).sum(axis=1)[:, None]).astype(np.int64)
        drawn = np.concatenate([targets[:, None], drawn], axis=1)
        found = np.flatnonzero(targets >= 0)
        blocks.append(np.moveaxis(z[:, found[:, None], drawn[found]], 0, -1))
    return np.concatenate(blocks) if blocks else np.zeros((0, 1 + UNIFORM_NEGATIVES, len(names)), np.float32)


def candidate_lists(
    experts: Experts,
    interaction: InteractionModel,
    held_out: HeldOut,
    horizon: str,
    blend: Floats,
    candidates: int,
    report: Callable[[float], None],
) -> CandidateLists:
    """Draw the candidates of every held-out list. A missing target is never put in: such lists only count against."""
    lists = held_out.lists
    names = signals_for(horizon)
    popularity = np.asarray(experts.popular.strength, np.float32)
    width = int(min(candidates, lists.item_count))
    z_all = np.empty((len(lists), width, len(names)), np.float32)
    items_all = np.empty((len(lists), width), np.int32)
    gains: list[list[float]] = []
    # Nobody's context first: it gives the width where there are no lists.
    contexts = [context_of(lists.rows(0, 0), experts.profiles, experts.content, popularity)]
    size = people_at_once(lists.item_count)
    for start in range(0, len(lists), size):
        stop = min(start + size, len(lists))
        batch = lists.rows(start, stop)
        unseen = untaken(batch)
        stack = signals_to_rank(experts, interaction, batch, unseen)
        places, z_all[start:stop] = draw_candidates(stack, names, blend, width, unseen)
        items_all[start:stop] = stack.codes(places)
        open_to = stack.allowed_places(unseen)
        contexts.append(context_of(batch, experts.profiles, experts.content, popularity))
        for row in np.flatnonzero(held_out.validation[start:stop]):
            targets = held_out.targets[start + row]
            targets = targets[targets >= 0]
            codes = None if stack.items is None else stack.items[row]
            gains.append([0.0] * len(SIGNALS))
            for signal, values in enumerate(stack.values[:, row]):
                # A signal that says the same of every item ranks nothing: its list would be that of the ids.
                if np.ptp(values if stack.there is None else values[stack.there[row]]) > 0:
                    gains[-1][signal] = ndcg_of_scores(values, open_to[row], targets, codes)
        report(stop / len(lists))
    taken = np.zeros(items_all.shape, np.bool_)
    for number, targets in enumerate(held_out.targets):
        taken[number] = np.isin(items_all[number], targets[targets >= 0])
    alone = np.array(gains, np.float32).reshape(-1, len(SIGNALS))
    return CandidateLists(
        z_all,
        items_all,
        taken,
        (held_out.targets >= 0).sum(axis=1),
        with_peaks(np.concatenate(contexts), z_all, horizon),
        held_out.validation,
        dict(zip(SIGNALS, alone.mean(axis=0).tolist(), strict=True)) if len(alone) else {},
        held_out.people,
        held_out.folds,
        alone,
    )


def untaken(histories: Histories) -> Flags:
    """What each person has not taken yet, shape (people, items)."""
    free = np.ones((len(histories), histories.item_count), np.bool_)
    free[histories.owners, histories.items] = False
    return free


def draw_candidates(
    stack: SignalStack, names: tuple[str, ...], blend: Floats, width: int, allowed: Flags
) -> tuple[Ints, Floats]:
    """The ``width`` best allowed items of the blend and their signals, standardised over them.

    ``allowed``: (people, items). Returns places in the stack (people, width), best blend first, and z (people, width,
    signals). A person with fewer such items gets -1 at the end, z 0.
    """
    places = best_allowed(blend_scores(stack, names, blend), width, stack.allowed_places(allowed))
    rows = np.arange(len(places))[:, None]
    raw = np.stack([stack.values[SIGNALS.index(name)][rows, np.maximum(places, 0)] for name in names])
    z = np.moveaxis(standardise_where(raw, places >= 0), 0, -1)
    return places, np.ascontiguousarray(z)


def best_allowed(blended: Floats, width: int, allowed: Flags) -> Ints:
    """The ``width`` allowed places that the blend puts first, (people, width), best first, -1 at the end."""
    masked = np.where(allowed, blended, -np.inf).astype(np.float32)
    if masked.shape[1] < width:  # a pool may be smaller than a list
        masked = np.pad(masked, ((0, 0), (0, width - masked.shape[1])), constant_values=-np.inf)
    items, scores = strongest(masked, width)
    order = np.argsort(-scores, axis=1, kind="stable")
    there = np.isfinite(np.take_along_axis(scores, order, axis=1))
    result: Ints = np.where(there, np.take_along_axis(items, order, axis=1), -1).astype(np.int32)
    return result


def blend_scores(stack: SignalStack, names: tuple[str, ...], blend: Floats) -> Floats:
    """The cheap blend at all places, shape (people, places): signals standardised over them and weighted."""
    total = np.zeros(stack.values.shape[1:], np.float32)
    for name, weight in zip(names, blend, strict=True):
        total += weight * stack.standardised_one(name)
    return total


def ndcg_of_scores(scores: Floats, allowed: Flags, targets: Longs, codes: Ints | None = None, k: int = 10) -> float:
    """NDCG@k (Järvelin & Kekäläinen 2002, binary gain) of a full ranking of what is ``allowed`` by ``scores``.

    ``codes``: the items that the places of ``scores`` stand for, where they are not the items themselves.
    """
    if len(targets) == 1:
        return _ndcg_of_one(scores, allowed, int(targets[0]), codes, k)
    scores = np.where(allowed, scores, -np.inf).astype(np.float32)
    top, values = strongest(scores[None, :], k)
    ranked = top[0][np.argsort(-values[0], kind="stable")]
    if codes is not None:
        ranked = codes[ranked]
    return ndcg_of_hits(np.isin(ranked, targets)[None, :], np.array([len(targets)]), k)


def _ndcg_of_one(scores: Floats, allowed: Flags, target: int, codes: Ints | None, k: int) -> float:
    """The same for one target, by counting what stands before it: no list need be sorted."""
    places = np.array([target]) if codes is None else np.flatnonzero(codes == target)
    if not len(places) or not allowed[places[0]]:
        return 0.0
    place = places[0]
    before = np.count_nonzero((scores > scores[place]) & allowed)
    before += np.count_nonzero((scores[:place] == scores[place]) & allowed[:place])
    return 1 / float(np.log2(before + 2)) if before < k else 0.0


def ndcg_of_hits(hits: Flags, wanted: Longs, k: int = 10) -> float:
    """Mean NDCG@k of lists given as hits in ranked order, shape (lists, at least k or all); ideal: min(k, wanted)."""
    width = min(k, hits.shape[1])
    discount = 1 / np.log2(np.arange(k) + 2)
    gained = hits[:, :width] @ discount[:width]
    ideal = np.concatenate([[0.0], np.cumsum(discount)])[np.minimum(k, wanted)]
    return float(np.mean(gained / np.maximum(ideal, 1e-12))) if len(hits) else 0.0
