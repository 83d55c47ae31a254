"""The road from a path to a dataset: find the files, read, choose columns, clean, encode, describe the items."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as MappedTo
from dataclasses import replace
from pathlib import Path

import polars as pl

from recsys_tui.data.added_rows import with_added
from recsys_tui.data.cleaning import CleanInteractions, clean_encoded, encode_interactions, finding, told_again
from recsys_tui.data.coding_memory import check_can_code
from recsys_tui.data.column_detection import BY_CONTENT, COLUMNS_LOOKED_AT, GIVEN_ROLES, closed_roles, detect_columns
from recsys_tui.data.column_roles import name_rank
from recsys_tui.data.column_words import RATING, TIME, USER
from recsys_tui.data.companions import (
    COMPANION_KINDS,
    Companions,
    described_within,
    find_companions,
    given_items,
    given_links,
    given_users,
    given_vectors_of,
)
from recsys_tui.data.dataset import (
    ATTRIBUTE_PREFIX,
    COUNT,
    ENOUGH_REPEATS,
    ID,
    ITEM,
    NO_COLUMN,
    VECTOR,
    Action,
    ColumnChoice,
    Dataset,
    Finding,
    Mapping,
    TimeKind,
)
from recsys_tui.data.folder_files import interactions_in
from recsys_tui.data.forgotten import NOBODY, Forgotten
from recsys_tui.data.id_codes import alike_ids, code_ids, natural_order, shown_in
from recsys_tui.data.locate import expanded, locate
from recsys_tui.data.meanings import no_products, repeat_share, share_ids
from recsys_tui.data.readers import RawTable, read_parts
from recsys_tui.data.row_order import order_of_rows
from recsys_tui.data.text_model_folder import check_text_model
from recsys_tui.data.times import is_order_within, time_kind_of
from recsys_tui.data.unused_columns import unused_columns
from recsys_tui.data.user_table import attributes_within, no_links
from recsys_tui.data.wide_matrix import unpivoted
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say

Progress = Callable[[str, float | None], None]


def load_dataset(
    data: str | Path,
    mapping: Mapping | None = None,
    progress: Progress | None = None,
    added: Sequence[Path] = (),
    forgotten: Forgotten = NOBODY,
) -> Dataset:
    """Read, understand and clean some data: a file, a folder or the name of a bundled dataset.

    ``progress`` gets the name of a step (``finding``, ``reading``, ``cleaning``, ``describing``) and a share or None.
    ``added``: files of interactions that came later. ``forgotten``: people who are left out wherever they stand, as if
    the files had never named them. Raises ``UserError`` (exit 2) for data that cannot be read or understood, in one
    sentence.
    """
    mapping = mapping or Mapping()
    tell = progress or (lambda _step, _share: None)
    if mapping.text_model is not None:
        check_text_model(mapping.text_model)
    tell("finding", None)
    source = locate(data)
    findings: list[Finding] = []
    paths = [source.path]
    if source.path.is_dir():
        paths, found = interactions_in(source.path)
        findings += found
    path = paths[0]
    tell("reading", None)
    table = unpivoted(read_parts(paths, named=_named(mapping)))
    findings += table.findings
    closed = closed_roles(mapping, table.frame.columns)
    choices = _choices(table, mapping, closed)
    columns = {choice.role: choice.column for choice in choices}
    people: tuple[str, ...] = ()
    named: dict[str, MappedTo[str, str]] = {}
    if forgotten:
        people = people_columns(table.frame, columns)
        named = {columns[role]: alike_ids(table.frame[columns[role]]) for role in (USER, ITEM)}
        table = replace(table, frame=forgotten.rows_without(table.frame, people))
        if not table.frame.height:
            raise UserError("data.all_forgotten", path=path)
        choices = _choices(table, mapping, closed)
        columns = {choice.role: choice.column for choice in choices}
        findings.append(finding("forgotten", len(forgotten), Action.REMOVED))
    told, found = _unfit(table, columns, closed)
    findings += found
    table, found = with_added(table, columns, mapping, added, forgotten, people)
    findings += found
    kind, order_findings = _time_kind(table, columns, mapping)
    if kind is TimeKind.NONE and TIME in columns:
        told.append(columns.pop(TIME))
        choices = tuple(choice for choice in choices if choice.role != TIME)
    tell("cleaning", None)
    rows_read = table.frame.height
    check_can_code(path, table.frame.select(columns[USER], columns[ITEM]))
    encoded = encode_interactions(table.frame, columns, kind, mapping, named)
    table = replace(table, frame=_still_of_use(table.frame, columns))
    clean = clean_encoded(encoded, mapping)
    clean.table, found = order_of_rows(clean.table)
    findings += clean.findings + order_findings + found
    if not clean.table.height:
        emptied = mapping.core and any(entry.code == "core" and entry.count for entry in clean.findings)
        raise UserError("data.core_too_large" if emptied else "data.nothing_left", path=path, core=mapping.core)
    tell("describing", None)
    known = pl.concat([clean.user_ids, clean.item_ids])
    companions = Companions(forgotten=forgotten, changed_ids=encoded.changed_ids, known=known)
    _add_companions(companions, paths, mapping, columns[ITEM], clean)
    written: dict[str, str] = {}
    table = replace(table, frame=shown_in(table.frame, encoded.changed_ids, known, written), written=written)
    used = {*columns.values(), *told, *described_within(path, table, columns, clean.item_ids, companions)}
    within = attributes_within(table, columns[USER], list(columns.values()))
    if within is not None:
        companions.add_users(path, within, (), clean.user_ids)
        used.update(within.columns)
    if mapping.vectors is not None:
        given_vectors_of(expanded(mapping.vectors).resolve(), clean.item_ids, companions)
    shared, found_shared = share_ids(columns, clean.user_ids, clean.item_ids)
    companions.leave_out(forgotten, shared or columns[ITEM] in forgotten.columns, clean.user_ids)
    findings += companions.findings
    findings += unused_columns(table.frame, used, table.unusable, RATING not in columns and RATING not in closed)
    items = _item_table(clean.table, clean.item_ids, companions)
    if items.height > clean.item_ids.len():
        findings.append(finding("items_without_interactions", items.height - clean.item_ids.len(), Action.KEPT))
    users = _user_table(clean.user_ids, clean.table, companions)
    items, found = no_products(items, columns, clean.weights)
    findings += found
    findings += found_shared
    repeats, again = repeat_share(clean.table, kind)
    if repeats >= ENOUGH_REPEATS and not shared:
        findings.append(told_again(again, repeats, clean.table.height, findings))
    return Dataset(
        name=source.name,
        path=source.path,
        files=tuple(dict.fromkeys((*paths, *companions.files, *added))),
        format=table.format,
        mapping=mapping,
        columns=(*choices, *companions.choices),
        time_kind=kind,
        explicit=clean.explicit,
        rows_read=rows_read,
        interactions=clean.table,
        items=items,
        users=users,
        links=pl.concat([no_links(), *(links for _, links in companions.links)]).unique(maintain_order=True),
        findings=tuple(findings),
        shared_ids=shared,
        weights=clean.weights,
        repeat_share=repeats,
        silent=_silent_people(users, companions),
    )


def raw_interactions(path: Path, mapping: Mapping) -> tuple[RawTable, dict[str, str]]:
    """The rows of interactions as they stand in a file or folder, and the columns by their roles.

    Raises ``UserError`` (exit 2) as :func:`load_dataset`.
    """
    paths = interactions_in(path)[0] if path.is_dir() else [path]
    table = unpivoted(read_parts(paths, named=_named(mapping)))
    choices = _choices(table, mapping, closed_roles(mapping, table.frame.columns))
    return table, {choice.role: choice.column for choice in choices}


def _choices(table: RawTable, mapping: Mapping, closed: frozenset[str]) -> tuple[ColumnChoice, ...]:
    choices = detect_columns(table, mapping)
    return choices if TIME in closed else _with_hidden_order(table, choices)


def people_columns(frame: pl.DataFrame, columns: dict[str, str]) -> tuple[str, ...]:
    """The columns of the interactions that hold people: that of the users, in a graph of people that of the items
    too."""
    user, item = columns[USER], columns[ITEM]
    shared, _ = share_ids(columns, code_ids(frame[user]).ids, code_ids(frame[item]).ids)
    return (user, item) if shared else (user,)


def _still_of_use(frame: pl.DataFrame, columns: dict[str, str]) -> pl.DataFrame:
    """What may describe items and people: the columns that play no role beside the ids, or no rows where none is left.

    The rest is given back: the raw columns take several times the memory of the encoded ones.
    """
    others = [name for name in frame.columns if name not in columns.values()]
    kept = frame.select(columns[USER], columns[ITEM], *others)
    return kept if others else kept.clear()


def _with_hidden_order(table: RawTable, choices: tuple[ColumnChoice, ...]) -> tuple[ColumnChoice, ...]:
    """Where no time was found: an unnamed column of integers that counts from 0 for each person is an order.

    A column that only its contents made the rating is looked at again, since small integers are both.
    """
    columns = {choice.role: choice.column for choice in choices}
    if TIME in columns:
        return choices
    guessed = {choice.column for choice in choices if choice.role == RATING and choice.confidence <= BY_CONTENT}
    taken = set(columns.values()) - guessed
    for name in table.frame.columns[:COLUMNS_LOOKED_AT]:
        likely = name not in taken and time_kind_of(table.frame[name].head(1_000)) is TimeKind.ORDER
        if likely and is_order_within(table.frame[columns[USER]], table.frame[name]):
            kept = tuple(choice for choice in choices if choice.column != name)
            return (*kept, ColumnChoice(TIME, name, say("data.why_counts_from_zero"), BY_CONTENT))
    return choices


def _named(mapping: Mapping) -> frozenset[str]:
    """The column names that the person gave; a number is the place of a column, not a name, and ``none`` is no name."""
    given = (getattr(mapping, role) for role in GIVEN_ROLES)
    return frozenset(name for name in given if name not in (None, NO_COLUMN) and not name.isdecimal())


def _unfit(table: RawTable, columns: dict[str, str], closed: frozenset[str]) -> tuple[list[str], list[Finding]]:
    """Columns that are named as ratings or times but hold none: left out, and said so."""
    unfit = [
        (name, role)
        for role in (RATING, TIME)
        if role not in columns and role not in closed
        for name in table.frame.columns
        if name not in columns.values() and name_rank(name, role) is not None
    ]
    rows = table.frame.height
    return [name for name, _ in unfit], [
        finding("column_unfit", rows, Action.IGNORED, column=name, role=say(f"data.role_{role}"))
        for name, role in unfit
    ]


def _time_kind(table: RawTable, columns: dict[str, str], mapping: Mapping) -> tuple[TimeKind, list[Finding]]:
    if TIME not in columns:
        return TimeKind.NONE, [finding("no_time", table.frame.height, Action.KEPT)]
    kind = time_kind_of(table.frame[columns[TIME]])
    if kind is None:
        if mapping.time is not None:
            raise UserError("data.time_unreadable", column=columns[TIME])
        return TimeKind.NONE, [finding("time_ignored", table.frame.height, Action.IGNORED, column=columns[TIME])]
    if kind is TimeKind.ORDER:
        return kind, [finding("order_only", table.frame.height, Action.USED, column=columns[TIME])]
    return kind, []


def _add_companions(
    found: Companions, paths: list[Path], mapping: Mapping, item_column: str, clean: CleanInteractions
) -> None:
    """Find what the person named, and what lies beside the interactions, of the kinds that they did not name."""
    if mapping.siblings:
        wanted = {kind for kind in COMPANION_KINDS if getattr(mapping, kind) is None}
        find_companions(found, paths, item_column, clean.item_ids, clean.user_ids, wanted)
    given: tuple[tuple[Path | None, Callable[[Path, Companions], None]], ...] = (
        (mapping.items, lambda path, result: given_items(path, clean.item_ids, result)),
        (mapping.users, lambda path, result: given_users(path, clean.user_ids, result)),
        (mapping.links, lambda path, result: given_links(path, clean.user_ids, result)),
    )
    for path, take in given:
        if path is not None:
            take(expanded(path).resolve(), found)


def _with_counts(ids: pl.Series, table: pl.DataFrame, role: str) -> pl.DataFrame:
    counts = table.group_by(role).len(COUNT).sort(role)[COUNT]
    return pl.DataFrame({ID: ids.alias(ID), COUNT: counts.cast(pl.UInt32)})


def _user_table(ids: pl.Series, table: pl.DataFrame, companions: Companions) -> pl.DataFrame:
    users = _with_counts(ids, table, USER)
    for _, attributes in companions.users:
        fresh = attributes.select(ID, *[name for name in attributes.columns if name not in users.columns])
        users = users.join(fresh.unique(ID, keep="first"), on=ID, how="left", maintain_order="left")
    return users


def _silent_people(users: pl.DataFrame, companions: Companions) -> pl.DataFrame | None:
    """People whom only user files know, with the attributes that the people of the data have too."""
    known = [column for column in users.columns if column not in (ID, COUNT)]
    tables = [table.select(ID, *[name for name in table.columns if name in known]) for _, table in companions.users]
    if not tables or not known:
        return None
    everyone = pl.concat(tables, how="diagonal").filter(~pl.col(ID).is_in(users[ID].implode()))
    silent = everyone.group_by(ID, maintain_order=True).agg(pl.exclude(ID).drop_nulls().first())
    return silent if silent.height else None


def _item_table(table: pl.DataFrame, item_ids: pl.Series, companions: Companions) -> pl.DataFrame:
    """Items with interactions in the order of their codes, then those that only item files know, in natural order."""
    items = _with_counts(item_ids, table, ITEM)
    for _, attributes in companions.items:
        known = set(items.columns) - {ID}
        fresh = attributes.select(ID, *[name for name in attributes.columns if name not in known and name != ID])
        if fresh.width < 2:
            continue
        # Only a file that says what an item is adds items to the catalogue; tags alone are too little.
        telling = ("title", "categories", VECTOR)
        if any(name in telling or name.startswith(ATTRIBUTE_PREFIX) for name in fresh.columns):
            more = fresh[ID].filter(~fresh[ID].is_in(items[ID].implode()))
            extra = pl.DataFrame({ID: natural_order(more), COUNT: pl.zeros(more.len(), pl.UInt32, eager=True)})
            items = pl.concat([items, extra], how="diagonal")
        items = items.join(fresh, on=ID, how="left", maintain_order="left")
    if companions.vectors is not None:  # what the person named counts before a column of an item file
        items = items.drop(VECTOR, strict=False)
        items = items.join(companions.vectors, on=ID, how="left", maintain_order="left")
    return items
