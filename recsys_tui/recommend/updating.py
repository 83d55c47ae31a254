"""``recsys update``: new rows of a dataset are folded into what is stored; the same rows twice change nothing."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recsys_tui.data.dataset import VECTOR
from recsys_tui.data.fingerprint import stamp_around
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.recommend.session import Session
from recsys_tui.store.atomic_files import write_bytes
from recsys_tui.store.file_contents import content_of
from recsys_tui.store.folder_lock import folder_lock
from recsys_tui.store.in_use import in_use
from recsys_tui.store.kept_copies import note_rewritten
from recsys_tui.store.tombstones import Tombstones
from recsys_tui.store.version_folder import holds_forgotten
from recsys_tui.store.workspace import UPDATE_LOCK
from recsys_tui.training.text_vectors import check_can_embed, stamp_of, with_text_vectors

if TYPE_CHECKING:
    import polars as pl

    from recsys_tui.data.dataset import Dataset
    from recsys_tui.models.experts import Solved
    from recsys_tui.store.stored_versions import StoredModelInfo

_ENDING = re.compile(r"\.[A-Za-z0-9]{1,10}")


@dataclass(frozen=True)
class Update:
    """What an update found: events, people and items that the models, or without models the stored data, had not;
    events that are gone; models that were brought up to date; seconds."""

    rows_new: int
    users_new: int
    items_new: int
    rows_gone: int
    models: tuple[str, ...]
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """The document of ``recsys update --json``."""
        return asdict(self) | {"models": list(self.models)}


@dataclass(frozen=True)
class Addition:
    """New interactions: the contents of a file, and the name by which the person knows it."""

    content: bytes
    name: str

    @property
    def suffix(self) -> str:
        """The endings of the name, which some formats go by."""
        return "".join(end for end in Path(self.name).suffixes[-2:] if _ENDING.fullmatch(end)).lower()


def update(session: Session, addition: Addition | None, tell: Callable[[str], None]) -> Update:
    """Bring the stored dataset up to its source and to the added rows, and every stored model up to the dataset.

    One update of a dataset runs at a time; a second
    one ends at once with a sentence (exit 1). An update that is killed leaves the old state or the new one. Raises
    ``UserError`` (exit 2) for rows that cannot be understood; then nothing was changed.
    """
    start = time.perf_counter()
    workspace = session.workspace
    session.home.check_writable()
    check_can_embed(session.identity.mapping.text_model)
    with in_use(workspace.folder), folder_lock(workspace.folder / UPDATE_LOCK, say("store.updating")):
        stored = workspace.load_dataset() if workspace.dataset_version() is not None else None
        try:
            now = session.stored_dataset if addition is None else _with_addition(session, stored, addition)
        except UserError:
            workspace.drop_if_empty()
            raise
        outdated = _outdated(session)
        # What is new is new to the models: the data may have been read and stored since they were made.
        seen = workspace.load_dataset(outdated[0].fingerprint) if outdated else None
        before = seen or stored
        rows_new, rows_gone = _differences(before, now)
        described = with_text_vectors(now, workspace, tell=tell) if outdated else now
        solved: Solved = {}  # the models of one dataset share most of what is solved
        held = workspace.dataset_version()
        made_of = held.fingerprint if held is not None else None
        brought = [_bring_up(session, info, described, solved, tell, made_of) for info in outdated]
        workspace.drop_old_data()
    old_users = before.users["id"] if before is not None else now.users["id"].head(0)
    old_items = before.items["id"] if before is not None else now.items["id"].head(0)
    return Update(
        rows_new,
        int((~now.users["id"].is_in(old_users.implode())).sum()),
        int((~now.items["id"].is_in(old_items.implode())).sum()),
        rows_gone,
        tuple(name for name in brought if name is not None),
        round(time.perf_counter() - start, 3),
    )


def _with_addition(session: Session, before: Dataset | None, addition: Addition) -> Dataset:
    """The dataset with the added rows; where they bring nothing new, their file goes and nothing is changed."""
    from recsys_tui.data.load import load_dataset

    identity, workspace = session.identity, session.workspace
    kept = workspace.keep_added(addition.content, addition.suffix)
    if kept is None:
        return session.stored_dataset
    try:
        kept = _without_forgotten(session, kept)
        if not kept.is_file():
            return session.stored_dataset
        added = [*workspace.added_files(), kept]
        looked = stamp_around(identity.path)
        now = load_dataset(identity.path, identity.mapping, None, added, session.forgotten())
        if before is None or _differences(before, now) != (0, 0):
            counted = workspace.count_added(kept)
            now = replace(now, files=tuple(counted if path == kept else path for path in now.files))
            kept = counted
            session.adopt(now, looked, content_of(addition.content))
            return now
    except UserError as error:
        kept.unlink(missing_ok=True)
        if kept.name in str(error.fields.get("path")):  # told by the name that the person gave
            raise UserError(
                error.message_id, error.exit_code, **error.fields | {"path": Path(addition.name)}
            ) from error
        raise
    except BaseException:
        kept.unlink(missing_ok=True)
        raise
    kept.unlink(missing_ok=True)
    return session.stored_dataset


def _without_forgotten(session: Session, kept: Path) -> Path:
    """The kept file without rows of people who are forgotten, of this data or of other data that held these rows, so
    that nothing of them is in the home folder again; no file where none are left."""
    gone = Tombstones(session.home.root).of(session.identity.path, kept)
    if not gone:
        return kept
    if session.forgotten():
        session.source.follow_forgotten(content_of(kept.read_bytes()))
    from recsys_tui.data.kept_rows import added_without

    rest = added_without(kept, session.identity.path, session.identity.mapping, gone)
    if rest is None:
        return kept
    kept.unlink()
    if rest:
        kept = kept.with_name(f".{kept.name.split('.')[1]}.parquet")
        note_rewritten(session.home.root, rest)
        write_bytes(kept, rest)
    return kept


def _differences(before: Dataset | None, now: Dataset) -> tuple[int, int]:
    """How many events are new and how many are gone; an event may occur several times."""
    if before is None:
        return now.interaction_count, 0
    import polars as pl

    compared = [name for name in ("time", "rating", "event", "quantity") if name in now.interactions.columns]
    compared = [name for name in compared if name in before.interactions.columns]
    number = pl.int_range(pl.len()).over("user", "item", *compared).alias("number")
    old, new = (
        dataset.interactions.select(
            pl.Series("user", dataset.users["id"].gather(dataset.interactions["user"])),
            pl.Series("item", dataset.items["id"].gather(dataset.interactions["item"])),
            *compared,
        ).with_columns(number)
        for dataset in (before, now)
    )
    keys = ["user", "item", *compared, "number"]
    return _missing(new, old, keys), _missing(old, new, keys)


def _missing(left: pl.DataFrame, right: pl.DataFrame, keys: list[str]) -> int:
    return left.join(right, on=keys, how="anti", nulls_equal=True).height


def _outdated(session: Session) -> list[StoredModelInfo]:
    """The newest model of each preset and horizon, where it was made of other data than is stored now, or
    for smaller crowds than those of the settings.

    A private model is none of them: what is made of the data anew has its own price in privacy, and must be asked for.
    """
    version = session.workspace.dataset_version()
    newest: dict[tuple[str, str], StoredModelInfo] = {}
    for info in session.workspace.models():
        if "privacy" not in info.manifest:
            newest.setdefault((info.preset, info.horizon), info)
    if version is None:
        return []
    return [info for info in newest.values() if info.fingerprint != version.fingerprint or not info.counts_enough]


def _bring_up(
    session: Session,
    info: StoredModelInfo,
    now: Dataset,
    solved: Solved,
    tell: Callable[[str], None],
    made_of: str | None,
) -> str | None:
    """Fold the data into a model and store it; ``made_of``: the fingerprint of the data. Returns the model's name.

    A model with somebody in it who was forgotten since, as after a ``forget`` that was killed, is told and left as it
    is: None.
    """
    from recsys_tui.recommend.stored_models import model_of
    from recsys_tui.training.fold_in import folded_in
    from recsys_tui.training.saving import keep_names

    name = f"{info.preset}-{info.horizon}"
    tell(say("models.folding_in", model=name))
    try:
        stored = session.workspace.load_model(info)
    except UserError as error:
        if not holds_forgotten(error):
            raise
        tell(str(error))
        return None
    model = model_of(stored, session.workspace)
    said = stored.info.said_by_training
    if said.get("text_model") != stamp_of(now.mapping.text_model):
        # Vectors of another model have no place among those that were learned.
        tell(say("models.text_model_changed", model=name))
        now = replace(now, items=now.items.drop(VECTOR, strict=False))
    folded, manifest = folded_in(model, said, now, info.preset, info.key.seed, solved)
    session.workspace.save_model(info.key, manifest, folded.to_arrays(), made_of)
    keep_names(session.workspace, folded, tell)
    return name
