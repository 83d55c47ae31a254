"""The README's table of how fast the workbench is, from measured results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Cell = dict[str, Any]
OPENING, CLOSING = "<!-- terminal -->", "<!-- /terminal -->"


def table_of(results: Sequence[dict[str, Any]]) -> str:
    """A row for each measure, in the order in which they were taken, and a column for each dataset.

    ``median / value that 95 % stay below`` where a measure was taken several times.
    """
    names = dict.fromkeys(cell["name"] for result in results for cell in result["measures"])
    head = "| | " + " | ".join(result["dataset"] for result in results) + " | bound |"
    lines = [head, "|---|" + "---|" * (len(results) + 1)]
    for name in names:
        found = [_named(result["measures"], name) for result in results]
        bounds = {_bound(cell) for cell in found if cell is not None}
        lines.append(f"| {name} | " + " | ".join(_shown(cell) for cell in found) + f" | {max(bounds)} |")
    return "\n".join(lines)


def shown(results: Sequence[dict[str, Any]]) -> str:
    """The table, then on what it was measured."""
    return table_of(results) + "\n\n" + machines_of(results)


def with_table(text: str, results: Sequence[dict[str, Any]]) -> str:
    """A text with all between its two marks replaced. Raises ``ValueError`` where it has no marks."""
    before, there, rest = text.partition(OPENING)
    _, closed, after = rest.partition(CLOSING)
    if not there or not closed:
        raise ValueError(f"no {OPENING} and {CLOSING}")
    return f"{before}{OPENING}\n{shown(results)}\n{CLOSING}{after}"


def machines_of(results: Sequence[dict[str, Any]]) -> str:
    """A line for each machine and its datasets."""
    machines = dict.fromkeys(result["machine"] for result in results)
    named = {
        machine: ", ".join(result["dataset"] for result in results if result["machine"] == machine)
        for machine in machines
    }
    return "\n".join(f"- {datasets}: {machine}" for machine, datasets in named.items())


def kept(cell: Cell) -> bool:
    """Whether a measure that has a bound keeps it; one that was not taken keeps none."""
    return "bound" not in cell or ("p95" in cell and bool(cell["p95"] <= cell["bound"]))


def _named(measures: Sequence[Cell], name: str) -> Cell | None:
    return next((cell for cell in measures if cell["name"] == name), None)


def _shown(cell: Cell | None) -> str:
    if cell is None or "p50" not in cell:
        return "–"
    figures = [_number(cell["p50"])] + ([_number(cell["p95"])] if cell["count"] > 1 else [])
    return " / ".join(figures) + f" {cell['unit']}" + ("" if kept(cell) else " ✗")


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"


def _bound(cell: Cell) -> str:
    return f"≤ {cell['bound']:g} {cell['unit']}" if "bound" in cell else ""
