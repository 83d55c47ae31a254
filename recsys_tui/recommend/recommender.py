"""Answers from a stored model: lists for one person, for someone new, for everyone; histories and clusters."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from recsys_tui.data.histories import Flags, Histories
from recsys_tui.models.experts import people_at_once
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.recommend.answers import Cluster, HistoryItem, Reason, Recommendations, RecommendedItem
from recsys_tui.recommend.nearest_ids import nearest_ids
from recsys_tui.recommend.ranking import DEEP, MODEL_NAMES, Ranked, rank, resolve_model_name

if TYPE_CHECKING:
    import polars as pl

REPEATS = ("auto", "never", "allow")
LIKE_WEIGHT = 1.5


class Recommender:
    """One trained model, ready to answer. Reads memory-mapped arrays; imports neither torch nor scikit-learn."""

    def __init__(self, model: TrainedModel, manifest: Mapping[str, Any], preset: str, horizon: str) -> None:
        self.model = model
        self.manifest = manifest
        self.preset = preset
        self.horizon = horizon

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
            raise _not_found("models.no_such_user", user, known)
        return code

    def item_code(self, item: str) -> int:
        """Code of an item id. Raises ``UserError`` (exit 3) naming the nearest ids."""
        code = self.model.catalogue.ids.index(item)
        if code is None:
            known = [text for text in self.model.catalogue.ids.to_list() if text is not None]
            raise _not_found("models.no_such_item", item, known)
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
    ) -> Recommendations:
        """One person's list of ``k`` items; likes join the history as its newest actions, dislikes leave it.

        Raises ``UserError``: exit 3 for an unknown user or item, exit 2 for an unknown model.
        """
        code = self.user_code(user)
        return self._answer(
            user, self.model.people.histories.rows(code, code + 1), k, model, like, dislike, repeat, explain
        )

    def recommend_for_new(
        self,
        like: Sequence[str],
        dislike: Sequence[str] = (),
        k: int = 10,
        model: str = DEEP,
        explain: bool = False,
    ) -> Recommendations:
        """A list for someone who is not in the data, from what they like now. Without likes: the popular list."""
        nobody = Histories.of_one([], self.model.people.histories.item_count)
        return self._answer(None, nobody, k, model, like, dislike, "never", explain)

    def _answer(
        self,
        user: str | None,
        history: Histories,
        k: int,
        model: str,
        like: Sequence[str],
        dislike: Sequence[str],
        repeat: str,
        explain: bool,
    ) -> Recommendations:
        start = time.perf_counter()
        name = resolve_model_name(model)
        liked = [self.item_code(item) for item in like]
        disliked = [self.item_code(item) for item in dislike]
        history = with_feedback(history, liked, disliked)
        allowed = self._allowed(history, repeat)
        allowed[:, disliked] = False
        served, note = self._served(name, history)
        ranked = rank(self.model, history, k, served, allowed, with_components=explain)
        cluster = self._cluster(history)
        return Recommendations(
            user=user,
            model=served,
            preset=self.preset,
            horizon=self.horizon,
            cluster=cluster,
            cluster_name=None if cluster is None else str(self.manifest["clusters"][cluster]["name"]),
            items=tuple(self._items(ranked)),
            milliseconds=(time.perf_counter() - start) * 1000,
            note=note,
        )

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
        best = str(self.manifest["served"])
        if name == DEEP and best != DEEP:
            return best, say("models.part_serves", part=best)
        return name, None

    def _allowed(self, histories: Histories, repeat: str) -> Flags:
        if repeat not in REPEATS:
            raise UserError("models.unknown_repeat", ExitCode.USAGE, value=repeat)
        allowed = np.ones((len(histories), histories.item_count), np.bool_)
        if repeat != "allow":
            allowed[histories.owners, histories.items] = False
        return allowed

    def _items(self, ranked: Ranked) -> Iterator[RecommendedItem]:
        catalogue = self.model.catalogue
        for place, code in enumerate(ranked.items[0].tolist()):
            if code < 0:
                break
            reasons = [
                Reason(kind, say(f"models.component_{kind}"), float(part[0, place]))
                for kind, part in ranked.components.items()
            ]
            reasons.sort(key=lambda reason: -abs(reason.contribution))
            yield RecommendedItem(
                rank=place + 1,
                item=str(catalogue.ids[code]),
                title=catalogue.titles[code],
                categories=catalogue.categories_of(code),
                score=float(ranked.scores[0, place]),
                probability=float(ranked.probabilities[0, place]),
                reasons=tuple(reasons),
            )

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
    ) -> pl.DataFrame:
        """Lists for everyone, or for the named users in their order: columns user, item, rank (from 1), score."""
        import polars as pl

        name = resolve_model_name(model)
        people = self.model.people
        codes = np.arange(len(people.histories)) if users is None else np.array([self.user_code(u) for u in users], int)
        ids = np.array(people.ids.to_list(), dtype=object)
        items = np.array(self.model.catalogue.ids.to_list(), dtype=object)
        widened = replace(self.model, experts=self.model.experts.for_many())
        size = people_at_once(people.histories.item_count)
        frames = []
        for start in range(0, len(codes), size):
            chosen = codes[start : start + size]
            batch = people.histories.prefixes(chosen, people.histories.lengths[chosen])
            served, _ = self._served(name, batch)
            ranked = rank(widened, batch, k, served, self._allowed(batch, repeat))
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
        histories, ratings = self.model.people.histories, self.model.people.ratings
        code = int(histories.items[place])
        rating = float(ratings[place]) if len(ratings) else float("nan")
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
            )
            for number, entry in enumerate(self.manifest["clusters"])
        )

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
    return Histories.of_one(items, history.item_count, weights)


def _not_found(message_id: str, wanted: str, known: Sequence[str]) -> UserError:
    near = nearest_ids(wanted, known)
    nearest = say("models.nearest", ids=", ".join(near)) if near else ""
    return UserError(message_id, ExitCode.NOT_FOUND, id=wanted, nearest=nearest)
