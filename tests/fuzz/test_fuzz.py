"""Whatever bytes come, every reader, and what the mapping dialog does with them, reads or refuses in one sentence.

``python -m tests.bench fuzz`` goes on for ten minutes, and watches the time and the memory of each input;
``python -m tests.bench atheris`` is led by coverage.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.edits import seeds
from tests.fuzz.running import spoil
from tests.fuzz.targets import TARGETS, hold

EXAMPLES = 40


@pytest.mark.parametrize("target", TARGETS)
def test_every_input_that_is_kept(target: str, tmp_path: Path):
    for content in seeds(target):
        hold(target, content, tmp_path)


@pytest.mark.parametrize("target", TARGETS)
def test_spoilt_inputs(target: str, tmp_path: Path):
    spoil(target, tmp_path, EXAMPLES)
