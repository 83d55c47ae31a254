"""``python -m tests.trust.vulnerabilities``: whether the packages of this environment have known vulnerabilities.

pip-audit is installed into an environment that is thrown away, and asks PyPI's database, then that of OSV. Exit code 1
where something is found; where no database can be reached, or none knows the packages, it says so and ends with 0.
"""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

INSTALL_SECONDS, ASK_SECONDS = 180, 60
SERVICES = ("pypi", "osv")
MOST_SAID = 300


def main() -> int:
    """Install, ask, and print what was found."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        try:
            program = installed(place)
        except (OSError, subprocess.SubprocessError) as error:
            return skipped(f"pip-audit cannot be installed ({_short(error)})")
        code, sentence = audited([str(program)], Path(sysconfig.get_paths()["purelib"]), place)
    return skipped(sentence) if code is None else _said(sentence, code)


def installed(place: Path) -> Path:
    """pip-audit in an environment of its own; raises where it does not come."""
    venv.create(place / "venv", with_pip=True)
    command = [place / "venv" / "bin" / "pip", "install", "--quiet", "--retries", "1", "--timeout", "10", "pip-audit"]
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    return place / "venv" / "bin" / "pip-audit"


def audited(program: Sequence[str], packages: Path, place: Path) -> tuple[int | None, str]:
    """Ask one database after the other: exit code, or None where none answered, and what to say."""
    reasons = []
    for service in SERVICES:
        answer = place / f"{service}.json"
        command = [*program, "--path", str(packages), "--vulnerability-service", service, "--timeout", "5"]
        command += ["--progress-spinner", "off", "--format", "json", "--output", str(answer)]
        try:
            done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=ASK_SECONDS)
            document = json.loads(answer.read_text("utf-8"))
        except subprocess.TimeoutExpired:
            reasons.append(f"{service}: no answer in {ASK_SECONDS} s")
        except (OSError, ValueError):  # it ended without an answer
            reasons.append(f"{service}: {_short(done.stderr)}")
        else:
            # A mirror that has packages and no database of them answers too: it knows none.
            known = [one for one in document["dependencies"] if "vulns" in one]
            if known:
                return judged(known)
            reasons.append(f"{service}: knows none of the {len(document['dependencies'])} packages")
    return None, "; ".join(reasons)


def judged(known: Sequence[dict[str, Any]]) -> tuple[int, str]:
    """Exit code and what to say of packages that a database knows."""
    found = [
        f"{one['name']} {one['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no version yet'}"
        for one in known
        for hole in one["vulns"]
    ]
    return bool(found), "\n".join([f"pip-audit: {len(found)} known vulnerabilities in {len(known)} packages", *found])


def skipped(reason: str) -> int:
    """Nothing is known, for a reason."""
    return _said(f"pip-audit skipped: {reason}", 0)


def _said(sentence: str, code: int) -> int:
    sys.stdout.write(f"{sentence}\n")
    return code


def _short(reason: object) -> str:
    lines = str(reason).strip().splitlines() or ["no answer"]
    return lines[-1][:MOST_SAID]


if __name__ == "__main__":
    sys.exit(main())
