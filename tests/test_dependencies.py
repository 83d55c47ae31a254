"""What the program and its tests need: bounded on both sides, and installed within the bounds."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.bench.bounds import LIBRARIES, QUICK, ROOT, TOOLS, lower_bound, lowest, requirements, upper_bound

GROUPS = requirements()
ALL = [(group, one) for group, listed in GROUPS.items() for one in listed]


@pytest.mark.parametrize(("group", "needed"), ALL, ids=[f"{group}-{one.name}" for group, one in ALL])
def test_every_requirement_has_both_bounds_and_is_met_within_them(group: str, needed: Requirement):
    low, high = lower_bound(needed), upper_bound(needed)
    assert low is not None
    assert high is not None
    assert Version(low) < Version(high)
    try:
        found = version(needed.name)
    except PackageNotFoundError:
        assert group not in (LIBRARIES, TOOLS), "only what is optional may be missing"
        return
    assert needed.specifier.contains(found, prereleases=True)


def test_bounds_are_read_by_hand():
    assert (lower_bound(Requirement("a>=1.2,<3")), upper_bound(Requirement("a>=1.2,<3"))) == ("1.2", "3")
    assert (lower_bound(Requirement("a<3")), upper_bound(Requirement("a>=1"))) == (None, None)
    assert (lower_bound(Requirement("a")), upper_bound(Requirement("a!=2"))) == (None, None)


def test_the_oldest_are_named_one_by_one_and_the_chosen_tests_are_there():
    assert "safetensors==0.5" in lowest()
    assert len(lowest()) == len(GROUPS[LIBRARIES]) + len(GROUPS[TOOLS])
    assert [path for path in QUICK if not (ROOT / path).exists()] == []
