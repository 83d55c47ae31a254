"""``python -m tests.bench private``: what privacy costs in how good lists are, and what attacks still find.

For each ε the private model is trained on what is left when everybody's newest item is held out (protocol ``last``),
several times with new noise, and its lists are judged by NDCG@10, full ranking. Beside it stand descriptions alone
(what is like the newest item), which know nothing of other people; popularity, which is not private; and the same model
of the clipped statistics without noise (ε = ∞). ``recsys audit --privacy`` is run with the preset ``quick`` and with
ε = 1; and a model of a home folder is attacked before and after ``recsys forget`` of the attacked people.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import numpy as np
import polars as pl

from recsys_tui.data.dataset import ID, USER
from recsys_tui.data.histories import Floats, Histories
from recsys_tui.data.load import load_dataset
from recsys_tui.evaluate.judge import Judge
from recsys_tui.evaluate.list_making import as_table, asked_codes, lists_of, people_asked
from recsys_tui.evaluate.protocols import Split, split
from recsys_tui.models.popularity import Popularity
from recsys_tui.models.private.accountant import Budget, Release
from recsys_tui.models.private.secure_noise import NoNoise
from recsys_tui.models.private.statistics import SENSITIVITIES
from recsys_tui.profiles.content_profile_fitting import fit_content_profiles
from recsys_tui.profiles.content_profiles import ContentProfiles
from recsys_tui.recommend.list_options import NEVER, ListOptions
from recsys_tui.recommend.recommender import Recommender
from recsys_tui.training.job import PRIVATE, TrainingRequest
from recsys_tui.training.private_training import train_private, train_released
from tests.bench.forgotten import audit_forgetting

RESULTS = Path(__file__).resolve().parent / "results" / "private.json"
DATASETS = ("ml-100k", "ml-1m")
EPSILONS = (0.5, 1.0, 2.0, 4.0, 8.0)
AUDITED = 1.0
DEPTH = 20
QUALITY, AUDIT, FORGOTTEN = "quality", "audit", "forgotten"
MOST_FORGOTTEN = 250


def main(arguments: Sequence[str], data: Path) -> int:
    """Measure, keep the figures, and print the table."""
    parser = argparse.ArgumentParser(prog="tests.bench private", description=__doc__)
    parser.add_argument("--datasets", default=",".join(DATASETS))
    parser.add_argument("--draws", type=int, default=5, help="how often each model is trained, with new noise")
    parser.add_argument("--people", type=int, default=2_000, help="how many people are asked, of those held out")
    parser.add_argument("--parts", default=",".join((QUALITY, AUDIT, FORGOTTEN)), help="what to measure anew")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--table", action="store_true", help="only print the README's tables from what is in --out")
    asked = parser.parse_args(arguments)
    results: dict[str, Any] = json.loads(asked.out.read_text()) if asked.out.exists() else {}
    parts = asked.parts.split(",")
    for name in () if asked.table else asked.datasets.split(","):
        found = results.setdefault(name, {})
        if QUALITY in parts:
            found |= measure(data / name, asked.draws, asked.people)
        if AUDIT in parts:
            found[AUDIT] = audited(data / name)
        if FORGOTTEN in parts:
            found[FORGOTTEN] = after_forgetting(data / name)
        asked.out.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
    print(table_of(results))  # noqa: T201 - the table is the output
    print("\n" + audit_table_of(results))  # noqa: T201
    return 0


def measure(path: Path, draws: int, people: int) -> dict[str, Any]:
    """NDCG@10 of descriptions alone, of popularity, and of the private model by ε, one figure a draw of the noise."""
    whole = split(load_dataset(path), "last", 0)
    chosen = asked_codes(whole.test, whole.asked)
    chosen = np.sort(np.random.default_rng(0).permutation(chosen)[:people])
    users = whole.asked.users[ID].gather(chosen).to_list()
    judge = Judge(replace(whole, test=whole.test.filter(pl.col(USER).is_in(users))))
    asked = people_asked(whole.train)
    popular = Popularity.fit(asked.histories)
    alike = _Alike(fit_content_profiles(whole.train.items, 0)[0])
    alone = {}
    for name, expert, strength in (
        ("popular", popular, popular.strength),
        ("descriptions", alike, np.zeros_like(popular.strength)),
    ):
        listed = as_table(*lists_of(expert, asked, chosen, strength, DEPTH), chosen, whole.asked)
        alone[name] = judge.figures(listed).means["ndcg@10"]
    by_epsilon = {
        f"{epsilon:g}": [_quality(whole, judge, users, epsilon) for _ in range(draws)] for epsilon in EPSILONS
    }
    return {
        "people": len(asked.histories),
        "asked": len(users),
        **alone,
        "private": by_epsilon,
        "without_noise": _quality(whole, judge, users, math.inf),
    }


class _Alike:
    """Ranks by what is like a person's newest item; nobody else has a part in it."""

    name = "descriptions"

    def __init__(self, content: ContentProfiles) -> None:
        self._content = content

    def score(self, histories: Histories) -> Floats:
        """Cosines, (people, items)."""
        return self._content.last(histories)


def _quality(whole: Split, judge: Judge, users: list[str], epsilon: float) -> float:
    if math.isinf(epsilon):
        releases = {name: Release(name, bound, 0.0) for name, bound in SENSITIVITIES.items()}
        request = TrainingRequest(PRIVATE)
        trained = train_released(
            whole.train, request, lambda _: None, lambda: False, Budget(epsilon, 0.0), releases, NoNoise()
        )
    else:
        trained = train_private(whole.train, TrainingRequest(PRIVATE, epsilon=epsilon), lambda _: None, lambda: False)
    recommender = Recommender(*trained, PRIVATE, "next")
    lists = recommender.recommend_all(DEPTH, users=users, options=ListOptions(repeat=NEVER))
    return float(judge.figures(lists).means["ndcg@10"])


def audited(path: Path) -> dict[str, Any]:
    """What attacks find, of the preset ``quick`` and of the private model."""
    found = {}
    with tempfile.TemporaryDirectory() as home:
        for name, given in (("quick", ["--preset", "quick"]), (PRIVATE, ["--private", f"{AUDITED:g}"])):
            command = [sys.executable, "-m", "recsys_tui", "audit", str(path), "--privacy", *given]
            done = subprocess.run(
                [*command, "--json", "--quiet", "--home", home], check=True, capture_output=True, text=True
            )
            found[name] = json.loads(done.stdout)
    return found


def after_forgetting(path: Path) -> dict[str, Any]:
    """What attacks find of people of a home folder's model, of ratings alone, before and after they are forgotten."""
    with tempfile.TemporaryDirectory() as folder:
        found = audit_forgetting(load_dataset(path), Path(folder), MOST_FORGOTTEN, 0)
    return {
        "members": found.members,
        "others": found.others,
        "before": [attack.to_json() for attack in found.before],
        "after": [attack.to_json() for attack in found.after],
    }


def table_of(results: dict[str, Any]) -> str:
    """The README's table: NDCG@10 by ε, the mean over draws of the noise and their standard deviation."""
    header = [
        "data, people",
        "descriptions alone",
        "popularity, not private",
        *(f"ε = {epsilon:g}" for epsilon in EPSILONS),
        "without noise",
    ]
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    for name in (name for name in DATASETS if name in results):
        found = results[name]
        cells = [f"{name}, {found['people']:,}", _short(found["descriptions"]), _short(found["popular"])]
        cells += [_spread(found["private"][f"{epsilon:g}"]) for epsilon in EPSILONS]
        lines.append("| " + " | ".join([*cells, _short(found["without_noise"])]) + " |")
    return "\n".join(lines)


def audit_table_of(results: dict[str, Any]) -> str:
    """The README's table of what attacks find."""
    header = ["data, model", "by loss: told apart", "found at 1 %", "by difference: told apart", "found at 1 %"]
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    for name in (name for name in DATASETS if name in results):
        audit, gone = results[name][AUDIT], results[name].get(FORGOTTEN)
        rows = [("`quick`", audit["quick"]["attacks"]), (f"`--private {AUDITED:g}`", audit[PRIVATE]["attacks"])]
        if gone is not None:
            rows.append(("`quick`, ratings alone", gone["before"]))
            rows.append((f"the same after `forget` of all {gone['members']} attacked", gone["after"]))
        for label, attacks in rows:
            cells = [f"{name}, {label}"]
            for attack in attacks:
                area, share = attack["auc"], attack["tpr"]
                cells.append(f"{_short(area['value'])} ({_short(area['low'])}-{_short(area['high'])})")
                cells.append(f"{share['value']:.1%} ({share['low']:.1%}-{share['high']:.1%})")
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _spread(figures: list[float]) -> str:
    if len(figures) < 2:
        return _short(figures[0])
    return f"{_short(fmean(figures))} ± {_short(stdev(figures))}"


def _short(value: float) -> str:
    """Three digits after the point: .048."""
    return f"{value:.3f}".removeprefix("0")
