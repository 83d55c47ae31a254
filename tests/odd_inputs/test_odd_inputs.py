"""Every odd input: one clear sentence, or opened with its findings; no traceback, no hang, nothing left behind."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest

from recsys_tui.cli.entry import main
from recsys_tui.data.load import load_dataset
from recsys_tui.output.errors import ExitCode, UserError
from tests.odd_inputs import corpus, foreign_files, odd_values
from tests.odd_inputs.corpus import Case

CASES = corpus.CASES + foreign_files.CASES + odd_values.CASES

MOST_SECONDS = 10
ROWS_REMOVED = ("no_user", "no_item", "unparsable_times", "duplicates", "core")


@pytest.fixture
def _no_hang() -> Iterator[None]:
    """Ten seconds, and not one more."""
    if sys.platform == "win32":
        yield
        return

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"longer than {MOST_SECONDS} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(MOST_SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def test_there_are_enough_cases_with_names_of_their_own():
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.usefixtures("_no_hang")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_refused_in_one_sentence_or_opened_with_findings(case: Case, tmp_path: Path):
    path = case.build(tmp_path)
    there = sorted(str(one) for one in tmp_path.rglob("*"))
    if case.refused:
        with pytest.raises(UserError) as refused:
            load_dataset(path)
        assert refused.value.message_id in case.refused
        assert refused.value.exit_code is ExitCode.USAGE
        is_one_clear_sentence(str(refused.value))
    else:
        dataset = load_dataset(path)
        assert (dataset.user_count, dataset.item_count, dataset.interaction_count) == (
            case.users, case.items, case.events,
        )  # fmt: skip
        found = {entry.code: entry.count for entry in dataset.findings}
        assert {code: found.get(code) for code in case.findings} == dict(case.findings)
        removed = sum(found.get(code, 0) for code in ROWS_REMOVED)
        assert dataset.rows_read == dataset.interaction_count + removed
        for entry in dataset.findings:
            is_one_clear_sentence(entry.message)
        for texts in (dataset.users["id"], dataset.items["id"], dataset.items.get_column("title", default=None)):
            assert texts is None or not any(is_control(sign) for text in texts.drop_nulls() for sign in text)
    assert sorted(str(one) for one in tmp_path.rglob("*")) == there


def is_one_clear_sentence(sentence: str) -> None:
    assert "\n" not in sentence
    assert "{" not in sentence
    assert sentence.endswith(".")
    assert len(sentence) < 3_000
    assert not any(is_control(sign) for sign in sentence)


def is_control(sign: str) -> bool:
    """C0, C1, and the letters that turn a line around."""
    return ord(sign) < 32 or 127 <= ord(sign) < 160 or "\u202a" <= sign <= "\u202e" or "\u2066" <= sign <= "\u2069"


@pytest.mark.usefixtures("_no_hang")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_command_keeps_its_streams_and_leaves_nothing_behind(
    case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    folder = tmp_path / "data"
    folder.mkdir()
    path = case.build(folder)
    there = sorted(str(one) for one in folder.rglob("*"))
    code = main(["inspect", str(path), "--home", str(tmp_path / "home")])
    out, err = capsys.readouterr()
    assert code == (2 if case.refused else 0)
    assert not any(is_control(sign) and sign not in "\n\t" for sign in out + err)
    assert "Traceback" not in out + err
    if case.refused:
        assert out == ""
        told = [line for line in err.splitlines() if not line.startswith("Reading")]
        assert len(told) == 1
        is_one_clear_sentence(told[0])
    assert sorted(str(one) for one in folder.rglob("*")) == there
    assert not [one for one in (tmp_path / "home").rglob("*") if "partial" in one.name]
