"""What sets a cluster apart, in words: its name, its items by lift, its terms. Only crowds of ten or more speak."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats, Histories, behaviour_matrix
from recsys_tui.data.text_list import TextList
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.messages import say
from recsys_tui.profiles.content_profiles import ContentProfiles
from recsys_tui.profiles.item_terms import TermKind
from recsys_tui.profiles.taker_shares import ClusterTakers
from recsys_tui.profiles.told_terms import ToldTerms
from recsys_tui.profiles.user_profiles import UserProfiles

TOP_ITEMS = 12
TOP_TERMS = 8
TERMS_IN_NAME = 2
SMALLEST_SHARE = 0.05
NOTABLE_LIFT = 1.15
LIKE_LIFTS = 6  # decimals to which lifts are equal
WEIGHT_IN_NAMES = {TermKind.WORD: 0.25, TermKind.ATTRIBUTE: 0.5, TermKind.NUMBER: 0.0}


@dataclass(frozen=True)
class ClusterDescription:
    """One cluster. ``items`` and ``terms`` are (code or text, lift): its share here over its share among all. It may be
    named after terms whose lifts are not told."""

    name: str
    size: int
    cohesion: float
    items: tuple[tuple[int, float], ...]
    terms: tuple[tuple[str, float], ...]


def by_lift(lifts: NDArray[np.floating[Any]], shares: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
    """Places by lift, the highest first; of those that are equal but for rounding the larger share, then the first."""
    order: NDArray[np.int64] = np.lexsort((-shares, -np.round(lifts, LIKE_LIFTS)))
    return order


def describe_clusters(
    histories: Histories,
    clusters: NDArray[np.int32],
    profiles: UserProfiles,
    content: ContentProfiles,
    titles: TextList,
    gate: CrowdGate,
) -> list[ClusterDescription]:
    """Describe every cluster. Lifts compare shares of people (items) or of actions (terms); what ``gate`` keeps back is
    left out, or its lift is a lower bound (see :class:`~recsys_tui.profiles.taker_shares.ClusterTakers` and
    :class:`~recsys_tui.profiles.told_terms.ToldTerms`).
    """
    behaviour = behaviour_matrix(histories)
    behaviour.data[:] = 1
    vectors = profiles.long_term(histories)
    takers = ClusterTakers(histories, clusters, profiles.cluster_count, gate)
    told_terms = ToldTerms(takers, content)
    term_people, term_share = _term_use(behaviour, content, clusters, profiles.cluster_count)
    whole = term_share.sum(axis=0) / max(1.0, float(term_share.sum()))
    described: list[ClusterDescription] = []
    for cluster in range(profiles.cluster_count):
        members = np.flatnonzero(clusters == cluster)
        told = takers.shares(cluster)
        lifts = np.where(told.share >= SMALLEST_SHARE, told.lift, 0)
        best = [int(item) for item in by_lift(lifts, told.share)[:TOP_ITEMS] if lifts[item] > 1]
        share_of_terms = term_share[cluster] / max(1.0, float(term_share[cluster].sum()))
        others = term_people.sum(axis=0) - term_people[cluster]
        term_lift = np.where(
            (term_people[cluster] >= gate.minimum)
            & ((others == 0) | (others >= gate.minimum))
            & takers.told[cluster]
            & (share_of_terms >= SMALLEST_SHARE / 10),
            share_of_terms / np.maximum(whole, 1e-12),
            0,
        )
        best_terms = _best_terms(term_lift, share_of_terms, content)
        cohesion = float((vectors[members] @ profiles.centres[cluster]).mean()) if len(members) else 0.0
        taken = {entry.name for entry in described}
        words = [(str(content.vocabulary[term]), float(term_lift[term])) for term in best_terms]
        name = _name(cluster, words, [titles[item] for item in best], taken)
        items = tuple((item, float(lifts[item])) for item in best)
        terms = tuple(_told(told_terms, cluster, best_terms))
        described.append(ClusterDescription(name, len(members), cohesion, items, terms))
    return described


def _term_use(
    behaviour: Any, content: ContentProfiles, clusters: NDArray[np.int32], count: int
) -> tuple[Floats, Floats]:
    """People who met each term, and actions on it, by cluster; each has shape (clusters, terms)."""
    from scipy.sparse import csr_matrix

    terms = len(content.vocabulary)
    if not terms:
        return np.zeros((count, 0), np.float32), np.zeros((count, 0), np.float32)
    items = len(content.indptr) - 1
    has = csr_matrix((np.ones(len(content.terms), np.float32), content.terms, content.indptr), shape=(items, terms))
    members = np.flatnonzero(clusters >= 0)
    groups = csr_matrix(
        (np.ones(len(members), np.float32), (clusters[members], members)), shape=(count, behaviour.shape[0])
    )
    actions = np.asarray((groups @ behaviour @ has).todense(), np.float32)
    people = np.zeros((count, terms), np.float32)
    for start in range(0, behaviour.shape[0], 20_000):
        met = behaviour[start : start + 20_000] @ has
        met.data[:] = 1
        people += np.asarray((groups[:, start : start + 20_000] @ met).todense(), np.float32)
    return people, actions


def _told(terms: ToldTerms, cluster: int, best: list[int]) -> Iterator[tuple[str, float]]:
    """Of some terms of a cluster (their numbers) those that may be told beside all other clusters, with their lifts as
    its page has them."""
    _, lift = terms.shares(cluster) if best else (None, np.zeros(0))
    for term in best:
        if lift[term] > 1 and terms.may_be_told(cluster, term) and not terms.is_all(cluster, term):
            yield str(terms.content.vocabulary[term]), float(lift[term])


def _best_terms(lift: Floats, share: Floats, content: ContentProfiles) -> list[int]:
    """The terms (their numbers) that tell most about a cluster: share · log lift, categories, tags and decades before
    the others.

    Buckets of numbers name no taste and are left out.
    """
    if not len(lift):
        return []
    weight = np.array([WEIGHT_IN_NAMES.get(TermKind(kind), 1.0) for kind in content.kinds.tolist()], np.float32)
    told = weight * share * np.log(np.maximum(lift, 1))
    order = np.argsort(-told, kind="stable")[:TOP_TERMS]
    return [int(term) for term in order if told[term] > 0]


def _name(cluster: int, terms: Sequence[tuple[str, float]], titles: list[str | None], taken: set[str]) -> str:
    """A name no other cluster has: notable terms, else the items that stand out, else a number."""
    notable = [term for term, lift in terms if lift >= NOTABLE_LIFT] or [term for term, _ in terms]
    known = [title for title in titles if title]
    for words in (
        notable[:TERMS_IN_NAME],
        notable[: TERMS_IN_NAME + 1],
        notable[: TERMS_IN_NAME + 2],
    ):
        name = " · ".join(words)
        if words and name not in taken:
            return name
    if known:
        name = say("models.cluster_like", title=known[0])
        if name not in taken:
            return name
    return say("models.cluster_number", number=cluster)
