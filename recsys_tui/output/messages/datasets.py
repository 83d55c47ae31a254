"""Sentences about the datasets that the program can write."""

from __future__ import annotations

ENGLISH: dict[str, str] = {
    "datasets.help_make": "Write an invented dataset: one of the bundled ones anew, or crowd, a million people with ten million events. Prints where it is.",
    "datasets.help_name": "One of: films, shop, circle, crowd.",
    "datasets.help_output": "The folder to write it into; left out: datasets/NAME in the home folder.",
    "datasets.help_users": "How many people (crowd only).",
    "datasets.help_items": "How many items (crowd only).",
    "datasets.help_events": "How many events (crowd only).",
    "datasets.help_seed": "Another seed makes other data of the same kind.",
    "datasets.unknown": "There is no invented dataset {name}; there are {names}.",
    "datasets.fixed_size": "The size of {name} is fixed; --users, --items and --events go with crowd.",
    "datasets.size": "No crowd can be made of {users} users, {items} items and {events} events: it takes {fewest_items} items or more, {fewest} events a user at least, and an eighth of the items a user at most.",
    "datasets.folder_in_use": "{path} holds other things ({names}); name an empty folder or a new one.",
    "datasets.making": "Making {name} …",
    "datasets.made": "Made {name} in {seconds} s; to look at it: recsys-tui open {path}",
}
