"""What CI makes of pip-audit's answers: what is found fails, what cannot be known is said."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.trust.vulnerabilities import SERVICES, audited

CLEAN = {"name": "polars", "version": "2.1.0", "vulns": []}
HOLED = {"name": "torch", "version": "2.6.0", "vulns": [{"id": "GHSA-1", "fix_versions": ["2.7.1", "2.8"]}]}
UNKNOWN = {"name": "rich", "skip_reason": "Dependency not found on PyPI"}


def asked(tmp_path: Path, answers: dict[str, list[dict] | str]) -> tuple[int | None, str, list[str]]:
    """Stand in for pip-audit: by database the packages it answers, or what it says where it ends without an answer."""
    program = tmp_path / "program.py"
    program.write_text(
        "import json, sys\n"
        f"answers = json.loads({json.dumps(json.dumps(answers))})\n"
        "service = sys.argv[sys.argv.index('--vulnerability-service') + 1]\n"
        f"open({str(tmp_path / 'asked')!r}, 'a').write(service + '\\n')\n"
        "answer = answers[service]\n"
        "if isinstance(answer, str):\n"
        "    sys.exit(answer)\n"
        "with open(sys.argv[sys.argv.index('--output') + 1], 'w') as stream:\n"
        "    json.dump({'dependencies': answer}, stream)\n"
    )
    code, sentence = audited([sys.executable, str(program)], tmp_path, tmp_path)
    return code, sentence, (tmp_path / "asked").read_text().split()


def test_a_known_vulnerability_fails_with_what_mends_it(tmp_path: Path) -> None:
    code, sentence, _ = asked(tmp_path, {"pypi": [CLEAN, HOLED, UNKNOWN]})
    assert code == 1
    assert "1 known vulnerabilities in 2 packages" in sentence
    assert "torch 2.6.0: GHSA-1, mended in 2.7.1, 2.8" in sentence


def test_clean_packages_pass_and_the_second_database_is_not_asked(tmp_path: Path) -> None:
    code, sentence, services = asked(tmp_path, {"pypi": [CLEAN]})
    assert (code, services) == (0, ["pypi"])
    assert "0 known vulnerabilities in 1 packages" in sentence


def test_a_database_that_knows_nothing_is_no_clean_answer(tmp_path: Path) -> None:
    answers = {"pypi": [UNKNOWN], "osv": "Traceback\nConnectionError: no such host"}
    code, sentence, services = asked(tmp_path, answers)
    assert (code, services) == (None, list(SERVICES))
    assert sentence == "pypi: knows none of the 1 packages; osv: ConnectionError: no such host"


def test_the_second_database_answers_where_the_first_does_not(tmp_path: Path) -> None:
    code, sentence, _ = asked(tmp_path, {"pypi": "no network", "osv": [HOLED]})
    assert code == 1
    assert "GHSA-1" in sentence
