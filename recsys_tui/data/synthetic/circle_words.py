"""The stock of words for the invented network: communities, their topics, and what handles and bios are made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Community:
    """One interest: its creators draw topics and bios from these."""

    name: str
    topics: tuple[str, ...]
    deeds: tuple[str, ...]


COMMUNITIES = (
    Community("ceramics", ("pottery", "glazes", "kilns", "craft"), ("throws bowls", "digs clay", "fires a wood kiln")),
    Community(
        "cycling", ("touring", "wheels", "maps", "mountains"), ("rides before dawn", "trues wheels", "draws routes")
    ),
    Community(
        "astronomy",
        ("telescopes", "planets", "night sky", "optics"),
        ("grinds mirrors", "counts meteors", "photographs the moon"),
    ),
    Community("baking", ("sourdough", "pastry", "grain", "ovens"), ("feeds a starter", "laminates dough", "mills rye")),
    Community(
        "chess",
        ("openings", "endgames", "puzzles", "history"),
        ("annotates old games", "teaches beginners", "plays by post"),
    ),
    Community("gardens", ("seeds", "compost", "orchards", "bees"), ("saves seeds", "prunes apple trees", "keeps bees")),
    Community(
        "type", ("lettering", "printing", "paper", "books"), ("cuts letters", "runs a small press", "binds books")
    ),
    Community(
        "synths",
        ("modular", "drones", "field recording", "circuits"),
        ("solders filters", "records rain", "patches slowly"),
    ),
)
FIRST_NAMES = (
    "mira", "tom", "ada", "leo", "nina", "otto", "ines", "paul", "zoe", "karl", "lena", "hugo", "vera", "emil", "rosa",
    "noah", "ivy", "finn", "greta", "milo", "alma", "jonas", "elsa", "theo", "anouk", "ravi", "mei", "sami", "lucia",
    "dara",
)  # fmt: skip
PLACES = ("Leeds", "Porto", "Gdańsk", "Malmö", "Lyon", "Ghent", "Graz", "Turku", "Cork", "Bologna", "台北", "Zürich")
MANNERS = (
    "quietly",
    "in a shed",
    "on weekends",
    "for thirty years",
    "badly, but daily",
    "with two cats",
    "by lamplight",
)
