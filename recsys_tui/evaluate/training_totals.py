"""How much the models of a comparison learn from and are asked about, as it may be told beside all data."""

from __future__ import annotations

import polars as pl

from recsys_tui.data.dataset import COUNT, ID, USER, Dataset
from recsys_tui.output.crowd_counts import told_count, whole_crowds
from recsys_tui.output.crowd_gate import CrowdGate


def training_totals(whole: Dataset, train: Dataset, test: pl.DataFrame, gate: CrowdGate) -> tuple[int, int]:
    """People and actions of ``train``, what ``whole`` is without the pairs of ``test`` and whatever else was left out.

    Where few people are left out, or have actions that are in neither part, as somebody has who came after a cut in
    time, the people are told as ten fewer than there are in all, and the actions in whole tens: else the totals of the
    data less these would be theirs.
    """
    learned = train.users.select(ID, pl.col(COUNT).alias("learned"))
    held = test.group_by(pl.col(USER).alias(ID)).len("held")
    people = whole.users.select(ID, COUNT).join(learned, ID, how="left").join(held, ID, how="left")
    unknown = people["learned"].null_count()
    found = pl.col("learned").fill_null(0) + pl.col("held").fill_null(0)
    beyond = people.filter(pl.col(COUNT) != found).height
    actions = train.interaction_count
    if any(0 < left < gate.minimum for left in (unknown, beyond)):
        actions = max(1, whole_crowds(actions, gate))
    return told_count(train.user_count, whole.user_count, gate), actions


def told_held_out(out: pl.DataFrame, test: pl.DataFrame, gate: CrowdGate) -> int:
    """How many pairs of ``out``, which a protocol holds out, are asked about in ``test``.

    The others are of people without a history, as who came after a cut in time. How many were held out can be known, as
    a tenth of all is: where these are a few, it is told in whole tens, or else how many people are asked about.
    """
    people = test[USER].n_unique()
    without = out[USER].n_unique() - people
    return max(people, whole_crowds(test.height, gate)) if 0 < without < gate.minimum else test.height
