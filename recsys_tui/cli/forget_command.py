"""``recsys forget``: a person is taken out of everything that is kept, and it is verified."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from recsys_tui.cli.context import console, home, open_session, pseudonyms
from recsys_tui.cli.data_options import Data, with_mapping
from recsys_tui.cli.training_progress import train_now
from recsys_tui.data.dataset import Mapping
from recsys_tui.output.console import CSV, JSON, Console, on_terminal
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.output.neutralise import neutral_id
from recsys_tui.output.writers import csv_table, json_document

if TYPE_CHECKING:
    from recsys_tui.recommend.forgetting import Forgetting
    from recsys_tui.recommend.session import Session
    from recsys_tui.store.home import WorkspaceInfo


@with_mapping
def forget(
    data: Data,
    user: Annotated[str, typer.Option("--user", metavar="ID", help=say("forget.help_user"))] = ...,  # type: ignore[assignment]
    exports: Annotated[Literal["clean", "keep"], typer.Option("--exports", help=say("forget.help_exports"))] = "clean",
    yes: Annotated[bool, typer.Option("--yes", "-y", help=say("forget.help_yes"))] = False,
    *,
    mapping: Mapping,
) -> None:
    from recsys_tui.evaluate.ab.arm_fitting import fit_running_arms
    from recsys_tui.recommend.forgetting import forget as forget_person
    from recsys_tui.recommend.known_people import known_person

    out = console()
    if not yes and not on_terminal():
        raise UserError("forget.say_yes", ExitCode.USAGE)
    session = _session_of(data, mapping, user)
    path = neutral_id(str(session.identity.path))
    is_there = session.identity.path.exists()
    if not yes or not is_there:
        known_person(session, user)  # nobody is asked about somebody whom nobody knows
    if not is_there:
        out.tell(say("forget.source_is_gone", path=path))
    if not yes:
        _ask(session, user)
    found = forget_person(session, user, exports, lambda one, request: train_now(one, request, out), out.tell)
    _show(found, out)
    if out.options.form not in (JSON, CSV):
        out.sentence(say("forget.source_stays" if is_there else "forget.source_stays_gone", path=path))
    if found.retrained:
        fit_running_arms(session)
    if not found.verified:
        raise UserError("forget.not_verified", ExitCode.FAILED, count=len(found.scan.found))


def _session_of(data: str, mapping: Mapping, user: str) -> Session:
    """A session over some data; where it is gone, over what is stored of it, as it was read: as asked, or as it was
    read last of the ways that know the person. Raises ``UserError`` as :func:`open_session`."""
    try:
        return open_session(data, mapping)
    except UserError as error:
        if error.message_id != "data.no_such_path_or_name":
            raise
        paths = (Path(data).expanduser().resolve(), home().datasets.resolve() / data)
        stored = [info for info in home().workspaces() if info.path in paths and info.mapping is not None]
        if not stored:
            raise
    stored.sort(key=lambda info: info.mapping != replace(mapping, detect=False))
    sessions = [_over_stored(info) for info in stored]
    return next((one for one in sessions if _knows(one, user)), sessions[0])


def _over_stored(info: WorkspaceInfo) -> Session:
    from recsys_tui.recommend.session import Session
    from recsys_tui.store.identity import Identity
    from recsys_tui.store.pseudonym_key import pseudonyms_for

    path = info.path or info.folder
    session = Session(home(), Identity(path, info.mapping or Mapping()), path.name, folder=info.folder)
    session.pseudonyms = pseudonyms_for(home().root, path) if pseudonyms() else None
    return session


def _knows(session: Session, user: str) -> bool:
    from recsys_tui.recommend.known_people import known_person

    try:
        known_person(session, user)
    except UserError:
        return False
    return True


def _ask(session: Session, user: str) -> None:
    """Ask whether to go on. Raises ``UserError`` (exit 2) where not."""
    from recsys_tui.recommend.forgetting import models_to_train

    models = ", ".join(models_to_train(session))
    what = say("forget.question_models", models=models) if models else say("forget.question_no_models")
    try:
        wanted = typer.confirm(say("forget.question", user=neutral_id(user), name=session.name, what=what), err=True)
    except typer.Abort:  # a ^C, or the end of the input
        raise KeyboardInterrupt from None
    if not wanted:
        raise UserError("forget.declined", ExitCode.USAGE)


def _show(found: Forgetting, out: Console) -> None:
    document = found.to_json()
    if out.options.form == JSON:
        out.data(json_document(document))
        return
    counts = {name: len(value) if isinstance(value, list) else value for name, value in document["removed"].items()}
    if out.options.form == CSV:
        rows = [*counts.items(), ("verified", found.verified), *_looked_at(document)]
        out.data(csv_table(("what", "count"), rows))
        return
    if found.already:
        out.tell(say("forget.already"))
    shown = [(say(f"forget.removed_{name}"), f"{count:,}") for name, count in counts.items() if count]
    if shown:
        out.table((say("forget.what"), say("forget.count")), shown, numbers=(1,))
    if found.retrained:
        out.sentence(say("forget.retrained", models=", ".join(found.retrained)))
    if found.untrained:
        out.sentence(say("forget.untrained", models=", ".join(found.untrained)))
    for export in document["exports_left"]:
        out.sentence(say(f"forget.export_{export['reason']}", path=neutral_id(export["path"])))
    for place in found.scan.found:
        out.sentence(say("forget.found", path=neutral_id(str(place.path)), place=neutral_id(place.place)))
    if found.verified:
        out.sentence(say("forget.verified", **{name: f"{count:,}" for name, count in _looked_at(document)[:3]}))
    if found.scan.elsewhere:
        out.sentence(say("forget.elsewhere", count=found.scan.elsewhere))
    if found.other_data:
        out.sentence(say("forget.other_data", count=found.other_data))


def _looked_at(document: dict[str, dict[str, int]]) -> list[tuple[str, int]]:
    return [(name, document["verification"][name]) for name in ("files", "tables", "fields")]
