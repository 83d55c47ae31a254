"""``recsys train``: all four stages, with progress."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from recsys_tui.cli.choices import DeviceOption, HorizonOption, PresetOption, SeedOption
from recsys_tui.cli.context import console, open_session
from recsys_tui.cli.data_options import Data, with_mapping
from recsys_tui.cli.promises import promise_told
from recsys_tui.cli.training_progress import train_now
from recsys_tui.data.dataset import Mapping
from recsys_tui.models.private.accountant import check_given
from recsys_tui.output.console import CSV, JSON
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.output.writers import csv_table, json_document
from recsys_tui.store.damage import DAMAGED
from recsys_tui.training.job import PRIVATE, TrainingRequest

if TYPE_CHECKING:
    from recsys_tui.recommend.session import Session
    from recsys_tui.store.stored_versions import StoredModelInfo

MEASURED = ("ndcg@10", "hr@10", "recall@20")


@with_mapping
def train(
    data: Data,
    preset: PresetOption = "standard",
    horizon: HorizonOption = "next",
    device: DeviceOption = "auto",
    seed: SeedOption = 0,
    force: Annotated[bool, typer.Option("--force", help=say("cli.help_force"))] = False,
    private: Annotated[float | None, typer.Option("--private", metavar="EPSILON", help=say("private.help"))] = None,
    delta: Annotated[float | None, typer.Option("--delta", help=say("private.help_delta"))] = None,
    *,
    mapping: Mapping,
) -> None:
    check_given(private, delta)
    request = TrainingRequest(preset if private is None else PRIVATE, horizon, seed, device, private, delta)
    session = open_session(data, mapping)
    if private is not None and session.identity.mapping.core is not None:
        raise UserError("private.core")  # before the data is read, and its options are remembered
    out = console()
    info = None if force else _same(session, request)
    if info is None:
        info = train_now(session, request, out)
    else:
        out.tell(say("cli.already_trained", preset=request.preset))
    best = session.model_info(horizon)
    if best is not None and best.preset == PRIVATE != info.preset:
        out.tell(say("private.still_answers", preset=info.preset))
    document = training_document(session, info)
    if out.options.form == JSON:
        out.data(json_document(document))
    elif out.options.form == CSV:
        out.data(csv_table(("stage", "seconds"), [(stage["name"], stage["seconds"]) for stage in document["stages"]]))
    else:
        out.table(
            (say("cli.stage"), say("cli.seconds")),
            [(say(f"models.stage_{stage['name']}"), f"{stage['seconds']:.1f}") for stage in document["stages"]],
            numbers=(1,),
        )
        if document["privacy"] is not None:
            out.data(promise_told(document["privacy"]))
            return
        figures = {name.split("@")[0]: value for name, value in document["validation"].items() if value is not None}
        measured = (
            say("cli.validation", **{name: f"{value:.4f}" for name, value in figures.items()}) if figures else None
        )
        untold = "cli.not_told" if info.manifest["lists"]["validation"] else "cli.not_measured"
        out.data(measured or say(untold))


def _same(session: Session, request: TrainingRequest) -> StoredModelInfo | None:
    """The stored model that this very training would make, if it is there."""
    from recsys_tui.recommend.stored_models import model_of
    from recsys_tui.training.text_vectors import stamp_of

    session.load()
    try:
        info = session.model_info(request.horizon, request.preset)
    except UserError as error:  # what a manifest said cannot be read any more; one may be of a private model
        if request.epsilon is not None:
            raise _another_has_a_price(error) from error
        return None
    version = session.workspace.dataset_version()
    if info is None or version is None or info.fingerprint != version.fingerprint or info.key.seed != request.seed:
        return None
    promised = info.manifest.get("privacy")
    if promised is not None and not _promises(promised, request):
        return None
    if info.manifest.get("interrupted") or info.manifest.get("text_model") != stamp_of(
        session.dataset.mapping.text_model
    ):
        return None
    try:
        model_of(session.workspace.load_model(info), session.workspace)
    except UserError as error:  # its files are damaged
        if promised is not None:
            raise _another_has_a_price(error) from error
        return None
    return info


def _another_has_a_price(error: UserError) -> UserError:
    """The error for a private model that is damaged, or may be: each training has its price in privacy."""
    if error.message_id != DAMAGED:
        return error
    return UserError("private.damaged", ExitCode.FAILED, file=error.fields["file"], reason=error.fields["reason"])


def _promises(promised: dict[str, Any], request: TrainingRequest) -> bool:
    """Whether a stored model promises what is asked for."""
    same_delta = not promised["delta_given"] if request.delta is None else promised["delta"] == request.delta
    return bool(promised["epsilon"] == request.epsilon and same_delta)


def training_document(session: Session, info: StoredModelInfo) -> dict[str, Any]:
    """The document of ``recsys train --json``; the figures are null where nothing could be held out."""
    from recsys_tui.training.told_figures import learned_on, told_parts

    validation = dict(info.manifest["validation"])
    if "privacy" not in info.manifest:
        validation = dict.fromkeys(MEASURED) | validation
    return {
        "workspace": session.workspace.key,
        "preset": info.preset,
        "horizon": info.horizon,
        "interrupted": bool(info.manifest.get("interrupted")),
        "seconds": info.manifest["seconds"],
        "stages": info.manifest["stages"],
        "validation": validation,
        "parts": told_parts(info.manifest),
        "interaction": info.manifest["interaction"],
        "ratings": info.manifest["ratings"],
        "served": info.manifest["served"],
        "seed": info.key.seed,
        "device": learned_on(info),
        "privacy": info.manifest.get("privacy"),
    }
