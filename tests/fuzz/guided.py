"""``python -m tests.fuzz.guided TARGET …``: one target under atheris, which is led by the lines that an input reaches;
what follows the target is for libFuzzer."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris


def main() -> None:
    """Fuzz until libFuzzer's own limits end it."""
    name = sys.argv.pop(1)
    with tempfile.TemporaryDirectory() as folder, atheris.instrument_imports(include=["recsys_tui"]):
        from tests.fuzz.targets import hold

        atheris.Setup(sys.argv, lambda content: hold(name, content, Path(folder)))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
