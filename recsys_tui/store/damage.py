"""What is wrong with a stored file, told apart from what goes wrong elsewhere."""

from __future__ import annotations

DAMAGED = "store.damaged"  # what is said of a stored file that is not as it was written


class DamagedFileError(ValueError):
    """The file is not what its header, or its manifest, says."""
