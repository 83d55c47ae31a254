"""The bundled set ``shop``: an invented shop with views, carts and purchases, and a planted truth to be found.

Made as ``films`` is: every machine writes the same bytes. What is planted: eight departments as overlapping tastes (a
person's main department holds at most 60 % of their events), a funnel from views over carts to purchases, things that
are used up and bought again at an interval of their own, accessories that follow the thing they belong to, popularity
and activity skew, and products that nobody has looked at yet.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from recsys_tui.data.synthetic.dice import Dice, Shelf, write_csv, write_truth
from recsys_tui.data.synthetic.shop_words import BRANDS, COLOURS, DEPARTMENTS, SPECIAL_TITLES, STYLES

SEED = 20261
PEOPLE = 1_500
PRODUCTS = 900
COLD_PRODUCTS = 30
FIRST_SECOND = 1_672_531_200  # 2023-01-01, UTC
DAYS, DAY = 365, 86_400
MOST_OF_MAIN = 0.6
# Cumulative chances of what a look is at: main department, second, third, anything.
SOURCES = (0.52, 0.72, 0.82, 1.0)
# How often a person comes: (share of people, fewest visits, most).
ACTIVITY = ((0.50, 2, 4), (0.30, 4, 8), (0.15, 9, 15), (0.05, 16, 26))
VIEW, CART, PURCHASE = "view", "cart", "purchase"
CART_CHANCE, PURCHASE_CHANCE = 0.30, 0.62
HABIT_CHANCE, LAPSE_CHANCE = 0.70, 0.13
ACCESSORY_CHANCE = 0.55
FEWEST_DAYS_BETWEEN, MOST_DAYS_BETWEEN = 18, 60


@dataclass
class Product:
    """An invented product. ``interval``: days after which it is used up, or 0 for what lasts."""

    place: int
    title: str
    category: str
    brand: str
    description: str
    pence: int
    department: int
    interval: int
    accessory: int | None = None
    cold: bool = False

    @property
    def code(self) -> str:
        return f"P{self.place + 1:04d}"


@dataclass
class Person:
    """An invented customer: departments by taste, and their events as (second, product, kind)."""

    place: int
    tastes: tuple[int, int, int]
    events: list[tuple[int, int, str]] = field(default_factory=list)
    owned: set[int] = field(default_factory=set)

    @property
    def code(self) -> str:
        return f"U{self.place + 1:05d}"


def make_products(dice: Dice) -> list[Product]:
    """All products, every sixth of them used up, accessories linked to a thing of the same department."""
    products: list[Product] = []
    titles: set[str] = set()
    for place in range(PRODUCTS):
        product = _product(dice, place)
        while product.title in titles:
            product = _product(dice, place)
        titles.add(product.title)
        products.append(product)
    for kind, title in SPECIAL_TITLES:
        dice.pick([product for product in products if product.title.endswith(kind)]).title = title
    for product in products:
        if not product.interval and dice.chance(0.35):
            steps = dice.number(1, 6) * len(DEPARTMENTS)
            other = products[(product.place + steps) % PRODUCTS]
            if other.department == product.department and not other.interval and other.accessory != product.place:
                product.accessory = other.place
    belonging = {product.accessory for product in products}
    loose = [p.place for p in products if p.place not in belonging and p.accessory is None and not p.interval]
    for _ in range(COLD_PRODUCTS):
        products[loose.pop(dice.number(len(loose) // 2, len(loose) - 1))].cold = True
    return products


def _product(dice: Dice, place: int) -> Product:
    department = place % len(DEPARTMENTS)
    stock = DEPARTMENTS[department]
    interval = 0
    # Counted within the department, so that each has its share of what is used up.
    if (place // len(DEPARTMENTS) + department) % 6 == 0:
        kind, shelf, usual = dice.pick(stock.used_up)
        title = f"{dice.pick(STYLES)} {kind}"
        interval = dice.number(FEWEST_DAYS_BETWEEN, MOST_DAYS_BETWEEN)
    else:
        kind, shelf, usual, materials = dice.pick(stock.lasting)
        colour = f", {dice.pick(COLOURS)}" if dice.chance(0.2) else ""
        title = f"{dice.pick(STYLES)} {dice.pick(materials)} {kind}{colour}"
    brand, first = dice.pick(BRANDS), dice.pick(stock.praise)
    second = dice.pick([words for words in stock.praise if words != first])
    description = f"{kind.split(',')[0]} by {brand}: {first}, {second}."
    pence = usual * dice.number(70, 160) // 100
    category = f"Home > {stock.name} > {shelf}"
    return Product(place, title, category, brand, description, pence, department, interval)


def make_people(dice: Dice, products: list[Product]) -> list[Person]:
    """All customers with a year of visits."""
    warm = [product for product in products if not product.cold]
    shelves = [Shelf([p.place for p in warm if p.department == d]) for d in range(len(DEPARTMENTS))]
    everything = Shelf([p.place for p in warm], steepness=40)
    people = []
    for place in range(PEOPLE):
        departments = list(range(len(DEPARTMENTS)))
        main = departments.pop(place % len(departments))
        tastes = (main, departments.pop(dice.number(0, 6)), departments.pop(dice.number(0, 5)))
        person = Person(place, tastes)
        _year_of(dice, person, products, shelves, everything)
        _keep_main_below_limit(dice, person, products, shelves)
        people.append(person)
    return people


def _year_of(dice: Dice, person: Person, products: list[Product], shelves: list[Shelf], everything: Shelf) -> None:
    """Visits spread over the year; what was bought decides what is looked at and bought again later."""
    visits = sorted({dice.number(0, DAYS - 1) for _ in range(dice.within(ACTIVITY))})
    due: list[tuple[int, int]] = []  # (day, product) of things that are used up
    wanted: list[int] = []  # accessories of what was just bought
    day_of_visit = visits.pop(0)
    while True:
        again = sorted(entry for entry in due if entry[0] <= day_of_visit + 2)
        due = [entry for entry in due if entry not in again]
        second = FIRST_SECOND + day_of_visit * DAY + dice.number(7, 22) * 3_600 + dice.number(0, 3_599)
        for _, product in again:
            second = _buy_again(dice, person, product, second)
            if not dice.chance(LAPSE_CHANCE):
                due.append((day_of_visit + _interval(dice, products[product]), product))
        looks = wanted + [_look(dice, person, shelves, everything) for _ in range(dice.number(2, 5))]
        hoped, wanted = set(wanted), []
        for product in dict.fromkeys(looks):
            lasting = products[product].interval == 0
            # Nobody needs a second thing that lasts, nor more of what will only be used up later.
            enough = product in person.owned if lasting else any(entry[1] == product for entry in due)
            person.events.append((second, product, VIEW))
            second += dice.number(15, 180)
            chance = ACCESSORY_CHANCE if product in hoped else CART_CHANCE
            if enough or not dice.chance(chance):
                continue
            person.events.append((second, product, CART))
            second += dice.number(10, 90)
            if not dice.chance(PURCHASE_CHANCE):
                continue
            person.events.append((second, product, PURCHASE))
            second += dice.number(10, 60)
            person.owned.add(product)
            accessory = products[product].accessory
            if accessory is not None and accessory not in person.owned and dice.chance(0.8):
                wanted.append(accessory)
            if not lasting and dice.chance(HABIT_CHANCE):
                due.append((day_of_visit + _interval(dice, products[product]), product))
        coming = ([visits[0]] if visits else []) + [day for day, _ in due if day < DAYS]
        if not coming:
            return
        following = max(day_of_visit + 1, min(coming))
        if following >= DAYS:
            return
        visits = [day for day in visits if day > following]
        day_of_visit = following


def _interval(dice: Dice, product: Product) -> int:
    """Days until it is used up: as usual, give or take a sixth."""
    sixth = max(1, product.interval // 6)
    return max(7, product.interval + dice.number(-sixth, sixth))


def _buy_again(dice: Dice, person: Person, product: int, second: int) -> int:
    person.events.append((second, product, VIEW))
    second += dice.number(5, 40)
    person.events.append((second, product, CART))
    second += dice.number(5, 40)
    person.events.append((second, product, PURCHASE))
    return second + dice.number(5, 60)


def _look(dice: Dice, person: Person, shelves: list[Shelf], everything: Shelf) -> int:
    drawn = dice.number(0, 9_999) / 10_000
    for taste, limit in zip(person.tastes, SOURCES[:-1], strict=True):
        if drawn < limit:
            return shelves[taste].draw(dice)
    return everything.draw(dice)


def _keep_main_below_limit(dice: Dice, person: Person, products: list[Product], shelves: list[Shelf]) -> None:
    """Let somebody look around elsewhere, at the end of their last visit, while the main department holds too much."""
    of_main = sum(products[product].department == person.tastes[0] for _, product, _ in person.events)
    second = max(second for second, _, _ in person.events)
    while of_main > MOST_OF_MAIN * len(person.events):
        second += dice.number(15, 180)
        person.events.append((second, shelves[dice.pick(person.tastes[1:])].draw(dice), VIEW))


def write_shop(folder: Path, seed: int = SEED) -> None:
    """Write ``events.csv``, ``products.csv`` and ``truth.json`` into ``folder``."""
    dice = Dice(seed)
    products = make_products(dice)
    people = make_people(dice, products)
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        (person.code, products[product].code, kind, second)
        for person in people
        for second, product, kind in sorted(person.events, key=lambda event: event[0])
    ]
    write_csv(folder / "events.csv", ("user_id", "item_id", "event", "timestamp"), rows)
    write_csv(
        folder / "products.csv",
        ("item_id", "title", "category", "brand", "description", "price"),
        [
            (p.code, p.title, p.category, p.brand, p.description, f"{p.pence // 100}.{p.pence % 100:02d}")
            for p in products
        ],
    )
    write_truth(
        folder / "truth.json",
        {
            "seed": seed,
            "departments": [department.name for department in DEPARTMENTS],
            "people": {person.code: list(person.tastes) for person in people},
            "products": {product.code: product.department for product in products},
            "used_up": {product.code: product.interval for product in products if product.interval},
            "accessories": [[p.code, products[p.accessory].code] for p in products if p.accessory is not None],
            "cold": [product.code for product in products if product.cold],
        },
    )
