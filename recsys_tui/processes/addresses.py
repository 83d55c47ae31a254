"""A limit of this process's addresses (``ulimit -v``): Polars maps hundreds of megabytes for each of its threads, and
ends the process, or waits for ever, where it may not."""

from __future__ import annotations

import os
import resource

from recsys_tui.output.errors import ExitCode, UserError

THREADS = "POLARS_MAX_THREADS"
FEW = 2
# With two threads even what is stored was not read up to 950 MiB, at 1,150 now and then, and always from 1,200 MiB on.
FEWEST_BYTES = 1400 * 2**20


def address_limit() -> int | None:
    """How many bytes this process may map; None where there is no limit."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if limit == resource.RLIM_INFINITY else limit


def few_threads_where_limited() -> None:
    """Have Polars get along with two threads where addresses are limited. Call before it is imported."""
    if address_limit() is not None:
        os.environ.setdefault(THREADS, str(FEW))


def check_addresses() -> None:
    """Raise ``UserError`` (exit 1) where this process may map too little to look at any data."""
    limit = address_limit()
    if limit is not None and limit < FEWEST_BYTES:
        least = FEWEST_BYTES // 1024
        raise UserError("data.few_addresses", ExitCode.FAILED, limit=limit // 1024, least=least)
