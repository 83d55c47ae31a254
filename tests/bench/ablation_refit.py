"""What the variants of one dataset, protocol and seed share, and the fusion fitted again for each of them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.dataset import Dataset
from recsys_tui.data.histories import Floats, Ints
from recsys_tui.models.candidate_lists import CandidateLists
from recsys_tui.models.context import context_sources, feature_sources, item_features, with_peaks
from recsys_tui.models.devices import choose_device, use_one_thread
from recsys_tui.models.fusion_training import fit_fusion
from recsys_tui.models.interaction import sample_pairs
from recsys_tui.models.signal_names import INPUT_SIGNALS, signals_for
from recsys_tui.training.job import TrainingRequest
from recsys_tui.training.pipeline import HeldBack, train
from recsys_tui.training.presets import PRESETS
from tests.bench.ablation_places import Trial, judge
from tests.bench.ablation_signals import DEPTH, Moments, Pool, draw_pool, fit_drawers, lists_of_parts, without_stand_ins
from tests.bench.ablation_variants import ONLY, Variant, variants

TRAINING = "training"
_PLAIN = ("targets", "people", "validation", "folds", "features_then", "features_now")


@dataclass(frozen=True)
class Shared:
    """Signals and candidates of one trained model: of its training lists, and of every question of the test.

    ``features_then`` and ``features_now``: item features of the experts that saw the older part, and of those fitted
    on everything. ``folds`` (lists,): as in :class:`HeldOut`. ``blends``: variant → weights. ``about``: what
    is told of the whole.
    """

    request: TrainingRequest
    pools: Mapping[str, Pool]
    blends: Mapping[str, Floats]
    targets: NDArray[np.int64]
    people: NDArray[np.int64]
    validation: NDArray[np.bool_]
    folds: NDArray[np.int64]
    features_then: Floats
    features_now: Floats
    about: dict[str, Any]

    @property
    def variants(self) -> list[Variant]:
        """The variants that differ from the full model on this data."""
        return [variant for variant in variants() if variant.key in self.blends]

    def refit(self, variant: Variant, test: Trial) -> tuple[dict[str, NDArray[np.float64]], dict[str, Any]]:
        """Fit the fusion without a part; returns NDCG@10 of each person at each place, and what is told of it."""
        preset, horizon = PRESETS[self.request.preset], self.request.horizon
        pool = self._pool(TRAINING, variant)
        items, z = pool.candidates(variant, horizon)
        lists = CandidateLists(
            z,
            items,
            (items[:, :, None] == self.targets[:, None, :]).any(axis=2) & (items >= 0),
            (self.targets >= 0).sum(axis=1),
            with_peaks(variant.masked(pool.context, tuple(self.about["context"])), z, horizon),
            self.validation,
            {},
            self.people,
            self.folds,
        )
        then, now = (
            variant.masked(features, tuple(self.about["features"]))
            for features in (self.features_then, self.features_now)
        )
        fusion, report = fit_fusion(
            lists,
            then,
            self.blends[variant.key],
            horizon=horizon,
            epochs=preset.epochs,
            seed=self.request.seed,
            device=choose_device(self.request.device),
            report=lambda _share, _metrics: None,
            stopped=lambda: False,
        )
        shown: dict[str, Ints] = {}
        for name in test.questions:
            asked = self._pool(name, variant)
            codes, z = asked.candidates(variant, horizon)
            context = with_peaks(variant.masked(asked.context, tuple(self.about["context"])), z, horizon)
            scores = np.concatenate(
                [
                    fusion.score(z[rows], context[rows], now[np.maximum(codes[rows], 0)])
                    for rows in (slice(start, start + 512) for start in range(0, len(codes), 512))
                ]
            )
            order = np.argsort(-np.where(codes >= 0, scores, -np.inf), axis=1, kind="stable")[:, :DEPTH]
            shown[name] = np.take_along_axis(codes, order, axis=1)
        validation = report.metrics["ndcg@10"]
        return judge(shown, test), {"validation": validation, "kept_epoch": report.kept_epoch}

    def _pool(self, name: str, variant: Variant) -> Pool:
        """The pool of a question that a variant drew from."""
        of_question = (pool for key, pool in self.pools.items() if key.split(" ")[0] == name)
        return next(pool for pool in of_question if variant.key in pool.places)

    def save(self, folder: Path) -> None:
        """Keep it in a folder of its own; whole only when ``about.json`` is there."""
        shutil.rmtree(folder, ignore_errors=True)
        for name, pool in self.pools.items():
            pool.save(folder / name)
        blends = {f"blend-{key}": blend for key, blend in self.blends.items()}
        np.savez(folder / "plain.npz", **{name: getattr(self, name) for name in _PLAIN}, **blends)
        (folder / "about.json").write_text(json.dumps(self.about), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, request: TrainingRequest, code: str) -> Shared | None:
        """Read what :meth:`save` wrote; None where there is nothing, or only a part, or another state of the code's."""
        if not (folder / "about.json").exists():
            return None
        about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
        if about["code"] != code:
            return None
        pools = {path.name: Pool.load(path) for path in folder.iterdir() if path.is_dir()}
        with np.load(folder / "plain.npz") as stored:
            plain = {name: stored[name] for name in _PLAIN}
            blends = {name.removeprefix("blend-"): stored[name] for name in stored.files if name.startswith("blend-")}
        return cls(request, pools, blends, about=about, **plain)


def train_shared(
    dataset: Dataset, test: Trial, request: TrainingRequest, code: str
) -> tuple[Shared, dict[str, dict[str, NDArray[np.float64]]]]:
    """Train the model once, and draw the candidates of all variants; ``dataset`` is the training part.

    Also returns what every signal alone ranks: its name → NDCG@10 of each person at each place.
    """
    use_one_thread()
    caught: list[HeldBack] = []
    model, manifest = train(dataset, request, lambda _event: None, lambda: False, caught.append)
    held = caught[0]
    preset, horizon = PRESETS[request.preset], request.horizon
    wanted = [variant for variant in variants() if _applies(variant, held, horizon)]
    then, now = held.experts, model.experts.for_many()
    # What content lends to items that nobody has taken goes out with it.
    lent = [variant for variant in wanted if variant.key == "content" and then.cold is not None]
    pools: dict[str, Pool] = {}
    blends: dict[str, Floats] = {}
    for drawing in ([variant for variant in wanted if variant not in lent], lent):
        if not drawing:
            continue
        of, before, after = "", then, now
        own = held
        if drawing is lent:
            of, before, after = " content", without_stand_ins(then), without_stand_ins(now)
            pairs = sample_pairs(before, held.held_out, preset.pairs, request.seed)
            own = replace(held, experts=before, pairs=pairs)
        drawers = fit_drawers(own, drawing, horizon, preset.blend_lists, request.seed)
        moments = Moments(held.held_out.lists)
        pools[TRAINING + of] = draw_pool(before, drawers, moments, horizon, preset.candidates)
        moved = [drawer.moved(before, after) for drawer in drawers]
        for name, question in test.questions.items():
            pools[name + of] = draw_pool(after, moved, question.moments, horizon, preset.candidates)
        blends |= {drawer.variant.key: drawer.blend for drawer in drawers}
    alone: dict[str, dict[str, Ints]] = {}
    for name, question in test.questions.items():
        for signal, lists in lists_of_parts(now, model.interaction, question.moments).items():
            alone.setdefault(signal, {})[name] = lists
    about = {
        "code": code,
        "served": manifest["served"],
        "validation": manifest["validation"],
        "context": context_sources(then.profiles, then.content),
        "features": feature_sources(then.profiles, then.content),
    }
    shared = Shared(
        request,
        pools,
        blends,
        held.held_out.targets,
        held.held_out.people,
        held.held_out.validation,
        np.where(held.held_out.validation, 0, -1) if held.held_out.folds is None else held.held_out.folds,
        item_features(then.profiles, then.content, then.popular.strength),
        model.item_features,
        about,
    )
    return shared, {
        f"{ONLY}{name}": judge(lists, test) for name, lists in alone.items() if len(lists) == len(test.questions)
    }


def _applies(variant: Variant, held: HeldBack, horizon: str) -> bool:
    """Whether a variant is another model than the full one: something that it takes out is there and is read."""
    if not variant.signals:
        return True
    people = held.held_out.lists.rows(0, min(256, len(held.held_out.lists)))
    read = variant.signals & {*INPUT_SIGNALS, *signals_for(horizon)}
    return any(name == "interaction" or np.ptp(held.experts.score(name, people)) > 0 for name in read)
