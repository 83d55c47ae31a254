"""What is left of noisy statistics once what looks like noise is taken away: nothing here sees anything but them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats

Doubles = NDArray[np.float64]
# Without noise there is nothing to take away but what rounding left.
NOTHING = 1e-6


def shrunk_eigen(symmetric: Doubles, sigma: float) -> tuple[Floats, Floats]:
    """The eigenvalues of a symmetric matrix that stand out of its noise, shrunk, and their vectors (size, rank).

    ``sigma``: the deviation of the noise beside the diagonal. The noise alone has eigenvalues up to 2σ√n; one of y
    above is made √(y² − 4σ²n), which loses least on average (Gavish & Donoho, IEEE Trans. Information Theory 2017).
    """
    edge = 2 * sigma * np.sqrt(len(symmetric))
    values, vectors = np.linalg.eigh(symmetric.astype(np.float32))
    kept = values > max(edge, NOTHING)
    return np.sqrt(values[kept] ** 2 - np.float32(edge) ** 2), vectors[:, kept]


def soft_thresholded(cells: Doubles, sigma: float, beyond: float, less: float) -> Floats:
    """Cells that lie ``beyond`` deviations of the noise above 0, each ``less`` deviations lower; the others are 0.

    Of thousands of cells that hold nothing a few pass for something (Donoho, IEEE Trans. Information Theory 1995, sets
    the threshold higher so that none does, which costs more here than it saves).
    """
    return np.where(cells > beyond * sigma, cells - less * sigma, 0.0).astype(np.float32)
