"""The Python face: open some data, train, recommend. The same core as the command line and the workbench.

>>> import recsys_tui
>>> films = recsys_tui.open("films")
>>> films.overview.users, films.overview.catalogue_items
(1500, 1200)

Ids are texts; whole numbers are taken for theirs, and a single id where several may stand is one of them.
Whatever a person can put right is a ``UserError``: its text is the sentence to show, ``exit_code`` says of what kind.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Named
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from recsys_tui.data.bundled import bundled_folders
from recsys_tui.data.dataset import Mapping
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.recommend.checked_feedback import CheckedFeedback
from recsys_tui.recommend.given_values import Ids, given_attributes, given_count, given_id, given_ids, given_path
from recsys_tui.recommend.list_options import FurtherOptions, list_options
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.store.verdicts import NO_FEEDBACK, Verdicts
from recsys_tui.training.events import FAILED, SAVED, TrainingEvent
from recsys_tui.training.job import TrainingRequest

if TYPE_CHECKING:
    import polars as pl

    from recsys_tui.data.dataset import Dataset
    from recsys_tui.data.overview import Overview
    from recsys_tui.recommend.answers import Cluster, HistoryItem, Recommendations
    from recsys_tui.recommend.audience import Audience
    from recsys_tui.recommend.explanations.explanation import Explanation
    from recsys_tui.recommend.forgetting import Forgetting
    from recsys_tui.recommend.prediction import Prediction
    from recsys_tui.recommend.recommender import Recommender
    from recsys_tui.recommend.similar import SimilarItems


class OpenData:
    """Some data, opened. Training happens in a process of its own; answers come from the stored model."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @property
    def dataset(self) -> Dataset:
        """The clean, encoded interactions with their items and users."""
        return self.session.dataset

    @property
    def overview(self) -> Overview:
        """Counts, histograms, the long tail."""
        return self.session.overview

    @property
    def feedback(self) -> CheckedFeedback:
        """What people liked and disliked; ``add([("42", "17", "like")])`` adds to it, a verdict of None takes back.

        Adding raises ``UserError``: exit 3 for a user or item that is not in the data, exit 2 for another verdict.

        >>> films.feedback.add([("42", "17", "like")])
        >>> films.feedback.of("42").liked, films.recommend("42", k=3).stored_likes
        (('17',), 1)
        >>> films.feedback.add([("42", "17", None)])
        """
        return CheckedFeedback(self.session)

    def train(
        self,
        preset: str = "standard",
        horizon: str = "next",
        seed: int = 0,
        device: str = "auto",
        progress: Callable[[TrainingEvent], None] | None = None,
    ) -> dict[str, float]:
        """Train all four stages and store the model.

        Returns what it measured on held-out lists (``ndcg@10``, ``hr@10``, ``recall@20``), nothing where there was too
        little data to hold any out; ``progress`` is called with each event on the way. Raises ``UserError`` if the
        training failed, ``KeyboardInterrupt`` if it was stopped before there was anything to keep.

        >>> sorted(films.train(preset="quick"))
        ['hr@10', 'ndcg@10', 'recall@20']
        """
        job = self.session.training_job(TrainingRequest(preset, horizon, seed, device))
        job.start()
        last: TrainingEvent | None = None
        try:
            for event in job.events():
                last = event
                if progress is not None:
                    progress(event)
        finally:
            job.discard()
        if last is not None and last.kind == SAVED:
            return dict(last.metrics)
        if last is not None and last.kind == FAILED:
            raise UserError("cli.said_by_training", ExitCode.FAILED, sentence=last.note or "")
        raise KeyboardInterrupt

    def recommender(self, horizon: str = "next", preset: str | None = None) -> Recommender:
        """The stored model, ready to answer; the best preset where none is named.

        Raises ``UserError`` (exit 4) where none is trained.
        """
        request = TrainingRequest(preset or "quick", horizon)
        found = self.session.recommender(request.horizon, preset)
        if found is None:
            raise UserError("cli.call_train", ExitCode.NOT_TRAINED, name=self.session.name)
        return found

    def recommend(
        self,
        user: str | int,
        k: int = 10,
        model: str = "deep",
        like: Ids = (),
        dislike: Ids = (),
        repeat: str = "auto",
        explain: bool = False,
        horizon: str = "next",
        feedback: bool = True,
        **options: Unpack[FurtherOptions],
    ) -> Recommendations:
        """One person's list of ``k`` items; likes count as their newest actions, dislikes are left out.

        ``feedback``: what they liked and disliked before (:attr:`feedback`) counts too. ``options``: see
        :class:`FurtherOptions`. Raises ``UserError``: exit 3 for an unknown user or item, 2 for an
        unknown model, or a condition that this data cannot answer, 4 where nothing is trained.

        >>> films.recommend("42", k=3).model
        'deep'
        >>> [entry.rank for entry in films.recommend("42", k=3, like=["17"]).items]
        [1, 2, 3]
        >>> recent = films.recommend("42", k=3, where=["year>=2010", "categories=Drama"], pin=["17"])
        >>> [entry.pinned for entry in recent.items]
        [True, False, False]
        """
        from recsys_tui.recommend.stored_feedback import recommend_with_feedback

        wanted = list_options(repeat, **options)
        recommender = self.recommender(horizon)
        known = recommender.user_id(given_id(user))
        said = self.feedback.of(known) if feedback else Verdicts()
        return recommend_with_feedback(
            recommender, known, said, given_count(k), model, given_ids(like), given_ids(dislike), explain, wanted
        )

    def recommend_for_new(
        self,
        like: Ids = (),
        dislike: Ids = (),
        k: int = 10,
        model: str = "deep",
        explain: bool = False,
        horizon: str = "next",
        attributes: Named[str, str | float] | None = None,
        **options: Unpack[FurtherOptions],
    ) -> Recommendations:
        """A list for someone who is not in the data, from what they like. Raises as :meth:`recommend` does.

        Where they like nothing yet: what is popular among people with the same ``attributes`` (``{"gender": "F"}``).

        >>> films.recommend_for_new(like=["17", "586"], k=5).user is None
        True
        """
        wanted = list_options(**options)
        liked, disliked, said = given_ids(like), given_ids(dislike), given_attributes(attributes)
        return self.recommender(horizon).recommend_for_new(
            liked, disliked, given_count(k), model, explain, wanted, said
        )

    def recommend_all(
        self,
        k: int = 10,
        model: str = "deep",
        users: Ids = None,
        repeat: str = "auto",
        horizon: str = "next",
        feedback: bool = True,
        **options: Unpack[FurtherOptions],
    ) -> pl.DataFrame:
        """Everyone's list, or that of each of the named ``users``: columns user, item, rank (from 1), score, history.

        ``history`` is how many items of the person the list was made from: 0 for the popular list of somebody of whom
        no action is known. ``feedback``: what people liked and disliked before counts.

        >>> films.recommend_all(k=2).columns
        ['user', 'item', 'rank', 'score', 'history']
        >>> films.recommend_all(k=2, users=["42"], hide_popular=50).height
        2
        """
        from recsys_tui.recommend.stored_feedback import known_verdicts

        named = None if users is None else list(dict.fromkeys(given_ids(users)))
        wanted = list_options(repeat, **options)
        recommender = self.recommender(horizon)
        said = known_verdicts(recommender.model.catalogue.ids, self.feedback.everyone()) if feedback else NO_FEEDBACK
        return recommender.recommend_all(given_count(k), model, named, wanted, feedback=said)

    def predict(
        self,
        user: str | int | None,
        item: str | int,
        like: Ids = (),
        horizon: str = "next",
        dislike: Ids = (),
        feedback: bool = True,
    ) -> Prediction:
        """The chance that somebody takes an item, and the rating to expect (None where the data has none).

        ``user`` None is someone who is not in the data. Of two items, one taken next and one untouched item drawn in
        proportion to √popularity, ``probability`` is the chance that this is the one taken: one half if nothing were
        known. Likes, dislikes and ``feedback`` count as in :meth:`recommend`. Raises ``UserError``: exit 3 for an
        unknown user or item, 4 where nothing is trained.

        >>> found = films.predict("42", "17")
        >>> 0 < found.probability < 1, 0.5 <= found.expected_rating <= 5
        (True, True)
        """
        from recsys_tui.recommend.prediction import predict

        who, what = None if user is None else given_id(user), given_id(item)
        liked, disliked = given_ids(like), given_ids(dislike)
        recommender = self.recommender(horizon)
        who = None if who is None else recommender.user_id(who)
        said = self._said(recommender, who, liked, disliked, feedback)
        return predict(recommender, who, what, said.liked, said.disliked)

    def _said(
        self, recommender: Recommender, user: str | None, like: list[str], dislike: list[str], feedback: bool
    ) -> Verdicts:
        """What counts for an answer: what is said now, and if wanted what the person said before."""
        from recsys_tui.recommend.stored_feedback import known_verdicts, merged

        if user is None or not feedback:
            return Verdicts(tuple(like), tuple(dislike))
        before = known_verdicts(recommender.model.catalogue.ids, {user: self.feedback.of(user)})
        return merged(before.get(user, Verdicts()), like, dislike)

    def audience(self, item: str | int, k: int = 500, horizon: str = "next", feedback: bool = True) -> Audience:
        """The ``k`` people whom an item would interest most, of those who have not got it. Raises as :meth:`predict`.

        ``feedback``: what people liked and disliked before counts; who said it of the item itself is left out.

        >>> [member.rank for member in films.audience("17", k=2).users]
        [1, 2]
        """
        from recsys_tui.recommend.audience import audience
        from recsys_tui.recommend.stored_feedback import known_verdicts

        wanted, recommender = given_count(k), self.recommender(horizon)
        said = known_verdicts(recommender.model.catalogue.ids, self.feedback.everyone()) if feedback else NO_FEEDBACK
        return audience(recommender, given_id(item), wanted, feedback=said)

    def explain(
        self,
        user: str | int | None,
        item: str | int,
        k: int = 10,
        like: Ids = (),
        dislike: Ids = (),
        model: str = "deep",
        horizon: str = "next",
        language: str = "en",
        feedback: bool = True,
    ) -> Explanation:
        """Why an item stands where it stands for a person, or for someone new (``user`` None) given by likes.

        ``k``: how long the list is that a smallest set of actions has to push the item out of. ``language``: of the
        sentences, ``en`` or ``zh``. ``feedback``: as for :meth:`recommend`. Raises as :meth:`predict`.

        >>> found = films.explain("42", films.recommend("42", k=1).items[0].item)
        >>> found.rank, abs(sum(part.contribution for part in found.components) - found.score) < 1e-4
        (1, True)
        """
        from recsys_tui.recommend.explanations.explain import explain
        from recsys_tui.recommend.explanations.sentences import language_of

        who, what = None if user is None else given_id(user), given_id(item)
        wanted, liked, disliked = given_count(k), given_ids(like), given_ids(dislike)
        spoken = language_of(language)
        recommender = self.recommender(horizon)
        who = None if who is None else recommender.user_id(who)
        said = self._said(recommender, who, liked, disliked, feedback)
        return explain(recommender, who, what, wanted, model, said.liked, said.disliked, language=spoken)

    def similar(self, item: str | int, k: int = 10, by: str = "taste", horizon: str = "next") -> SimilarItems:
        """The ``k`` nearest neighbours of an item ``by`` taste (who takes it), content or basket (taken together).

        By basket no model is needed. Raises ``UserError``: exit 3 for an unknown item, 2 for an unknown way or one that
        this data does not allow, 4 where nothing is trained.

        >>> [entry.rank for entry in films.similar("17", k=2, by="content").items]
        [1, 2]
        """
        from recsys_tui.recommend.similar import needs_model, similar

        recommender = self.recommender(horizon) if needs_model(by) else None
        return similar(self.session, recommender, given_id(item), given_count(k), by)

    def similar_all(self, k: int = 10, by: str = "taste", horizon: str = "next") -> pl.DataFrame:
        """The nearest neighbours of every item: columns item, neighbour, rank (from 1), score. Raises as above.

        >>> films.similar_all(k=2).columns
        ['item', 'neighbour', 'rank', 'score']
        """
        from recsys_tui.recommend.similar import all_similar, needs_model

        recommender = self.recommender(horizon) if needs_model(by) else None
        return all_similar(self.session, recommender, given_count(k), by)

    def forget(self, user: str | int, exports: str = "clean") -> Forgetting:
        """Take a person out of everything that is kept, train anew what was trained with them, and verify it.

        The source is not changed; whenever it is read from now on the person is left out. ``exports``: ``clean`` takes
        them out of files written elsewhere too, ``keep`` only lists those. Raises ``UserError``: exit 3 for somebody
        nobody knows, 1 while another process trains on the data.

        >>> films.forget("nobody")
        Traceback (most recent call last):
        recsys_tui.output.errors.UserError: There is no user 'nobody' in this data.
        """
        from recsys_tui.recommend.forgetting import forget

        return forget(self.session, given_id(user), exports)

    def history(self, user: str | int) -> tuple[HistoryItem, ...]:
        """What a person took, newest first. Needs no model. Raises ``UserError`` (exit 3) for an unknown user.

        >>> films.history("42")[0].rating in {0.5 * half for half in range(1, 11)}
        True
        """
        return self.session.history(given_id(user))

    def clusters(self) -> tuple[Cluster, ...]:
        """The groups of people with a common taste, by their numbers from 0.

        >>> films.clusters()[0].id
        0
        """
        return self.recommender().clusters()


def open(data: str | Path, mapping: Mapping | None = None, home: str | Path | None = None) -> OpenData:
    """Open a file, a folder or the name of a bundled dataset; ``mapping`` overrules what the columns are taken for.

    Nothing is read before it is needed. Raises ``UserError`` (exit 2) where there is no such data.

    >>> open("no-such-data")
    Traceback (most recent call last):
    recsys_tui.output.errors.UserError: There is no file, folder or bundled dataset no-such-data; bundled are: films.
    """
    path = given_path(data, "data.no_path", names=", ".join(bundled_folders()))
    if mapping is not None and not isinstance(mapping, Mapping):
        raise UserError("data.no_mapping", kind=type(mapping).__name__)
    folder = None if home is None else Path(given_path(home, "data.no_home"))
    return OpenData(Session.open(path, mapping, Home.resolve(folder)))


def train(
    data: str | Path, preset: str = "standard", mapping: Mapping | None = None, home: str | Path | None = None
) -> OpenData:
    """Open some data and train on it. Raises as :func:`open` and :meth:`OpenData.train` do."""
    opened = open(data, mapping, home)
    opened.train(preset)
    return opened


def recommend(
    data: str | Path, user: str | int, k: int = 10, mapping: Mapping | None = None, home: str | Path | None = None
) -> Recommendations:
    """One person's list, training ``quick`` first where nothing is trained yet.

    Raises as :func:`open` and :meth:`OpenData.recommend` do.
    """
    opened = open(data, mapping, home)
    if opened.session.recommender() is None:
        opened.train("quick")
    return opened.recommend(user, k)
