"""Gaussian noise from the operating system's random numbers: nobody can guess it, and no seed brings it back."""

from __future__ import annotations

import os
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

BITS = 53


class Noise(Protocol):
    """Where noise comes from."""

    def normal(self, size: int) -> NDArray[np.float64]:
        """Independent standard Gaussian numbers, shape (size,)."""
        ...


class SecureNoise:
    """Noise for what is really let out. A generator with a seed would not do: who knows the seed takes the noise away.

    Uniform numbers of 53 random bits pass through the inverse of the Gaussian distribution function. Double precision
    cannot hold a true Gaussian, and the gaps between its numbers can in principle be told (Mironov, CCS 2012, of the
    Laplace distribution): statistics are therefore rounded to a coarse grid after the noise is added, which makes that
    harder and does not rule it out.
    """

    def normal(self, size: int) -> NDArray[np.float64]:
        """See :class:`Noise`."""
        from scipy.special import ndtri

        whole = np.frombuffer(os.urandom(8 * size), np.uint64) >> np.uint64(64 - BITS)
        return np.asarray(ndtri((whole.astype(np.float64) + 0.5) / 2**BITS), np.float64)


class NoNoise:
    """What the clipped statistics are worth without any noise: nothing is private then. For measurements alone."""

    def normal(self, size: int) -> NDArray[np.float64]:
        """Zeros."""
        return np.zeros(size)
