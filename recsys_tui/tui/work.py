"""What the background thread does for the workbench: loading, answering, looking up. It posts what it found."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from textual.message import Message

from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.recommend.reading_ahead import ReadingAhead
from recsys_tui.recommend.session import Session
from recsys_tui.store.damage import DAMAGED
from recsys_tui.training.job import HORIZONS
from recsys_tui.training.told_figures import learned_on, measured_on_few
from recsys_tui.tui.messages import (
    Answered,
    ColumnsUnclear,
    DataReady,
    LoadStep,
    ModelReady,
    Post,
)
from recsys_tui.tui.state.jobs import DONE, StageState
from recsys_tui.tui.state.workbench import ModelState

if TYPE_CHECKING:
    from recsys_tui.data.dataset import Dataset
    from recsys_tui.data.overview import Overview

Answer = TypeVar("Answer")
WAIT = 0.2
# What somebody who sees the columns can put right: of any data, and of a mapping from the dialog or the last time.
RIDDLES = frozenset(("data.ambiguous", "data.no_column_for"))
MISFITS = RIDDLES | {"data.no_such_column", "data.same_column", "data.time_unreadable", "data.nothing_left"}


class SessionWork:
    """Tasks on one session; every method runs on the session's thread.

    ``strict``: the person named columns on the command line, so that names which do not fit are an error.
    ``horizon``: what the model is to rank for, where there is one for that. ``there``: set when all views are; what is
    read before is told then. ``ahead``: a process that reads the data already; without it one begins where it is
    worthwhile.
    """

    def __init__(
        self,
        open_session: Callable[[Callable[[str, float | None], None]], Session],
        post: Post,
        strict: bool = False,
        horizon: str = HORIZONS[0],
        there: threading.Event | None = None,
        ahead: ReadingAhead | None = None,
    ) -> None:
        self._open, self._tell, self._strict, self._horizon = open_session, post, strict, horizon
        self._there, self._ahead = there, ahead
        self.abandoned = False
        self.session: Session | None = None

    def abandon(self) -> None:
        """Nothing of it is wanted any more: other data is opened, or the program ends."""
        self.abandoned = True
        if self._ahead is not None:
            self._ahead.stop()

    def _post(self, message: Message) -> None:
        """Tell the application, unless it has other data open by now."""
        if not self.abandoned:
            self._tell(message)

    def load(self) -> None:
        """Read the dataset, then the best stored model. Columns that somebody has to decide about are told apart."""
        try:
            found = self._opened()
        except UserError:
            self._until_there()
            if self.abandoned:  # other data is open by now
                return
            raise
        self._until_there()
        if found is None:
            return
        if isinstance(found, ColumnsUnclear):
            self._post(found)
            return
        session, overview = found
        self.session = session
        self._post(DataReady(session.dataset, overview, session.user_figures))
        self.take_horizon(self._horizon)

    def _opened(self) -> tuple[Session, Overview] | ColumnsUnclear | None:
        """The session of the dataset and its overview, or why nobody but the person can say what the columns are; None
        where other data was opened meanwhile."""
        session = self._open(lambda step, _share: self._post(LoadStep(step)))
        try:
            read = self._read_ahead(session)
            if self.abandoned:
                return None
            self._read(session)
            if read is not None:
                session.take_overview(read["overview"], read["crowd"])
            return session, session.overview
        except UserError as error:
            mapping = session.identity.mapping
            if error.message_id in (RIDDLES if self._strict or mapping.is_empty() else MISFITS):
                return ColumnsUnclear(session.identity, error)
            raise

    def _until_there(self) -> None:
        """Wait for the views, which are put in place while the data is read."""
        while self._there is not None and not self._there.wait(WAIT) and not self.abandoned:
            pass

    def _read_ahead(self, session: Session) -> dict[str, Any] | None:
        """Have a process of its own read what is large, and wait for what it says; None where there is none."""
        if self._ahead is None:
            self._ahead = ReadingAhead.where_worthwhile(session)
        if self._ahead is None:
            return None
        if self.abandoned:  # meanwhile
            self._ahead.stop()
            return None
        return self._ahead.wait(lambda step, _share: self._post(LoadStep(step)))

    @staticmethod
    def _read(session: Session) -> Dataset:
        """The dataset; from its source where what is stored of it is damaged."""
        try:
            return session.dataset
        except UserError as error:
            if error.message_id != DAMAGED:
                raise
        session.reread()
        return session.dataset

    def take_horizon(self, horizon: str) -> None:
        """Use the best stored model of a horizon from now on; of another one where there is none of it."""
        session = self._session()
        session.horizon = horizon
        with suppress(UserError):  # what is damaged is told as the model is taken
            stored = [one for one in (horizon, *HORIZONS) if session.model_info(one) is not None]
            session.horizon = stored[0] if stored else horizon
        self.take_model()

    def take_model(self) -> None:
        """Use the best stored model from now on; none where that is damaged, so that another can be trained."""
        session = self._session()
        try:
            recommender = session.recommender()
            info = session.model_info()
        except UserError as error:
            if error.message_id != DAMAGED:
                raise
            self._post(ModelReady(None, None, say("home.model_damaged", reason=error.fields["reason"])))
            return
        if recommender is None or info is None:
            few = session.workspace.counts_too_few(session.horizon)
            self._post(ModelReady(None, None, say("home.counts_too_few") if few else None))
            return
        manifest = recommender.manifest
        stages = tuple(
            StageState(stage["name"], DONE, 1.0, float(stage["seconds"]), _metrics(manifest, stage["name"]))
            for stage in manifest["stages"]
        )
        epochs = manifest["epochs"]
        model = ModelState(
            info.preset,
            info.horizon,
            learned_on(info),
            stages,
            recommender.validation,
            dict(manifest["parts"]),
            tuple(epochs["loss"]),
            tuple(epochs["ndcg@10"]),
            recommender.clusters(),
            info.key.seed,
            tuple(horizon for horizon in HORIZONS if session.model_info(horizon) is not None),
            manifest["privacy"]["epsilon"] if "privacy" in manifest else None,
            not measured_on_few(manifest),
        )
        self._post(ModelReady(model, session.users(), session.note(info)))

    def ask(self, question: Callable[[Session], Answer], take: Callable[[Answer], None]) -> None:
        """Work something out on the session; ``take`` is handed the answer on the application's thread."""
        self._post(Answered(take, question(self._session())))

    def _session(self) -> Session:
        if self.session is None:
            raise RuntimeError("the dataset is not loaded yet")
        return self.session


def _metrics(manifest: Mapping[str, object], stage: str) -> dict[str, float]:
    """What a stored model says about a stage."""
    found: object = {}
    if stage == "user_profiles":
        clusters = manifest["clusters"]
        found = {"clusters": float(len(clusters))} if isinstance(clusters, list) else {}
    elif stage == "interaction":
        found = manifest["interaction"]
    elif stage == "deep":
        found = manifest["validation"]
    return dict(found) if isinstance(found, dict) else {}
