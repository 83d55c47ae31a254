"""A file that is served over HTTPS, by a certificate that this process trusts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.file_server import Site, served


@pytest.fixture
def site(certified: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """100,000 bytes at ``site.address``."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certified[0]))
    monkeypatch.setenv("no_proxy", "*")
    with served(random.Random(0).randbytes(100_000), certified) as found:
        yield found
