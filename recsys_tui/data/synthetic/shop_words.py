"""The stock of words for the invented shop: departments, what they sell, and what it is called."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Department:
    """One taste. ``lasting`` and ``used_up``: kinds of things, each with its shelf and its usual price in pence, what
    lasts also with what it is made of; what is used up is bought again. ``praise``: words for a description."""

    name: str
    lasting: tuple[tuple[str, str, int, tuple[str, ...]], ...]
    used_up: tuple[tuple[str, str, int], ...]
    praise: tuple[str, ...]


DEPARTMENTS = (
    Department(
        "Kitchen",
        (
            ("Teapot", "Tea", 2400, ("Stoneware", "Cast Iron", "Glass", "Enamel")),
            ("Casserole Dish", "Cookware", 3900, ("Cast Iron", "Stoneware", "Enamel", "Copper")),
            ("Bread Knife", "Knives", 1800, ("Oak-Handled", "Walnut-Handled", "Steel")),
            ("Pepper Mill", "Tools", 1600, ("Oak", "Walnut", "Beech", "Steel")),
            ("Mixing Bowl", "Baking", 1250, ("Stoneware", "Steel", "Glass", "Enamel")),
            ("Frying Pan", "Cookware", 3200, ("Cast Iron", "Copper", "Steel")),
        ),
        (("Baking Paper", "Baking", 350), ("Dish Soap", "Cleaning", 290)),
        ("feels right in the hand", "goes straight from oven to table", "cleans with a wipe", "wears its years well"),
    ),
    Department(
        "Coffee & Tea",
        (
            ("Hand Grinder", "Coffee", 4500, ("Walnut", "Brass", "Steel")),
            ("Pour-Over Kettle", "Coffee", 5200, ("Copper", "Steel", "Enamel")),
            ("Tea Caddy", "Tea", 1400, ("Tin", "Birch", "Copper")),
            ("Stoneware Mug", "Cups", 1100, ("Glazed", "Speckled", "Tall", "Ribbed")),
            ("French Press", "Coffee", 2900, ("Glass", "Steel", "Copper")),
        ),
        (("Coffee Beans, 500 g", "Coffee", 890), ("Loose Leaf Tea", "Tea", 640), ("Filter Papers", "Coffee", 320)),
        ("brings out the sweet notes", "keeps its warmth to the last cup", "is roasted on Tuesdays", "never drips"),
    ),
    Department(
        "Garden",
        (
            ("Hand Trowel", "Tools", 1300, ("Steel", "Ash", "Copper")),
            ("Watering Can", "Watering", 2100, ("Zinc", "Copper", "Enamel")),
            ("Planter", "Pots", 1900, ("Terracotta", "Zinc", "Slate", "Cedar")),
            ("Pruning Shears", "Tools", 2600, ("Steel", "Ash", "Forged")),
            ("Bird Table", "Wildlife", 3400, ("Oak", "Cedar", "Larch")),
        ),
        (("Seed Mix", "Seeds", 260), ("Plant Food", "Feeding", 540), ("Bird Seed, 2 kg", "Wildlife", 720)),
        ("shrugs off the frost", "is kind to small hands", "turns heavy soil", "fills a bare corner by June"),
    ),
    Department(
        "Stationery",
        (
            ("Fountain Pen", "Pens", 3600, ("Brass", "Resin", "Walnut", "Steel")),
            ("Desk Tray", "Desk", 1700, ("Oak", "Cork", "Felt", "Walnut")),
            ("Letter Opener", "Desk", 950, ("Brass", "Horn", "Steel")),
            ("Sketchbook Cover", "Paper", 2200, ("Linen", "Felt", "Canvas")),
            ("Ruler", "Drawing", 1250, ("Brass", "Steel", "Birch")),
        ),
        (("Ink Cartridges", "Pens", 480), ("Dotted Notebook", "Paper", 720)),
        ("lies flat when open", "writes without skipping", "keeps the corners sharp", "makes a plain desk look meant"),
    ),
    Department(
        "Bath",
        (
            ("Bath Towel", "Linen", 1900, ("Linen", "Cotton", "Waffle")),
            ("Soap Dish", "Basin", 850, ("Slate", "Stoneware", "Cedar")),
            ("Wooden Comb", "Hair", 700, ("Pear", "Beech", "Olive")),
            ("Bath Mat", "Linen", 1600, ("Cork", "Bamboo", "Cotton")),
            ("Shaving Brush", "Shaving", 2300, ("Oak", "Walnut", "Resin")),
        ),
        (("Olive Soap", "Soap", 420), ("Shampoo Bar", "Hair", 780), ("Hand Cream", "Skin", 690)),
        ("smells of cut grass", "dries overnight", "is gentle on dry skin", "grows softer with washing"),
    ),
    Department(
        "Pets",
        (
            ("Dog Lead", "Dogs", 1700, ("Rope", "Canvas", "Felt")),
            ("Cat Tunnel", "Cats", 2400, ("Felt", "Canvas", "Jute")),
            ("Feeding Bowl", "Feeding", 1100, ("Steel", "Stoneware", "Bamboo")),
            ("Travel Crate", "Dogs", 5400, ("Canvas", "Steel", "Birch")),
            ("Scratching Post", "Cats", 3600, ("Sisal", "Cork", "Birch")),
        ),
        (("Dry Food, 3 kg", "Feeding", 1490), ("Chew Sticks", "Dogs", 380), ("Cat Litter", "Cats", 820)),
        ("survives a determined puppy", "folds away in a moment", "settles nervous animals", "comes up clean"),
    ),
    Department(
        "Outdoors",
        (
            ("Day Pack", "Packs", 5900, ("Canvas", "Waxed", "Ripstop")),
            ("Camping Stove", "Cooking", 4700, ("Brass", "Steel", "Titanium")),
            ("Head Torch", "Light", 2800, ("Alloy", "Slim", "Bright")),
            ("Wool Blanket", "Sleeping", 4900, ("Checked", "Striped", "Woven")),
            ("Enamel Cup", "Cooking", 900, ("Speckled", "Tall", "Rimmed")),
        ),
        (("Gas Canister", "Cooking", 560), ("Batteries, pack of 8", "Light", 610)),
        ("keeps out a wet October", "weighs less than it looks", "packs into its own pocket", "lights at first strike"),
    ),
    Department(
        "Crafts",
        (
            ("Embroidery Hoop", "Sewing", 750, ("Beech", "Bamboo", "Birch")),
            ("Sewing Box", "Sewing", 3300, ("Oak", "Felt", "Birch")),
            ("Knitting Needles", "Wool", 1200, ("Bamboo", "Birch", "Steel")),
            ("Carving Set", "Wood", 4100, ("Ash", "Steel", "Walnut")),
            ("Weaving Frame", "Wool", 3800, ("Oak", "Beech", "Birch")),
        ),
        (("Merino Yarn", "Wool", 950), ("Cotton Thread", "Sewing", 310), ("Beeswax Polish", "Wood", 570)),
        ("forgives a beginner", "holds its tension", "takes dye beautifully", "makes a quiet evening go quickly"),
    ),
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
# What some of their kind are called instead: commas, quotation marks and other scripts, as shops have them.
SPECIAL_TITLES = (
    ("Frying Pan", '12" Frying Pan, "Grandmother\'s"'),
    ("Teapot", "茶壶 Teapot, 600 ml"),
    ("French Press", "Press “Café crème”, 1 l"),
    ("Ruler", '6" Ruler, brass'),
    ("Soap Dish", "Såpekopp, skifer"),
    ("Day Pack", "Day Pack «Föhn», 22 l"),
)
