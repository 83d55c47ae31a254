"""One person at work with one dataset: what the command line and the workbench both stand on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Mapped
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from recsys_tui.data.dataset import Mapping
from recsys_tui.data.fingerprint import stamp_around
from recsys_tui.data.locate import locate
from recsys_tui.output.crowd_gate import smallest_crowd
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.processes.addresses import check_addresses
from recsys_tui.recommend.source_changes import SourceChanges
from recsys_tui.store.cluster_names import ClusterNames
from recsys_tui.store.damage import DAMAGED
from recsys_tui.store.home import Home
from recsys_tui.store.identity import Identity
from recsys_tui.store.stored_versions import StoredModelInfo
from recsys_tui.store.workspace import Workspace
from recsys_tui.training.job import PRIVATE, TrainingJob, TrainingRequest

if TYPE_CHECKING:
    from concurrent.futures import Future

    import polars as pl

    from recsys_tui.data.dataset import Dataset
    from recsys_tui.data.forgotten import Forgotten
    from recsys_tui.data.histogram_cells import HistogramCells
    from recsys_tui.data.overview import Overview
    from recsys_tui.data.pseudonyms import Pseudonyms
    from recsys_tui.models.trained_model import TrainedModel
    from recsys_tui.recommend.answers import HistoryItem
    from recsys_tui.recommend.baskets import Baskets
    from recsys_tui.recommend.recommender import Recommender
    from recsys_tui.recommend.shown_names import ShownNames
    from recsys_tui.store.feedback_log import FeedbackLog
    from recsys_tui.store.file_contents import Contents

Progress = Callable[[str, float | None], None]
MANY = 1_000_000  # interactions


class Session:
    """A dataset, its workspace, and the model that answers.

    Nothing is read before it is needed: answering from a stored model touches neither the data file nor the stored
    tables. Not safe for use by several threads at once.

    With ``pseudonyms`` everybody is known by a tag in what it gives, and by their id or their tag in what it is given;
    what it stores holds ids.
    """

    def __init__(
        self, home: Home, identity: Identity, name: str, progress: Progress | None = None, folder: Path | None = None
    ) -> None:
        self.home = home
        self.identity = identity
        self.name = name
        self.workspace = Workspace.open(home, identity) if folder is None else Workspace(folder, identity)
        self.source = SourceChanges(home, identity.path, self.workspace)
        self._progress = progress
        self._refresh, self._describe = False, False
        self.horizon = "next"
        self.pseudonyms: Pseudonyms | None = None
        self._dataset: Dataset | None = None
        self._recommenders: dict[tuple[Path, str], Recommender] = {}

    @classmethod
    def open(
        cls,
        data: str | Path | None = None,
        mapping: Mapping | None = None,
        home: Home | None = None,
        refresh: bool = False,
        progress: Progress | None = None,
        pseudonyms: bool = False,
    ) -> Self:
        """Open some data, or the dataset used last where ``data`` is None.

        Without a mapping (None, or an empty one) the mapping last used for this data applies. ``refresh`` reads the
        source anew. ``pseudonyms``: show tags instead of ids of people. Raises ``UserError``: exit 2 where there is no
        such data, exit 1 where the key of pseudonyms is damaged or cannot be made, or addresses are too few.
        """
        check_addresses()
        home = home or Home.resolve()
        if data is None:
            last = home.last_data()
            if last is None:
                raise UserError("models.no_data_yet", ExitCode.USAGE)
            session = cls(home, last, last.path.name, progress)
        else:
            source = locate(data, home.datasets)
            if mapping is None or mapping.is_empty():
                mapping = home.last_mapping(source.path) or Mapping()
            mapping = replace(mapping, detect=False)
            session = cls(home, Identity(source.path, mapping), source.name, progress)
        session._refresh = refresh
        if pseudonyms:
            from recsys_tui.store.pseudonym_key import pseudonyms_for

            session.pseudonyms = pseudonyms_for(home.root, session.identity.path)
        return session

    @property
    def dataset(self) -> Dataset:
        """The dataset, as :attr:`stored_dataset`; under pseudonyms with the tags of people instead of their ids."""
        return self.stored_dataset if self.pseudonyms is None else self._shown_dataset

    @cached_property
    def _shown_dataset(self) -> Dataset:
        return self.shown(self.stored_dataset)

    def shown(self, dataset: Dataset, with_texts: bool = False) -> Dataset:
        """A dataset of this source as it may be shown; ``with_texts``: as it may be learned from."""
        if self.pseudonyms is None:
            return dataset
        from recsys_tui.data.tagged_dataset import tagged_dataset

        return tagged_dataset(dataset, self.pseudonyms, with_texts)

    @property
    def stored_dataset(self) -> Dataset:
        """The dataset by the ids of its source: the stored one while that has not changed, else read from it and
        stored."""
        if self._dataset is None:
            # Reading anew mends a damaged description, so it is not asked for first.
            version = None if self._refresh else self.workspace.dataset_version()
            if version is None or self.source.changed(version):
                self._dataset = self._read()
            else:
                self._dataset = self.workspace.load_dataset() or self._read()
            self.home.remember(self.identity)
        return self._dataset

    @property
    def looks_stored(self) -> bool:
        """Whether what is stored is what the source holds, by the looks of the source; its contents are not read."""
        version = self.workspace.dataset_version()
        return version is not None and self.source.looks_changed(version) is False

    def load(self, describe: bool = False) -> None:
        """Read the dataset, or make sure that what is stored is what the source holds.

        ``describe``: make the overview too, while what was read is stored; for who needs nothing else of it.
        """
        self._describe = describe
        if self._dataset is not None and self.workspace.dataset_version() is None:
            self.reread()  # another process removed the workspace
        _ = self.stored_dataset

    def reread(self) -> None:
        """Read the source anew at the next use of the dataset."""
        self._refresh, self._dataset = True, None
        self.__dict__.pop("_shown_dataset", None)

    def _read(self) -> Dataset:
        from recsys_tui.data.load import load_dataset

        self.home.check_writable()
        path, mapping, added = self.identity.path, self.identity.mapping, self.workspace.added_files()
        before = stamp_around(path)
        return self.adopt(load_dataset(path, mapping, self._progress, added, self.forgotten()), before)

    def forgotten(self) -> Forgotten:
        """Who is forgotten of this data. Raises ``UserError`` (exit 1) where that cannot be told any more."""
        return self.source.forgotten()

    def adopt(self, dataset: Dataset, before: Mapped[str, list[int]] | None = None, added: Contents = ()) -> Dataset:
        """Store what was just read from the source, and work with it; returns it, mapped from the store if large.

        ``before``: how its files looked before they were read. ``added``: what was added to them last.
        """
        overview = _describing(dataset) if self._describe else None
        self.source.follow_forgotten(added)
        held, looks = self.source.held_and_looks(dataset.files, before)
        self.workspace.save_dataset(dataset, held, looks, added)
        for derived in ("overview", "cells", "baskets", "user_figures", "_shown_dataset", "names", "feedback"):
            self.__dict__.pop(derived, None)
        if overview is not None:
            self.__dict__["overview"] = overview.result()
        elif dataset.interaction_count >= MANY:
            dataset = self.workspace.load_dataset() or dataset
        self._refresh, self._dataset = False, dataset
        return dataset

    @cached_property
    def overview(self) -> Overview:
        """Figures about the dataset."""
        from recsys_tui.data.overview import describe

        return describe(self.stored_dataset, cells=self.cells)

    @cached_property
    def cells(self) -> HistogramCells:
        """Where every row of the dataset stands in its histograms."""
        from recsys_tui.data.histogram_cells import HistogramCells

        return HistogramCells.of(self.stored_dataset)

    def take_overview(self, document: dict[str, Any], crowd: int) -> None:
        """Take the overview that another process made when it read the data (:meth:`Overview.to_json`), for crowds of
        so many; unless it is of other data, or of other crowds than here."""
        from recsys_tui.data.overview import Overview

        overview, dataset = Overview.from_json(document), self.stored_dataset
        read = overview.rows, overview.users, overview.interactions
        if crowd == smallest_crowd() and read == (dataset.rows_read, dataset.user_count, dataset.interaction_count):
            self.__dict__["overview"] = overview

    @cached_property
    def baskets(self) -> Baskets:
        """What was taken together. Raises ``UserError`` (exit 2) where the data does not say."""
        from recsys_tui.recommend.baskets import Baskets

        return Baskets.of(self.dataset)

    def model_info(self, horizon: str | None = None, preset: str | None = None) -> StoredModelInfo | None:
        """The best stored model of a horizon (None: the session's own), or None. Reads manifests only."""
        return self.workspace.find_model(horizon or self.horizon, preset)

    def recommender(self, horizon: str | None = None, preset: str | None = None) -> Recommender | None:
        """The best stored model of a horizon (None: the session's own), ready to answer; None where none is trained."""
        info = self.model_info(horizon, preset)
        if info is None:
            return None
        made = info.folder, info.created  # the name of a folder may come again
        if made not in self._recommenders:
            from recsys_tui.recommend.recommender import Recommender
            from recsys_tui.recommend.stored_models import model_of

            stored = self.workspace.load_model(info)
            model, manifest = self._shown_model(model_of(stored, self.workspace), stored.manifest)
            # One model at a time is kept: the others' memory is given back.
            self._recommenders = {made: Recommender(model, manifest, info.preset, info.horizon)}
            self._name_clusters(self._recommenders[made])
        return self._recommenders[made]

    def model_in_use(self) -> TrainedModel | None:
        """The model that answered last, as it is shown; None where none did."""
        return next((recommender.model for recommender in self._recommenders.values()), None)

    def _shown_model(self, model: TrainedModel, manifest: Mapped[str, Any]) -> tuple[TrainedModel, Mapped[str, Any]]:
        """A model of this data and its manifest, as they may be shown."""
        if self.pseudonyms is None:
            return model, manifest
        from recsys_tui.models.tagged_model import tagged_manifest, tagged_model

        shown = tagged_model(model, self.pseudonyms)
        return shown, tagged_manifest(manifest, model.catalogue, shown.catalogue)

    def _name_clusters(self, recommender: Recommender) -> None:
        """Call its clusters by the names that people gave to clusters like them."""
        if "privacy" not in recommender.manifest and (names := self.cluster_names.read()):
            from recsys_tui.data.tagged_texts import untagged
            from recsys_tui.profiles.named_clusters import names_by_cluster

            known = recommender.model
            recommender.names = names_by_cluster(names, known.experts.profiles, untagged(known.catalogue.ids))

    def rename_cluster(self, recommender: Recommender, cluster: int, name: str) -> None:
        """Give a cluster of a model of this data a name that outlives the model; an empty one takes the name back.

        Raises ``UserError``: exit 2 for a name that is too long or that another cluster has, exit 1 where it cannot be
        written.
        """
        from recsys_tui.data.tagged_texts import untagged
        from recsys_tui.profiles.named_clusters import rename

        known = recommender.model
        own = [str(entry["name"]) for entry in recommender.manifest["clusters"]]
        recommender.names = rename(
            self.cluster_names,
            cluster,
            name,
            own,
            known.experts.profiles,
            known.people.histories.item_counts(),
            untagged(known.catalogue.ids),
        )

    def note(self, info: StoredModelInfo) -> str | None:
        """A sentence where a private model answered before this one, or its source is no longer what it was."""
        if info.preset != PRIVATE and self.workspace.private_is_gone:
            return say("private.is_gone", preset=info.preset)
        version = self.workspace.dataset_version()
        if version is None:
            return None
        private = self.model_info(info.horizon, PRIVATE)
        if private is not None and info.fingerprint == version.fingerprint != private.fingerprint:
            return say("private.is_older", preset=info.preset)
        if info.fingerprint != version.fingerprint:
            return say("models.trained_on_older", created=info.created[:10])
        if not self.identity.path.exists():
            return say("models.source_is_gone", path=self.identity.path)
        if self.source.changed(version):
            return say("models.source_changed", created=info.created[:10])
        return None

    def training_job(self, request: TrainingRequest, *, in_background: bool = False) -> TrainingJob:
        """A job that trains on this dataset, not yet started. The dataset is read and stored first.

        ``in_background``: it gives way to other processes.

        Raises ``UserError`` (exit 1) where the home folder cannot be written to: what is trained could not be kept.
        """
        from recsys_tui.training.text_vectors import check_can_embed

        self.home.check_writable()
        check_can_embed(self.identity.mapping.text_model)
        self.load()
        if self.stored_dataset.interaction_count == 0:
            raise UserError("data.nothing_left", ExitCode.USAGE, path=self.identity.path)
        return TrainingJob(self.workspace.folder, request, in_background=in_background)

    @cached_property
    def names(self) -> ShownNames:
        """By what people are shown, and by what they are written down."""
        from recsys_tui.recommend.shown_names import ShownNames

        return ShownNames(self)

    @cached_property
    def feedback(self) -> FeedbackLog:
        """What people said of items; it stays with the data whatever is trained."""
        if self.pseudonyms is None:
            from recsys_tui.store.feedback_log import FeedbackLog

            return FeedbackLog(self.workspace.folder)
        from recsys_tui.recommend.tagged_feedback import TaggedFeedback

        return TaggedFeedback(self.workspace.folder, self.pseudonyms, self.names)

    @cached_property
    def cluster_names(self) -> ClusterNames:
        """The names that people gave to clusters; they stay with the data whatever is trained."""
        return ClusterNames(self.workspace.folder)

    def known_pair(self, user: str, item: str) -> tuple[str, str]:
        """The ids by which the data knows a user and an item. Raises ``UserError`` (exit 3) for unknown ones."""
        from recsys_tui.recommend.dataset_history import known_item, known_user

        item = known_item(self.dataset, item)
        return known_user(self.dataset, user), item

    def titles(self, items: Sequence[str]) -> dict[str, str | None]:
        """Titles by id, None where there is none: from the stored model if there is one, else from the dataset."""
        try:
            recommender = self.recommender()
        except UserError as error:  # titles are in the dataset too
            if error.message_id != DAMAGED:
                raise
            recommender = None
        if recommender is not None:
            return recommender.titles(items)
        from recsys_tui.recommend.dataset_history import titles_of

        return titles_of(self.dataset, items)

    def history(self, user: str) -> tuple[HistoryItem, ...]:
        """What a person took, newest first, from the model if there is one, else from the dataset."""
        recommender = self.recommender()
        if recommender is not None:
            return recommender.history(user)
        from recsys_tui.recommend.dataset_history import history_of

        return history_of(self.dataset, user)

    def users(self) -> pl.DataFrame:
        """One row a user: code, id, count, cluster (null before training), last (time), mean_rating."""
        from recsys_tui.recommend.dataset_history import with_clusters

        recommender = self.recommender()
        return with_clusters(self.user_figures, None if recommender is None else recommender.model.people.clusters)

    @cached_property
    def user_figures(self) -> pl.DataFrame:
        """The same with no clusters, for which no model needs to be read."""
        from recsys_tui.recommend.dataset_history import user_figures

        return user_figures(self.dataset)


def _describing(dataset: Dataset) -> Future[Overview]:
    """The overview of a dataset, made by a thread of its own."""
    from concurrent.futures import ThreadPoolExecutor

    from recsys_tui.data.histogram_cells import HistogramCells
    from recsys_tui.data.overview import describe

    beside = ThreadPoolExecutor(1)
    overview = beside.submit(lambda: describe(dataset, cells=HistogramCells.of(dataset)))
    beside.shutdown(wait=False)
    return overview
