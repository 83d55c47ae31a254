"""Answers from a stored model: lists for one person, for someone new, for everyone; histories and clusters."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Flags, Histories, Ints
from recsys_tui.models.experts import people_at_once
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.recommend.again import AGAIN, NOVELTY, TakenBefore, interleave, taken_before
from recsys_tui.recommend.answers import Cluster, HistoryItem, Reason, Recommendations, RecommendedItem
from recsys_tui.recommend.nearest_ids import not_found
from recsys_tui.recommend.ranking import DEEP, MODEL_NAMES, Ranked, rank, resolve_model_name

if TYPE_CHECKING:
    import polars as pl

REPEATS = ("auto", "never", "allow")
LIKE_WEIGHT = 1.5
MANY_USERS = 50


class Recommender:
    """One trained model, ready to answer. Reads memory-mapped arrays; imports neither torch nor scikit-learn."""

    def __init__(self, model: TrainedModel, manifest: Mapping[str, Any], preset: str, horizon: str) -> None:
        self.model = model
        self.manifest = manifest
        self.preset = preset
        self.horizon = horizon
        self._answers = 0

    @property
    def validation(self) -> dict[str, float]:
        """NDCG@10, hit rate@10 and capped recall@20 on held-out lists at training."""
        return dict(self.manifest["validation"])

    @property
    def stages(self) -> list[dict[str, Any]]:
        """The stages of the training, with their seconds."""
        return list(self.manifest["stages"])

    def model_names(self) -> tuple[str, ...]:
        """What can be asked to rank: the deep model and each of its parts."""
        return MODEL_NAMES

    def user_code(self, user: str) -> int:
        """Code of a user id. Raises ``UserError`` (exit 3) naming the nearest ids."""
        code = self.model.people.ids.index(user)
        if code is None and user.endswith(".0"):
            code = self.model.people.ids.index(user[:-2])
        if code is None:
            known = [text for text in self.model.people.ids.to_list() if text is not None]
            raise not_found("models.no_such_user", user, known)
        return code

    def _user_codes(self, users: Sequence[str]) -> NDArray[Any]:
        """Codes of many ids, shape (users,): one pass over all ids costs as much as looking for a few dozen."""
        if len(users) < MANY_USERS:
            return np.array([self.user_code(user) for user in users], int)
        known = {text: code for code, text in enumerate(self.model.people.ids.to_list())}
        return np.array([known[user] if user in known else self.user_code(user) for user in users], int)

    def item_code(self, item: str) -> int:
        """Code of an item id. Raises ``UserError`` (exit 3) naming the nearest ids."""
        code = self.model.catalogue.ids.index(item)
        if code is None:
            known = [text for text in self.model.catalogue.ids.to_list() if text is not None]
            raise not_found("models.no_such_item", item, known)
        return code

    def recommend(
        self,
        user: str,
        k: int = 10,
        model: str = DEEP,
        like: Sequence[str] = (),
        dislike: Sequence[str] = (),
        repeat: str = "auto",
        explain: bool = False,
        products_only: bool = False,
    ) -> Recommendations:
        """One person's list of ``k`` items; likes join the history as its newest actions, dislikes leave it.

        ``repeat``: ``auto`` shows what somebody has taken before where people do take things again, ``never`` leaves
        it out, ``allow`` lets it in everywhere. ``products_only`` keeps out postage, manual entries and the like.
        What somebody took back is never in their list.

        Raises ``UserError``: exit 3 for an unknown user or item, exit 2 for an unknown model.
        """
        code = self.user_code(user)
        history = self.model.people.histories.rows(code, code + 1)
        return self._answer(user, code, history, k, model, like, dislike, repeat, explain, products_only)

    def recommend_for_new(
        self,
        like: Sequence[str],
        dislike: Sequence[str] = (),
        k: int = 10,
        model: str = DEEP,
        explain: bool = False,
        products_only: bool = False,
    ) -> Recommendations:
        """A list for someone who is not in the data, from what they like now. Without likes: the popular list."""
        nobody = Histories.of_one([], self.model.people.histories.item_count)
        return self._answer(None, None, nobody, k, model, like, dislike, "never", explain, products_only)

    def _answer(
        self,
        user: str | None,
        code: int | None,
        history: Histories,
        k: int,
        model: str,
        like: Sequence[str],
        dislike: Sequence[str],
        repeat: str,
        explain: bool,
        products_only: bool,
    ) -> Recommendations:
        start = time.perf_counter()
        name = resolve_model_name(model)
        liked = [self.item_code(item) for item in like]
        disliked = [self.item_code(item) for item in dislike]
        known = history.items
        history = with_feedback(history, liked, disliked)
        may_repeat = self._may_repeat(repeat)
        codes = np.array([] if code is None else [code], int)
        allowed = self._allowed(history, codes, products_only)
        allowed[:, disliked] = False
        again = self._taken_before(codes, [known], allowed) if may_repeat else []
        if repeat != "allow" or may_repeat:
            allowed[history.owners, history.items] = False
        served, note = self._served(name, history)
        if not allowed.any() and not any(len(some.items) for some in again):
            note = say("models.nothing_left")
        self._warm_up()
        ranked = rank(self.model, history, k, served, allowed, with_components=explain)
        if again and len(again[0].items):
            ranked = interleave(ranked, again, k)
        cluster = self._cluster(history)
        return Recommendations(
            user=user,
            model=served,
            preset=self.preset,
            horizon=self.horizon,
            cluster=cluster,
            cluster_name=None if cluster is None else str(self.manifest["clusters"][cluster]["name"]),
            items=tuple(self._items(ranked, code, history)),
            milliseconds=(time.perf_counter() - start) * 1000,
            note=note,
        )

    def _warm_up(self) -> None:
        """From the second answer on, keep what makes answers fast; a process that answers once pays nothing for it."""
        self._answers += 1
        if self._answers == 2:
            self.model = replace(self.model, experts=self.model.experts.warmed())

    def _served(self, name: str, history: Histories) -> tuple[str, str | None]:
        """The model that really answers, and a sentence where it is not the one that was asked for."""
        if not len(history.items):
            return "popular", say("models.popular_list")
        return self.serving(name)

    def serving(self, model: str = DEEP) -> tuple[str, str | None]:
        """The model that ranks for people with a history where ``model`` is asked for, and a sentence if it is another.

        Raises ``UserError`` (exit 2) for an unknown model.
        """
        name = resolve_model_name(model)
        if name == "encoder" and self.model.experts.encoder is None:
            raise UserError("models.no_encoder", ExitCode.USAGE, preset=self.preset, horizon=self.horizon)
        best = str(self.manifest["served"])
        if name == DEEP and best != DEEP:
            return best, say("models.part_serves", part=best)
        return name, None

    def _may_repeat(self, repeat: str) -> bool:
        """Whether lists mix what is new with what somebody has taken before, each by its chance."""
        if repeat not in REPEATS:
            raise UserError("models.unknown_repeat", ExitCode.USAGE, value=repeat)
        return repeat != "never" and self.model.people.repeats is not None

    def _allowed(self, histories: Histories, codes: NDArray[Any], products_only: bool) -> Flags:
        """What may be in the lists of the people ``codes`` (empty for someone new), seen or not, (people, items)."""
        allowed = np.ones((len(histories), histories.item_count), np.bool_)
        if products_only and self.model.catalogue.products is not None:
            allowed &= self.model.catalogue.products
        if len(codes):
            self.model.people.ruled_out(codes, allowed)
        return allowed

    def _taken_before(self, codes: NDArray[Any], known: Sequence[Ints], allowed: Flags) -> list[TakenBefore]:
        people = self.model.people
        if people.repeats is None:
            return []
        return [
            taken_before(people.repeats, items, int(code), int(people.histories.indptr[code]), allowed[row])
            for row, (code, items) in enumerate(zip(codes, known, strict=True))
        ]

    def _items(self, ranked: Ranked, code: int | None, history: Histories) -> Iterator[RecommendedItem]:
        catalogue = self.model.catalogue
        absent = {"friends": not history.peers, "encoder": self.model.experts.encoder is None}
        kinds = {kind: part for kind, part in ranked.components.items() if not absent.get(kind)}
        for place, item in enumerate(ranked.items[0].tolist()):
            if item < 0:
                break
            again = AGAIN in kinds and kinds[AGAIN][0, place] != 0
            reasons = [
                Reason(kind, self._reason(kind, code, item), float(part[0, place]))
                for kind, part in kinds.items()
                if (kind == AGAIN) == again
            ]
            # What only sets the scale of a list comes last, however large it is.
            reasons.sort(key=lambda reason: (reason.kind == NOVELTY, -abs(reason.contribution)))
            yield RecommendedItem(
                rank=place + 1,
                item=str(catalogue.ids[item]),
                title=catalogue.titles[item],
                categories=catalogue.categories_of(item),
                score=float(ranked.scores[0, place]),
                probability=float(ranked.probabilities[0, place]),
                reasons=tuple(reasons),
            )

    def _reason(self, kind: str, person: int | None, item: int) -> str:
        repeats = self.model.people.repeats
        if kind != AGAIN or person is None or repeats is None:
            return say(f"models.component_{kind}")
        histories = self.model.people.histories
        place = int(histories.indptr[person]) + int(np.flatnonzero(histories.items_of(person) == item)[0])
        times, last = int(repeats.times[place]), int(repeats.last[place])
        if self.manifest.get("time_kind") == "time":
            return say("models.again_on", times=times, day=datetime.fromtimestamp(last / 1000, UTC).date().isoformat())
        return say("models.again", times=times)

    def _cluster(self, history: Histories) -> int | None:
        cluster = int(self.model.experts.profiles.cluster_of(history)[0])
        return cluster if cluster >= 0 else None

    def recommend_all(
        self,
        k: int,
        model: str = DEEP,
        repeat: str = "auto",
        users: Sequence[str] | None = None,
        progress: Callable[[float], None] | None = None,
        products_only: bool = False,
    ) -> pl.DataFrame:
        """Lists for everyone, or for the named users in their order: columns user, item, rank (from 1), score."""
        import polars as pl

        name = resolve_model_name(model)
        people = self.model.people
        codes = np.arange(len(people.histories)) if users is None else self._user_codes(users)
        ids = np.array(people.ids.to_list(), dtype=object)
        items = np.array(self.model.catalogue.ids.to_list(), dtype=object)
        widened = replace(self.model, experts=self.model.experts.for_many())
        size = people_at_once(people.histories.item_count)
        may_repeat = self._may_repeat(repeat)
        frames = []
        for start in range(0, len(codes), size):
            chosen = codes[start : start + size]
            batch = people.histories.prefixes(chosen, people.histories.lengths[chosen])
            served, _ = self._served(name, batch)
            allowed = self._allowed(batch, chosen, products_only)
            known = [batch.items_of(row) for row in range(len(batch))]
            again = self._taken_before(chosen, known, allowed) if may_repeat else []
            if repeat != "allow" or may_repeat:
                allowed[batch.owners, batch.items] = False
            ranked = rank(widened, batch, k, served, allowed)
            if again:
                ranked = interleave(ranked, again, k)
            rows, places = np.nonzero(ranked.items >= 0)
            frames.append(
                pl.DataFrame(
                    {
                        "user": pl.Series(ids[chosen[rows]].tolist(), dtype=pl.String),
                        "item": pl.Series(items[ranked.items[rows, places]].tolist(), dtype=pl.String),
                        "rank": pl.Series(places + 1, dtype=pl.UInt32),
                        "score": pl.Series(ranked.scores[rows, places], dtype=pl.Float32),
                    }
                )
            )
            if progress is not None:
                progress((start + len(chosen)) / len(codes))
        schema = {"user": pl.String, "item": pl.String, "rank": pl.UInt32, "score": pl.Float32}
        return pl.concat(frames) if frames else pl.DataFrame(schema=schema)

    def history(self, user: str, limit: int | None = None) -> tuple[HistoryItem, ...]:
        """What a person took, newest first, each item once."""
        code = self.user_code(user)
        histories = self.model.people.histories
        first, last = int(histories.indptr[code]), int(histories.indptr[code + 1])
        places = range(last - 1, first - 1, -1)[:limit]
        return tuple(self._history_item(place) for place in places)

    def _history_item(self, place: int) -> HistoryItem:
        histories = self.model.people.histories
        code = int(histories.items[place])
        rating = float("nan") if histories.ratings is None else float(histories.ratings[place])
        return HistoryItem(
            item=str(self.model.catalogue.ids[code]),
            title=self.model.catalogue.titles[code],
            categories=self.model.catalogue.categories_of(code),
            rating=None if np.isnan(rating) else rating,
            time=None if histories.times is None else int(histories.times[place]),
        )

    def clusters(self) -> tuple[Cluster, ...]:
        """All clusters, by id."""
        catalogue = self.model.catalogue
        return tuple(
            Cluster(
                id=number,
                name=str(entry["name"]),
                size=int(entry["size"]),
                cohesion=float(entry["cohesion"]),
                top_items=tuple(
                    (str(catalogue.ids[int(i)]), catalogue.titles[int(i)], lift) for i, lift in entry["items"]
                ),
                top_terms=tuple((str(term), float(lift)) for term, lift in entry["terms"]),
                silhouette=entry.get("silhouette"),
                stability=entry.get("stability"),
            )
            for number, entry in enumerate(self.manifest["clusters"])
        )

    def clustering(self) -> dict[str, float | None]:
        """How good the clusters are as a whole: ``silhouette``, ``stability`` when other people are drawn, and
        ``start_stability`` when the search starts elsewhere; None where an older model does not say."""
        said = self.manifest.get("clustering", {})
        return {name: said.get(name) for name in ("silhouette", "stability", "start_stability")}

    def cluster_of(self, user: str) -> Cluster:
        """The cluster of a person in the data."""
        return self.clusters()[int(self.model.people.clusters[self.user_code(user)])]


def with_feedback(history: Histories, liked: Sequence[int], disliked: Sequence[int]) -> Histories:
    """One person's history with likes as newest actions (an item already there moves up) and without dislikes."""
    if not liked and not disliked:
        return history
    liked = list(dict.fromkeys(liked))  # saying it twice is saying it once
    keep = ~np.isin(history.items, [*liked, *disliked])
    items = np.concatenate([history.items[keep], np.array(liked, np.int32)]).astype(np.int32)
    weights = np.concatenate([history.weights[keep], np.full(len(liked), LIKE_WEIGHT, np.float32)])
    return replace(Histories.of_one(items, history.item_count, weights), peers=history.peers)
