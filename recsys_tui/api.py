"""The Python face: open some data, train, recommend. The same core as the command line and the workbench.

>>> import recsys_tui
>>> films = recsys_tui.open("films")
>>> films.overview.users
1500
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from recsys_tui.data.dataset import Mapping
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.training.events import FAILED, SAVED, TrainingEvent
from recsys_tui.training.job import TrainingRequest

if TYPE_CHECKING:
    import polars as pl

    from recsys_tui.data.dataset import Dataset
    from recsys_tui.data.overview import Overview
    from recsys_tui.recommend.answers import Cluster, HistoryItem, Recommendations
    from recsys_tui.recommend.recommender import Recommender


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

    def train(
        self,
        preset: str = "standard",
        horizon: str = "next",
        seed: int = 0,
        device: str = "auto",
        progress: Callable[[TrainingEvent], None] | None = None,
    ) -> dict[str, float]:
        """Train all four stages and store the model.

        Returns what it measured on held-out lists (``ndcg@10``, ``hr@10``, ``recall@20``). Raises ``UserError`` if
        the training failed, ``KeyboardInterrupt`` if it was stopped before there was anything to keep.
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
        """The stored model, ready to answer. Raises ``UserError`` (exit 4) where none is trained."""
        found = self.session.recommender(horizon, preset)
        if found is None:
            raise UserError(
                "cli.not_trained", ExitCode.NOT_TRAINED, name=self.session.name, path=self.session.identity.path
            )
        return found

    def recommend(
        self,
        user: str,
        k: int = 10,
        model: str = "deep",
        like: Sequence[str] = (),
        dislike: Sequence[str] = (),
        explain: bool = False,
    ) -> Recommendations:
        """One person's list. Raises ``UserError``: exit 3 for an unknown user or item, 4 where nothing is trained."""
        return self.recommender().recommend(user, k, model, like, dislike, explain=explain)

    def recommend_all(self, k: int = 10, model: str = "deep") -> pl.DataFrame:
        """Everyone's list: columns user, item, rank (from 1), score."""
        return self.recommender().recommend_all(k, model)

    def history(self, user: str) -> tuple[HistoryItem, ...]:
        """What a person took, newest first."""
        return self.session.history(user)

    def clusters(self) -> tuple[Cluster, ...]:
        """The groups of people with a common taste."""
        return self.recommender().clusters()


def open(data: str | Path, mapping: Mapping | None = None, home: str | Path | None = None) -> OpenData:
    """Open a file, a folder or the name of a bundled dataset. Raises ``UserError`` (exit 2) where there is none."""
    return OpenData(Session.open(data, mapping, Home.resolve(None if home is None else Path(home))))


def train(data: str | Path, preset: str = "standard", home: str | Path | None = None) -> OpenData:
    """Open some data and train on it."""
    opened = open(data, home=home)
    opened.train(preset)
    return opened


def recommend(data: str | Path, user: str, k: int = 10, home: str | Path | None = None) -> Recommendations:
    """One person's list, training ``quick`` first where nothing is trained yet."""
    opened = open(data, home=home)
    if opened.session.recommender() is None:
        opened.train("quick")
    return opened.recommend(user, k)
