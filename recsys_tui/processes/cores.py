"""How many cores scikit-learn takes there to be."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

SETTING = "OMP_NUM_THREADS"


@contextmanager
def cores_by_openmp() -> Iterator[None]:
    """Have scikit-learn ask OpenMP alone, as it does where ``OMP_NUM_THREADS`` is said. Else it asks joblib, which runs
    tools of the system, and prints a traceback where these are missing, as in small containers.

    OpenMP itself reads the setting when it is loaded. A child that starts meanwhile gets what it gets anyway.
    """
    if os.environ.get(SETTING):
        yield
        return
    os.environ[SETTING] = "1"
    try:
        yield
    finally:
        os.environ.pop(SETTING, None)
