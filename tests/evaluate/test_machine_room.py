"""How many models are tried at a time: never more than the machine holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from recsys_tui.evaluate import machine_room
from recsys_tui.evaluate.machine_room import free_memory, models_at_once

GIGABYTE = 1024**3


def machine(root: Path, available: int, limit: str = "max", used: int = 0) -> Path:
    (root / "proc").mkdir()
    (root / "proc/meminfo").write_text(f"MemTotal: 99 kB\nMemAvailable:   {available // 1024} kB\nBuffers: 1 kB\n")
    (root / "sys/fs/cgroup").mkdir(parents=True)
    (root / "sys/fs/cgroup/memory.max").write_text(limit + "\n")
    (root / "sys/fs/cgroup/memory.current").write_text(f"{used}\n")
    return root


def test_what_is_free_is_what_the_system_says_and_a_container_leaves(tmp_path: Path):
    for name, limit, used, left in (
        ("free", "max", 0, 8 * GIGABYTE),
        ("limited", str(4 * GIGABYTE), GIGABYTE, 3 * GIGABYTE),
        ("wide", str(64 * GIGABYTE), GIGABYTE, 8 * GIGABYTE),
        ("full", str(GIGABYTE), 2 * GIGABYTE, 0),
    ):
        (tmp_path / name).mkdir()
        assert free_memory(machine(tmp_path / name, 8 * GIGABYTE, limit, used)) == left


@pytest.mark.parametrize(
    ("cores", "gigabytes", "interactions", "expected"),
    [(2, 16, 1_000_000, 2), (64, 16, 1_000_000, 2), (1, 16, 1_000, 1), (2, 2, 1_000, 1), (2, 16, 10_000_000, 1)],
)
def test_two_at_a_time_where_processors_and_memory_allow_it(
    monkeypatch: pytest.MonkeyPatch, cores: int, gigabytes: int, interactions: int, expected: int
):
    monkeypatch.setattr(machine_room, "processors", lambda: cores)
    monkeypatch.setattr(machine_room, "free_memory", lambda: gigabytes * GIGABYTE)
    assert models_at_once(interactions) == expected


def test_where_nothing_is_known_one_after_another(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(machine_room, "processors", lambda: 8)
    monkeypatch.setattr(machine_room, "free_memory", lambda: None)
    assert models_at_once(10) == 1
