"""A dataset as Parquet tables and a manifest, and back again with nothing lost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from recsys_tui.data.dataset import Action, ColumnChoice, Dataset, Finding, Mapping, TimeKind

if TYPE_CHECKING:
    import polars as pl

SILENT = "silent.parquet"
TABLES = ("interactions", "items", "users", "links")


def write_tables(dataset: Dataset, folder: Path) -> None:
    """Write the tables into a folder."""
    for name in TABLES:
        table: pl.DataFrame = getattr(dataset, name)
        table.write_parquet(folder / f"{name}.parquet", compression="zstd", compression_level=1)
    if dataset.silent is not None:
        dataset.silent.write_parquet(folder / SILENT, compression="zstd", compression_level=1)


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
        "shared_ids": dataset.shared_ids,
        "weights": dataset.weights,
        "repeat_share": dataset.repeat_share,
        "findings": [vars_of(finding) for finding in dataset.findings],
    }


def vars_of(entry: ColumnChoice | Finding) -> dict[str, Any]:
    """The fields of a small frozen dataclass."""
    return dict(vars(entry))


def read_dataset(folder: Path, manifest: dict[str, Any]) -> Dataset:
    """Build the dataset of :func:`write_tables` and :func:`describe`."""
    import polars as pl

    tables = {name: pl.read_parquet(folder / f"{name}.parquet") for name in TABLES}
    return Dataset(
        name=manifest["name"],
        path=Path(manifest["path"]),
        files=tuple(Path(path) for path in manifest["sources"]),
        format=manifest["file_format"],
        mapping=Mapping.from_json(manifest["mapping"]),
        columns=tuple(ColumnChoice(**choice) for choice in manifest["columns"]),
        time_kind=TimeKind(manifest["time_kind"]),
        explicit=manifest["explicit"],
        rows_read=manifest["rows_read"],
        shared_ids=manifest["shared_ids"],
        weights=manifest["weights"],
        repeat_share=manifest["repeat_share"],
        findings=tuple(Finding(**entry | {"action": Action(entry["action"])}) for entry in manifest["findings"]),
        silent=pl.read_parquet(folder / SILENT) if (folder / SILENT).exists() else None,
        **tables,
    )
