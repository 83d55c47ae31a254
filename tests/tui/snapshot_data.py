"""A dataset, a model and a training made up for pictures of screens: no figure of it comes from a training."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from recsys_tui.data.dataset import Action, ColumnChoice, Dataset, Finding, Mapping, TimeKind
from recsys_tui.data.histogram_cells import Bar
from recsys_tui.data.overview import Overview
from recsys_tui.data.preview import Preview
from recsys_tui.data.readers.raw_table import RawTable
from recsys_tui.output.messages import say
from recsys_tui.recommend.answers import Cluster
from recsys_tui.recommend.list_fields import ListFields
from recsys_tui.tui.state.jobs import DONE, RUNNING, JobState, StageState
from recsys_tui.tui.state.workbench import ModelState

DAY, YEAR_2000, YEAR_2018 = 86_400_000, 946_684_800_000, 1_514_764_800_000
# Odd ones among them: brackets that are no markup, wide characters, pictures, one too long for any column.
TITLES = (
    "Brazil (1985)",
    "[bold]Not bold[/bold] (1999)",
    "千と千尋の神隠し (2001)",
    "Rocket Summer 🚀🎬 (2016)",
    "Dr. Strangelove or: How I Learned to Stop Worrying and Love the Bomb, and What Came of It Afterwards (1964)",
    "Dark City (1998)",
    "Akira (1988)",
    "Delicatessen (1991)",
    "La Cité des enfants perdus (1995)",
    "Twelve Monkeys (1995)",
    "Metropolis (1927)",
    "Gattaca (1997)",
    "Stalker (1979)",
    "Сталкер: Der Weg in die Zone (1979)",
    "Alphaville (1965)",
    "Solaris (1972)",
    "The City of the Lighthouses (2003)",
    "A (2010)",
    "Primer (2004)",
    "Moon (2009)",
)
GENRES = (("Sci-Fi", "Comedy"), ("Drama",), ("Animation", "Fantasy"), ("Sci-Fi",), ("Comedy", "War"), ("Thriller",))
LONG_PATH = Path("/home/ada/data/films")


def finding(code: str, count: int, action: Action, **named: str) -> Finding:
    """A finding with the sentence that the program has for it."""
    return Finding(code, count, action, say(f"data.finding_{code}", count=f"{count:,}", **named))


def columns() -> tuple[ColumnChoice, ...]:
    """What each column is taken for."""
    by_name = {name: say("data.why_name", column=name) for name in ("userId", "movieId", "rating", "timestamp")}
    described = say("data.why_described", file="movies.csv")
    return (
        ColumnChoice("user", "userId", by_name["userId"], 0.99),
        ColumnChoice("item", "movieId", by_name["movieId"], 0.99),
        ColumnChoice("rating", "rating", by_name["rating"], 0.97),
        ColumnChoice("time", "timestamp", by_name["timestamp"], 0.98),
        ColumnChoice("title", "title", described, 0.9),
        ColumnChoice("categories", "genres", described, 0.85),
    )


def dataset() -> Dataset:
    """A dataset whose tables are nearly empty: what is shown of it is counted in :func:`overview`."""
    findings = (
        finding("duplicates", 214, Action.REMOVED),
        finding("unparsable_ratings", 12, Action.KEPT),
        finding("items_described", 1_682, Action.USED, file="movies.csv", fields="title, categories, year"),
        finding("texts_neutralised", 3, Action.CHANGED, file="movies.csv"),
    )
    return Dataset(
        name="films",
        path=LONG_PATH,
        files=(LONG_PATH / "ratings.csv",),
        format="CSV, UTF-8, comma",
        mapping=Mapping(user="userId", item="movieId"),
        columns=columns(),
        time_kind=TimeKind.TIME,
        explicit=True,
        rows_read=100_226,
        interactions=pl.DataFrame({"user": [0], "item": [0]}),
        items=pl.DataFrame({"id": ["1"], "count": [1]}),
        users=pl.DataFrame({"id": [f"u{place}" for place in range(943)]}),
        links=pl.DataFrame(),
        findings=findings,
    )


def overview() -> Overview:
    """The figures of the dataset."""
    ratings = ((5.0, 21_201), (4.5, 9_014), (4.0, 34_174), (3.5, 8_800), (3.0, 19_145), (2.0, 6_110), (1.0, 1_556))
    activity = [300 + 40 * (place % 12) + (900 if place > 30 else 0) for place in range(48)]
    periods = [Bar(f"{2000 + place // 12}-{place % 12 + 1:02d}", count) for place, count in enumerate(activity)]
    return Overview(
        rows=100_226,
        users=943,
        items=1_682,
        catalogue_items=1_700,
        interactions=100_012,
        density=0.06305,
        first_time=YEAR_2000,
        last_time=YEAR_2000 + 1_400 * DAY,
        ratings=(*(Bar(f"{value:g}", count) for value, count in ratings), Bar("0.5", None)),
        events=(),
        periods=tuple(periods),
        top_items_share=0.45,
        tail=tuple(1 - (1 - place / 39) ** 3 for place in range(40)),
        median_history=65,
        longest_history=737,
        titles=1_682,
        categories=1_682,
    )


def clusters() -> tuple[Cluster, ...]:
    """Groups of people, one of them too small to be told of."""
    top = tuple((str(place), title, 6.2 - place / 2) for place, title in enumerate(TITLES[:5]))
    terms = (("sci-fi", 3.1), ("dystopia", 2.8), ("noir", 1.9))
    named = (
        ("90s sci-fi, dystopia", 212, 0.41, ""),
        ("family, animation", 190, 0.38, ""),
        ("[red]noir[/red] & drama", 171, 0.29, "noir, drama"),
        ("日本アニメ, fantasy", 143, 0.33, ""),
        ("war epics that last for hours, and everything else about war", 120, 0.27, ""),
        ("documentary", 98, 0.44, ""),
    )
    told = [
        Cluster(number, name, size, cohesion, top, terms, 0.12, 0.87, automatic_name=automatic)
        for number, (name, size, cohesion, automatic) in enumerate(named)
    ]
    return (*told, Cluster(len(told), "midnight 🎃 horror", None, None, (), ()))


def stages() -> tuple[StageState, ...]:
    """The stages of a training that is done."""
    return (
        StageState("user_profiles", DONE, 1.0, 1.4, {"clusters": 7.0}),
        StageState("content_profiles", DONE, 1.0, 2.1, {"terms": 2_048.0}),
        StageState("interaction", DONE, 1.0, 4.8, {"accuracy": 0.771, "f1": 0.702, "auc": 0.846}),
        StageState("deep", DONE, 1.0, 61.0, {"ndcg@10": 0.1742}),
    )


PARTS = {
    "sequence": 0.151,
    "encoder": 0.149,
    "ease": 0.158,
    "neighbours": 0.121,
    "interaction": 0.093,
    "profile": 0.071,
    "content": 0.049,
    "popular": 0.044,
}


def model() -> ModelState:
    """A model as if it were trained."""
    losses, ndcg = (3.1, 2.4, 2.05, 1.9, 1.83, 1.8), (0.121, 0.149, 0.163, 0.171, 0.1742, 0.1731)
    validation = {"ndcg@10": 0.1742}
    return ModelState("standard", "next", "cpu", stages(), validation, PARTS, losses, ndcg, clusters(), seed=7)


def job() -> JobState:
    """A training in the middle of its last stage."""
    done = stages()[:3]
    deep = StageState("deep", RUNNING, 0.68, 31.0, {"epoch": 3.0, "loss": 2.05, "ndcg@10": 0.163})
    log = (
        say("train.log_started", preset="standard", horizon="next", seed=7),
        *(say("train.log_stage", name=say(f"models.stage_{one.name}"), seconds=f"{one.seconds:.1f}") for one in done),
        say("train.log_parts", part="ease", ndcg="0.1580"),
        *(
            say("train.log_epoch", epoch=epoch, loss=loss, ndcg=ndcg)
            for epoch, loss, ndcg in ((1, "3.100", "0.1210"), (2, "2.400", "0.1490"), (3, "2.050", "0.1630"))
        ),
    )
    return JobState(
        "standard",
        stages=(*done, deep),
        losses=(3.1, 2.4, 2.05),
        ndcg=(0.121, 0.149, 0.163),
        log=log,
        seed=7,
        loss_points=tuple((place / 40, 2 + 4 / (1 + place)) for place in range(21)),
        encoder_points=tuple((place / 40, 1.5 + 5 / (1 + place / 2)) for place in range(41)),
        parts=PARTS,
        clusters=clusters(),
        estimates=ESTIMATES["standard-next"],
        lists_per_second=2_140.0,
        epochs=6,
    )


ESTIMATES = {
    f"{preset}-{horizon}": {"user_profiles": 1.5, "content_profiles": 2.0, "interaction": 5.0, "deep": seconds}
    for preset, seconds in (("quick", 9.0), ("standard", 64.0), ("full", 310.0))
    for horizon in ("next", "later")
}


def preview() -> Preview:
    """The first rows of the file."""
    names = ("userId", "movieId", "rating", "timestamp", "[red]comment[/red]")
    said = (
        "",
        "[bold]great",
        "もう一度見たい",
        "🎉",
        "a remark that goes on and on, far beyond the width of any column",
    )
    rows = tuple(
        (
            f"u{1 + place // 4}",
            str(10 + 7 * place),
            f"{5 - place % 5}.0",
            f"{946_684_800 + 86_400 * place}",
            said[place % 5],
        )
        for place in range(12)
    )
    table = RawTable(pl.DataFrame({name: [] for name in names}), True, "CSV, UTF-8, comma")
    return Preview(
        LONG_PATH, "films", table.format, names, rows, Mapping(), columns()[:4], (), None, (LONG_PATH,), table
    )


def users() -> pl.DataFrame:
    """The frame of the user picker."""
    places = range(40)
    return pl.DataFrame(
        {
            "code": list(places),
            "id": [
                "u4169",
                "[bold]u7[/bold]",
                "花子",
                "an id that is far too long for the column it stands in, whatever",
            ]
            + [f"u{place}" for place in places[4:]],
            "cluster": [place % 7 for place in places],
            "count": [2_314 - 57 * place for place in places],
            "mean_rating": [4.2 - place / 20 for place in places],
            "last": [YEAR_2018 - 37 * DAY * place for place in places],
        }
    )


class Tastes:
    """What the user picker says of people."""

    def likes(self, users: list[int]) -> list[tuple[str, ...]]:
        """Categories of each."""
        return [(GENRES[place % 6][0], GENRES[(place + 1) % 6][0]) for place in users]

    def ratings(self, users: list[int]) -> list[tuple[int, ...]]:
        """Counts of each fifth of the scale."""
        return [(1 + place % 3, 2, 5, 9 - place % 4, 6) for place in users]


class Index:
    """The catalogue of the item picker."""

    rows = pl.DataFrame(
        {
            "id": [str(place) for place in range(len(TITLES))],
            "title": list(TITLES),
            "categories": [", ".join(GENRES[place % 6]) for place in range(len(TITLES))],
            "people": [0 if place == 19 else None if place == 17 else 713 - 31 * place for place in range(len(TITLES))],
        }
    )


FIELDS = ListFields(("categories", "year", "country", "director"), ("Drama", "Comedy", "Sci-Fi"), (1927, 2016), True)
