"""Sentences about differential privacy: ``recsys train --private`` and what it leaves out."""

ENGLISH: dict[str, str] = {
    "private.bad_epsilon": "ε must be a number above 0 and at most {most}, not {value}; 1 is strict, 8 is loose.",
    "private.bad_delta": "δ must lie between 0 and 1, not be {value}.",
    "private.delta_too_large": "δ must be below one person among {people}, which is {most}, not {delta}.",
    "private.too_few": "Differential privacy needs {fewest} people at least, and this data has {people}: the noise would leave nothing.",
}
