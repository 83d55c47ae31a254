"""What is known beforehand of each array of a model: how long it is, of what kind, and what its numbers point to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from recsys_tui.models.interaction import PRODUCTS
from recsys_tui.models.peers import FOLLOWS_BACK, FRIENDS
from recsys_tui.models.signal_names import INPUT_SIGNALS
from recsys_tui.profiles.item_terms import TermKind

Side = str | int | None
ONE_MORE = " + 1"
FLOATS, WHOLE, FLAGS = "f", "iu", "bu"  # kinds of NumPy
ENCODER, NUMBER = "experts.encoder.#", "#"
TEXTS = (
    "people.ids",
    "items.ids",
    "items.titles",
    "items.categories",
    "items.attributes.names",
    "items.attributes.#.vocabulary",
    "attributes.fields",
    "attributes.values",
    "attributes.silent",
    "experts.content.vocabulary",
    "experts.content.numbers.names",
)


MAY_LACK = ("items.titles", "items.categories")


class Rule(NamedTuple):
    """``sides``: how long an array is; what goes by one name is as long everywhere, ``name + 1`` one longer, None any.

    Names that begin with a dot are the group's own: ``.width`` beside ``experts.ease.head`` is ``experts.ease.width``.
    ``codes``: whole numbers from ``least`` on that point into the side of that name. ``rising``: none is below the one
    before, the first is ``least``, the last the length of that side. ``most``: none is above. ``gaps``: not-a-number is
    what is missing. ``endless``: infinite numbers have a meaning.
    """

    sides: tuple[Side, ...]
    kinds: str = FLOATS
    codes: str | None = None
    rising: str | None = None
    least: float | None = None
    most: float | None = None
    gaps: bool = False
    endless: bool = False


def _codes(*sides: Side, into: str = "items", least: int = 0) -> Rule:
    return Rule(sides, WHOLE, codes=into, least=least)


def _rising(rows: str, entries: str, first: int = 0) -> Rule:
    return Rule((rows + ONE_MORE,), WHOLE, rising=entries, least=first)


def _texts(name: str) -> Iterator[tuple[str, Rule]]:
    count = {"people.ids": "people", "items.ids": "items", "items.titles": "items", "items.categories": "items"}
    texts = count.get(name, ".texts")
    yield f"{name}.blob", Rule((".bytes",), "u")
    yield f"{name}.starts", _rising(texts, ".bytes", 1)
    yield f"{name}.present", Rule((texts,), FLAGS, least=0 if name in MAY_LACK else 1)


def _sparse(name: str) -> dict[str, Rule]:
    return {
        f"{name}.indptr": _rising("people", ".entries"),
        f"{name}.items": _codes(".entries"),
        f"{name}.values": Rule((".entries",)),
    }


def _counted(name: str) -> dict[str, Rule]:
    counts = {f"{name}.{of}": Rule(("items",), WHOLE, least=0) for of in ("counts", "ever")}
    exact, recent = Rule(("items",), FLAGS), Rule((1,), FLAGS)
    return counts | {f"{name}.strength": Rule(("items",), least=0), f"{name}.exact": exact, f"{name}.recent": recent}


def _head(name: str) -> dict[str, Rule]:
    size, ridge = Rule((1,), WHOLE, least=0), Rule((1,), least=0)
    coefficients = Rule((".rows", ".head"))
    return {
        f"{name}.head": _codes(".head"),
        f"{name}.coefficients": coefficients,
        f"{name}.items": size,
        f"{name}.ridge": ridge,
    }


_OF_DATA = {
    "history.indptr": _rising("people", "actions"),
    "history.items": _codes("actions"),
    "history.times": Rule(("actions",), WHOLE),
    "history.weights": Rule(("actions",), least=0),
    "history.ratings": Rule(("ratings",), gaps=True),
    **_sparse(f"history.peers.{FRIENDS}"),
    **_sparse(f"history.peers.{FOLLOWS_BACK}"),
    "people.clusters": _codes("people", into="clusters", least=-1),
    **_sparse("people.against"),
    "people.own_items": _codes("people", least=-1),
    "people.repeats.logits": Rule(("actions",)),
    "people.repeats.times": Rule(("actions",), WHOLE),
    "people.repeats.last": Rule(("actions",), WHOLE),
    "people.repeats.fresh": Rule(("people",)),
    "people.repeats.chances": Rule((2, 4)),
    "items.features": Rule(("items", "features")),
    "items.products": Rule(("items",), FLAGS),
    "items.attributes.#.values": Rule(("items",), gaps=True),
    "items.attributes.#.indptr": _rising("items", ".entries"),
    "items.attributes.#.codes": _codes(".entries", into=".vocabulary.texts"),
    "attributes.edges": Rule(("attributes.fields.texts", None), gaps=True),
    "attributes.lifts": Rule(("attributes.values.texts", "items")),
    "attributes.share": Rule(("items",), least=0),
    "attributes.people": Rule((1,), WHOLE, least=0),
    "attributes.silent_codes": _codes(
        "attributes.silent.texts", "attributes.fields.texts", into="attributes.values.texts", least=-1
    ),
}
_OF_EXPERTS = {
    "experts.content.indptr": _rising("items", ".entries"),
    "experts.content.terms": _codes(".entries", into=".vocabulary.texts"),
    "experts.content.values": Rule((".entries",)),
    "experts.content.kinds": Rule((".vocabulary.texts",), WHOLE, least=0, most=max(TermKind)),
    "experts.content.dense": Rule(("items", "dense")),
    "experts.content.numbers.middles": Rule((".names.texts", None), gaps=True),
    "experts.content.vectors.rows": Rule(("items", ".reduced")),
    "experts.content.vectors.mean": Rule((".given",)),
    "experts.content.vectors.spread": Rule((".given",)),
    "experts.content.vectors.axes": Rule((".given", ".reduced")),
    "experts.content.vectors.share": Rule((1,), least=0),
    "experts.neighbours.partners": _codes("items", ".width"),
    "experts.neighbours.values": Rule(("items", ".width")),
    "experts.transitions.partners": _codes("items", ".width"),
    "experts.transitions.values": Rule(("items", ".width")),
    **_head("experts.ease"),
    **_head("experts.sequence"),
    **_counted("experts.popular"),
    **_counted("experts.recent"),
    "experts.profiles.item_map": Rule(("items", "places")),
    "experts.profiles.item_places": Rule(("items", "places")),
    "experts.profiles.centres": Rule(("clusters", "places")),
    "experts.profiles.affinity": Rule(("clusters", "items")),
    "experts.profiles.prior": Rule(("places",)),
    "experts.cold.items": _codes(".new"),
    "experts.cold.nearest": _codes(".new", ".width"),
    "experts.cold.shares": Rule((".new", ".width")),
}
OF_ENCODER = {
    "item_vectors": Rule(("items", ".width")),
    "known": Rule(("items",), FLAGS),
    "lag_bias": Rule((".blocks", ".heads", None)),
    "attention_in": Rule((".blocks", ".width", ".inputs")),
    "attention_in_bias": Rule((".blocks", ".inputs")),
    "attention_out": Rule((".blocks", ".width", ".width")),
    "attention_out_bias": Rule((".blocks", ".width")),
    "widen": Rule((".blocks", ".width", ".wide")),
    "widen_bias": Rule((".blocks", ".wide")),
    "narrow": Rule((".blocks", ".wide", ".width")),
    "narrow_bias": Rule((".blocks", ".width")),
    "norm_scale": Rule((".norms", ".width")),
    "norm_shift": Rule((".norms", ".width")),
}
_OF_STAGES = {
    "interaction.mean": Rule((len(INPUT_SIGNALS),)),
    "interaction.spread": Rule((len(INPUT_SIGNALS),), least=1e-30),
    "interaction.weights": Rule((2 * len(INPUT_SIGNALS) + len(PRODUCTS),)),
    "interaction.bias": Rule((1,)),
    "interaction.calibration": Rule((4,)),
    "fusion.gate_weights": Rule(("signals",)),
    "fusion.gate_context": Rule(("context", "signals")),
    "fusion.hidden_signals": Rule(("signals", ".hidden")),
    "fusion.hidden_context": Rule(("context", ".hidden")),
    "fusion.hidden_bias": Rule((".hidden",)),
    "fusion.hidden_out": Rule((".hidden",)),
    "fusion.match_context": Rule(("context", ".rank")),
    "fusion.match_item": Rule(("features", ".rank")),
    "fusion.context_mean": Rule(("context",)),
    "fusion.blend": Rule(("signals",)),
    "fusion.horizon": Rule((1,), FLAGS),
    "fusion.candidates": Rule((1,), WHOLE, least=1),
    "ratings.items": Rule(("items", None)),
    "ratings.numbers": Rule((5,)),
}
# Other models, under the names that they have in A/B tests.
_OF_CLASSICS = {
    "als.item_factors": Rule(("items", ".width")),
    "als.gram": Rule((".width", ".width")),
    "als.settings": Rule((2,), least=0),
    "mf.items": Rule(("items", None)),
    "mf.numbers": Rule((5,)),
    "warp.vectors": Rule(("items", None)),
    "warp.biases": Rule(("items",)),
    "warp.memory": Rule((1,), endless=True),
}
RULES = {
    **_OF_DATA,
    **_OF_EXPERTS,
    **{f"{ENCODER}.{name}": rule for name, rule in OF_ENCODER.items()},
    **_OF_STAGES,
    **_OF_CLASSICS,
    **{f"sasrec.{name}": rule for name, rule in OF_ENCODER.items()},
    **{name: rule for texts in TEXTS for name, rule in _texts(texts)},
}


def rule_of(name: str) -> Rule | None:
    """What is known of the array of that name; None where nothing is."""
    return RULES.get(".".join(NUMBER if part.isdecimal() else part for part in name.split(".")))
