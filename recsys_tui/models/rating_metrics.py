"""How far predicted ratings are from those given."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def rating_metrics(given: NDArray[np.floating[Any]], predicted: NDArray[np.floating[Any]]) -> dict[str, float]:
    """``rmse`` √mean((given − predicted)²) and ``mae`` mean |given − predicted|, in the unit of the ratings.

    Both (ratings,); every rating counts alike (Herlocker et al., ACM TOIS 2004). Raises ``ValueError`` where there is
    no rating, one is missing, or the lengths differ.
    """
    if len(given) == 0 or given.shape != predicted.shape:
        raise ValueError("ratings and predictions must be of the same length, and not empty")
    error = np.asarray(given, np.float64) - np.asarray(predicted, np.float64)
    if not np.isfinite(error).all():
        raise ValueError("every rating and every prediction must be a finite number")
    return {"rmse": float(np.sqrt(np.mean(error**2))), "mae": float(np.mean(np.abs(error)))}
