"""Sentences about single items: what is like them, who takes them, and how one is picked."""

from __future__ import annotations

ENGLISH: dict[str, str] = {
    # Similar items
    "items.unknown_way": "Items are alike by one of {names}, not by {name!r}.",
    "items.no_baskets": "This data does not say what was taken together: it has no column of baskets, invoices or sessions (--basket-col names one); --by taste and --by content do without.",
    "items.no_content": "Nothing is known of what the items of this data are about; --items FILE names a file that describes them, and --by taste does without.",
    "items.nobody_took_it": "Nobody has taken this item yet, so it goes by the items that are most like it by content.",
    "items.nothing_by_taste": "Nobody who took this item took another that says anything.",
    "items.nothing_by_content": "No item is like this one by content.",
    "items.nothing_by_basket": "Nothing is taken together with this item by {people} people or more.",
    "items.which": "Say of which item: --item ID, or --all with --output FILE.",
    "items.help_item": "The item whose neighbours are wanted, by id.",
    "items.help_all": "Every item, to --output FILE.",
    "items.help_k": "How many neighbours; by taste at most 100 are known of an item.",
    "items.help_by": "Alike in what: taste (who takes it), content (what it is about), or basket (what is taken together with it).",
    "items.title_taste": "{item}: the {count} {count:item|items} most like it by who takes them",
    "items.title_content": "{item}: the {count} {count:item|items} most like it by what they are about",
    "items.title_basket": "{item}: what is taken together with it most above chance",
    "items.lists_written": "{items:The neighbours|Neighbours} of {items} {items:item are|items are} in {path}.",
}
