"""``recsys evaluate``: models compared on held-out data."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from recsys_tui.cli.choices import DeviceOption, Horizon, PresetOption, SeedOption
from recsys_tui.cli.context import console, home, open_session
from recsys_tui.cli.data_options import OptionalData, with_mapping
from recsys_tui.cli.evaluation_progress import evaluation_progress
from recsys_tui.cli.evaluation_table import WIDE, evaluation_rows, said_in_words
from recsys_tui.data.dataset import Mapping
from recsys_tui.output.console import CSV, JSON, Console
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.output.neutralise import neutral_text
from recsys_tui.output.writers import csv_table, json_document

if TYPE_CHECKING:
    import polars as pl

    from recsys_tui.evaluate.comparison import Evaluation
    from recsys_tui.evaluate.protocols import Split

Protocol = Literal["last", "temporal", "random", "users"]
HELD_OUT_SUFFIX = ".json"


@with_mapping
def evaluate(
    data: OptionalData = None,
    protocol: Annotated[Protocol | None, typer.Option("--protocol", help=say("cli.help_protocol"))] = None,
    models: Annotated[str | None, typer.Option("--models", metavar="NAME,NAME…", help=say("cli.help_models"))] = None,
    train: Annotated[Path | None, typer.Option("--train", metavar="FILE", help=say("cli.help_own_train"))] = None,
    test: Annotated[Path | None, typer.Option("--test", metavar="FILE", help=say("cli.help_own_test"))] = None,
    recs: Annotated[list[Path] | None, typer.Option("--recs", metavar="FILE", help=say("cli.help_recs"))] = None,
    lists: Annotated[Path | None, typer.Option("--lists", metavar="DIR", help=say("cli.help_lists"))] = None,
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help=say("cli.help_report"))] = None,
    preset: PresetOption = "standard",
    horizon: Annotated[Horizon | None, typer.Option("--horizon", help=say("cli.help_evaluate_horizon"))] = None,
    seed: SeedOption = 0,
    device: DeviceOption = "auto",
    *,
    mapping: Mapping,
) -> None:
    from recsys_tui.evaluate.comparison import compare, model_names
    from recsys_tui.evaluate.contender import ContenderRequest
    from recsys_tui.evaluate.own_files import read_lists
    from recsys_tui.evaluate.protocols import HORIZON_OF
    from recsys_tui.evaluate.written_comparison import check_folder, write_comparison

    out = console()
    if (train is None) != (test is None):
        raise UserError("evaluate.train_and_test")
    if train is not None and protocol is not None:
        raise UserError("evaluate.own_has_no_protocol")
    if output is not None and output.suffix.lower() != HELD_OUT_SUFFIX:
        raise UserError("evaluate.report_kind", path=output)
    split, source = _own(train, test, mapping, data, out) if train and test else _cut(data, mapping, protocol, seed)
    if lists is not None:
        check_folder(lists, source)
    for note in split.notes:
        out.tell(note)
    names = model_names(models, split)
    asked = horizon or HORIZON_OF.get(split.protocol, "next")
    own = {_name_of(path, names): read_lists(path, split) for path in recs or ()}
    requests = [ContenderRequest(name, seed, device, preset, asked) for name in names]
    with _shared_folder() as folder, evaluation_progress(out) as tell:
        evaluation = compare(split, requests, own, folder, tell)
        if lists is not None:
            write_comparison(split, _all_lists(folder, names) | own, lists)
            out.tell(say("evaluate.lists_written", path=lists))
    _show(evaluation, output, out)


def _cut(data: str | None, mapping: Mapping, protocol: str | None, seed: int) -> tuple[Split, Path]:
    from recsys_tui.evaluate.protocols import split

    session = open_session(data, mapping)
    return split(session.dataset, protocol, seed), session.identity.path


def _own(train: Path, test: Path, mapping: Mapping, data: str | None, out: Console) -> tuple[Split, Path]:
    from recsys_tui.data.load import load_dataset
    from recsys_tui.evaluate.own_files import own_split

    if data is not None:
        out.tell(say("evaluate.own_split_instead", data=neutral_text(data)))
    out.tell(say("cli.reading", data=neutral_text(str(train))))
    return own_split(load_dataset(train, mapping), test), train


def _name_of(path: Path, taken: tuple[str, ...]) -> str:
    """The name that own lists go by: that of their file, unless a model has it."""
    name = neutral_text(path.stem)
    return say("evaluate.own_lists", name=name) if name in taken else name


def _all_lists(folder: Path, names: tuple[str, ...]) -> dict[str, pl.DataFrame]:
    import polars as pl

    return {name: pl.read_parquet(folder / f"{name}.parquet") for name in names}


@contextmanager
def _shared_folder() -> Iterator[Path]:
    """An empty folder in the home folder that is gone afterwards, whatever happens."""
    root = home()
    root.check_writable()
    with tempfile.TemporaryDirectory(prefix=".evaluate-", dir=root.root, ignore_cleanup_errors=True) as name:
        yield Path(name)


def _show(evaluation: Evaluation, output: Path | None, out: Console) -> None:
    document = evaluation.to_json()
    if output is not None:
        from recsys_tui.store.atomic_files import write_bytes

        write_bytes(output, json_document(document).encode())
        out.tell(say("evaluate.report_written", path=output))
    if out.options.form == JSON:
        out.data(json_document(document))
    elif out.options.form == CSV:
        metrics = [*evaluation.models[0].figures.means] if evaluation.models else []
        rows = [[model.name, *(model.figures.means[name] for name in metrics)] for model in evaluation.models]
        out.data(csv_table(["model", *metrics], rows, ("model",)))
    else:
        headers, cells = evaluation_rows(evaluation, shutil.get_terminal_size().columns if out.pretty else WIDE)
        out.table(headers, cells, numbers=range(1, len(headers)))
        for sentence in said_in_words(evaluation):
            out.data(sentence)
