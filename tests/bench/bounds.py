"""``python -m tests.bench bounds``: a part of the tests with the oldest packages that pyproject.toml allows.

An environment is made with each requirement at its lower bound, what they need in turn as pip chooses it, and the tests
run there against this checkout. (The newest that the bounds allow are what every new environment gets.) On Linux an old
PyTorch from PyPI brings gigabytes of GPU libraries; ``PIP_EXTRA_INDEX_URL`` may name an index of CPU builds, and
``--keep DIR`` leaves the environment there for the next time.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import tomllib
import venv
from collections.abc import Sequence
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent.parent
# Every library at least once: reading, storing, the models, the command line, the workbench.
QUICK = (
    "tests/test_dependencies.py",
    "tests/test_api.py",
    "tests/cli/test_commands.py",
    "tests/data/test_any_format.py",
    "tests/data/test_parquet_reader.py",
    "tests/store/test_workspace.py",
    "tests/profiles",
    "tests/models/classics",
    "tests/models/encoder",
    "tests/models/test_closed_forms.py",
    "tests/evaluate/test_ranking_metrics.py",
    "tests/tui/test_workbench.py",
    "tests/tui/test_widgets.py",
)
LIBRARIES, TOOLS = "dependencies", "dev"


def requirements() -> dict[str, list[Requirement]]:
    """What the program needs (``dependencies``), and what each of its extras does."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    groups = {LIBRARIES: project[LIBRARIES], **project["optional-dependencies"]}
    return {name: [Requirement(text) for text in listed] for name, listed in groups.items()}


def lower_bound(requirement: Requirement) -> str | None:
    """The oldest version that a requirement allows, None where it does not say."""
    found = [one.version for one in requirement.specifier if one.operator in (">=", "==", "~=")]
    return found[0] if len(found) == 1 else None


def upper_bound(requirement: Requirement) -> str | None:
    """The first version that a requirement does not allow any more, None where it does not say."""
    found = [one.version for one in requirement.specifier if one.operator == "<"]
    return found[0] if len(found) == 1 else None


def lowest() -> list[str]:
    """The requirements of the program and of its tests, at their lower bounds."""
    groups = requirements()
    return [f"{one.name}=={lower_bound(one)}" for one in groups[LIBRARIES] + groups[TOOLS]]


def main(arguments: Sequence[str]) -> int:
    """Make the environment, say what is in it, and run the tests; returns their exit code."""
    parser = argparse.ArgumentParser(prog="tests.bench bounds", description=__doc__)
    parser.add_argument("tests", nargs="*", default=QUICK, help="what to run instead of the chosen part")
    parser.add_argument("--keep", type=Path, help="where the environment is, or is left")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        place = (asked.keep or Path(folder) / "venv").absolute()
        if not (place / "bin" / "python").exists():
            venv.create(place, with_pip=True)
        python = [str(place / "bin" / "python"), "-m"]
        steps = (
            [*python, "pip", "install", "--quiet", *lowest()],
            [*python, "pip", "install", "--quiet", "--no-deps", "--editable", str(ROOT)],
            [*python, "pip", "check"],
            [*python, "pip", "list"],
            [*python, "pytest", "-q", *asked.tests],
        )
        for step in steps:
            sys.stdout.write(f"+ {' '.join(step[2:])}\n")
            sys.stdout.flush()
            if code := subprocess.run(step, cwd=ROOT, check=False).returncode:
                return code
    return 0
