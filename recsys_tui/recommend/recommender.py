"""Answers from a stored model: lists for one person, for someone new, for everyone; histories and clusters."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Histories, Ints
from recsys_tui.models.experts import people_at_once
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.recommend.answers import Cluster, HistoryItem, Recommendations, RecommendedItem
from recsys_tui.recommend.feedback import attribute_note, unknown_attributes, with_attributes, with_feedback
from recsys_tui.recommend.item_selection import ItemSelection, code_of, codes_of, select_items, some_named
from recsys_tui.recommend.list_building import Asked, build_lists
from recsys_tui.recommend.list_options import ListOptions
from recsys_tui.recommend.nearest_ids import SPREADSHEET_ENDING, not_found
from recsys_tui.recommend.ranking import DEEP, resolve_model_name
from recsys_tui.recommend.shown_items import shown_items
from recsys_tui.recommend.shown_people import shown_clustering, shown_clusters, shown_history

if TYPE_CHECKING:
    import polars as pl

MANY_USERS = 50
PLAIN = ListOptions()


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

    def user_code(self, user: str) -> int:
        """Code of a user id. Raises ``UserError`` (exit 3) naming the nearest ids."""
        code = self.model.people.ids.index(user)
        if code is None and user.endswith(SPREADSHEET_ENDING):
            code = self.model.people.ids.index(user.removesuffix(SPREADSHEET_ENDING))
        if code is None:
            known = [text for text in self.model.people.ids.to_list() if text is not None]
            raise not_found("models.no_such_user", user, known)
        return code

    def silent_among(self, users: Sequence[str]) -> set[str]:
        """Those who are described in the file of users, and did nothing."""
        attributes = self.model.attributes
        described = set() if attributes is None else set(users) & set(attributes.silent.to_list())
        return {user for user in described if user is not None and self.model.people.ids.index(user) is None}

    def _user_codes(self, users: Sequence[str]) -> NDArray[Any]:
        """Codes of many ids, shape (users,): one pass over all ids costs as much as looking for a few dozen."""
        if len(users) < MANY_USERS:
            return np.array([self.user_code(user) for user in users], int)
        known = {text: code for code, text in enumerate(self.model.people.ids.to_list())}
        return np.array([known[user] if user in known else self.user_code(user) for user in users], int)

    def item_code(self, item: str) -> int:
        """Code of an item id. Raises ``UserError`` (exit 3) naming the nearest ids."""
        return code_of(self.model.catalogue.ids, item)

    def select(self, options: ListOptions) -> ItemSelection:
        """Which items the options let in. Raises ``UserError`` as :func:`select_items` does."""
        return select_items(self.model.catalogue, self.model.people.histories.item_counts, options)

    def recommend(
        self,
        user: str,
        k: int = 10,
        model: str = DEEP,
        like: Sequence[str] = (),
        dislike: Sequence[str] = (),
        explain: bool = False,
        options: ListOptions = PLAIN,
    ) -> Recommendations:
        """One person's list of ``k`` items; likes join the history as its newest actions, dislikes leave it
        and pull down what is like them.

        What somebody took back is never in their list.

        Raises ``UserError``: exit 3 for an unknown user or item, exit 2 for an unknown model or for a condition that
        this data cannot answer.
        """
        attributes = None if self.model.attributes is None else self.model.attributes.of_silent(user)
        if attributes is not None and self.model.people.ids.index(user) is None:
            nobody = Histories.of_one([], self.model.people.histories.item_count)
            return self._answer(user, None, nobody, k, model, like, dislike, explain, options, attributes)
        code = self.user_code(user)
        history = self.model.people.histories.rows(code, code + 1)
        return self._answer(user, code, history, k, model, like, dislike, explain, options)

    def recommend_for_new(
        self,
        like: Sequence[str],
        dislike: Sequence[str] = (),
        k: int = 10,
        model: str = DEEP,
        explain: bool = False,
        options: ListOptions = PLAIN,
        attributes: Mapping[str, str] | None = None,
    ) -> Recommendations:
        """A list for someone who is not in the data, from what they like now.

        Without likes: what is popular among people with the same ``attributes`` (such as ``{"gender": "F"}``), or
        among all. Raises ``UserError`` (exit 2) for an attribute that this data does not have.
        """
        nobody = Histories.of_one([], self.model.people.histories.item_count)
        given = attributes or {}
        codes = self._attribute_codes(given)
        answer = self._answer(None, None, nobody, k, model, like, dislike, explain, options, codes)
        told = [] if codes is None else unknown_attributes(self.model.attributes, given, codes)
        return replace(answer, note=" ".join(part for part in (answer.note, *told) if part) or None)

    def _attribute_codes(self, attributes: Mapping[str, str]) -> Ints | None:
        if not attributes:
            return None
        known = self.model.attributes
        fields = [] if known is None else [str(name) for name in known.fields.to_list()]
        for name in attributes:
            if name not in fields:
                raise UserError("models.no_such_attribute", name=name, names=", ".join(fields) or say("models.none"))
        return None if known is None else known.codes(attributes)

    def _answer(
        self,
        user: str | None,
        code: int | None,
        history: Histories,
        k: int,
        model: str,
        like: Sequence[str],
        dislike: Sequence[str],
        explain: bool,
        options: ListOptions,
        attributes: Ints | None = None,
    ) -> Recommendations:
        start = time.perf_counter()
        name = resolve_model_name(model)
        liked = codes_of(self.model.catalogue.ids, like).tolist()
        disliked = codes_of(self.model.catalogue.ids, dislike).tolist()
        selection = self.select(options)
        known = history.items
        history = with_feedback(history, liked, disliked)
        asked = Asked(history, np.array([] if code is None else [code], int), [known], disliked)
        served, note = self._served(name, history)
        self._warm_up()
        answering = self.model
        if not len(history.items) and attributes is not None and (attributes >= 0).any():
            answering = with_attributes(answering, attributes)
            note = attribute_note(answering.attributes, attributes)
        ranked = build_lists(answering, asked, k, served, options, selection, explain)
        items = tuple(shown_items(self.model, self.manifest, ranked, code, history))
        cluster = self._cluster(history)
        return Recommendations(
            user=user,
            model=served,
            preset=self.preset,
            horizon=self.horizon,
            cluster=cluster,
            cluster_name=None if cluster is None else str(self.manifest["clusters"][cluster]["name"]),
            items=items,
            milliseconds=(time.perf_counter() - start) * 1000,
            note=self._notes(note, items, k, selection),
        )

    def _warm_up(self) -> None:
        """From the second answer on, keep what makes answers fast; a process that answers once pays nothing for it."""
        self._answers += 1
        if self._answers == 2:
            self.model = replace(self.model, experts=self.model.experts.warmed())

    def _notes(
        self, served: str | None, items: Sequence[RecommendedItem], k: int, selection: ItemSelection
    ) -> str | None:
        """Everything there is to say about a list: why it is empty, else who ranked it; what was passed over."""
        notes = [served] if items else [selection.why_nothing]
        pinned = {entry.item for entry in items if entry.pinned}
        wanted = [str(self.model.catalogue.ids[int(code)]) for code in selection.pins[:k]]
        left_out = [item for item in wanted if item not in pinned]
        if left_out:
            notes.append(say("models.pins_left_out", items=some_named(left_out)))
        return " ".join(note for note in (*notes, *selection.notes) if note) or None

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

    def _cluster(self, history: Histories) -> int | None:
        cluster = int(self.model.experts.profiles.cluster_of(history)[0])
        return cluster if cluster >= 0 else None

    def recommend_all(
        self,
        k: int,
        model: str = DEEP,
        users: Sequence[str] | None = None,
        options: ListOptions = PLAIN,
        progress: Callable[[float], None] | None = None,
    ) -> pl.DataFrame:
        """Lists for everyone, or for the named users in their order: columns user, item, rank (from 1), score.

        Raises ``UserError`` as :meth:`recommend` does.
        """
        import polars as pl

        name = resolve_model_name(model)
        people = self.model.people
        if users is not None and (silent := self.silent_among(users)):
            acted = self.recommend_all(k, model, [user for user in users if user not in silent], options, progress)
            parts = [acted, *(self._list_of_silent(user, k, model, options, acted) for user in sorted(silent))]
            place = {user: place for place, user in enumerate(dict.fromkeys(users))}
            order = pl.col("user").replace_strict(place, return_dtype=pl.UInt32)
            return pl.concat(parts).sort(order, maintain_order=True)
        codes = np.arange(len(people.histories)) if users is None else self._user_codes(users)
        selection = self.select(options)
        ids = np.array(people.ids.to_list(), dtype=object)
        items = np.array(self.model.catalogue.ids.to_list(), dtype=object)
        widened = replace(self.model, experts=self.model.experts.for_many())
        size = people_at_once(people.histories.item_count)
        frames = []
        for start in range(0, len(codes), size):
            chosen = codes[start : start + size]
            batch = people.histories.prefixes(chosen, people.histories.lengths[chosen])
            served, _ = self._served(name, batch)
            asked = Asked(batch, chosen, [batch.items_of(row) for row in range(len(batch))])
            ranked = build_lists(widened, asked, k, served, options, selection)
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

    def _list_of_silent(self, user: str, k: int, model: str, options: ListOptions, like: pl.DataFrame) -> pl.DataFrame:
        """The list of somebody who did nothing, in the columns of ``like``."""
        answer = self.recommend(user, k, model, options=options)
        rows = [(user, entry.item, entry.rank, entry.score) for entry in answer.items]
        return type(like)(rows, schema=like.schema, orient="row")

    def history(self, user: str, limit: int | None = None) -> tuple[HistoryItem, ...]:
        """What a person took, newest first, each item once."""
        return shown_history(self.model, self.user_code(user), limit)

    def clusters(self) -> tuple[Cluster, ...]:
        """All clusters, by id."""
        return shown_clusters(self.model.catalogue, self.manifest)

    def clustering(self) -> dict[str, float | None]:
        """How good the clusters are as a whole: ``silhouette``, ``stability`` when other people are drawn, and
        ``start_stability`` when the search starts elsewhere; None where an older model does not say."""
        return shown_clustering(self.manifest)

    def cluster_of(self, user: str) -> Cluster:
        """The cluster of a person in the data."""
        return self.clusters()[int(self.model.people.clusters[self.user_code(user)])]
