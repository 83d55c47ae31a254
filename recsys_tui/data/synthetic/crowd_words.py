"""Words of the invented set ``crowd``: genres of albums, and what titles and names of bands are made of."""

from __future__ import annotations

GENRES = (
    "Pop", "Rock", "Electronic", "Folk", "Jazz", "Soul", "Metal", "Classical", "Ambient", "Country", "Blues", "Punk",
    "Reggae", "Latin", "Disco", "House", "Techno", "Gospel", "Choral", "Opera", "Swing", "Tango", "Fado", "Skiffle",
)  # fmt: skip
QUALITIES = (
    "Silver", "Hollow", "Northern", "Quiet", "Burning", "Paper", "Electric", "Crooked", "Golden", "Winter", "Velvet",
    "Broken", "Distant", "Amber", "Hidden", "Restless", "Scarlet", "Wooden", "Borrowed", "Endless", "Tender", "Iron",
    "Salted", "Midnight", "Gentle", "Copper", "Wandering", "Frozen", "Second", "Faded", "Little", "Glass", "Honest",
    "Drowsy", "Painted", "Sudden", "Marble", "Crowded", "Early", "Ragged",
)  # fmt: skip
THINGS = (
    "Harbour", "Orchard", "Engine", "Letters", "Lanterns", "Meadow", "Signals", "Staircase", "Rivers", "Parade",
    "Weather", "Compass", "Garden", "Echoes", "Bridges", "Feathers", "Station", "Mirrors", "Gravity", "Horses",
    "Avenue", "Shadows", "Clockwork", "Islands", "Thunder", "Windows", "Ashes", "Postcards", "Carousel", "Voices",
    "Ladders", "Tides", "Kites", "Furnace", "Satellites", "Almanac", "Sparrows", "Machinery", "Lullabies", "Corridors",
)  # fmt: skip
BANDS = (
    "Foxes", "Travellers", "Quartet", "Brothers", "Sisters", "Orchestra", "Collective", "Pilots", "Saints", "Union",
    "Trio", "Society", "Rangers", "Choir", "Choppers", "Department",
)  # fmt: skip
