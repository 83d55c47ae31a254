"""What finished cells say: differences to the full model with intervals, corrected for their number; the table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.evaluate.significance import holm, paired_differences
from tests.bench.ablation_cells import Cells, Group
from tests.bench.ablation_places import PLACES, PRIMARY
from tests.bench.ablation_variants import FULL, ONLY, variants

# The two stages of which it is claimed that each of them adds something; all else is for information.
CLAIMED = ("profile", "content")
LEVEL = 0.05
FEWEST_PEOPLE = 10
Table = dict[str, dict[str, NDArray[np.float64]]]
LABELS = {variant.key: variant.label for variant in variants()}


def results_of(groups: list[Group], cells: Cells) -> dict[str, Any]:
    """The document of all finished cells of these groups, without anything about single people.

    ``cells``: each figure of each seed. ``comparisons``: over all seeds that are finished for the full model and the
    variant; people are the units of the bootstrap, each with the mean of their scores over the seeds.
    """
    rows: list[dict[str, Any]] = []
    comparisons: list[dict[str, Any]] = []
    for dataset, protocol in dict.fromkeys((group.dataset, group.protocol) for group in groups):
        seeds = [group for group in groups if (group.dataset, group.protocol) == (dataset, protocol)]
        tables = {group: _tables(group, cells) for group in seeds if cells.finished(group, FULL)}
        for group, table in tables.items():
            rows += _cell_rows(group, table, cells)
        comparisons += _compared(tables)
    primary = [row for row in comparisons if row["primary"]]
    for row, p in zip(primary, holm([row["p"] for row in primary]), strict=True):
        row["p_holm"] = _rounded(float(p))
    return {"cells": rows, "comparisons": comparisons}


def _tables(group: Group, cells: Cells) -> Table:
    """Scores of every place where enough people are: place → variant → (people,), the full model first."""
    found: Table = {}
    for key in sorted(cells.keys(group), key=_order):
        for place, scores in cells.scores(group, key).items():
            if len(scores) >= FEWEST_PEOPLE:
                found.setdefault(place, {})[key] = scores
    return found


def _order(key: str) -> tuple[bool, int, str]:
    known = list(LABELS)
    return key.startswith(ONLY), known.index(key) if key in known else len(known), key


def _cell_rows(group: Group, table: Table, cells: Cells) -> Iterable[dict[str, Any]]:
    for place, by_variant in table.items():
        differences = _differences(by_variant)
        for key, scores in by_variant.items():
            row = {"dataset": group.dataset, "protocol": group.protocol, "seed": group.seed, "preset": group.preset}
            row |= {"variant": key, "place": place, "people": len(scores), "ndcg@10": _rounded(float(scores.mean()))}
            about = cells.finished(group, key) or {} if place == "everyone" else {}
            told = {name: about[name] for name in ("validation", "served", "seconds") if name in about}
            yield row | differences.get(key, {}) | told


def _compared(tables: Mapping[Group, Table]) -> Iterable[dict[str, Any]]:
    """Each variant at each place, over the seeds for which it is finished."""
    places = dict.fromkeys(place for table in tables.values() for place in table)
    for place in places:
        finished: dict[tuple[Group, ...], list[str]] = {}
        for key in sorted({key for table in tables.values() for key in table.get(place, {})}, key=_order):
            having = tuple(group for group, table in tables.items() if key in table.get(place, {}))
            finished.setdefault(having, []).append(key)
        for having, keys in finished.items():
            first = having[0]
            stacked = {
                key: np.stack([tables[group][place][key] for group in having]) for key in dict.fromkeys([FULL, *keys])
            }
            differences = _differences({key: scores.mean(axis=0) for key, scores in stacked.items()})
            for key in keys:
                means = stacked[key].mean(axis=1)
                row = {"dataset": first.dataset, "protocol": first.protocol, "preset": first.preset, "variant": key}
                row |= {"place": place, "people": stacked[key].shape[1], "seeds": [group.seed for group in having]}
                error = _rounded(float(means.std(ddof=1) / len(means) ** 0.5)) if len(means) > 1 else None
                row |= {"ndcg@10": _rounded(float(means.mean())), "standard_error_of_seeds": error}
                row |= differences.get(key, {})
                row["primary"] = key in CLAIMED and place in PRIMARY.get(first.protocol, ())
                yield row


def _differences(by_variant: Mapping[str, NDArray[np.float64]]) -> dict[str, dict[str, Any]]:
    """Each variant minus the full model, which is the first: below 0 where taking the part out costs something."""
    keys = list(by_variant)
    pairs = [(place, 0) for place in range(1, len(keys))]
    found = paired_differences(np.column_stack([by_variant[key] for key in keys]), pairs)
    return {
        key: {
            "delta": _rounded(difference.delta),
            "ci95": [_rounded(difference.low), _rounded(difference.high)],
            "p": _rounded(difference.p),
        }
        for key, difference in zip(keys[1:], found, strict=True)
    }


def _rounded(value: float) -> float:
    return float(f"{value:.4g}") if abs(value) < 1e-4 else round(value, 5)


def table_of(results: dict[str, Any]) -> str:
    """The README's tables, one a dataset: what taking a part out costs, in thousandths of NDCG@10, and what each
    signal alone gives."""
    rows = results["comparisons"]
    datasets = dict.fromkeys(row["dataset"] for row in rows)
    return "\n\n".join(_dataset_table(rows, dataset) for dataset in datasets)


def _dataset_table(rows: list[dict[str, Any]], dataset: str) -> str:
    columns = list(dict.fromkeys((dataset, row["protocol"], row["place"]) for row in rows if row["dataset"] == dataset))
    columns = [column for column in columns if column[2] == "everyone" or column[2] in PRIMARY.get(column[1], ())]
    found = {(row["variant"], row["dataset"], row["protocol"], row["place"]): row for row in rows}
    titles = [f"{protocol}: {PLACES[place]}" for _, protocol, place in columns]
    lines = [f"| {dataset} | " + " | ".join(titles) + " |", "|---" * (len(columns) + 1) + "|"]
    for key in (key for key in LABELS if any((key, *column) in found for column in columns)):
        name = "the full model: NDCG@10" if key == FULL else f"without {LABELS[key]}"
        lines.append(f"| {name} | " + " | ".join(_entry(found.get((key, *column))) for column in columns) + " |")
    best = [_best_part(rows, column) for column in columns]
    lines.append("| the best signal alone | " + " | ".join(best) + " |")
    return "\n".join(lines)


def _entry(row: dict[str, Any] | None) -> str:
    """A cell of the table; what is significant in bold: by Holm for what is claimed, by the interval for the rest."""
    if row is None:
        return ""
    if row["variant"] == FULL:
        error = row["standard_error_of_seeds"]
        return f"{row['ndcg@10']:.4f}" + (f" ± {error:.4f}" if error is not None else "")
    low, high = (1000 * end for end in row["ci95"])
    text = f"{1000 * row['delta']:+.1f} [{low:+.1f}, {high:+.1f}]".replace("-", "−")
    significant = row["p_holm"] <= LEVEL if row["primary"] else row["p"] <= LEVEL
    return f"**{text}**" if significant else text


def _best_part(rows: list[dict[str, Any]], column: tuple[str, str, str]) -> str:
    parts = [row for row in rows if (row["dataset"], row["protocol"], row["place"]) == column]
    parts = [row for row in parts if row["variant"].startswith(ONLY)]
    if not parts:
        return ""
    best = max(parts, key=lambda row: row["ndcg@10"])
    name = best["variant"].removeprefix(ONLY)
    return f"{LABELS.get(name, name)}: {_entry(best)}"


def beaten(results: dict[str, Any]) -> list[dict[str, Any]]:
    """Signals that alone are significantly better than the full model for everyone, where it is the model that serves.

    Where a part ranks held-out people better, the product serves that part, and nothing is beaten by itself.
    """
    told = [row for row in results["cells"] if row["variant"] == FULL and row["place"] == "everyone"]
    served = {(row["dataset"], row["protocol"], ONLY + row["served"]) for row in told}
    return [
        row
        for row in results["comparisons"]
        if row["variant"].startswith(ONLY)
        and row["place"] == "everyone"
        and row["ci95"][0] > 0
        and (row["dataset"], row["protocol"], row["variant"]) not in served
    ]
