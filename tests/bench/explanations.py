"""``python -m tests.bench explanations``: are explanations true and fast on real data.

For each dataset a model is trained on all of it, ``recsys audit --faithfulness`` measures 200 people, and the share of
the network and the low-rank part in how scores differ within lists is told. On the largest, explanations of a history
of about 200 actions are timed, and 500 counterfactuals are checked by ranking anew.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from recsys_tui.evaluate.faithfulness import NAMES, frame_of_person
from recsys_tui.models.explaining.attribution import exact_attribution
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.recommend.explanations.counterfactual import find_counterfactual, ranks_without
from recsys_tui.recommend.explanations.explain import explain
from recsys_tui.recommend.explanations.peers import cluster_taste
from recsys_tui.recommend.explanations.shared_terms import shared_terms
from recsys_tui.recommend.recommender import Recommender
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home

RESULTS = Path(__file__).resolve().parent / "results" / "explanations.json"
DATASETS = ("ml-100k", "ml-1m", "online-retail-ii")
TIMED, LONG, NEAR = "ml-1m", 200, 40
ASKED, CHECKED, LISTS = 100, 500, 100
AHEAD = 0.3
LABELS = {
    "attribution": "what explains it",
    "random": "anything",
    "recent": "the newest",
    "popular": "the most popular",
    "cosine": "the most alike",
}


def main(arguments: Sequence[str], data: Path) -> int:
    """Measure, keep the figures, and print the table; 1 where a bound is missed."""
    parser = argparse.ArgumentParser(prog="tests.bench explanations", description=__doc__)
    parser.add_argument("--datasets", default=",".join(DATASETS))
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--home", type=Path, help="a home folder with trained models; default: a new one")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--table", action="store_true", help="only print the README's table from what is in --out")
    asked = parser.parse_args(arguments)
    if asked.table:
        print(table_of(json.loads(asked.out.read_text())))  # noqa: T201 - the table is the output
        return 0
    results: dict[str, Any] = json.loads(asked.out.read_text()) if asked.out.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        home = asked.home or Path(folder)
        for name in asked.datasets.split(","):
            results[name] = measure(str(data / name), asked.preset, asked.people, home, name == TIMED)
            asked.out.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
    print(table_of(results))  # noqa: T201
    missed = [sentence for name in results for sentence in bounds_missed(name, results[name])]
    for sentence in missed:
        print("✗", sentence)  # noqa: T201
    return int(bool(missed))


def measure(data: str, preset: str, people: int, home: Path, timed: bool) -> dict[str, Any]:
    """Everything about one dataset."""
    command = [sys.executable, "-m", "recsys_tui"]
    common = ["--home", str(home), "--quiet"]
    if Session.open(data, home=Home(home)).model_info(preset=preset) is None:
        subprocess.run([*command, "train", data, "--preset", preset, *common], check=True, stdout=subprocess.DEVNULL)
    audit = [*command, "audit", data, "--faithfulness", "--people", str(people), "--json", *common]
    document = json.loads(subprocess.run(audit, check=True, capture_output=True).stdout)
    recommender = Session.open(data, home=Home(home)).recommender()
    assert recommender is not None
    recommender.model = replace(recommender.model, experts=recommender.model.experts.warmed())
    found: dict[str, Any] = {"preset": preset, "audit": document, "not_attributable": not_attributable(recommender)}
    if timed:
        found["milliseconds"] = timings(recommender)
        found["counterfactuals"] = verified(recommender, CHECKED)
    return found


def not_attributable(recommender: Recommender) -> float:
    """The share of the network and the low-rank part in the variance of scores within people's first hundred."""
    shares = []
    for person in _some_people(recommender, LISTS, 5):
        frame = frame_of_person(recommender, person)
        if not len(frame.candidates) or frame.served != "deep":
            return 0.0
        best = frame.candidates[np.argsort(-frame.scores)[:100]]
        signals = frame.signals_of(frame.history, best)[0]
        parts = [frame.components(signals[[place]], int(item)) for place, item in enumerate(best)]
        whole = np.array([sum(float(part[0]) for part in entry.values()) for entry in parts])
        unclear = np.array([float(entry["interplay"][0] + entry["match"][0]) for entry in parts])
        # The share of a term in the variance of a sum is its covariance with the sum.
        shares.append(float(np.cov(unclear, whole)[0, 1] / max(whole.var(ddof=1), 1e-12)))
    return float(np.mean(shares))


def timings(recommender: Recommender) -> dict[str, float]:
    """95 % quantiles in milliseconds, of people with about 200 actions."""
    lengths = recommender.model.people.histories.lengths
    people = np.argsort(np.abs(lengths - LONG), kind="stable")[:NEAR]
    plain, changed = [], []
    for number in range(ASKED):
        person = int(people[number % len(people)])
        start = time.perf_counter()
        frame = frame_of_person(recommender, person)
        item = int(frame.candidates[np.argsort(-frame.scores)[number // len(people)]])
        frame.components(frame.signals(frame.history, item), item)
        exact = exact_attribution(frame, item)
        shared_terms(frame, item)
        cluster = int(recommender.model.people.clusters[person])
        cluster_taste(recommender.model, cluster, "", item, CrowdGate())
        middle = time.perf_counter()
        order = np.argsort(-exact, kind="stable")[:3]
        ranks_without(frame, item, [np.array([place]) for place in order])
        find_counterfactual(frame, item, exact, 10)
        plain.append(middle - start)
        changed.append(time.perf_counter() - middle)
    return {"plain": 1000 * float(np.quantile(plain, 0.95)), "changes": 1000 * float(np.quantile(changed, 0.95))}


def verified(recommender: Recommender, count: int) -> dict[str, int]:
    """How many counterfactuals were shown, and how many a list that is made anew confirms."""
    shown = confirmed = 0
    for person in _some_people(recommender, 10 * count, 3):
        if shown == count:
            break
        user = str(recommender.model.people.ids[person])
        first = recommender.recommend(user, k=1).items
        if not first:
            continue
        left_out = explain(recommender, user, first[0].item).counterfactual
        if left_out is None:
            continue
        shown += 1
        gone = {item for item, _ in left_out.items}
        kept = [entry.item for entry in reversed(recommender.history(user)) if entry.item not in gone]
        frame = frame_of_person(recommender, person)
        codes = frame.history.items
        places = np.flatnonzero([str(recommender.model.catalogue.ids[int(code)]) in gone for code in codes])
        assert len(kept) == len(codes) - len(places)
        code = recommender.item_code(first[0].item)
        rank = ranks_without(frame, code, [places])[0]
        confirmed += rank is None or rank > left_out.k
    return {"shown": shown, "confirmed": confirmed}


def _some_people(recommender: Recommender, count: int, fewest: int) -> list[int]:
    lengths = recommender.model.people.histories.lengths
    return np.random.default_rng(0).permutation(np.flatnonzero(lengths >= fewest))[:count].tolist()


def bounds_missed(name: str, found: dict[str, Any]) -> Iterator[str]:
    """What is not as it is to be."""
    figures = found["audit"]["faithfulness"]
    own = figures["areas"]["attribution"]["value"]
    if own < (1 + AHEAD) * figures["areas"]["random"]["value"]:
        yield f"{name}: deletion {own:.3f} is not 30 % better than random removal"
    for other, ahead in figures["differences"].items():
        if ahead["low"] <= 0:
            yield f"{name}: not ahead of {LABELS[other]} beyond doubt: [{ahead['low']:+.3f}, {ahead['high']:+.3f}]"
    if figures["completeness_error"] > 1e-4:
        yield f"{name}: parts miss the score by {figures['completeness_error']:.1e}"
    if found["not_attributable"] > 0.25:
        yield f"{name}: {found['not_attributable']:.0%} of the scores' variance is not attributable"
    times = found.get("milliseconds", {})
    for key, bound in (("plain", 50), ("changes", 1_000)):
        if times.get(key, 0) > bound:
            yield f"{name}: {key} takes {times[key]:.0f} ms (p95)"
    checked = found.get("counterfactuals", {"shown": 0, "confirmed": 0})
    if checked["shown"] != checked["confirmed"]:
        yield f"{name}: {checked['confirmed']} of {checked['shown']} counterfactuals hold"


def table_of(results: dict[str, Any]) -> str:
    """The README's table."""
    columns = [name for name in DATASETS if name in results] + [name for name in results if name not in DATASETS]
    lines = ["| taken away first | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for order in NAMES:
        cells = []
        for name in columns:
            figures = results[name]["audit"]["faithfulness"]
            area = figures["areas"][order]["value"]
            ahead = figures["differences"].get(order)
            behind = "" if ahead is None else f" (−{ahead['value']:.3f} [{ahead['low']:.3f}, {ahead['high']:.3f}])"
            cells.append(f"{area:.3f}{behind}")
        lines.append(f"| {LABELS[order]} | " + " | ".join(cells) + " |")
    more = (
        ("smallest sets found; actions in one", _sets),
        ("rank correlation with a neutral item; with shuffled parameters", _checks),
        ("not attributable, share of variance", lambda found: f"{found['not_attributable']:.0%}"),
    )
    lines += [f"| {label} | " + " | ".join(tell(results[name]) for name in columns) + " |" for label, tell in more]
    return "\n".join(lines)


def _sets(found: dict[str, Any]) -> str:
    figures = found["audit"]["faithfulness"]
    return f"{figures['counterfactuals_found']:.0%}; {figures['counterfactual_size'] or 0:.1f}"


def _checks(found: dict[str, Any]) -> str:
    checks = found["audit"]["checks"]
    return f"{checks['stability']:.2f}; {checks['randomised']:.2f}"
