"""Answers from a stored model: lists for one person, for someone new, for everyone; histories and clusters."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Histories, Ints
from recsys_tui.data.tagged_texts import TaggedTexts
from recsys_tui.models.contract import Expert
from recsys_tui.models.deep_candidates import DEEP
from recsys_tui.models.signal_names import COMPONENT_OF, PRIVATE_SIGNALS
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.recommend.again import with_probabilities
from recsys_tui.recommend.answers import Cluster, HistoryItem, Recommendations, RecommendedItem
from recsys_tui.recommend.everyone import lists_for
from recsys_tui.recommend.expert_ranking import ranking_by
from recsys_tui.recommend.feedback import attribute_note, attribute_notes, with_attributes, with_feedback
from recsys_tui.recommend.given_values import check_opinions
from recsys_tui.recommend.item_selection import ItemSelection, code_of, codes_of, select_items, some_named
from recsys_tui.recommend.list_building import Asked, build_lists
from recsys_tui.recommend.list_options import PLAIN, ListOptions
from recsys_tui.recommend.nearest_ids import SPREADSHEET_ENDING, not_found
from recsys_tui.recommend.ranking import Ranking, rank, resolve_model_name
from recsys_tui.recommend.shown_items import shown_items
from recsys_tui.recommend.shown_people import shown_clustering, shown_clusters, shown_history
from recsys_tui.store.verdicts import NO_FEEDBACK, Verdicts

if TYPE_CHECKING:
    import polars as pl

MANY_USERS = 50
POPULAR = "popular"
BAND_PEOPLE = 6
LINK_PARTS = tuple(name for name, component in COMPONENT_OF.items() if component == "friends")
CONTENT_PARTS = tuple(name for name, component in COMPONENT_OF.items() if component == "content")


@dataclass(frozen=True)
class Question:
    """Whom a list is for, and what ranks it, since ``started`` (perf_counter).

    ``model`` is that of the person (of their attributes, where nothing else is known), ``code`` theirs or None,
    ``served`` the model or part that really ranks; ``note`` says why it is another than was asked for.
    """

    model: TrainedModel
    code: int | None
    asked: Asked
    served: str
    options: ListOptions
    selection: ItemSelection
    note: str | None
    started: float


class Recommender:
    """One trained model, ready to answer. Reads memory-mapped arrays; imports neither torch nor scikit-learn."""

    def __init__(self, model: TrainedModel, manifest: Mapping[str, Any], preset: str, horizon: str) -> None:
        self.model = model
        self.manifest = manifest
        self.preset = preset
        self.horizon = horizon
        self.names: Mapping[int, str] = {}
        self._bands: dict[tuple[str, int], float] = {}
        self._answers = 0
        self._warm = False

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
        code = self._found_user(user)
        if code is None:
            known = [text for text in self.model.people.ids.to_list() if text is not None]
            raise not_found("models.no_such_user", user, known)
        return code

    def _found_user(self, user: str) -> int | None:
        code = self.model.people.ids.index(user)
        if code is None and user.endswith(SPREADSHEET_ENDING):
            code = self.model.people.ids.index(user.removesuffix(SPREADSHEET_ENDING))
        return code

    def user_id(self, user: str) -> str:
        """By what a user is known here: what was written, or the number before a spreadsheet's ``.0``; under
        pseudonyms their tag."""
        code = self._found_user(user)
        return self.user_names([user])[0] if code is None else str(self.model.people.ids[code])

    @property
    def is_tagged(self) -> bool:
        """Whether people are known by tags here."""
        return isinstance(self.model.people.ids, TaggedTexts)

    def user_names(self, users: Sequence[str]) -> list[str]:
        """The same of many, as they were written; under pseudonyms the tags of those whom the data knows by an id."""
        attributes = self.model.attributes
        for ids in (self.model.people.ids, None if attributes is None else attributes.silent):
            if isinstance(ids, TaggedTexts):
                users = ids.tagged(users)
        return list(users)

    def item_names(self, items: Sequence[str]) -> list[str]:
        """By what items are known here: as they were written; under pseudonyms, where items are people, their tags."""
        ids = self.model.catalogue.ids
        return ids.tagged(items) if isinstance(ids, TaggedTexts) and items else list(items)

    def silent_among(self, users: Sequence[str]) -> set[str]:
        """Those who are described in the file of users, and did nothing."""
        attributes, ids = self.model.attributes, self.model.people.ids
        described = set() if attributes is None else set(users) & set(attributes.silent.to_list())
        acting = set(ids.to_list()) if len(described) >= MANY_USERS else {
            user for user in described if user is not None and ids.index(user) is not None
        }  # fmt: skip
        return {user for user in described if user is not None and user not in acting}

    def silent_people(self) -> list[str]:
        """Everybody who is described in the file of users and did nothing, in its order."""
        attributes = self.model.attributes
        if attributes is None or not len(attributes.silent):
            return []
        acting = set(self.model.people.ids.to_list())
        return [user for user in dict.fromkeys(attributes.silent.to_list()) if user is not None and user not in acting]

    def user_codes(self, users: Sequence[str]) -> NDArray[Any]:
        """Codes of many ids, shape (users,): one pass over all ids costs as much as looking for a few dozen."""
        if len(users) < MANY_USERS:
            return np.array([self.user_code(user) for user in users], int)
        known = {text: code for code, text in enumerate(self.model.people.ids.to_list())}
        return np.array([known[user] if user in known else self.user_code(user) for user in users], int)

    def item_code(self, item: str) -> int:
        """Code of an item id. Raises ``UserError`` (exit 3) naming the nearest ids."""
        return code_of(self.model.catalogue.ids, item)

    def titles(self, items: Sequence[str]) -> dict[str, str | None]:
        """Titles by id; None for items that have none, or that the model does not know."""
        catalogue = self.model.catalogue
        codes = {item: catalogue.ids.index(item) for item in dict.fromkeys(items)}
        return {item: None if code is None else catalogue.titles[code] for item, code in codes.items()}

    def select(self, options: ListOptions) -> ItemSelection:
        """Which items the options let in. Raises ``UserError`` as :func:`select_items` does."""
        return select_items(self.model.catalogue, lambda: self.model.experts.popular.told_counts(CrowdGate()), options)

    def recommend(
        self,
        user: str,
        k: int = 10,
        model: str = DEEP,
        like: Sequence[str] = (),
        dislike: Sequence[str] = (),
        explain: bool = False,
        options: ListOptions = PLAIN,
        expert: Expert | None = None,
    ) -> Recommendations:
        """One person's list of ``k`` items; likes join the history as its newest actions, dislikes leave it
        and pull down what is like them.

        What somebody took back is never in their list. ``expert``: what ranks instead of the model, and is then called
        ``model``.

        Raises ``UserError``: exit 3 for an unknown user or item, exit 2 for an unknown model or for a condition that
        this data cannot answer.
        """
        if expert is None:
            return self._answer(user, self.question(user, model, like, dislike, options), k, explain)
        question = self.question(user, POPULAR, like, dislike, options)
        if not len(question.asked.histories.items):
            return self._answer(user, question, k, explain)
        return self._answer(user, replace(question, served=model), k, False, ranking_by(expert))

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
        among all; likes say more than attributes, which then do not count, and the note says so. Raises ``UserError``
        (exit 2) for an attribute that this data does not have.
        """
        nobody = Histories.of_one([], self.model.people.histories.item_count)
        given = attributes or {}
        codes = self._attribute_codes(given)
        question = self._question(None, nobody, model, like, dislike, options, codes)
        answer = self._answer(None, question, k, explain)
        told = [] if codes is None else attribute_notes(self.model.attributes, given, codes, answer.history > 0)
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
        self, user: str | None, question: Question, k: int, explain: bool, ranking: Ranking = rank
    ) -> Recommendations:
        asked, selection = question.asked, question.selection
        ranked = build_lists(question.model, asked, k, question.served, question.options, selection, explain, ranking)
        ranked = with_probabilities(question.model, asked.histories, ranked)
        items = tuple(shown_items(self.model, self.manifest, ranked, question.code, asked.histories))
        cluster, served = self._cluster(asked.histories), question.served
        return Recommendations(
            user=user,
            model=served,
            preset=self.preset,
            horizon=self.horizon,
            cluster=cluster,
            cluster_name=None if cluster is None else self.cluster_name(cluster),
            items=items,
            milliseconds=(time.perf_counter() - question.started) * 1000,
            note=self._notes(question.note, items, k, selection),
            history=len(asked.histories.items),
        )

    def question(
        self,
        user: str | None,
        model: str = DEEP,
        like: Sequence[str] = (),
        dislike: Sequence[str] = (),
        options: ListOptions = PLAIN,
    ) -> Question:
        """What has to be known to answer for a person, or someone new (``user`` None). Raises as :meth:`recommend`."""
        nobody = Histories.of_one([], self.model.people.histories.item_count)
        if user is None:
            return self._question(None, nobody, model, like, dislike, options, None)
        attributes = None if self.model.attributes is None else self.model.attributes.of_silent(user)
        if attributes is not None and self.model.people.ids.index(user) is None:
            return self._question(None, nobody, model, like, dislike, options, attributes)
        code = self.user_code(user)
        history = self.model.people.histories.rows(code, code + 1)
        return self._question(code, history, model, like, dislike, options, None)

    def _question(
        self,
        code: int | None,
        history: Histories,
        model: str,
        like: Sequence[str],
        dislike: Sequence[str],
        options: ListOptions,
        attributes: Ints | None,
    ) -> Question:
        start = time.perf_counter()
        name = resolve_model_name(model)
        check_opinions(like, dislike)
        liked = codes_of(self.model.catalogue.ids, like).tolist()
        disliked = codes_of(self.model.catalogue.ids, dislike).tolist()
        selection = self.select(options)
        known = history.items
        history = with_feedback(history, liked, disliked)
        asked = Asked(history, np.array([] if code is None else [code], int), [known], disliked)
        served, note = self.served(name, history)
        self._warm_up()
        answering = self.model
        if not len(history.items) and attributes is not None and (attributes >= 0).any():
            answering = with_attributes(answering, attributes)
            note = attribute_note(answering.attributes, attributes)
        return Question(answering, code, asked, served, options, selection, note, start)

    def _warm_up(self) -> None:
        """From the second answer on, keep what makes answers fast; a process that answers once pays nothing for it."""
        self._answers += 1
        if self._answers == 2:
            self.warm()

    def warm(self) -> None:
        """Prepare what makes further answers fast: where somebody will ask again, before they do."""
        if not self._warm:
            self.model = replace(self.model, experts=self.model.experts.warmed())
            self._warm = True

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

    def served(self, name: str, history: Histories) -> tuple[str, str | None]:
        """The model that really answers, and a sentence where it is not the one that was asked for."""
        if not len(history.items):
            return POPULAR, say("models.popular_list")
        served, note = self.serving(name)
        if served in LINK_PARTS and len(history) == 1 and not len(history.peer_rows(served).items):
            note = say("models.nobody_linked", name=served)
        return served, note

    def serving(self, model: str = DEEP) -> tuple[str, str | None]:
        """The model that ranks for people with a history where ``model`` is asked for, and a sentence if it is another.

        Raises ``UserError`` (exit 2) for an unknown model, and for a part that has nothing to go by in this data.
        """
        name = resolve_model_name(model)
        if name == "encoder" and self.model.experts.encoder is None:
            raise UserError("models.no_encoder", ExitCode.USAGE, preset=self.preset, horizon=self.horizon)
        if "privacy" in self.manifest and name not in (DEEP, *PRIVATE_SIGNALS):
            raise UserError("private.no_such_part", name=name, names=", ".join((DEEP, *PRIVATE_SIGNALS)))
        if name in LINK_PARTS and name not in self.model.people.histories.peers:
            raise UserError("models.no_links", ExitCode.USAGE, name=name)
        if name in CONTENT_PARTS and self.model.experts.content.is_empty:
            raise UserError("models.no_texts", ExitCode.USAGE, name=name)
        best = str(self.manifest["served"])
        if name == DEEP and best != DEEP:
            return best, say("models.part_serves", part=best)
        return name, None

    def removal_band(self, served: str, length: int) -> float:
        """How much leaving out an action at random moves a score of what serves, from histories of some ``length``.

        What the training did not measure, for a part that does not serve by itself, is measured when first asked for,
        with fewer people. A private model has no band (0): it would tell of other people's histories.
        """
        from recsys_tui.models.explaining.removal_bands import LONGEST, band_for, bands_from

        if "privacy" in self.manifest:
            return 0.0
        measured = {DEEP: self.manifest.get("removal_bands"), **self.manifest.get("part_bands", {})}
        if measured.get(served):
            return band_for(measured[served], length)
        length = next((longest for longest in LONGEST if length <= longest), LONGEST[-1] + 1)
        if (served, length) not in self._bands:
            self._bands[served, length] = band_for(bands_from(self.model, 0, served, BAND_PEOPLE, length), length)
        return self._bands[served, length]

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
        feedback: Mapping[str, Verdicts] = NO_FEEDBACK,
    ) -> pl.DataFrame:
        """Lists for everyone, or for the named users in their order; see :func:`lists_for`."""
        return lists_for(self, k, model, users, options, progress, feedback)

    def history(self, user: str, limit: int | None = None) -> tuple[HistoryItem, ...]:
        """What a person took, newest first, each item once."""
        return shown_history(self.model, self.user_code(user), limit)

    def clusters(self) -> tuple[Cluster, ...]:
        """All clusters, by id."""
        return shown_clusters(self.model.catalogue, self.manifest, len(self.model.people.histories), self.names)

    def cluster_name(self, cluster: int) -> str:
        """What a cluster is called: the name that somebody gave it, else the one that it has by itself."""
        return self.names.get(cluster) or str(self.manifest["clusters"][cluster]["name"])

    def clustering(self) -> dict[str, float | None]:
        """How good the clusters are as a whole: ``silhouette``, ``stability`` when other people are drawn, and
        ``start_stability`` when the search starts elsewhere; None where an older model does not say."""
        return shown_clustering(self.manifest)
