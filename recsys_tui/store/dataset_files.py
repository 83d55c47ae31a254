"""A dataset as tables, arrays and a manifest, and back again with nothing lost."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recsys_tui.data.dataset import Action, ColumnChoice, Dataset, Finding, Mapping, TimeKind
from recsys_tui.output.messages import say
from recsys_tui.processes.out_of_memory import ran_out
from recsys_tui.store.damage import DamagedFileError
from recsys_tui.store.parquet_file import read_parquet, write_parquet
from recsys_tui.store.sound_tables import check_tables

if TYPE_CHECKING:
    import polars as pl

SILENT = "silent.parquet"
INTERACTIONS = "interactions"
TABLES = ("items", "users", "links")


def _findings(manifest: dict[str, Any], table: pl.DataFrame, repeat_share: float) -> Iterator[Finding]:
    """What was found when the data was read; what may be told of as few as were enough then, as it may be now. Earlier
    versions of the program did not say which events count for nothing, nor that some may repeat where none does."""
    from recsys_tui.data import cleaning

    found = [Finding(**entry | {"action": Action(entry["action"])}) for entry in manifest["findings"]]
    if not any(entry.code == cleaning.NOTHING for entry in found) and (nothing := cleaning.events_for_nothing(table)):
        found.append(cleaning.told_nothing(nothing))
    if cleaning.may_repeat(found) and not any(entry.code == cleaning.REPEATS for entry in found):
        found.append(cleaning.told_repeats(0, found))
    for entry in found:
        if entry.code == cleaning.AGAINST:
            yield cleaning.told_against(entry.count)
        elif entry.code == cleaning.NOTHING:
            yield cleaning.told_nothing(entry.count)
        elif entry.code == cleaning.CANCELLED:
            yield cleaning.told_cancelled(entry.count)
        elif entry.code == cleaning.REPEATS:
            yield cleaning.told_repeats(entry.count, found)
        elif entry.code == cleaning.AGAIN:
            if repeat_share:
                yield cleaning.told_again(entry.count, repeat_share, table.height, found)
        else:
            yield entry


def write_tables(dataset: Dataset, folder: Path) -> None:
    """Write the tables into a folder."""
    _write_interactions(dataset.interactions, folder)
    for name in TABLES:
        _write_parquet(getattr(dataset, name), folder / f"{name}.parquet")
    if dataset.silent is not None:
        _write_parquet(dataset.silent, folder / SILENT)


def _write_parquet(table: pl.DataFrame, path: Path) -> None:
    write_parquet(table, path, compression="zstd", compression_level=1)


def _write_interactions(table: pl.DataFrame, folder: Path) -> None:
    """Whole columns of numbers as arrays, which are read back without taking memory; the others as Parquet."""
    from recsys_tui.store.array_file import write_arrays

    plain = [name for name in table.columns if table[name].dtype.is_numeric() and not table[name].null_count()]
    write_arrays(folder / f"{INTERACTIONS}.safetensors", {name: table[name].to_numpy() for name in plain})
    if others := [name for name in table.columns if name not in plain]:
        _write_parquet(table.select(others), folder / f"{INTERACTIONS}.parquet")


def _read_interactions(folder: Path, manifest: dict[str, Any]) -> pl.DataFrame:
    """The columns in their order; arrays stay mapped. Earlier versions of the program wrote one Parquet table."""
    import polars as pl

    from recsys_tui.store.array_file import read_arrays

    arrays, path = folder / f"{INTERACTIONS}.safetensors", folder / f"{INTERACTIONS}.parquet"
    if not arrays.exists():
        return read_parquet(path)
    columns = [pl.Series(name, array) for name, array in read_arrays(arrays).items()]
    columns += read_parquet(path).get_columns() if path.exists() else []
    return pl.DataFrame(columns).select(manifest["interaction_columns"])


def describe(dataset: Dataset) -> dict[str, Any]:
    """Everything but the tables, as plain values."""
    return {
        "name": dataset.name,
        "path": str(dataset.path),
        "sources": [str(path) for path in dataset.files],
        "file_format": dataset.format,
        "mapping": dataset.mapping.to_json(),
        "columns": [vars_of(choice) for choice in dataset.columns],
        "time_kind": dataset.time_kind.value,
        "explicit": dataset.explicit,
        "rows_read": dataset.rows_read,
        "interaction_columns": dataset.interactions.columns,
        "shared_ids": dataset.shared_ids,
        "weights": dataset.weights,
        "repeat_share": dataset.repeat_share,
        "findings": [vars_of(finding) for finding in dataset.findings],
    }


def vars_of(entry: ColumnChoice | Finding) -> dict[str, Any]:
    """The fields of a small frozen dataclass."""
    return dict(vars(entry))


def _choice(entry: dict[str, Any]) -> ColumnChoice:
    choice = ColumnChoice(**entry)
    if not all(isinstance(text, str) for text in (choice.role, choice.column, choice.why)):
        raise TypeError(entry)
    return replace(choice, confidence=float(choice.confidence))


def read_dataset(folder: Path, manifest: dict[str, Any]) -> Dataset:
    """Build the dataset of :func:`write_tables` and :func:`describe`. Raises ``ValueError``, ``KeyError`` and others of
    the language's own errors for tables that are none of a dataset."""
    import polars as pl

    try:
        dataset = _dataset_of(folder, manifest)
        check_tables(dataset)
    except pl.exceptions.PolarsError as error:
        if ran_out(error):
            raise
        raise DamagedFileError(say("store.no_dataset_described")) from error
    return dataset


def _dataset_of(folder: Path, manifest: dict[str, Any]) -> Dataset:
    from recsys_tui.data.meanings import enough_take

    tables = {name: read_parquet(folder / f"{name}.parquet") for name in TABLES}
    interactions = _read_interactions(folder, manifest)
    # Fewer people may have been enough when it was stored.
    repeat_share = manifest["repeat_share"] if manifest["repeat_share"] and enough_take(interactions) else 0.0
    return Dataset(
        name=manifest["name"],
        path=Path(manifest["path"]),
        files=tuple(Path(path) for path in manifest["sources"]),
        format=manifest["file_format"],
        mapping=Mapping.from_json(manifest["mapping"]),
        columns=tuple(map(_choice, manifest["columns"])),
        time_kind=TimeKind(manifest["time_kind"]),
        explicit=manifest["explicit"],
        rows_read=operator.index(manifest["rows_read"]),
        shared_ids=manifest["shared_ids"],
        weights=manifest["weights"],
        repeat_share=repeat_share,
        findings=tuple(_findings(manifest, interactions, repeat_share)),
        interactions=interactions,
        silent=read_parquet(folder / SILENT) if (folder / SILENT).exists() else None,
        items=tables["items"],
        users=tables["users"],
        links=tables["links"],
    )
