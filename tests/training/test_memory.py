"""What a training takes, and trainings that are refused before they would exhaust the machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from recsys_tui.cli.entry import main
from recsys_tui.data.memory import SETTING
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.training.memory import check_can_train, check_can_try, models_at_once, training_bytes, trying_bytes

ML_1M = (6_040, 3_706, 1_000_209)


@pytest.mark.parametrize(
    ("preset", "people", "items", "interactions", "measured"),
    [
        ("quick", 943, 1_682, 100_000, 0.80),
        ("standard", 943, 1_682, 100_000, 0.83),
        ("quick", *ML_1M, 1.00),
        ("standard", *ML_1M, 2.15),
        ("standard", 610, 9_724, 100_836, 2.01),
        ("quick", 5_878, 4_632, 525_461, 0.92),
        ("standard", 5_878, 4_632, 525_461, 2.16),
        ("quick", 1_000_000, 20_000, 10_000_000, 2.36),
        ("quick", 50_000, 300_000, 1_000_000, 1.88),
        ("standard", 50_000, 300_000, 1_000_000, 3.73),
        ("quick", 100_000, 2_000_000, 4_000_000, 8.26),
    ],
)
def test_estimates_are_near_what_was_measured(preset: str, people: int, items: int, interactions: int, measured: float):
    """Peaks of whole training commands, in GB, by the system's count."""
    estimate = training_bytes(preset, people, items, interactions) / 1e9
    assert 0.8 * measured < estimate < 1.3 * measured


def test_a_training_that_does_not_fit_is_refused_and_a_smaller_one_named(monkeypatch: pytest.MonkeyPatch):
    needed, quick = (training_bytes(preset, *ML_1M) for preset in ("standard", "quick"))
    monkeypatch.setenv(SETTING, str(needed))
    check_can_train("standard", *ML_1M)
    monkeypatch.setenv(SETTING, str(needed - 1))
    with pytest.raises(UserError, match="--preset quick takes about") as refused:
        check_can_train("standard", *ML_1M)
    assert refused.value.exit_code == ExitCode.FAILED
    monkeypatch.setenv(SETTING, str(quick - 1))
    for preset in ("standard", "quick"):
        with pytest.raises(UserError, match="--k-core"):
            check_can_train(preset, *ML_1M)


@pytest.mark.parametrize(
    ("name", "people", "items", "interactions", "measured"),
    [
        ("popular", 2_000, 300_000, 1_000_000, 0.66),
        ("knn", 2_000, 300_000, 1_000_000, 1.51),
        ("ease", 610, 8_000, 100_000, 1.80),
        ("als", 2_000, 300_000, 1_000_000, 2.63),
        ("warp", 2_000, 300_000, 1_000_000, 1.40),
        ("sasrec", 2_000, 300_000, 1_000_000, 2.22),
    ],
)
def test_estimates_of_classics_are_near_what_was_measured(
    name: str, people: int, items: int, interactions: int, measured: float
):
    """Peaks of the processes of a comparison, in GB, by the system's count."""
    assert 0.8 * measured < trying_bytes(name, people, items, interactions) / 1e9 < 1.3 * measured


def test_als_takes_as_much_for_many_people_as_for_many_items():
    """Measured of one sweep alone, without what else a comparison holds: 2.24 GB and 2.26."""
    of_items, of_people = (
        trying_bytes("als", *size, 1_000_000) / 1e9 for size in ((2_000, 300_000), (300_000, 20_000))
    )
    assert 0.8 < of_items / of_people < 1.25


def test_a_classic_that_does_not_fit_is_refused_and_the_others_are_not(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(SETTING, "1700000000")  # 1.8 GB were measured with as many items as count, and more
    for items in (8_000, 300_000):
        with pytest.raises(UserError, match=r"Trying ease on this data takes about (1\.8|1\.9|2\.0) GB") as refused:
            check_can_try("ease", 610, items, 100_000)
        assert refused.value.exit_code == ExitCode.FAILED
        check_can_try("knn", 610, items, 100_000)
    check_can_try("ease", 610, 4_000, 100_000)
    with pytest.raises(UserError, match="Trying als"):
        check_can_try("als", 610, 300_000, 100_000)


def test_the_command_refuses_before_it_trains_and_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    rows = [f"u{n % 40},i{(n * 7 + n // 40) % 23}" for n in range(400)]
    (tmp_path / "events.csv").write_text("user,item\n" + "\n".join(rows) + "\n")
    monkeypatch.setenv(SETTING, "500000000")  # enough to read
    assert main(["train", str(tmp_path / "events.csv"), "--preset", "quick"]) == ExitCode.FAILED
    assert "takes about" in capsys.readouterr().err
    assert not list((tmp_path / "home").glob("workspaces/*/models/*"))


@pytest.mark.parametrize(
    ("cores", "gigabytes", "interactions", "expected"),
    [(2, 16, 1_000_000, 2), (64, 16, 1_000_000, 2), (1, 16, 1_000, 1), (2, 2, 1_000, 1), (2, 6, 50_000_000, 1)],
)
def test_two_models_at_a_time_where_processors_and_memory_allow_it(
    monkeypatch: pytest.MonkeyPatch, cores: int, gigabytes: int, interactions: int, expected: int
):
    monkeypatch.setenv(SETTING, str(gigabytes * 10**9))
    assert models_at_once(6_040, 3_706, interactions, cores) == expected
