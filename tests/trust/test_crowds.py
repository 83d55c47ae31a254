"""Crowds only: no output tells what fewer than enough people did, and no two of them do by subtraction."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings

from tests.trust.crowd_claims import Unknowns, leaks
from tests.trust.crowd_outputs import everything_told
from tests.trust.crowd_world import GATE, WORLDS, made, world_of


@given(made())
@settings(max_examples=WORLDS, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_one_or_two_outputs_tell_of_few_people(plan: dict[str, Any]):
    """Groups of 1 to 12 people, of whom some stand alone behind an item, a rating, an event, a month, a genre."""
    with tempfile.TemporaryDirectory() as folder:
        world = world_of(plan, Path(folder))
        if world is None:
            return
        unknown = Unknowns(world)
        found = list(leaks(everything_told(world, unknown), unknown, GATE.minimum))
        assert not found, "\n".join(found[:12])
