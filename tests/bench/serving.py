"""How long answers take in a process that stays: one person and the whole catalogue, a new like, many people."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from recsys_tui.data.histories import Histories
from recsys_tui.recommend.recommender import Recommender
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from tests.bench.commands import RECSYS, Figure, timed

PEOPLE, AT_ONCE = 200, 4_000
CLOSED_FORM = ("sequence", "transitions", "ease", "neighbours", "popular", "recent")


def serving_figures(data: Path, home: Path) -> Iterator[Figure]:
    """Everything on ml-1m (preset ``standard``) and on a large catalogue (globo-news, ``quick``), if they are there."""
    million, clicks = data / "ml-1m", data / "globo-news" / "clicks.parquet"
    if million.exists():
        train = [*RECSYS, "train", str(million), "-q", "--home", str(home / "serving")]
        subprocess.run(train, check=True, capture_output=True)
        yield from _one_person("ml-1m", million, home / "serving")
    if clicks.exists():
        train = [*RECSYS, "train", str(clicks), "--preset", "quick", "-q", "--home", str(home / "serving")]
        seconds, memory = timed(train, 1)
        yield Figure("train globo-news, quick", f"{seconds:.0f} s", "≤ 400 s", seconds <= 400)
        yield Figure("the same, peak memory", f"{memory:.0f} MB", "≤ 6000 MB", memory <= 6_000)
        yield from _one_person("globo-news", clicks, home / "serving")


def _one_person(name: str, data: Path, folder: Path) -> Iterator[Figure]:
    """Medians over people drawn at random, after a few answers that nobody times."""
    recommender = Session.open(data, home=Home(folder)).recommender()
    if recommender is None:
        raise RuntimeError(f"{name} is not trained")
    random = np.random.default_rng(0)
    ids = recommender.model.people.ids.to_list()
    users = [str(ids[code]) for code in random.permutation(len(ids))[:PEOPLE]]
    liked = [str(recommender.model.catalogue.ids[0])]
    for user in users[:10]:
        recommender.recommend(user)
    yield milliseconds(f"{name}, a list, warm", recommender.recommend, users, 25)
    yield milliseconds(f"{name}, a list after a like", lambda user: recommender.recommend(user, like=liked), users, 30)
    yield milliseconds(
        f"{name}, a list with reasons", lambda user: recommender.recommend(user, explain=True), users, 30
    )
    yield milliseconds(f"{name}, closed-form signals", lambda user: closed_form(recommender, user), users, 3)
    many = [str(ids[code]) for code in random.permutation(len(ids))[:AT_ONCE]]
    start = time.perf_counter()
    recommender.recommend_all(20, users=many)
    each = 1000 * (time.perf_counter() - start) / len(many)
    yield Figure(f"{name}, a list among {len(many)}", f"{each:.2f} ms", "≤ 5 ms", each <= 5)


def closed_form(recommender: Recommender, user: str) -> None:
    """Compute the signals that have a closed form, for the whole catalogue."""
    person = history_of(recommender, user)
    for name in CLOSED_FORM:
        recommender.model.experts.score(name, person)


def history_of(recommender: Recommender, user: str) -> Histories:
    """One person's history."""
    code = recommender.user_code(user)
    return recommender.model.people.histories.rows(code, code + 1)


def milliseconds(name: str, answer: Callable[[str], object], users: Sequence[str], bound: float) -> Figure:
    """The median time of an answer, which must not exceed a bound, with the time that 95 % stay below."""
    taken = []
    for user in users:
        start = time.perf_counter()
        answer(user)
        taken.append(1000 * (time.perf_counter() - start))
    middle, slow = statistics.median(taken), float(np.quantile(taken, 0.95))
    return Figure(name, f"{middle:.1f} ms", f"≤ {bound:g} ms (95 %: {slow:.1f})", middle <= bound)
