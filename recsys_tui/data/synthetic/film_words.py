"""The stock of words for the invented films: taste groups, their genres, and what titles and plots are made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TasteGroup:
    """One taste: a film of it draws its genres, title and plot from these."""

    name: str
    genres: tuple[str, ...]
    nouns: tuple[str, ...]
    heroes: tuple[str, ...]
    troubles: tuple[str, ...]


TASTE_GROUPS = (
    TasteGroup(
        "city noir",
        ("Crime", "Mystery", "Thriller", "Drama"),
        ("Ledger", "Alibi", "Lamplight", "Pawnshop", "Wiretap", "Stairwell", "Cipher", "Bail"),
        ("a disgraced inspector", "a night clerk", "a court stenographer", "an insurance assessor", "a locksmith"),
        (
            "finds a second set of books",
            "is paid to forget a face",
            "follows a forged signature across the city",
            "inherits a debt to the wrong family",
            "hears a confession meant for someone else",
        ),
    ),
    TasteGroup(
        "deep space",
        ("Sci-Fi", "Adventure", "Thriller", "Drama"),
        ("Orbit", "Perihelion", "Airlock", "Beacon", "Colony", "Payload", "Meridian", "Array"),
        ("a survey pilot", "a cargo crew", "a retired astronaut", "the last cartographer", "a maintenance robot"),
        (
            "answers a signal from an empty station",
            "loses eleven minutes of every day",
            "must share the oxygen with a stranger",
            "discovers that the colony was never launched",
            "steers a comet past three worlds",
        ),
    ),
    TasteGroup(
        "second chances",
        ("Romance", "Comedy", "Drama"),
        ("Wedding", "Bakery", "Postcard", "Umbrella", "Balcony", "Honeymoon", "Recipe", "Neighbour"),
        ("a florist", "a rival baker", "a wedding photographer", "a shy translator", "a widowed baker"),
        (
            "answers a letter sent to the wrong flat",
            "agrees to a pretend engagement",
            "meets an old flame at a cooking class",
            "plans the wedding of an ex",
            "falls for the voice on a wrong number",
        ),
    ),
    TasteGroup(
        "little heroes",
        ("Animation", "Family", "Adventure", "Comedy"),
        ("Hedgehog", "Kite", "Treehouse", "Marble", "Puddle", "Dragonfly", "Teapot", "Snowglobe"),
        (
            "a brave hedgehog",
            "a runaway scarecrow",
            "a homesick cloud",
            "a clockwork dog",
            "a girl with a borrowed kite",
        ),
        (
            "sets out to bring back the summer",
            "learns the language of owls",
            "hides a small dragon in a school bag",
            "races the tide to an island of lost toys",
            "befriends the monster under the bridge",
        ),
    ),
    TasteGroup(
        "cold rooms",
        ("Horror", "Mystery", "Thriller"),
        ("Cellar", "Whisper", "Attic", "Hollow", "Mirror", "Cradle", "Furnace", "Shroud"),
        ("a night nurse", "a young couple", "a sound engineer", "the new caretaker", "an exchange student"),
        (
            "hears breathing behind the wallpaper",
            "opens a room that is on no plan",
            "records a voice that knows their names",
            "finds the same photograph in every house",
            "wakes each night one step nearer to the well",
        ),
    ),
    TasteGroup(
        "old wars",
        ("History", "War", "Drama"),
        ("Regiment", "Armistice", "Bridgehead", "Dispatch", "Barricade", "Envoy", "Garrison", "Treaty"),
        ("a field surgeon", "a reluctant general", "a telegraph girl", "a deserter", "a mapmaker"),
        (
            "carries a truce through the snow",
            "holds a bridge that nobody needs any more",
            "must choose between an oath and a village",
            "hides the archives from an advancing army",
            "writes home for those who cannot",
        ),
    ),
    TasteGroup(
        "dust roads",
        ("Western", "Adventure", "Drama", "Action"),
        ("Saddle", "Canyon", "Outpost", "Lasso", "Tumbleweed", "Stagecoach", "Ridge", "Homestead"),
        ("a drifter", "a retired sheriff", "a horse doctor", "an outlaw's daughter", "a railway guard"),
        (
            "rides three days to return a watch",
            "defends a well against a cattle baron",
            "escorts a prisoner who may be innocent",
            "buys a ghost town at an auction",
            "races a train to the border",
        ),
    ),
    TasteGroup(
        "stage lights",
        ("Music", "Romance", "Drama", "Comedy"),
        ("Encore", "Nocturne", "Chorus", "Ballroom", "Metronome", "Overture", "Jukebox", "Tango"),
        ("a deaf pianist", "a wedding band", "an ageing soprano", "a street drummer", "a ballroom champion"),
        (
            "has one week to learn an impossible sonata",
            "goes on a last tour of village halls",
            "teaches a prison choir to sing",
            "dances for the rent",
            "finds a lost score in a second-hand piano",
        ),
    ),
    TasteGroup(
        "true stories",
        ("Documentary", "History", "Nature", "Music"),
        ("Glacier", "Archive", "Delta", "Migration", "Workshop", "Reef", "Harvest", "Observatory"),
        (
            "a beekeeper",
            "a family of boat builders",
            "a lighthouse family",
            "a desert botanist",
            "the last typesetter",
        ),
        (
            "is followed through one hard winter",
            "counts the birds that no longer come",
            "rebuilds a village by hand",
            "remembers the year the river moved",
            "shows how a craft survives",
        ),
    ),
)

ADJECTIVES = (
    "Amber", "Borrowed", "Broken", "Copper", "Crooked", "Distant", "Eleventh", "Faded", "Gentle", "Gilded", "Hidden",
    "Hollow", "Idle", "Ivory", "Lantern", "Late", "Little", "Lonesome", "Marble", "Midnight", "Narrow", "Northern",
    "Paper", "Patient", "Pale", "Quiet", "Restless", "Salt", "Scarlet", "Second", "Silver", "Slow", "Southern",
    "Stolen", "Sudden", "Tin", "Unfinished", "Velvet", "Wandering", "Winter",
)  # fmt: skip

PLACES = (
    "Ashgrove", "Bellmoor", "Cinder Bay", "Dunmarrow", "Eastwick Lane", "Fennimore", "Görlau", "Hartsea", "Île Perdue",
    "Juniper Street", "Kestrel Point", "Larkfield", "Montsalvat", "Nørrehavn", "Oldcastle", "Port Arden", "Quillby",
    "Rookhaven", "São Lázaro", "Thornbury", "Ulverne", "Vale of Oaks", "Westerly", "Yarrow Hill", "Zábřeh",
)  # fmt: skip

NAMES = (
    "Ada", "Bruno", "Clara", "Dmitri", "Elif", "Farid", "Greta", "Hana", "Ines", "Jonas", "Kofi", "Leila", "Mateo",
    "Nora", "Oskar", "Petra", "Quentin", "Rosa", "Samir", "Tilda", "Uma", "Viktor", "Wanda", "Yusuf", "Zoe",
)  # fmt: skip

SUBTITLES = ("The Return", "Aftermath", "One More Night", "The Long Way Home", "Old Debts", "A New Dawn")
NUMERALS = ("", "II", "III", "IV")
# A few titles in other scripts: readers, tables and search must bear them.
FOREIGN_TITLES = ("银色的港湾", "雪国の灯台守", "Последний трамвай", "여름의 우체국")

OPENINGS = ("In", "Near", "Far from", "On the road to", "Years after leaving")
ENDINGS = (
    "and nothing stays as it was.",
    "before the season ends.",
    "with no one left to trust.",
    "and learns to laugh again.",
    "while the town looks on.",
    "at a price.",
    "against good advice.",
    "and everyone has an opinion.",
)
