"""The right to be forgotten: a person is taken out of all that is kept, models are trained anew, and it is verified.

The source of the data is never changed. Whoever reads it from now on leaves the person out, by a keyed mark.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from recsys_tui.data.forgotten import forms_in_files, forms_of
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.output.neutralise import neutral_id
from recsys_tui.recommend.forgetting_plan import Plan
from recsys_tui.recommend.forgetting_workspace import HeldModel, Removed, forgotten_and_stored, scrub_workspace
from recsys_tui.recommend.forgotten_exports import CLEAN, DELETED, LEFT, REWRITTEN, NamedExport, clean_exports
from recsys_tui.recommend.known_people import known_person, person_named
from recsys_tui.recommend.other_meanings import is_item_there, is_word_there, others_mean
from recsys_tui.recommend.same_data import SameData
from recsys_tui.recommend.session import Session
from recsys_tui.store.atomic_files import without_links
from recsys_tui.store.field_scan import Scan, Sought, scan_folder
from recsys_tui.store.folder_lock import folder_lock
from recsys_tui.store.home import Home
from recsys_tui.store.identity import Identity
from recsys_tui.store.in_use import WAIT, alone
from recsys_tui.store.pseudonym_key import KEY as PSEUDONYM_KEY
from recsys_tui.store.pseudonym_key import known_pseudonyms
from recsys_tui.store.remembered import Memory
from recsys_tui.store.scrubbing import scrub_errors, scrub_names, scrub_places, sweep_comparisons
from recsys_tui.store.tombstones import KEY, Tombstones
from recsys_tui.store.workspace import UPDATE_LOCK
from recsys_tui.training.events import SAVED
from recsys_tui.training.job import TrainingRequest

Train = Callable[[Session, TrainingRequest], object]


@dataclass(frozen=True)
class Forgetting:
    """What was done. ``already``: the person had been forgotten before. ``retrained`` and ``untrained``: models, as
    ``preset-horizon``, trained anew and (for a reason that was told) not. ``scan``: what was looked at afterwards."""

    already: bool
    removed: Removed
    exports: tuple[NamedExport, ...]
    retrained: tuple[str, ...]
    untrained: tuple[str, ...]
    scan: Scan
    other_data: int
    seconds: float

    @property
    def verified(self) -> bool:
        """Whether nothing of the person was found anywhere."""
        return not self.scan.found

    def to_json(self) -> dict[str, Any]:
        """The document of ``recsys forget --json``. It does not name the person."""
        exports = list(dict.fromkeys(self.exports))  # one may have named several people
        cleaned = dict.fromkeys(str(one.path) for one in exports if one.outcome in (REWRITTEN, DELETED))
        return {
            "already_forgotten": self.already,
            "removed": self.removed.to_json() | {"exports": list(cleaned)},
            "exports_left": [{"path": str(one.path), "reason": one.outcome} for one in exports if one.outcome in LEFT],
            "retrained": list(self.retrained),
            "untrained": list(self.untrained),
            "verified": self.verified,
            "verification": {
                "files": self.scan.files,
                "tables": self.scan.tables,
                "fields": self.scan.fields,
                "same_text_elsewhere": self.scan.elsewhere,
                "other_workspaces": self.other_data,
                "found": [{"path": str(one.path), "place": one.place} for one in self.scan.found],
            },
            "seconds": self.seconds,
        }


@dataclass
class _Work:
    """What a forgetting knows: the sessions of all workspaces of this data, and the texts to look for.

    ``shown``: the person as they were shown, by id and by the pseudonyms that they had. ``columns``: in which people
    stand, in some workspaces perhaps as items.
    """

    home: Home
    data: SameData
    source: Path
    sessions: list[Session]
    sought: Sought
    shown: tuple[Sought, ...]
    columns: tuple[str, ...] = ()
    removed: Removed = field(default_factory=Removed)
    exports: list[NamedExport] = field(default_factory=list)
    not_by_itself: list[HeldModel] = field(default_factory=list)


def forget(
    session: Session,
    user: str,
    exports: str = CLEAN,
    train: Train | None = None,
    tell: Callable[[str], None] = lambda _sentence: None,
) -> Forgetting:
    """Forget a person: see the module. Models that were trained with them are trained anew as they were.

    ``exports``: ``clean`` takes the person out of the files that were written elsewhere too, ``keep`` only tells
    of them. ``train`` trains a model (see :func:`train_to_end`); an interrupt of it ends the forgetting with the person
    gone and the models that are left to train noted, so that the next call goes on. Raises ``UserError``: exit 3 for
    somebody nobody knows (then nothing is changed), exit 1 while a training or another process works with the data.
    """
    start = time.perf_counter()
    home = session.home
    data = SameData(home, session.identity.path)  # before anything is read anew
    user = person_named(session, user)
    person = known_person(session, user)
    sessions = _sessions_of(session, data)
    forms = forms_of(user, person.ids)
    elsewhere = any(others_mean(one, forms, person.columns) for one in sessions)
    words = not elsewhere and any(is_word_there(one, forms) for one in sessions)
    sought = Sought(forms, elsewhere, person.is_item, words)
    tags = _tags_of(home, [session, *sessions], forms)
    # A tag means the person wherever it stands.
    shown = (sought, Sought(tags, people_are_items=True)) if tags else (sought,)
    work = _Work(home, data, session.identity.path, sessions, sought, shown, person.columns)
    with ExitStack() as stack:
        for one in sessions:
            # The training of a forgetting that was stopped may be about to hear of it.
            stopped = Plan(one.workspace.folder).exists()
            stack.enter_context(alone(one.workspace.folder, wait=WAIT if stopped else 0.0))
            stack.enter_context(folder_lock(one.workspace.folder / UPDATE_LOCK, say("forget.forgetting")))
        # Wherever it lies or lay: copies are no longer alike once they are rewritten.
        for place, group in enumerate(data.groups):
            Tombstones(home.root).add(
                min(group.paths),
                user,
                *person.ids,
                columns=person.columns,
                alike=sorted(group.paths),
                held=group.contents,
                added=group.added,
                all_within=data.is_folder and not place,
            )
        _take_out(work, exports, tell)
    retrained, untrained = _train_anew(work, train or train_to_end, tell)
    scan, others = verify(work)
    return Forgetting(
        person.already,
        work.removed,
        tuple(work.exports),
        retrained,
        untrained,
        scan,
        others,
        round(time.perf_counter() - start, 3),
    )


def _tags_of(home: Home, sessions: Sequence[Session], forms: Sequence[str]) -> tuple[str, ...]:
    """The pseudonyms of a person in the data of all sessions; none where there is no key, so that none was shown."""
    known = [known_pseudonyms(home.root, path) for path in {one.identity.path: None for one in sessions}]
    return tuple(pseudonyms.of(form) for pseudonyms in known if pseudonyms is not None for form in forms)


def models_to_train(session: Session) -> tuple[str, ...]:
    """What a forgetting would train anew, for whoever is asked before: ``preset-horizon`` of the stored models."""
    return tuple(dict.fromkeys(f"{info.preset}-{info.horizon}" for info in session.workspace.models()))


def train_to_end(session: Session, request: TrainingRequest) -> None:
    """Train a model without a word. Raises ``UserError`` where that fails."""
    job = session.training_job(request)
    job.start()
    try:
        last = list(job.events())[-1]
    finally:
        job.discard()
    if last.kind != SAVED:
        raise UserError("cli.said_by_training", ExitCode.FAILED, sentence=last.note or "")


def _sessions_of(session: Session, data: SameData) -> list[Session]:
    """The session, and one for every other workspace of the same data, read with other columns or by another path."""
    found = []
    for info in session.home.workspaces():
        if info.path is None or info.mapping is None or info.key == session.workspace.key:
            continue
        if data.holds(info):
            # Of data that was moved with a link left in its place, the name would be that of another folder now.
            identity = Identity(info.path, info.mapping)
            found.append(Session(session.home, identity, info.path.name, folder=info.folder))
    # It comes last, so that its columns are those that were used last.
    return [*found, session] if session.workspace.folder.is_dir() else found


def _take_out(work: _Work, exports: str, tell: Callable[[str], None]) -> None:
    home, sources = work.home, [info.path for info in work.home.workspaces() if info.path is not None]
    as_items: list[str] = []
    also: list[Sought] = []
    work.removed.leftovers += home.finish_removals()
    for session in work.sessions:
        tell(say("forget.taking_out", name=session.name))
        here = replace(work.sought, people_are_items=is_item_there(session, work.columns, work.sought))
        if here.people_are_items:
            as_items.append(session.workspace.key)
        ids, tags = _others_forgotten(session, work)
        also += [*ids, *tags]
        for sought in (here, *ids):
            work.not_by_itself += scrub_workspace(session, sought, work.removed)
        tags = (*work.shown[1:], *tags)
        for sought in tags:
            work.removed.cluster_names += scrub_names(session.workspace.folder, sought)
        for sought in (here, *ids, *tags):
            written = replace(sought, forms=forms_in_files(sought.forms))
            work.exports += clean_exports(session.workspace.folder, written, exports, sources)
    others, _ = _not_of(work)
    for sought in (work.sought, *also):
        work.removed.remembered += scrub_places(home, [folder.name for folder in others], sought, as_items)
    for sought in (*work.shown, *also):
        work.removed.log_lines += scrub_errors(home.log_path, sought)
    sweep_comparisons(home.root)


def _others_forgotten(session: Session, work: _Work) -> tuple[tuple[Sought, ...], tuple[Sought, ...]]:
    """Who else is forgotten of this data and stored here, where it became the same data since: by id, and by tag."""
    ids = forgotten_and_stored(session, is_item_there(session, work.columns, work.sought))
    forms = tuple(dict.fromkeys(form for user in ids for form in forms_of(user) if form not in work.sought.forms))
    if not forms:
        return (), ()
    elsewhere, words = others_mean(session, forms, work.columns), is_word_there(session, forms)
    by_id = replace(work.sought, forms=forms, only_people=elsewhere, are_words=not elsewhere and words)
    by_id = replace(by_id, people_are_items=is_item_there(session, work.columns, by_id))
    tags = _tags_of(work.home, [session], forms)
    return (by_id,), (Sought(tags, people_are_items=True),) if tags else ()


def _train_anew(work: _Work, train: Train, tell: Callable[[str], None]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Train what is noted; what cannot be trained any more is told. An interrupt leaves the rest noted."""
    retrained: list[str] = []
    untrained = [model.name for model in work.not_by_itself]
    if any(model.private for model in work.not_by_itself):
        tell(say("forget.private_not_trained"))
    for model in work.not_by_itself:
        if not model.private:
            tell(say("forget.not_trained", model=model.name, problem=say("forget.training_unknown")))
    for session in work.sessions:
        plan = Plan(session.workspace.folder)
        left = list(plan.read())
        while left:
            name = f"{left[0].preset}-{left[0].horizon}"
            try:
                if not _is_there(session, left[0]):
                    train(session, left[0])
                retrained.append(name)
            except UserError as error:
                untrained.append(name)
                path = session.identity.path
                problem = error if path.exists() else say("forget.training_no_source", path=neutral_id(str(path)))
                tell(say("forget.not_trained", model=name, problem=problem))
            except KeyboardInterrupt:
                tell(say("forget.interrupted"))
                raise
            left.pop(0)
            plan.write(left)
        plan.done()
    return tuple(retrained), tuple(untrained)


def _is_there(session: Session, request: TrainingRequest) -> bool:
    """Whether the very model is stored, made of the present data: somebody trained it meanwhile."""
    info, version = session.model_info(request.horizon, request.preset), session.workspace.dataset_version()
    if info is None or version is None or info.fingerprint != version.fingerprint:
        return False
    return (info.key.seed, info.key.device) == (request.seed, request.device) and not info.manifest.get("interrupted")


def verify(work: _Work) -> tuple[Scan, int]:
    """Look through the whole home folder for the texts; returns what was found, and how many workspaces of other data
    there are, in which the same id is somebody else: those are not looked at, nor are sources that lie in the home
    folder (all datasets that were downloaded or made among them), nor the keys."""
    home, shown = work.home, work.shown
    others, kept = _not_of(work)
    passed = {home.root / KEY, home.root / PSEUDONYM_KEY, home.datasets, *others, *kept}

    def passed_over(path: Path) -> bool:
        return path in passed or (path.parent == home.root and path.name.startswith(".evaluate-"))

    scan = scan_folder(home.root, shown[0], passed_over)
    for sought in shown[1:]:  # in the same files and fields
        scan.found += scan_folder(home.root, sought, passed_over).found
    # Who is on screen in other data is somebody else, too.
    elsewhere = tuple(f"places/{folder.name}/" for folder in others)
    scan.found = [one for one in scan.found if one.path != Memory(home).path or not one.place.startswith(elsewhere)]
    return scan, len(others)


def _not_of(work: _Work) -> tuple[Sequence[Path], Sequence[Path]]:
    """Folders of the workspaces of other data, and the sources that are not the program's own: they may lie in the home
    folder, or a link there lead to them.

    What a person is taken out of is no other data, though copies that are kept are no longer alike without them.
    """
    home, source = work.home, work.source
    infos, own, data = home.workspaces(), {one.workspace.folder for one in work.sessions}, work.data
    others = [
        info.folder for info in infos if info.path is not None and info.folder not in own and not data.holds(info)
    ]
    sources = {one.identity.path for one in work.sessions}
    paths = [info.path for info in infos if info.path is not None] + [source]
    # Where the home folder lies in a source, or a part of it that was moved, all of that is looked at.
    around = {home.root, *(folder for place in _places(home, own) for folder in place.parents)}
    kept = [path for path in paths if not home.is_piped(path) and path not in around]
    kept += [path.parent for path in paths if path not in sources | data.paths and home.is_piped(path)]
    return others, kept


def _places(home: Home, own: Iterable[Path]) -> set[Path]:
    """Where the home folder lies, and its workspaces of this data with their parts, be it behind links."""
    parts = [part for folder in own if folder.is_dir() for part in folder.iterdir()]
    return set(map(without_links, (home.root, *own, *parts)))
