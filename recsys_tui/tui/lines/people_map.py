"""Everyone on a plane, in characters: one group of people by ● and ○, all others by the dots of braille."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOSTLY, PARTLY = "●", "○"
BRAILLE = 0x2800
# The bit of each dot of a braille character, by line and column.
DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
EDGE = 0.005


def map_lines(points: NDArray[np.float32], marked: NDArray[np.bool_], width: int, height: int) -> list[str]:
    """``height`` lines of ``width`` characters for ``points`` (people, 2), the second axis upwards.

    A character is ● where at least half of the people in it are ``marked``, ○ where some are, else braille with a dot
    for each of its 2 × 4 parts that has somebody. The outermost .5 % on each side stand at the edge.
    """
    import numpy as np

    if not len(points) or width < 1 or height < 1:
        return [" " * max(0, width)] * max(0, height)
    low, high = np.quantile(points, (EDGE, 1 - EDGE), axis=0)
    places = np.clip((points - low) / np.where(high > low, high - low, 1), 0, 1)
    columns = np.minimum((places[:, 0] * width * 2).astype(int), width * 2 - 1)
    rows = np.minimum(((1 - places[:, 1]) * height * 4).astype(int), height * 4 - 1)
    cells = rows // 4 * width + columns // 2
    dots = np.zeros(width * height, int)
    np.bitwise_or.at(dots, cells, np.array(DOTS)[rows % 4, columns % 2])
    everyone = np.bincount(cells, minlength=width * height)
    ours = np.bincount(cells[marked], minlength=width * height)
    characters = np.where(
        ours > 0,
        np.where(2 * ours >= everyone, MOSTLY, PARTLY),
        np.where(dots > 0, np.array([chr(BRAILLE + dot) for dot in dots.tolist()]), " "),
    )
    return ["".join(line) for line in characters.reshape(height, width).tolist()]
