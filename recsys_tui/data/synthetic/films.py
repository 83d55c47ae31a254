"""The bundled set ``films``: invented films, invented people, and a planted truth to be found.

Only ``random.Random.random`` is drawn from, and only integers and plain sums decide, so that every machine and every
Python writes the same bytes. What is planted: nine overlapping taste groups (a person's main group holds about half
of their events, never more than 60 %), blockbusters that everyone sees, sequels that follow their first parts,
companions of a film in the same evening, second tastes that change over the years, films that appear during the
period, a long tail, and films that nobody has rated yet.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

from recsys_tui.data.synthetic.dice import Dice, write_csv, write_truth
from recsys_tui.data.synthetic.film_words import (
    ADJECTIVES,
    ENDINGS,
    FOREIGN_TITLES,
    NAMES,
    NUMERALS,
    OPENINGS,
    PLACES,
    SUBTITLES,
    TASTE_GROUPS,
    TasteGroup,
)

SEED = 20260
PEOPLE = 1_500
FILMS = 1_200
BLOCKBUSTERS = 60
COLD_FILMS = 40
FIRST_SECOND = 1_546_300_800  # 2019-01-01, UTC
DAYS = 1_461  # four years
DAY = 86_400
MOST_OF_MAIN_GROUP = 0.6
DRIFTING_SHARE = 0.4
SEQUEL_CHANCE = 0.7
COMPANION_CHANCE = 0.35
# Cumulative chances of an event's source: main group, second, third, a blockbuster.
SOURCES = (0.54, 0.70, 0.78, 1.0)
# How many films a person sees: (share of people, fewest, most).
ACTIVITY = ((0.45, 14, 30), (0.33, 31, 60), (0.17, 61, 140), (0.05, 141, 330))
BLOCKBUSTER = -1


@dataclass
class Film:
    """An invented film. ``group`` is its taste group, or -1 for a blockbuster."""

    number: int
    title: str
    year: int
    genres: list[str]
    plot: str
    group: int
    quality: float
    cold: bool
    release: int = 0
    sequel: int | None = None
    companion: int | None = None


@dataclass
class Person:
    """An invented person: tastes before and after ``drift_at`` (a share of the history; 1 = never drifts)."""

    number: int
    main: int
    second: int
    third: int
    later_second: int
    drift_at: float
    bias: float
    events: list[tuple[int, float, int]] = field(default_factory=list)


def make_films(dice: Dice) -> list[Film]:
    """All films, numbered from 1, with sequels and companions linked by position in the list."""
    films: list[Film] = []
    titles: set[str] = set()
    per_group = (FILMS - BLOCKBUSTERS) // len(TASTE_GROUPS)
    kinds = [BLOCKBUSTER] * BLOCKBUSTERS + [g for g in range(len(TASTE_GROUPS)) for _ in range(per_group)]
    kinds += [number % len(TASTE_GROUPS) for number in range(FILMS - len(kinds))]
    while len(films) < FILMS:
        group = kinds[len(films)]
        stock = TASTE_GROUPS[group if group >= 0 else dice.number(0, len(TASTE_GROUPS) - 1)]
        left_in_group = sum(1 for kind in kinds[len(films) :] if kind == group)
        parts = min(left_in_group, dice.number(2, 4) if dice.chance(0.12) else 1)
        base = _title(dice, stock.nouns, titles)
        year = dice.number(1948, 2018)
        for part in range(parts):
            title = base if part == 0 else f"{base} {NUMERALS[part]}"
            if part and dice.chance(0.5):
                title += f": {dice.pick(SUBTITLES)}"
            titles.add(title)
            film = Film(
                len(films) + 1, title, min(2022, year), _genres(dice, stock.genres), _plot(dice, stock), group,
                dice.noise() * 0.5, cold=False,
            )  # fmt: skip
            if part:
                films[-1].sequel = len(films)
                film.genres = list(films[-1].genres)
            films.append(film)
            year += dice.number(2, 4)
    _finish(dice, films)
    return films


def _finish(dice: Dice, films: list[Film]) -> None:
    """Foreign titles, films of the period, films nobody has rated yet, companions."""
    for title in FOREIGN_TITLES:
        films[dice.number(BLOCKBUSTERS, FILMS - 1)].title = title
    for position, film in enumerate(films):
        if film.sequel is None and film.group >= 0 and dice.chance(0.12):
            film.year = dice.number(2019, 2022)
        if film.year >= 2019:
            film.release = (film.year - 2019) * 365 + dice.number(0, 330)
        mates = [other for other in range(position + 1, min(position + 12, FILMS)) if films[other].group == film.group]
        if mates and film.sequel is None and dice.chance(0.5):
            film.companion = dice.pick(mates)
    linked = {film.sequel for film in films} | {film.companion for film in films}
    loose = [n for n, film in enumerate(films) if n not in linked and film.sequel is None and film.group >= 0]
    for _ in range(COLD_FILMS):
        films[loose.pop(dice.number(0, len(loose) - 1))].cold = True


def _title(dice: Dice, nouns: tuple[str, ...], taken: set[str]) -> str:
    while True:
        noun, adjective, place, name = dice.pick(nouns), dice.pick(ADJECTIVES), dice.pick(PLACES), dice.pick(NAMES)
        title = dice.pick(
            (
                f"The {adjective} {noun}",
                f"The {noun} of {place}",
                f"{adjective} {noun}",
                f"{name} and the {noun}",
                f"{place}, {noun}",
                f"{'An' if noun[0] in 'AEIOU' else 'A'} {noun} for {name}",
                f"{noun} at {place}",
            )
        )
        if title not in taken:
            return title


def _genres(dice: Dice, genres: tuple[str, ...]) -> list[str]:
    """One to three genres; the group's first ones are likelier."""
    chosen = [genre for place, genre in enumerate(genres) if dice.chance(0.75 - 0.17 * place)]
    return chosen[:3] or [genres[0]]


def _plot(dice: Dice, stock: TasteGroup) -> str:
    opening = f"{dice.pick(OPENINGS)} {dice.pick(PLACES)},"
    return f"{opening} {dice.pick(stock.heroes)} {dice.pick(stock.troubles)} {dice.pick(ENDINGS)}"


def make_people(dice: Dice, films: list[Film]) -> list[Person]:
    """All people with their events, oldest first."""
    shelves = _Shelves(films)
    people = []
    for number in range(1, PEOPLE + 1):
        groups = list(range(len(TASTE_GROUPS)))
        main = groups.pop(number % len(groups) if dice.chance(0.7) else dice.number(0, len(groups) - 1))
        second, third, later = (groups.pop(dice.number(0, len(groups) - 1)) for _ in range(3))
        drift_at = 0.3 + 0.1 * dice.number(0, 4) if dice.chance(DRIFTING_SHARE) else 1.0
        person = Person(number, main, second, third, later if drift_at < 1 else second, drift_at, dice.noise() * 0.6)
        _watch(dice, person, films, shelves)
        people.append(person)
    return people


class _Shelves:
    """Films of each group (and the blockbusters) by popularity: the n-th has weight 1/(n + 4)."""

    def __init__(self, films: list[Film]) -> None:
        self.shelves: dict[int, list[int]] = {}
        for position, film in enumerate(films):
            if not film.cold:
                self.shelves.setdefault(film.group, []).append(position)
        self.weights = {
            group: list(accumulate(10_000_000 // (place + 4) for place in range(len(shelf))))
            for group, shelf in self.shelves.items()
        }

    def draw(self, dice: Dice, group: int) -> int:
        return self.shelves[group][dice.weighted(self.weights[group])]


def _watch(dice: Dice, person: Person, films: list[Film], shelves: _Shelves) -> None:
    total = _activity(dice)
    most_of_main = int(MOST_OF_MAIN_GROUP * total)
    day = dice.number(0, int(DAYS * 0.7))
    stride = max(1, (DAYS - day) * 3 // max(1, total))
    clock = 0
    seen: set[int] = set()
    of_main = 0
    waiting: list[int] = []
    while len(person.events) < total:
        film = _next_film(dice, person, films, shelves, waiting, seen, day, total)
        if film is None:
            day += 1
            if day >= DAYS:
                break
            continue
        if films[film].group == person.main:
            if of_main >= most_of_main:
                film = _other(dice, person, films, shelves, seen, day)
                if film is None:
                    break
            else:
                of_main += 1
        seen.add(film)
        second = FIRST_SECOND + day * DAY + 64_800 + clock + dice.number(0, 900)
        person.events.append((film, _rating(dice, person, films[film]), second))
        waiting = _what_follows(dice, films[film], seen) or waiting[1:]
        clock += 7_200
        if clock > 14_400 or dice.chance(0.45):
            clock = 0
            day = min(DAYS - 1, day + dice.number(1, stride))
    _keep_main_below_limit(person, films)


def _activity(dice: Dice) -> int:
    left = dice.number(0, 99) / 100
    for share, fewest, most in ACTIVITY:
        if left < share:
            return dice.number(fewest, most)
        left -= share
    return ACTIVITY[0][1]


def _next_film(
    dice: Dice,
    person: Person,
    films: list[Film],
    shelves: _Shelves,
    waiting: list[int],
    seen: set[int],
    day: int,
    total: int,
) -> int | None:
    """What follows the last film if anything does, else a draw from one of the person's tastes."""
    for film in waiting[:1]:
        if film not in seen and films[film].release <= day and not films[film].cold:
            return film
    second = person.later_second if len(person.events) >= person.drift_at * total else person.second
    groups = (person.main, second, person.third, BLOCKBUSTER)
    for _ in range(12):
        left = dice.number(0, 9_999) / 10_000
        source = next(place for place, edge in enumerate(SOURCES) if left < edge)
        film = shelves.draw(dice, groups[source])
        if film not in seen and films[film].release <= day:
            return film
    return None


def _other(dice: Dice, person: Person, films: list[Film], shelves: _Shelves, seen: set[int], day: int) -> int | None:
    """A film outside the main group, for someone whose main group is full."""
    for _ in range(200):
        group = dice.pick((person.second, person.third, person.later_second, BLOCKBUSTER))
        film = shelves.draw(dice, group)
        if film not in seen and films[film].release <= day:
            return film
    return None


def _what_follows(dice: Dice, film: Film, seen: set[int]) -> list[int]:
    if film.sequel is not None and film.sequel not in seen and dice.chance(SEQUEL_CHANCE):
        return [film.sequel]
    if film.companion is not None and film.companion not in seen and dice.chance(COMPANION_CHANCE):
        return [film.companion]
    return []


def _keep_main_below_limit(person: Person, films: list[Film]) -> None:
    """Drop the newest events of the main group while it holds more than 60 % (a history that ended early)."""
    while True:
        of_main = [place for place, event in enumerate(person.events) if films[event[0]].group == person.main]
        if len(of_main) <= MOST_OF_MAIN_GROUP * len(person.events):
            return
        del person.events[of_main[-1]]


def _rating(dice: Dice, person: Person, film: Film) -> float:
    liked = 0.5 if film.group == person.main else 0.2 if film.group in (person.second, person.later_second) else 0.0
    raw = 3.3 + person.bias + film.quality + liked + dice.noise()
    return min(5.0, max(0.5, int(raw * 2 + 0.5) / 2))


def write_films(folder: Path, seed: int = SEED) -> None:
    """Write ``ratings.csv``, ``movies.csv`` and ``truth.json`` into ``folder``."""
    dice = Dice(seed)
    films = make_films(dice)
    people = make_people(dice, films)
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(
        folder / "movies.csv",
        ("movieId", "title", "genres", "plot"),
        [(film.number, f"{film.title} ({film.year})", "|".join(film.genres), film.plot) for film in films],
    )
    write_csv(
        folder / "ratings.csv",
        ("userId", "movieId", "rating", "timestamp"),
        [
            (person.number, films[film].number, rating, second)
            for person in people
            for film, rating, second in sorted(person.events, key=lambda event: event[2])
        ],
    )
    truth = {
        "seed": seed,
        "groups": [group.name for group in TASTE_GROUPS],
        "people": {
            str(person.number): [person.main, person.second, person.third, person.later_second, person.drift_at]
            for person in people
        },
        "films": {str(film.number): film.group for film in films},
        "sequels": [[film.number, films[film.sequel].number] for film in films if film.sequel is not None],
        "cold": [film.number for film in films if film.cold],
    }
    write_truth(folder / "truth.json", truth)
