"""The stock of words for the invented shop: departments, what they sell, and what it is called."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Department:
    """One taste. ``lasting`` and ``used_up``: kinds of things, each with its shelf, its usual price in pence and words
    for a description; things used up are bought again."""

    name: str
    lasting: tuple[tuple[str, str, int], ...]
    used_up: tuple[tuple[str, str, int], ...]
    praise: tuple[str, ...]


DEPARTMENTS = (
    Department(
        "Kitchen",
        (
            ("Teapot", "Tea", 2400), ("Casserole Dish", "Cookware", 3900), ("Bread Knife", "Knives", 1800),
            ("Pepper Mill", "Tools", 1600), ("Mixing Bowl", "Baking", 1250), ("Frying Pan", "Cookware", 3200),
        ),
        (("Baking Paper", "Baking", 350), ("Dish Soap", "Cleaning", 290)),
        ("feels right in the hand", "goes straight from oven to table", "cleans with a wipe", "wears its years well"),
    ),
    Department(
        "Coffee & Tea",
        (
            ("Hand Grinder", "Coffee", 4500), ("Pour-Over Kettle", "Coffee", 5200), ("Tea Caddy", "Tea", 1400),
            ("Stoneware Mug", "Cups", 1100), ("French Press", "Coffee", 2900),
        ),
        (("Coffee Beans, 500 g", "Coffee", 890), ("Loose Leaf Tea", "Tea", 640), ("Filter Papers", "Coffee", 320)),
        ("brings out the sweet notes", "keeps its warmth to the last cup", "is roasted on Tuesdays", "never drips"),
    ),
    Department(
        "Garden",
        (
            ("Hand Trowel", "Tools", 1300), ("Watering Can", "Watering", 2100), ("Planter", "Pots", 1900),
            ("Pruning Shears", "Tools", 2600), ("Bird Table", "Wildlife", 3400),
        ),
        (("Seed Mix", "Seeds", 260), ("Plant Food", "Feeding", 540), ("Bird Seed, 2 kg", "Wildlife", 720)),
        ("shrugs off the frost", "is kind to small hands", "turns heavy soil", "fills a bare corner by June"),
    ),
    Department(
        "Stationery",
        (
            ("Fountain Pen", "Pens", 3600), ("Desk Tray", "Desk", 1700), ("Letter Opener", "Desk", 950),
            ("Sketchbook Cover", "Paper", 2200), ("Brass Ruler", "Drawing", 1250),
        ),
        (("Ink Cartridges", "Pens", 480), ("Dotted Notebook", "Paper", 720)),
        ("lies flat when open", "writes without skipping", "keeps the corners sharp", "makes a plain desk look meant"),
    ),
    Department(
        "Bath",
        (
            ("Bath Towel", "Linen", 1900), ("Soap Dish", "Basin", 850), ("Wooden Comb", "Hair", 700),
            ("Bath Mat", "Linen", 1600), ("Shaving Brush", "Shaving", 2300),
        ),
        (("Olive Soap", "Soap", 420), ("Shampoo Bar", "Hair", 780), ("Hand Cream", "Skin", 690)),
        ("smells of cut grass", "dries overnight", "is gentle on dry skin", "grows softer with washing"),
    ),
    Department(
        "Pets",
        (
            ("Dog Lead", "Dogs", 1700), ("Cat Tunnel", "Cats", 2400), ("Feeding Bowl", "Feeding", 1100),
            ("Travel Crate", "Dogs", 5400), ("Scratching Post", "Cats", 3600),
        ),
        (("Dry Food, 3 kg", "Feeding", 1490), ("Chew Sticks", "Dogs", 380), ("Cat Litter", "Cats", 820)),
        ("survives a determined puppy", "folds away in a moment", "settles nervous animals", "comes up clean"),
    ),
    Department(
        "Outdoors",
        (
            ("Day Pack", "Packs", 5900), ("Camping Stove", "Cooking", 4700), ("Head Torch", "Light", 2800),
            ("Wool Blanket", "Sleeping", 4900), ("Enamel Cup", "Cooking", 900),
        ),
        (("Gas Canister", "Cooking", 560), ("Batteries, pack of 8", "Light", 610)),
        ("keeps out a wet October", "weighs less than it looks", "packs into its own pocket", "lights at first strike"),
    ),
    Department(
        "Crafts",
        (
            ("Embroidery Hoop", "Sewing", 750), ("Sewing Box", "Sewing", 3300), ("Knitting Needles", "Wool", 1200),
            ("Carving Set", "Wood", 4100), ("Weaving Frame", "Wool", 3800),
        ),
        (("Merino Yarn", "Wool", 950), ("Cotton Thread", "Sewing", 310), ("Beeswax Polish", "Wood", 570)),
        ("forgives a beginner", "holds its tension", "takes dye beautifully", "makes a quiet evening go quickly"),
    ),
)  # fmt: skip
MATERIALS = (
    "Oak", "Walnut", "Brass", "Copper", "Linen", "Enamel", "Slate", "Ash", "Stoneware", "Cork", "Bamboo", "Glass",
    "Steel", "Felt", "Canvas", "Birch",
)  # fmt: skip
STYLES = (
    "Harbour", "Meadow", "Studio", "Everyday", "Heritage", "Little", "Grand", "Plain", "Northern", "Sunday", "Café",
    "Orchard", "Lantern", "Willow", "Émile", "Atelier",
)  # fmt: skip
BRANDS = (
    "Alder & Finch", "Brightwell", "Corvane", "Dunmore, Ltd.", "Elmgate", "Fenwright", "Grünwerk", "Hollis 1911",
    "Inkbarrow", "Juniper Row", "Kettlestone", "Løvland", "Marrow & Sons", "Nettlecombe",
)  # fmt: skip
COLOURS = ("moss", "chalk", "ochre", "slate", "rust", "cream", "ink", "sage")
SPECIAL_TITLES = (
    '12" Cast Pan, "Grandmother\'s"', "茶壶 Yixing Teapot", "Crème Brûlée Torch", "Kärcher-style Brush, green",
    "Notebook “Ordinary Days”", "Salt & Pepper, a pair",
)  # fmt: skip
