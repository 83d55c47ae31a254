"""Memory that ran out: what it looks like, and what is said of it."""

from __future__ import annotations

import re

from recsys_tui.output.messages import say
from recsys_tui.processes.addresses import address_limit

POLARS_FAILED = "PanicException"  # no Exception, and in no module that can be imported
_NO_ADDRESSES_PATTERN = re.compile(r"failed to map segment")  # what the loader of Linux says of a library


def ran_out(error: BaseException) -> bool:
    """Whether memory ran out: for something that was asked for, for a library that was to be loaded, or within Polars
    where addresses are limited."""
    if type(error).__name__ == POLARS_FAILED:
        return address_limit() is not None
    unloaded = isinstance(error, ImportError) and _NO_ADDRESSES_PATTERN.search(str(error)) is not None
    return unloaded or isinstance(error, MemoryError)


def out_of_memory(quick: bool = False) -> str:
    """The sentence for it; ``quick``: the smallest preset was trained."""
    if address_limit() is not None:
        return say("models.out_of_addresses")
    return say("models.out_of_memory_even_quick" if quick else "models.out_of_memory")
