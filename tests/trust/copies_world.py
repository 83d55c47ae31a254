"""Two data whose files are copied, moved, grown, piped in and deleted at random, and people forgotten of them."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl

PEOPLE = 8
HEADER = "user,item\n"
# What is done, and how often beside the others.
ACTS = {
    "read": 2, "folder": 1, "swapped": 1, "grow": 2, "copy": 1, "move": 1, "link": 1, "delete": 1, "shuffle": 1,
    "pipe": 2, "pipe more": 1, "add": 1, "pipe what was added": 1, "remove": 1, "forget": 4,
}  # fmt: skip
# A command of the program and what is piped into it: its exit code, and its two outputs.
Run = Callable[..., tuple[int, str, str]]


class CopiesWorld:
    """Data ``a`` and ``b`` in the same home folder, each in three files and two folders of its own at most.

    Each has people of its own (``a3z``), who must be nowhere in the home folder once they are forgotten of any of its
    files; and some have the same ids in both (``s3z``), who must stay in the one when they are forgotten of the other.
    What is copied or grows was read before, so that it can be known; :attr:`log` tells what was done.
    """

    def __init__(self, folder: Path, run: Run, seed: int) -> None:
        self.home, self.log = folder / "home", list[str]()
        self._run, self._random, self._more = run, random.Random(seed), 0
        self._folder, self._large = folder, self._random.random() < 0.1
        names = ("one/rows.csv", "one/more.csv", "two/rows.csv", "three.csv")
        self._places = {data: [folder / data / name for name in names] for data in "ab"}
        for path in [path for paths in self._places.values() for path in paths]:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._people = {
            data: [f"{data}{n}z" for n in range(PEOPLE)] + [f"s{n}z" for n in range(PEOPLE)] for data in "ab"
        }
        self.forgotten = {data: set[str]() for data in "ab"}
        self._known = {data: set[Path]() for data in "ab"}  # where it lies or lay
        self._piped = {data: list[str]() for data in "ab"}
        self._added = {data: list[str]() for data in "ab"}

    def step(self) -> None:
        """Do something to one of the data, and see that who is forgotten is gone and who is not is there."""
        data = self._random.choice("ab")
        there = [path for path in self._places[data] if path.exists()]
        free = [path for path in self._places[data] if not path.exists() and not path.is_symlink()]
        if not there:
            self._write(data, self._random.choice(free))
            return
        path = self._random.choice(there)
        (act,) = self._random.choices([*ACTS], [*ACTS.values()])
        {
            "read": lambda: self._read(data, path),
            "folder": lambda: self._read(data, path.parent),
            "swapped": lambda: self._told(data, "inspect", path, "--user-col", "item", "--item-col", "user"),
            "grow": lambda: self._grow(data, path),
            "copy": lambda: self._copy(data, path, free),
            "move": lambda: self._move(data, path, free),
            "link": lambda: self._link(data, path, free),
            "delete": lambda: self._delete(data, path),
            "shuffle": lambda: self._shuffle(data, path),
            "pipe": lambda: self._pipe(data, path.read_text()),
            "pipe more": lambda: self._pipe_more(data),
            "add": lambda: self._add(data, path),
            "pipe what was added": lambda: self._pipe_added(data),
            "remove": self._remove,
            "forget": lambda: self._forget(data),
        }[act]()

    def _told(self, data: str, *arguments: object, piped: str = "") -> tuple[int, str]:
        code, out, err = self._run(*arguments, home=self.home, piped=piped)
        said = " ".join(str(each) for each in arguments).replace(str(self._folder), "")
        self.log.append(f"{data}: recsys {said} → {code} {err.strip()}")
        assert "Traceback" not in err
        self._nobody_is_back()
        return code, out

    def _nobody_is_back(self) -> None:
        gone = [who for data, people in self.forgotten.items() for who in people if who.startswith(data)]
        for path in self.home.rglob("*") if gone else ():
            if not path.is_file():
                continue
            content = path.read_bytes()
            found = {who for who in gone if who.encode() in content}
            if content.startswith(b"PAR1"):
                texts = [column for column in pl.read_parquet(path).get_columns() if column.dtype == pl.String]
                found |= {who for column in texts for who in column.filter(column.is_in(gone)).to_list()}
            assert not found, f"{path.relative_to(self.home)}: {found}"

    def _read(self, data: str, path: Path) -> None:
        code, out = self._told(data, "inspect", path, "--detect", "--json")
        if path.is_file() and code == 0:
            people = {row.split(",")[0] for row in path.read_text().splitlines()[1:]}
            assert json.loads(out)["users"] == len(people - self.forgotten[data]), path
        if code == 0:
            self._known[data].add(path)

    def _write(self, data: str, path: Path) -> None:
        rows = [f"{who},{data}{(n + 3 * times) % 7}" for n, who in enumerate(self._people[data]) for times in range(3)]
        rows += [f"{data}{n}large,{data}{n % 17}" for n in range(6_000 if self._large else 0)]
        path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
        self.log.append(f"{data}: written {path.relative_to(self._folder)}")

    def _row(self, data: str) -> str:
        self._more += 1
        return f"{self._random.choice(self._people[data])},{data}-more{self._more}\n"

    def _grow(self, data: str, path: Path) -> None:
        self._read(data, path)
        with path.open("a") as stream:
            stream.write(self._row(data))
        self.log.append(f"{data}: grown {path.relative_to(self._folder)}")

    def _copy(self, data: str, path: Path, free: list[Path]) -> None:
        if free:
            self._read(data, path)
            self._noted("copied", data, path, Path(shutil.copy(path, self._random.choice(free))))

    def _move(self, data: str, path: Path, free: list[Path]) -> None:
        if free and not path.is_symlink():
            self._read(data, path)
            self._noted("moved", data, path, path.rename(self._random.choice(free)))

    def _link(self, data: str, path: Path, free: list[Path]) -> None:
        if free:
            link = self._random.choice(free)
            link.symlink_to(path.resolve())
            self._noted("linked", data, path, link)

    def _noted(self, done: str, data: str, path: Path, to: Path) -> None:
        self.log.append(f"{data}: {done} {path.relative_to(self._folder)} as {to.relative_to(self._folder)}")

    def _delete(self, data: str, path: Path) -> None:
        self._read(data, path)
        path.unlink()
        self.log.append(f"{data}: deleted {path.relative_to(self._folder)}")

    def _shuffle(self, data: str, path: Path) -> None:
        """Which only its path tells then, where somebody is forgotten of it."""
        if self.forgotten[data] and not path.is_symlink():
            self._forget(data, path)
            rows = path.read_text().splitlines(keepends=True)[1:]
            self._random.shuffle(rows)
            path.write_text(HEADER + "".join(rows))
            self._noted("shuffled", data, path, path)
            self._read(data, path)

    def _pipe(self, data: str, text: str) -> None:
        code, out = self._told(data, "inspect", "-", "--json", piped=text)
        self._piped[data].append(text)
        people = {row.split(",")[0] for row in text.splitlines()[1:]} - self.forgotten[data]
        assert (code == 0 and json.loads(out)["users"] == len(people)) or not people, (data, people)

    def _pipe_more(self, data: str) -> None:
        if self._piped[data]:
            self._pipe(data, self._random.choice(self._piped[data]) + self._row(data))

    def _add(self, data: str, path: Path) -> None:
        more = self._folder / "more.csv"
        more.write_text(HEADER + "".join(self._row(data) for _ in range(3)))
        self._added[data].append(more.read_text())
        self._told(data, "update", path, "--add", more, "--quiet")
        self._known[data].add(path)
        more.unlink()

    def _pipe_added(self, data: str) -> None:
        if self._added[data]:
            self._pipe(data, self._random.choice(self._added[data]))

    def _remove(self) -> None:
        """A workspace; before anybody is forgotten nothing else would know what it was a copy of."""
        keys = sorted(folder.name for folder in (self.home / "workspaces").glob("[!.]*"))
        if keys and all(self.forgotten.values()):
            self._told("-", "workspace", "remove", self._random.choice(keys))

    def _forget(self, data: str, path: Path | None = None) -> None:
        left = [who for who in self._people[data] if who not in self.forgotten[data]]
        if not left or not self._known[data]:
            return
        who, before = self._random.choice(left), self._stored()
        path = path or self._random.choice(sorted(self._known[data]))
        code, out = self._told(data, "forget", path, "--user", who, "--yes", "--json")
        assert code in (0, 2, 3)  # gone, or nobody knows them there
        if code == 0:
            assert json.loads(out)["verified"]
            self.forgotten[data].add(who)
            self._nobody_is_back()
        for key, (of, people) in self._stored().items():
            lost = before.get(key, (of, people))[1] - people
            assert lost <= ({who} if of in (data, None) else set()), (key, lost)
            assert of != data or code or who not in people, (key, who)

    def _stored(self) -> dict[str, tuple[str | None, set[str]]]:
        """Of which data each workspace is, None for what was piped in, and who of the people is in it as such."""
        found, everybody = {}, {who for people in self._people.values() for who in people}
        for tables in sorted(self.home.glob("workspaces/[!.]*/data/*/users.parquet")):
            workspace = tables.parent.parent.parent
            path = Path(json.loads((workspace / "identity.json").read_text())["path"])
            of = next((data for data in "ab" if self._folder / data in path.parents), None)
            found[workspace.name] = (of, everybody.intersection(pl.read_parquet(tables)["id"].to_list()))
        return found
