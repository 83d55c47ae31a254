"""What is measured of the workbench on one dataset: paints, keys in every mode, filters, likes, memory, leaving."""

from __future__ import annotations

import math
import re
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from recsys_tui.output.messages import say
from tests.bench.pty_program import Painted, Program, runs

MODES = ("home", "train", "clusters", "users", "items", "compare")
SHOWING_PROGRESS = ("home", "train")
UP, DOWN, TAB, BACK, ENTER = b"\x1b[A", b"\x1b[B", b"\t", b"\x7f", b"\r"
ROUNDS = 8
MANY_ROUNDS = 20  # of what is slowest: with fewer, what 95 % stay below would be the slowest of all
TYPED = (b"123", b"99", b"30", b"c1", b"heavy")
IDLE_SECONDS = 10.0
OPENED = 3
FEW_ROWS = 1_100_000  # of which the overview has to be there in two seconds
# While a training runs its progress is painted all the time: when nothing more comes cannot be waited for.
BUSY = {"quiet": 0.15, "most": 1.5}


@dataclass(frozen=True)
class Measure:
    """One figure or, where there are many, their median and the value that 95 % stay below; ``bound`` holds for the
    latter. ``unit``: ms, s, MB or %. ``nothing``: keys that changed nothing on the screen."""

    name: str
    unit: str
    values: tuple[float, ...]
    bound: float | None = None
    nothing: int = 0

    def to_json(self) -> dict[str, object]:
        """The measure as the results file keeps it."""
        shown = {"name": self.name, "unit": self.unit, "count": len(self.values), "nothing": self.nothing}
        if self.bound is not None:
            shown["bound"] = self.bound
        if self.values:
            shown |= {"p50": round(statistics.median(self.values), 2), "p95": round(percentile(self.values, 0.95), 2)}
        return shown


def percentile(values: Sequence[float], share: float) -> float:
    """A percentile by nearest rank."""
    ordered = sorted(values)
    return ordered[max(1, math.ceil(share * len(ordered))) - 1]


def first(name: str, painted: Sequence[Painted], bound: float | None = None) -> Measure:
    """From keys to the first bytes that changed the screen."""
    came = tuple(paint.first for paint in painted if paint.first is not None)
    return Measure(name, "ms", came, bound, len(painted) - len(came))


def settled(name: str, painted: Sequence[Painted], bound: float | None = None) -> Measure:
    """From keys to the last bytes."""
    came = tuple(paint.last for paint in painted if paint.last is not None)
    return Measure(name, "ms", came, bound, len(painted) - len(came))


def boxed(name: str, painted: Sequence[Painted], bound: float | None = None) -> Measure:
    """From keys to the last change of the text in the box that was watched."""
    came = tuple(paint.boxed for paint in painted if paint.boxed is not None)
    return Measure(name, "ms", came, bound, len(painted) - len(came))


def measure_reading(data: str, home: Path) -> Iterator[Measure]:
    """A dataset that was never opened: the first paint, then the overview. ``OPENED`` times, each in a new home."""
    paints, overviews, quits, few = [], [], [], False
    for opened in range(OPENED):
        program = Program(["open", data, "--no-train", "--home", str(home / str(opened))])
        with ended(program):
            paints.append(program.first_paint())
            overviews.append(program.until(overview_there, 120) / 1000)
            rows = re.search(re.escape(say("tui.rows")) + r"\s+([\d,]+)", program.screen.text())
            few = rows is not None and int(rows[1].replace(",", "")) <= FEW_ROWS
            quits.append(program.quit())
    yield Measure("first paint, never opened before", "ms", tuple(paints), 600)
    yield Measure("overview, never opened before", "s", tuple(overviews), 2 if few else None)
    yield Measure("quit", "ms", tuple(quits), 500)


def measure_idle(data: str, home: Path) -> Iterator[Measure]:
    """A dataset with a model: opening it ``OPENED`` times, then everything that is done while nothing trains."""
    paints, there, opening, quits = [], [], [], []
    for opened in range(OPENED):
        program = Program(["open", data, "--no-train", "--home", str(home)])
        with ended(program):
            paints.append(program.first_paint())
            while not model_there(program.screen.text()) and time.perf_counter() - program.start < 60:
                opening += [program.press(key, quiet=0.08, most=1.0) for key in (b"2", b"1")]
            there.append(time.perf_counter() - program.start)
            program.listen(2)
            if opened < OPENED - 1:
                quits.append(program.quit())
    yield Measure("first paint", "ms", tuple(paints), 600)
    yield Measure("model there", "s", tuple(there))
    yield first("switch mode while opening", opening, 100)
    with ended(program):
        yield from _modes(program, say_mode="", bound=50)
        yield from _picking(program)
        yield from _person(program)
        program.listen(1)
        memory = program.memory()
        yield Measure("memory, all resident", "MB", (memory.resident,), 600)
        yield Measure("memory, the process's own", "MB", (memory.private,), 600)
        program.listen(6)
        before, start = program.cpu_seconds(), time.perf_counter()
        program.listen(IDLE_SECONDS)
        share = (program.cpu_seconds() - before) / (time.perf_counter() - start)
        yield Measure("idle CPU", "%", (100 * share,), 1)
        yield Measure("quit", "ms", (*quits, program.quit()), 500)


def measure_training(data: str, home: Path) -> Iterator[Measure]:
    """The same keys while the preset ``standard`` is trained; then the training is thrown away."""
    program = Program(["open", data, "--preset", "standard", "--home", str(home)])
    with ended(program):
        program.until(model_there)
        program.until(lambda _text: program.children(), 30)
        program.until(lambda text: "▶" in text.partition("\n")[0], 60)
        program.listen(3)
        yield from _modes(program, say_mode=" while training", bound=100)
        training = program.children()
        if not training:
            raise RuntimeError("the training ended before everything was measured")
        program.write(b"2")
        program.listen(0.3)
        program.write(b"D")
        gone = program.gone(training, 0.8)
        if gone is None:  # it asks first
            program.write(ENTER)
            gone = program.gone(training, 5.0)
        yield Measure("cancel, until the training process is gone", "ms", () if gone is None else (gone,), 500)
        program.listen(1)
        program.quit()


class ended:  # noqa: N801 - a context manager
    """Kills a program that a failed measurement leaves behind."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def __enter__(self) -> None:
        """Nothing to do."""

    def __exit__(self, kind: object, _error: object, _where: object) -> None:
        if kind is not None and runs(self._program.pid):
            self._program.kill()


def overview_there(text: str) -> bool:
    """Whether the figures of the dataset are on the screen."""
    return re.search(re.escape(say("tui.density")) + r"\s+\d", text) is not None


def model_there(text: str) -> bool:
    """Whether the line on top names a model."""
    return "· next" in text.partition("\n")[0]


def _modes(program: Program, say_mode: str, bound: float) -> Iterator[Measure]:
    """Keys of every mode: switching to it, moving in it, going to its panes.

    While something trains only switching to the modes that show its progress: there the screen changes by itself, and a
    key that moves nothing would be timed by that. For the same reason what a row shows beside it has to be there before
    the next key.
    """
    pace = BUSY if say_mode else {"quiet": 0.12}
    in_a_list = BUSY if say_mode else {"quiet": 0.45}
    pressed: dict[str, list[Painted]] = {mode: [] for mode in MODES}
    for _ in range(MANY_ROUNDS):
        for place in (2, 5, 0, 3, 1, 4):  # not in their order, so that none follows its neighbour
            pressed[MODES[place]].append(program.press(str(place + 1).encode(), **pace))
    for place, mode in enumerate(MODES):
        program.press(str(place + 1).encode(), **in_a_list)  # until its lists are there
        keys = [] if say_mode and mode in SHOWING_PROGRESS else [*[DOWN] * ROUNDS, *[UP] * ROUNDS, *[TAB] * ROUNDS]
        pressed[mode] += [program.press(key, **in_a_list) for key in keys]
        yield first(f"{mode}: going there, moving, Tab{say_mode}", pressed[mode], bound)


def _picking(program: Program) -> Iterator[Measure]:
    """The user picker: opening, typing, choosing."""
    program.press(b"1")
    yield settled("open the user picker", [program.press(b"u", quiet=0.6)])
    typing = []
    for word in TYPED:
        typing += [program.press(bytes([key]), quiet=0.5) for key in word]
        typing += [program.press(BACK, quiet=0.5) for _ in word]
    yield settled("filter users, key to settled list", typing, 100)
    yield first("filter users, key to paint", typing, 50)
    yield first("move in the user picker", [program.press(DOWN, quiet=0.12) for _ in range(20)], 50)
    yield settled("choose a user, until their list is there", [program.press(ENTER, quiet=0.8)])


def _person(program: Program) -> Iterator[Measure]:
    """One person: the next one, likes, undoing them."""
    watched = say("tui.recommended")
    following = [program.press(b"]", quiet=0.6, watch=watched) for _ in range(MANY_ROUNDS)]
    yield first("next user, key to paint", following, 50)
    yield boxed("next user, until their list is there", following)
    liking, undoing = [], []
    for _ in range(MANY_ROUNDS):
        liking.append(program.press(b"+", quiet=0.6, watch=watched))
        undoing.append(program.press(b"z", quiet=0.6, watch=watched))
    yield boxed("like, until the list is ranked anew", liking, 100)
    yield boxed("undo, until the list is ranked anew", undoing, 100)
