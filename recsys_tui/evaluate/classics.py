"""The classic recommenders by name: how each is fitted, and the settings that are tried for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from recsys_tui.data.dataset import Dataset, TimeKind
from recsys_tui.data.histories import Histories
from recsys_tui.models.catalogue_head import HEAD_BY_PRESET
from recsys_tui.models.contract import Expert

Setting = Mapping[str, Any]
Report = Callable[[float], None]
HEAD = HEAD_BY_PRESET["full"]
EASE_RIDGES = (150.0, 50.0, 400.0, 1_000.0, 3_000.0)
NEIGHBOUR_SETTINGS = ((0.0, 10), (0.0, 5), (0.0, 20), (20.0, 20), (20.0, 100))


@dataclass(frozen=True)
class FitContext:
    """What a fit may use beside the histories: the training data, a seed, a device, and a way to tell how far it is."""

    train: Dataset
    seed: int
    device: str
    report: Report


@dataclass(frozen=True)
class Classic:
    """A classic recommender: ``fit(histories, setting, context)``, and the ``grid`` of settings, best guess first.

    ``needs_ratings``: it foretells ratings, which it must be given, and is tuned by how near it comes to them.
    ``seeded``: another seed gives another model.
    """

    name: str
    fit: Callable[[Histories, Setting, FitContext], Expert]
    grid: tuple[Setting, ...] = ({},)
    needs_ratings: bool = False
    seeded: bool = False


def _popular(histories: Histories, _setting: Setting, _context: FitContext) -> Expert:
    from recsys_tui.models.popularity import Popularity

    return Popularity.fit(histories)


def _recent(histories: Histories, setting: Setting, context: FitContext) -> Expert:
    from recsys_tui.models.popularity import Popularity

    dated = context.train.time_kind is TimeKind.TIME
    return Popularity.fit(histories, "recent", recent=dated, share=setting["share"])


def _neighbours(histories: Histories, setting: Setting, _context: FitContext) -> Expert:
    from recsys_tui.models.neighbours import Neighbours

    return Neighbours.fit(histories, **setting)


def _ease(histories: Histories, setting: Setting, _context: FitContext) -> Expert:
    from recsys_tui.models.ease import Ease

    return Ease.fit(histories, HEAD, setting["ridge"])


def _als(histories: Histories, setting: Setting, context: FitContext) -> Expert:
    from recsys_tui.models.classics.als import Als, AlsSettings

    return Als.fit(histories, settings=AlsSettings(**setting), seed=context.seed)


def _warp(histories: Histories, setting: Setting, context: FitContext) -> Expert:
    from recsys_tui.models.classics.ranked_factors import RankedFactors, RankedSettings

    plain = {name: value for name, value in setting.items() if name != "features"}
    features = _features(context) if setting["features"] else None
    return RankedFactors.fit(histories, features, settings=RankedSettings(**plain), seed=context.seed)


def _features(context: FitContext) -> Any:
    """The items' weighted terms, sparse (items, terms); None where no item has any."""
    from scipy.sparse import csr_matrix

    from recsys_tui.profiles.content_profile_fitting import fit_content_profiles

    content, _ = fit_content_profiles(context.train.items, context.seed)
    if not len(content.terms):
        return None
    shape = (context.train.items.height, len(content.kinds))
    return csr_matrix((content.values, content.terms, content.indptr), shape=shape)


def _mf(histories: Histories, setting: Setting, context: FitContext) -> Expert:
    from recsys_tui.models.classics.biased_factors import BiasedFactors, BiasedSettings

    return BiasedFactors.fit(histories, settings=BiasedSettings(**setting), seed=context.seed)


def _sasrec(histories: Histories, setting: Setting, context: FitContext) -> Expert:
    from recsys_tui.models.encoder.self_attention import AttentionSettings, SelfAttention

    return SelfAttention.fit(
        histories,
        settings=AttentionSettings(**setting),
        seed=context.seed,
        device=context.device,
        report=lambda share, _metrics: context.report(share),
    )


def classics() -> dict[str, Classic]:
    """All classic recommenders, by name, cheapest first."""
    from recsys_tui.models.classics import als, biased_factors, ranked_factors
    from recsys_tui.models.encoder import self_attention

    ranked = [asdict(settings) for settings in ranked_factors.GRID]

    found = (
        Classic("popular", _popular),
        Classic("recent", _recent, tuple({"share": share} for share in (0.03, 0.01, 0.1))),
        Classic("knn", _neighbours, tuple({"shrinkage": s, "width": w} for s, w in NEIGHBOUR_SETTINGS)),
        Classic("ease", _ease, tuple({"ridge": ridge} for ridge in EASE_RIDGES)),
        Classic("als", _als, tuple(asdict(settings) for settings in als.GRID), seeded=True),
        Classic(
            "mf", _mf, tuple(asdict(settings) for settings in biased_factors.GRID), needs_ratings=True, seeded=True
        ),
        Classic(
            "warp",
            _warp,
            tuple({**setting, "features": place == 0} for place, setting in enumerate(ranked)),
            seeded=True,
        ),
        Classic("sasrec", _sasrec, tuple(asdict(settings) for settings in self_attention.GRID), seeded=True),
    )
    return {one.name: one for one in found}


def classics_for(dataset: Dataset) -> tuple[str, ...]:
    """The names of those that some data allows, cheapest first."""
    return tuple(name for name, one in classics().items() if dataset.explicit or not one.needs_ratings)
