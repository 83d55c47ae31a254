"""What is killed, and what must hold afterwards: the next start works, nothing acknowledged is lost, nothing half
written is used."""

from __future__ import annotations

import json
import random
import re
import sqlite3
import time
from contextlib import closing, nullcontext
from pathlib import Path

import pytest

from recsys_tui.data.fingerprint import stamp
from recsys_tui.output.errors import UserError
from recsys_tui.recommend.forgetting import forget
from recsys_tui.recommend.session import Session
from recsys_tui.store.ab_log import AbLog
from recsys_tui.store.feedback_log import FeedbackLog
from recsys_tui.store.home import Home
from recsys_tui.store.remembered import Memory, Place, Remembered
from recsys_tui.store.version_folder import check_files, read_manifest, versions
from recsys_tui.store.workspace import Workspace
from tests.bench.pty_program import Program
from tests.trust.killing import ALL, Length, Moment, length_of, run, strike, wait_for, wait_until_free

PEOPLE, ITEMS, EACH = 60, 40, 12
# The longest title in sight has one blank between it and when that was.
LIKED = re.compile(r"│ ♥ +(?:\d )?\s*(\S.*?)(…|\s{2,}|\snow(?=\s{2,}|\s*│)|│)")
SAID = " liked · "
PATIENCE = 300.0  # seconds, on a machine that does other things
MOST_LIKING = 2.5  # seconds
SECONDS_OF_OPENING, SECONDS_OF_TRAINING = 2.5, 5.0


def write_data(path: Path) -> None:
    """Ratings of sixty people, each twelve, of forty items."""
    dice = random.Random(1)
    rows = [
        f"u{user},i{int(dice.random() ** 2 * ITEMS)},{dice.randint(1, 5)},{1_600_000_000 + user * 1_000 + k * 60}"
        for user in range(PEOPLE)
        for k in range(EACH)
    ]
    path.write_text("user,item,rating,timestamp\n" + "\n".join(rows) + "\n")


def check_home(home: Home) -> None:
    """Whatever can be seen in a home is whole: versions by their checksums, documents, logs."""
    for workspace in (home.root / "workspaces").glob("[!.]*"):
        for parent in ("data", "models", "arms"):
            for folder in versions(workspace / parent):
                check_files(folder, read_manifest(folder, workspace.name), workspace.name)
        for log in workspace.glob("*.sqlite3"):
            with closing(sqlite3.connect(log)) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)], log
    for document in home.root.rglob("*.json"):
        if not any(part.startswith(".") for part in document.relative_to(home.root).parts):
            assert isinstance(json.loads(document.read_bytes()), dict), document


def nothing_left(home: Home) -> None:
    """What dead writers left is gone."""
    left = [path for path in home.root.rglob(".*.partial*") if "recent" not in path.name]
    assert not left, left


class Act:
    """Something that is done again and again in one home and killed each time. ``folder`` is its own.

    ``trained``: a home in which the films are trained, which saves time: then nothing is trained to its end here.
    """

    name = ""

    def __init__(self, folder: Path, dice: random.Random, trained: Home | None = None) -> None:
        self.dice, self.trained = dice, trained is not None
        self.data, self.home = str(folder / "data.csv"), Home(folder / "home")
        if trained is None:
            write_data(Path(self.data))
        else:
            self.data, self.home = "films", trained
        self.length = self.prepare()

    def prepare(self) -> Length:
        """Make what is needed, and find out how long it takes."""
        raise NotImplementedError

    def strike(self, number: int) -> None:
        """Begin, kill, and check. Raises ``AssertionError`` where something does not hold."""
        raise NotImplementedError

    def finish(self) -> None:
        """Once more without being killed."""
        raise NotImplementedError

    def command(self, *arguments: str) -> str:
        """Run a command to its end; what it wrote. Raises ``AssertionError`` where it fails."""
        done = run(arguments, self.home.root)
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return done.stdout

    def session(self) -> Session:
        """As the next start opens the data."""
        return Session.open(self.data, home=self.home)

    def workspace(self) -> Workspace:
        """The one workspace there is."""
        return self.session().workspace

    def user(self, number: int) -> str:
        """One of the people, another for each number."""
        people = self.session().dataset.users["id"]
        return str(people[number % len(people)])

    def train(self) -> None:
        """Have a model."""
        if not self.trained:
            self.command("train", self.data, "--preset", "quick", "-q")


class Reading(Act):
    """Data that grew is read and stored anew."""

    name = "inspect"

    def prepare(self) -> Length:
        return length_of(["inspect", self.data, "-q"], self.home.root)

    def read(self, moment: Moment) -> None:
        """Have the data read, and be killed over it."""
        run(["inspect", self.data, "-q"], self.home.root, moment)

    def strike(self, number: int) -> None:
        with Path(self.data).open("a") as stream:
            stream.write(f"new{number},i{number % ITEMS},3,{1_700_000_000 + number}\n")
        self.read(self.length.moment(self.dice))
        check_home(self.home)
        session = self.session()
        assert session.dataset.user_count == PEOPLE + 1 + number
        version = session.workspace.dataset_version()
        assert version is not None
        assert version.stamp == stamp([Path(self.data)])

    def finish(self) -> None:
        with Path(self.data).open("a") as stream:
            stream.write("last,i1,3,1800000000\n")
        self.command("inspect", self.data)
        nothing_left(self.home)


class Opening(Reading):
    """The same by the workbench."""

    name = "open"

    def read(self, moment: Moment) -> None:
        program = Program(
            ["open", self.data, "--no-train", "--home", str(self.home.root)],
            environment=moment.environment(self.home.root),
        )
        deadline = time.monotonic() + SECONDS_OF_OPENING * (self.dice.random() if moment.change is None else 1)
        while not program.ended and time.monotonic() < deadline:
            program.listen(0.02)
        wait_for(strike(program.pid, ALL))
        program.kill()


class Training(Act):
    """A model is trained in the place of another."""

    name = "train"

    def prepare(self) -> Length:
        return Length(SECONDS_OF_TRAINING, 0) if self.trained else length_of(self._command(0), self.home.root)

    def _command(self, number: int) -> list[str]:
        return ["train", self.data, "--preset", "quick", "--seed", str(number), "--force", "-q"]

    def strike(self, number: int) -> None:
        run(self._command(number + 1), self.home.root, self.length.moment(self.dice))
        check_home(self.home)
        recommender = self.session().recommender()
        assert recommender is not None, "the model that was there is still there, or the new one"
        assert len(recommender.recommend(self.user(1), 5).items) == 5

    def finish(self) -> None:
        self.command(*self._command(10_000))
        nothing_left(self.home)
        info = self.session().model_info()
        assert info is not None
        assert info.key.seed == 10_000


class Liking(Act):
    """Somebody likes what the workbench shows, as fast as it goes; what the screen said is kept."""

    name = "like"

    def prepare(self) -> Length:
        self.train()
        self.acknowledged: dict[str, set[str]] = {}
        return Length(MOST_LIKING, 0)

    def strike(self, number: int) -> None:
        user = self.user(number)
        Memory(self.home).write(Remembered().with_place(self.workspace().key, Place("users", user)))
        program = Program(["open", self.data, "--no-train", "--home", str(self.home.root)])
        try:
            program.until(lambda text: f"User {user} " in text and re.search(r" \d\d% +[│●○]", text), PATIENCE)
            seen = self._like(program, self.dice.uniform(0.1, self.length.seconds))
        finally:
            program.kill()
        self.acknowledged.setdefault(user, set()).update(seen)
        check_home(self.home)
        self.check()

    def _like(self, program: Program, seconds: float) -> set[tuple[str, bool]]:
        """Press keys until the end; what the screen said was liked: a title, and whether it is only how one begins."""
        seen: set[tuple[str, bool]] = set()
        deadline = time.monotonic() + seconds
        while (rest := deadline - time.monotonic()) > 0:
            program.write(self.dice.choice((b"+", b"+", b"j", b"+j+")))
            program.listen(min(rest, self.dice.uniform(0.01, 0.3)))
            found = LIKED.findall(program.screen.text())
            seen |= {(text.partition(SAID)[0], end == "…" and SAID not in text) for text, end in found}
        return seen

    def check(self) -> None:
        """What was acknowledged in all strikes so far was written down. (The same key a second time takes a like back:
        the log, to which rows are only ever added, holds both.)"""
        session = self.session()
        for user, seen in self.acknowledged.items():
            if not seen:  # there may be no log yet
                continue
            with closing(sqlite3.connect(session.feedback.path)) as log:
                rows = log.execute("SELECT item FROM feedback WHERE user = ? AND verdict = 'like'", (user,)).fetchall()
            titles = [title or item for item, title in session.titles([item for (item,) in rows]).items()]
            for text, cut in seen:
                there = any(title == text or (cut and title.startswith(text)) for title in titles)
                assert there, f"{user} was told that {text!r} is liked, and nothing was written down: {titles}"

    def finish(self) -> None:
        assert any(self.acknowledged.values()), "something was acknowledged"
        listed = json.loads(self.command("feedback", "list", self.data, "--json"))
        standing = {(entry.user, entry.item) for entry in self.session().feedback.entries()}
        assert {(entry["user"], entry["item"]) for entry in listed["feedback"]} == standing != set()


class AbLogging(Liking):
    """The same while an A/B test notes what is shown and done."""

    name = "A/B logging"

    def prepare(self) -> Length:
        length = super().prepare()
        self.command("ab", "start", self.data, "--a", "deep", "--b", "ease")
        return length

    def check(self) -> None:
        super().check()
        log = AbLog(self.workspace().folder)
        [test] = log.tests()
        assert test.running
        visits, events = log.record(test)
        assert {event.visit for event in events} <= {visit.number for visit in visits}
        with closing(sqlite3.connect(log.path)) as connection:
            lists = connection.execute("SELECT max(place), count(*) FROM exposures GROUP BY session, list").fetchall()
        assert all(last == count for last, count in lists), "every list that was noted is noted as a whole"

    def finish(self) -> None:
        super().finish()
        assert json.loads(self.command("ab", "report", self.data, "--json"))["arms"]
        self.command("ab", "stop", self.data)


class Forgetting(Act):
    """People are forgotten; the next call goes on where the killed one was. ``with_model``: models are trained anew."""

    name = "forget"
    with_model = True

    def prepare(self) -> Length:
        if self.with_model:
            self.train()
        else:
            self.command("inspect", self.data)
        self.session().feedback.add([("u0", "i1", "like")])
        return length_of(self._command("u0"), self.home.root)

    def _command(self, user: str) -> list[str]:
        return ["forget", self.data, "--user", user, "--yes", "--json"]

    def strike(self, number: int) -> None:
        user = f"u{1 + number}"
        self.session().feedback.add([(user, "i1", "like")])
        killed = run(self._command(user), self.home.root, self.length.moment(self.dice))
        if killed.returncode == 0 and json.loads(killed.stdout)["untrained"]:
            self.train()  # the training alone was killed, and it was told that the model is to be trained
        check_home(self.home)
        session = self.session()
        wait_until_free(session.workspace.folder)
        gone = user in session.forgotten()
        assert (user in session.dataset.users["id"].to_list()) is not gone
        refused = pytest.raises(UserError, match="forgotten") if gone else nullcontext()
        with refused:
            FeedbackLog(session.workspace.folder).add([(user, "i2", "like")])
        done = forget(self.session(), user)
        assert done.verified
        assert done.already is gone
        assert not done.untrained
        self._is_gone(user)

    def _is_gone(self, user: str) -> None:
        session = self.session()
        assert user not in session.dataset.users["id"].to_list()
        assert all(entry.user != user for entry in session.feedback.entries())
        recommender = session.recommender()
        assert (recommender is not None) is self.with_model
        if recommender is not None:
            assert user not in recommender.model.people.ids

    def finish(self) -> None:
        self.command("inspect", self.data)
        nothing_left(self.home)


class ForgettingWithoutModel(Forgetting):
    """The same where nothing needs to be trained anew, which takes most of the time."""

    name = "forget, no model"
    with_model = False


# How many kills each gets, as a share of a fifth of all.
ACTS: dict[type[Act], float] = {
    Opening: 1,
    Training: 1,
    Liking: 1,
    AbLogging: 1,
    Forgetting: 0.25,
    ForgettingWithoutModel: 0.75,
}
