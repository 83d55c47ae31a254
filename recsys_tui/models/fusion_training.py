"""Training of the fusion: a convex start, then listwise epochs, of which the best on people left out is kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Flags, Floats, Longs
from recsys_tui.models.candidate_lists import CandidateLists, ndcg_of_hits
from recsys_tui.models.fusion import Fusion
from recsys_tui.models.fusion_network import build_network, listwise_loss
from recsys_tui.models.list_judging import LISTED, hit_metrics, ranked_hits
from recsys_tui.models.optimisers import build_optimiser

if TYPE_CHECKING:
    import torch

WEIGHT_DECAY = 1e-2
# What people take over weeks is learned from few lists, and from a time that is not the one to come.
PEAK_RATE = {"next": 3e-3, "later": 1e-3}
# The part of the score that is no sum over signals: over weeks it did not carry into the time to come.
WITH_INTERPLAY = ("next",)
LISTS_PER_BATCH = 128
INPUTS = ("z", "who", "what", "places")
MOST_START_LISTS = 3_000
WEIGHT_PENALTY = 1e-3


@dataclass(frozen=True)
class FusionReport:
    """What happened: mean loss and validation NDCG@10 after each epoch, and the epoch that was kept (from 1).

    ``metrics`` and ``gains`` (NDCG@10 of each validation list): of the kept epoch, for people it did not learn from.
    """

    losses: tuple[float, ...]
    ndcg: tuple[float, ...]
    kept_epoch: int
    metrics: dict[str, float] = field(default_factory=dict, compare=False)
    gains: Floats = field(default_factory=lambda: np.zeros(0, np.float32), compare=False)


def fit_blend(samples: Floats) -> Floats:
    """Weights (signals,) of the cheap blend: softmax regression of the target (first) among uniformly drawn items.

    ``samples`` has shape (lists, 1 + drawn, signals). The minimum of the cross-entropy plus 0.001 ‖w‖², by L-BFGS-B;
    equal weights without any list.
    """
    import torch

    if not len(samples):
        return _equal(samples.shape[2])
    z, target = torch.from_numpy(np.ascontiguousarray(samples)), torch.zeros(len(samples), dtype=torch.long)
    return _least(lambda weights: torch.nn.functional.cross_entropy(z @ weights, target), samples.shape[2], None)


def fit_start(lists: CandidateLists) -> Floats:
    """Weights (signals,) ≥ 0 of the candidates' signals: the minimum of the listwise loss plus 0.001 ‖w‖², by L-BFGS-B.

    The blend was learned against items drawn uniformly; these are told apart from the best others. No weight is below
    0 (stacked regressions, Breiman 1996): one part used to correct another fits the time it was learned in, and fails
    in the next. At most 3,000 lists are asked, spread evenly.
    """
    import torch

    if len(lists.z) > MOST_START_LISTS:
        chosen = np.zeros(len(lists.z), np.bool_)
        chosen[np.linspace(0, len(lists.z) - 1, MOST_START_LISTS).astype(np.int64)] = True
        lists = lists.select(chosen)
    z, taken = torch.from_numpy(lists.z), torch.from_numpy(lists.taken.astype(np.float32))
    there = torch.from_numpy(lists.items >= 0)
    return _least(lambda weights: listwise_loss(z @ weights, taken, there), lists.z.shape[2], 0)


def _least(loss_of: Callable[[torch.Tensor], torch.Tensor], signals: int, lowest: float | None) -> Floats:
    """The weights (signals,), none below ``lowest``, with the least loss plus 0.001 ‖w‖², from equal ones."""
    import torch
    from scipy.optimize import minimize

    def loss_and_slope(values: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = torch.tensor(values, dtype=torch.float32, requires_grad=True)
        loss = loss_of(weights) + WEIGHT_PENALTY * weights.square().sum()
        (slope,) = torch.autograd.grad(loss, weights)
        return float(loss.detach()), slope.numpy().astype(np.float64)

    bounds = [(lowest, None)] * signals
    found = minimize(loss_and_slope, _equal(signals), jac=True, method="L-BFGS-B", bounds=bounds)
    result: Floats = found.x.astype(np.float32)
    return result


def _equal(signals: int) -> Floats:
    return np.full(signals, 1 / signals, np.float32)


class _Course:
    """One network on its way through the epochs. Lists in which nothing was taken teach nothing and are left out."""

    def __init__(
        self,
        lists: CandidateLists,
        item_features: Floats,
        blend: Floats,
        horizon: str,
        epochs: int,
        seed: int,
        device: torch.device,
    ) -> None:
        import torch

        torch.manual_seed(seed)
        self._lists = lists.select(np.asarray(lists.taken.any(axis=1), np.bool_))
        self._features = item_features
        self._blend = blend
        self._horizon = horizon
        self._device = device
        self._random = np.random.default_rng(seed)
        start = fit_start(self._lists) if self else blend
        mean = self._lists.context.mean(axis=0) if self else np.zeros(lists.context.shape[1], np.float32)
        self._network = build_network(item_features.shape[1], start, mean).to(device)
        if horizon not in WITH_INTERPLAY:
            self._network.get_parameter("hidden_out").requires_grad_(False)
        rate = PEAK_RATE[horizon]
        learned = [parameter for parameter in self._network.parameters() if parameter.requires_grad]
        self._optimiser = build_optimiser("AdamW", learned, lr=rate, weight_decay=WEIGHT_DECAY)
        steps = max(2, epochs * self.batches)
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(self._optimiser, rate, total_steps=steps)

    def __len__(self) -> int:
        return len(self._lists.z)

    @property
    def batches(self) -> int:
        """How many there are in an epoch."""
        return max(1, -(-len(self._lists.z) // LISTS_PER_BATCH))

    def snapshot(self) -> Fusion:
        """The fusion as it is now."""
        arrays = {name: tensor.detach().cpu().numpy().copy() for name, tensor in self._network.state_dict().items()}
        width = self._lists.items.shape[1]
        return Fusion(horizon=self._horizon, candidates=width, blend=self._blend, **arrays)

    def epoch(self, tell: Callable[[float, float], bool]) -> float:
        """Every list once; gives the mean loss. ``tell`` gets the share done and that loss, and says whether to end."""
        import torch

        self._network.train()
        total, judged = 0.0, 0
        order = self._random.permutation(len(self._lists.z))
        for number, start in enumerate(range(0, len(order), LISTS_PER_BATCH)):
            rows = order[start : start + LISTS_PER_BATCH]
            tensors = _on_device(self._lists, self._features, rows, self._device)
            self._optimiser.zero_grad()
            scores = self._network(*(tensors[name] for name in INPUTS))
            loss = listwise_loss(scores, tensors["taken"], tensors["there"])
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(self._network.parameters(), 1.0)
            self._optimiser.step()
            self._schedule.step()
            with torch.no_grad():
                self._network.get_parameter("gate_weights").clamp_(min=0)
            total, judged = total + float(loss.detach()) * len(rows), judged + len(rows)
            if tell((number + 1) / self.batches, total / judged):
                break
        return total / max(1, judged)


def fit_fusion(
    lists: CandidateLists,
    item_features: Floats,
    blend: Floats,
    *,
    horizon: str,
    epochs: int,
    seed: int,
    device: torch.device,
    report: Callable[[float, dict[str, float]], None],
    stopped: Callable[[], bool],
) -> tuple[Fusion, FusionReport]:
    """Train on the lists whose target is among the candidates; keep the epoch that ranks people left out best.

    Epoch 0, the convex start, competes too. Where the lists name folds, every fold of the people is left out in turn,
    all of them are judged together, and a last network learns from everybody for as many epochs as were best. Else
    the validation people are left out once and for all. ``stopped`` is asked at every batch: if it says yes, the best
    so far is kept. ``report`` gets the share done and loss and NDCG@10 on validation lists (a target that is not among
    the candidates counts as a miss), and while it learns ``lists/s``.
    """

    def course(learnt: Flags) -> _Course:
        return _Course(lists.select(learnt), item_features, blend, horizon, epochs, seed, device)

    apart = folds_of(lists)
    folds = np.unique(apart[lists.validation & (apart >= 0)])
    courses = [course(apart != fold) for fold in folds] or [course(apart < 0)]
    judged = [lists.select(lists.validation & (apart == fold)) for fold in folds]
    order = np.argsort(np.argsort(apart[lists.validation], kind="stable"))
    wanted = lists.wanted[lists.validation]
    parts = len(courses) + (len(courses) > 1)

    def hits_now() -> Flags:
        found = [ranked_hits(one.snapshot(), some, item_features) for one, some in zip(courses, judged, strict=False)]
        return np.concatenate(found)[order] if found else np.zeros((0, LISTED), np.bool_)

    best, hits, kept = courses[0].snapshot(), hits_now(), 0
    losses: list[float] = []
    curve: list[float] = []
    start = time.perf_counter()
    for epoch in range(epochs):
        if not all(courses) or stopped():
            break
        told = []
        for place, one in enumerate(courses):

            def tell(share: float, loss: float, before: int = epoch * len(courses) + place, epoch: int = epoch) -> bool:
                if stopped():
                    return True
                epochs_done = (before + share) / len(courses)
                speed = epochs_done * sum(map(len, courses)) / (time.perf_counter() - start)
                report((before + share) / (epochs * parts), {"epoch": epoch + 1, "loss": loss, "lists/s": speed})
                return False

            told.append(one.epoch(tell))
        losses.append(float(np.mean(told)))
        figures = {"epoch": epoch + 1, "loss": losses[-1]}
        now = hits_now()
        if len(wanted):
            curve.append(ndcg_of_hits(now, wanted))
            figures["ndcg@10"] = curve[-1]
            if curve[-1] > ndcg_of_hits(hits, wanted):
                best, hits, kept = courses[0].snapshot(), now, epoch + 1
        share = (epoch + 1) * len(courses) / (epochs * parts)
        report(share, figures)
    if len(courses) > 1 and not stopped():
        everybody = course(np.ones(len(lists.z), np.bool_))
        best = _from_everybody(everybody, kept, len(courses) / parts, report, stopped) or best
    gains = np.array(
        [ndcg_of_hits(one[None], many) for one, many in zip(hits, wanted[:, None], strict=True)], np.float32
    )
    return best, FusionReport(tuple(losses), tuple(curve), kept, hit_metrics(hits, wanted), gains)


def _from_everybody(
    course: _Course,
    epochs: int,
    done: float,
    report: Callable[[float, dict[str, float]], None],
    stopped: Callable[[], bool],
) -> Fusion | None:
    """The fusion after so many epochs of everybody's lists; None where it was stopped on the way."""
    for epoch in range(epochs):

        def tell(share: float, loss: float, epoch: int = epoch) -> bool:
            if stopped():
                return True
            report(done + (1 - done) * (epoch + share) / epochs, {"loss": loss})
            return False

        course.epoch(tell)
        if stopped():
            return None
    report(1.0, {})
    return course.snapshot()


def folds_of(lists: CandidateLists) -> Longs:
    """For each list the fold its person is left out with, or -1: never, shape (lists,)."""
    if lists.folds is not None:
        return lists.folds
    return np.where(lists.validation, 0, -1)


def _on_device(lists: CandidateLists, features: Floats, rows: Any, device: torch.device) -> dict[str, torch.Tensor]:
    import torch

    items = lists.items[rows]
    distinct, places = np.unique(np.maximum(items, 0), return_inverse=True)
    arrays = {
        "z": lists.z[rows],
        "who": lists.context[rows],
        "what": features[distinct],
        "places": places.reshape(items.shape),
        "taken": lists.taken[rows].astype(np.float32),
        "there": items >= 0,
    }
    return {name: torch.from_numpy(np.ascontiguousarray(array)).to(device) for name, array in arrays.items()}
