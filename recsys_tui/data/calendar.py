"""Which times are dates."""

from __future__ import annotations

# The years 1000 to 9999, in epoch milliseconds. A time beyond is a slip, not a date, and calendars need not be able to
# show it.
EARLIEST, LATEST = -30_610_224_000_000, 253_402_300_799_999
