"""``recsys evaluate``: models compared on held-out data."""

from __future__ import annotations

import shutil
from contextlib import nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from recsys_tui.cli.choices import DeviceOption, Horizon, PresetOption, SeedOption
from recsys_tui.cli.context import console, home, open_session, pseudonyms
from recsys_tui.cli.data_options import OptionalData, with_mapping
from recsys_tui.cli.evaluation_progress import evaluation_progress
from recsys_tui.data.dataset import Mapping
from recsys_tui.output.console import CSV, JSON, Console, complain
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.output.neutralise import neutral_text
from recsys_tui.output.writers import csv_table, json_document
from recsys_tui.store.parquet_file import read_parquet

if TYPE_CHECKING:
    import polars as pl

    from recsys_tui.evaluate.comparison import Evaluation
    from recsys_tui.evaluate.protocols import Split
    from recsys_tui.recommend.session import Session

Protocol = Literal["last", "temporal", "random", "users", "windows"]
TAKEN = ("deep", "train", "test", "history")  # whatever is compared: the model, and the files of the split


@with_mapping
def evaluate(
    data: OptionalData = None,
    protocol: Annotated[Protocol | None, typer.Option("--protocol", help=say("cli.help_protocol"))] = None,
    models: Annotated[str | None, typer.Option("--models", metavar="NAME,NAME…", help=say("cli.help_models"))] = None,
    train: Annotated[Path | None, typer.Option("--train", metavar="FILE", help=say("cli.help_own_train"))] = None,
    test: Annotated[Path | None, typer.Option("--test", metavar="FILE", help=say("cli.help_own_test"))] = None,
    recs: Annotated[list[Path] | None, typer.Option("--recs", metavar="FILE", help=say("cli.help_recs"))] = None,
    lists: Annotated[Path | None, typer.Option("--lists", metavar="DIR", help=say("cli.help_lists"))] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help=say("cli.help_report"))] = None,
    preset: PresetOption = "standard",
    private: Annotated[
        float | None, typer.Option("--private", metavar="EPSILON", help=say("private.help_evaluate"))
    ] = None,
    delta: Annotated[float | None, typer.Option("--delta", help=say("private.help_delta"))] = None,
    horizon: Annotated[Horizon | None, typer.Option("--horizon", help=say("cli.help_evaluate_horizon"))] = None,
    seed: SeedOption = 0,
    seeds: Annotated[int, typer.Option("--seeds", min=1, max=100, help=say("cli.help_seeds"))] = 1,
    jobs: Annotated[int | None, typer.Option("--jobs", "-j", min=1, max=64, help=say("cli.help_jobs"))] = None,
    device: DeviceOption = "auto",
    *,
    mapping: Mapping,
) -> None:
    from recsys_tui.evaluate.comparison import compare, model_names
    from recsys_tui.evaluate.contender import DEEP, ContenderRequest
    from recsys_tui.evaluate.own_files import list_names, read_lists
    from recsys_tui.evaluate.protocols import HORIZON_OF
    from recsys_tui.evaluate.shared_folder import shared_folder
    from recsys_tui.evaluate.windows import compare_windows
    from recsys_tui.evaluate.written_comparison import (
        check_folder,
        check_report,
        write_report,
    )
    from recsys_tui.models.devices import choose_device
    from recsys_tui.models.private.accountant import budget_for, check_given
    from recsys_tui.store.in_use import in_use
    from recsys_tui.training.text_vectors import check_can_embed

    out = console()
    check_given(private, delta)
    if (train is None) != (test is None):
        raise UserError("evaluate.train_and_test")
    if train is not None and protocol is not None:
        raise UserError("evaluate.own_has_no_protocol")
    if protocol == "windows" and (recs or lists is not None):
        raise UserError("evaluate.windows_alone")
    given = [path for path in (train, test, *(recs or ()), mapping.items, mapping.users, mapping.links) if path]
    if output is not None:
        check_report(output, given)
    if train and test:
        cuts, source, session = [_own(train, test, mapping, data, out)], train, None
    else:
        cuts, read, session = _cut(data, mapping, protocol, seed)
        given += read
        source = read[0]
    split = cuts[-1]
    if output is not None:
        check_report(output, given)
    if lists is not None:
        check_folder(lists, given)
    for note in split.notes:
        out.tell(note)
    names = model_names(models, split, private is not None)
    asked = horizon or HORIZON_OF.get(split.protocol, "next")
    if not (names or recs):
        raise UserError("evaluate.no_lists")
    own = {name: read_lists(path, split) for name, path in list_names(recs or (), (*names, *TAKEN)).items()}
    if names and device not in ("auto", "cpu"):
        choose_device(device)  # one that is not there is told before anything was done
    if private is not None:
        for cut in cuts:
            budget_for(private, delta, cut.train.user_count)  # one that cannot be kept is told before anything was done
    if DEEP in names:
        check_can_embed(split.train.mapping.text_model)
    requests = [ContenderRequest(name, seed, device, preset, asked, epsilon=private, delta=delta) for name in names]
    home().check_writable()
    works = nullcontext() if session is None else in_use(session.workspace.folder)
    with works, shared_folder(home().root) as folder, evaluation_progress(out) as tell:
        if session is not None:
            session.source.refuse_forgotten_since()
        if len(cuts) > 1:
            evaluation = compare_windows(cuts, requests, folder, tell, seeds, jobs)
        else:
            evaluation = compare(split, requests, own, folder, tell, seeds, jobs)
        tables = own if lists is None else _all_lists(folder, names) | own
    try:
        _show(evaluation, out)  # first, so that a disk that is full costs the files only
    finally:  # a reader that went away, or a full disk behind standard output, costs none of them
        if lists is not None:
            _write_lists(split, tables, lists, session)
            out.tell(say("evaluate.lists_written", path=lists))
        if output is not None:
            write_report(output, evaluation.to_json(), neutral_text(source.name))
            out.tell(say("evaluate.report_written", path=output))
    for _, sentence in evaluation.failures:
        out.tell(sentence)
    if evaluation.failures:
        raise UserError(
            "evaluate.some_failed", ExitCode.FAILED, names=", ".join(name for name, _ in evaluation.failures)
        )


def _cut(
    data: str | None, mapping: Mapping, protocol: str | None, seed: int
) -> tuple[list[Split], list[Path], Session]:
    """The split of the data, or several windows in time, the files that it was read from, and its session."""
    from recsys_tui.evaluate.protocols import WINDOWS, split, window_splits

    session = open_session(data, mapping)
    _ = session.source.forgotten_at_first
    dataset = session.shown(session.stored_dataset, with_texts=True)
    version = session.workspace.dataset_version()
    read = [Path(name) for name in version.stamp] if version is not None else []
    cuts = window_splits(dataset) if protocol == WINDOWS else [split(dataset, protocol, seed)]
    return cuts, [session.identity.path, *read], session


def _own(train: Path, test: Path, mapping: Mapping, data: str | None, out: Console) -> Split:
    from recsys_tui.data.load import load_dataset
    from recsys_tui.data.locate import locate
    from recsys_tui.data.tagged_dataset import tagged_dataset
    from recsys_tui.evaluate.own_files import checked_own, own_split
    from recsys_tui.store.pseudonym_key import pseudonyms_for
    from recsys_tui.store.tombstones import Tombstones

    if data is not None:
        out.tell(say("evaluate.own_split_instead", data=neutral_text(data)))
    out.tell(say("cli.reading", data=neutral_text(str(train))))
    tombstones = Tombstones(home().root)
    forgotten = tombstones.of(train.resolve())
    if data is not None:  # parts of it, then, in which its people are as forgotten
        with suppress(UserError):  # it is not read, and need not be there
            forgotten = forgotten | tombstones.of(locate(data, home().datasets).path)
    dataset = load_dataset(train, mapping, forgotten=forgotten)
    if pseudonyms():
        dataset = tagged_dataset(dataset, pseudonyms_for(home().root, train.resolve()), with_texts=True)
    return checked_own(own_split(dataset, test), test)


def _all_lists(folder: Path, names: tuple[str, ...]) -> dict[str, pl.DataFrame]:
    written = [name for name in names if (folder / f"{name}.parquet").is_file()]
    return {name: read_parquet(folder / f"{name}.parquet") for name in written}


def _write_lists(split: Split, tables: dict[str, pl.DataFrame], lists: Path, session: Session | None) -> None:
    from recsys_tui.evaluate.written_comparison import write_comparison
    from recsys_tui.store.exports import Exports

    if session is None:
        write_comparison(split, tables, lists)
        return
    session.source.refuse_forgotten_since()
    write, refuse = Exports(session.workspace.folder).write, session.source.refuse_forgotten_since
    if not write_comparison(split, tables, lists, partial(write, refuse=refuse)):
        complain(say("forget.not_noted", path=lists))


def _show(evaluation: Evaluation, out: Console) -> None:
    if out.options.form == JSON:
        out.data(json_document(evaluation.to_json()))
    elif out.options.form == CSV:
        metrics = [*evaluation.models[0].figures.means] if evaluation.models else []
        rows = [[model.name, *(model.figures.means[name] for name in metrics)] for model in evaluation.models]
        out.data(csv_table(["model", *metrics], rows, ("model",)))
    else:
        from recsys_tui.cli.evaluation_table import evaluation_rows, said_in_words

        headers, cells = evaluation_rows(evaluation, shutil.get_terminal_size().columns if out.pretty else None)
        out.table(headers, cells, numbers=range(1, len(headers)))
        for sentence in said_in_words(evaluation):
            out.sentence(sentence)
