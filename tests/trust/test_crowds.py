"""Crowds only: no output tells what fewer than enough people did, and no two of them do by subtraction."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings

from recsys_tui.data.dataset import TimeKind
from tests.trust.crowd_claims import Unknowns
from tests.trust.crowd_outputs import everything_told
from tests.trust.crowd_secrets import leaks
from tests.trust.crowd_world import GATE, WORLDS, made, world_of

# One item alone, whose page had longer periods than the overview: less those, they told of one person.
ONE_ITEM = {
    "sizes": [5, 12],
    "chances": [[0.0, 0.7], [0.0, 0.7]],
    "levels": [0.02, 0.02],
    "days": [0.02, 0.5, 0.5],
    "events": [0.02],
    "unrated": 0.0,
    "repeats": 0.0,
    "returned": 0.0,
    "anew": 0.0,
    "alone": 0.0,
    "idle": 0.0,
    "towns": [1.0],
    "moved": 0.0,
    "streets": [1.0],
    "times": TimeKind.TIME,
    "rated": True,
    "evented": True,
    "mixed": False,
    "seed": 2,
}

# An item whose mean rating is one of its levels: of the two bars that were kept back beside a row without a rating, the
# other one was what the mean left of the bar that was told.
MEAN_OF_A_LEVEL = {
    "sizes": [3, 10],
    "chances": [[1.0, 1.0, 0.3, 0.0], [1.0, 1.0, 0.0, 0.3]],
    "levels": [0.5, 0.5, 0.02, 0.5],
    "days": [1.0, 1.0],
    "events": [0.02],
    "unrated": 0.05,
    "repeats": 0.0,
    "returned": 0.0,
    "anew": 0.0,
    "alone": 0.0,
    "idle": 0.0,
    "towns": [0.1, 0.1],
    "moved": 0.0,
    "streets": [1.0],
    "times": TimeKind.TIME,
    "rated": True,
    "evented": True,
    "mixed": False,
    "seed": 231,
}

# A few sent something back. How many would follow from how dense the data is, from how many events count against items,
# and from the share of purchases that buy again.
SENT_BACK = {
    "sizes": [7, 10, 7],
    "chances": [[0.7, 0.7], [0.7, 1.0], [0.7, 0.3]],
    "levels": [1.0, 0.5],
    "days": [1.0, 1.0, 1.0],
    "events": [1.0],
    "unrated": 0.0,
    "repeats": 0.2,
    "returned": 0.2,
    "anew": 0.0,
    "alone": 0.0,
    "idle": 0.0,
    "towns": [1.0],
    "moved": 0.0,
    "streets": [1.0],
    "times": TimeKind.TIME,
    "rated": True,
    "evented": True,
    "mixed": False,
    "seed": 58377,
}

# The same from how many events repeat a pair, of which those that were taken back are some.
REPEATED = SENT_BACK | {
    "sizes": [9, 16],
    "chances": [[0.3, 0.7], [0.7, 0.3]],
    "levels": [1.0, 0.5, 0.1],
    "days": [1.0, 1.0],
    "repeats": 0.5,
    "seed": 43607,
}

# Of two attributes a value of one had all but two of those with a value of the other: it said nothing, but the lists of
# its attribute's other values left how many have it.
ALL_BUT_TWO = ONE_ITEM | {
    "sizes": [1, 1, 10, 16],
    "chances": [[0.0, 0.0], [0.0, 0.3], [0.0, 1.0], [0.0, 1.0]],
    "days": [1.0, 1.0],
    "towns": [0.5, 0.5, 0.5],
    "moved": 0.4,
    "rated": False,
    "evented": False,
    "seed": 2,
}

# Towns of several streets, in one of which a few live: a town's list less those of its other streets was theirs.
STREETS_OF_TOWNS = ONE_ITEM | {
    "sizes": [16, 16, 16, 16],
    "chances": [[0.7, 1.0]] * 4,
    "days": [1.0, 1.0],
    "towns": [1.0, 1.0, 0.5],
    "streets": [1.0, 1.0, 0.3],
    "rated": False,
    "evented": False,
    "seed": 44,
}

# A group that took one item of three whole, one not at all, as the others' pages tell, and of one three people lack:
# of how much of what it took was the first told of the last.
ONE_LEFT_OF_A_GROUP = ONE_ITEM | {
    "sizes": [5, 10, 8, 8],
    "chances": [[0.0, 0.0, 1.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.3], [0.7, 1.0, 0.0]],
    "days": [1.0, 1.0],
    "towns": [0.1, 0.1],
    "rated": False,
    "evented": False,
    "seed": 0,
}

# All have the first of three items, all but one the second, and what a few did with the third counts for nothing: how
# many first actions there are less those of the first were the second's, as an audience says that nobody has the third.
FIRST_OF_THREE = SENT_BACK | {
    "sizes": [1, 13],
    "chances": [[0.08, 0.0, 0.3], [1.0, 1.0, 0.0]],
    "levels": [0.5, 0.1],
    "days": [0.5, 0.1],
    "events": [0.02],
    "repeats": 0.0,
    "returned": 0.1,
    "anew": 0.3,
    "idle": 0.3,
    "towns": [0.1, 0.1],
    "moved": 0.4,
    "seed": 17082,
}

# Three groups, in the last of which two gave one of the two ratings there are: the means of the others left them.
MEANS_OF_TWO_GROUPS = ONE_ITEM | {
    "sizes": [16, 1, 16, 9],
    "chances": [[1.0, 1.0, 0.0], [0.3, 0.3, 0.08], [1.0, 1.0, 0.0], [0.0, 0.08, 1.0]],
    "levels": [0.02, 0.02],
    "days": [1.0, 1.0],
    "anew": 0.3,
    "towns": [0.5, 1.0],
    "streets": [0.1, 1.0],
    "times": TimeKind.NONE,
    "mixed": True,
    "seed": 0,
}


@given(made())
@example(ONE_ITEM)
@example(MEAN_OF_A_LEVEL)
@example(SENT_BACK)
@example(REPEATED)
@example(ALL_BUT_TWO)
@example(STREETS_OF_TOWNS)
@example(ONE_LEFT_OF_A_GROUP)
@example(FIRST_OF_THREE)
@example(MEANS_OF_TWO_GROUPS)
@settings(max_examples=WORLDS, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_one_or_two_outputs_tell_of_few_people(plan: dict[str, Any]):
    """Groups of 1 to 16 people, some of them alone behind an item, a rating, an event, a month, a genre, a town,
    or in sending something back."""
    with tempfile.TemporaryDirectory() as folder:
        world = world_of(plan, Path(folder))
        if world is None:
            return
        unknown = Unknowns(world)
        found = list(leaks(everything_told(world, unknown), unknown, GATE.minimum))
        assert not found, "\n".join(found[:12])
