"""With --pseudonyms no command prints or writes an id of a person, and people may be named by id or by tag."""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import json
from base64 import b32encode
from functools import cache
from pathlib import Path

import polars as pl
import pytest
import typer.main

from recsys_tui.recommend.session import Session
from recsys_tui.store.ab_log import AbLog
from recsys_tui.store.feedback_log import FeedbackLog
from tests.recommend.people_to_forget import WHO as FORGOTTEN
from tests.recommend.people_to_forget import events, opened
from tests.trust.people_by_tags import PEOPLE, Teller, person, renamed

WHO, OTHER, SILENT, ITEM = person(7), person(123), person(2_001), "film-0009"
FORMS = ((), ("--json",), ("--csv",))
ON = "--pseudonyms"


@pytest.fixture(scope="module")
def base(trained: Session, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """Films with people whom nobody can overlook."""
    return renamed(trained, tmp_path_factory.mktemp("tags") / "films")


@pytest.fixture(scope="module")
def social(trained: Session, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """The same where the films are people."""
    return renamed(trained, tmp_path_factory.mktemp("tags") / "people", graph=True)


def tag_of(session: Session, user: str) -> str:
    """A pseudonym by its definition: 60 bits of HMAC-SHA-256 in base 32, under a key of this data."""
    key = (session.home.root / "pseudonyms.key").read_bytes()
    own = hmac.new(key, b"recsys-tui pseudonyms\0" + str(session.identity.path).encode(), hashlib.sha256).digest()
    return "u-" + b32encode(hmac.new(own, user.encode(), hashlib.sha256).digest()).decode()[:12].lower()


def at(session: Session) -> tuple[str, ...]:
    return (str(session.identity.path), ON, "--home", str(session.home.root))


@pytest.fixture
def teller(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Teller:
    """Runs commands in this process; what the commands are is worked out once, which takes longer than most of them."""
    monkeypatch.setattr(typer.main, "get_command", cache(typer.main.get_command))
    return Teller(capsys)


def test_no_command_names_anybody(base: Session, teller: Teller, tmp_path: Path):
    data = at(base)
    teller.run("recommend", *data, "--user", WHO)
    who, other, silent = (tag_of(base, user) for user in (WHO, OTHER, SILENT))
    listed, pairs = tmp_path / "people.txt", tmp_path / "pairs.csv"
    listed.write_text(f"{OTHER}\n{who}\n{SILENT}\n")
    pairs.write_text(f"user,item\n{WHO},{ITEM}\n{other},film-0010\n{SILENT},{ITEM}\n")
    questions = [
        ("inspect",),
        ("open",),
        ("clusters", "--cluster", "0"),
        ("recommend", "--user", WHO, "--explain"),
        ("recommend", "--user", SILENT),
        ("explain", "--user", who, "--item", ITEM),
        ("predict", "--user", WHO, "--item", ITEM),
        ("predict", "--user", SILENT, "--item", ITEM),
        ("predict", "--pairs", str(pairs)),
        ("audience", "--item", ITEM, "-k", "20"),
        ("similar", "--item", ITEM),
        ("feedback", "add", "--user", WHO, "--item", ITEM, "--like"),
        ("feedback", "add", "--user", other, "--item", ITEM, "--dislike"),
        ("feedback", "add", "--user", SILENT, "--item", "film-0001", "--like"),
        ("feedback", "list"),
        ("feedback", "list", "--user", WHO),
        ("feedback", "export"),
        ("ab", "report"),
    ]
    AbLog(base.workspace.folder).start("deep", "ease", "interleave", "00ff")
    for question in questions:
        for form in FORMS:
            teller.run(*question, *data, *form)
    for kind in ("csv", "parquet"):
        target = tmp_path / f"written.{kind}"
        for question in (
            ("recommend", "--all", "-k", "3"),
            ("recommend", "--for", str(listed), "-k", "3"),
            ("audience", "--item", ITEM),
            ("predict", "--pairs", str(pairs)),
            ("feedback", "export"),
        ):
            teller.run(*question, *data, "--output", str(target), written=target)
    everyone = teller.run("recommend", *data, "--all", "-k", "2", "--csv")
    asked = teller.run("recommend", *data, "--for", str(listed), "-k", "2", "--csv")
    assert teller.found == []

    users = [row["user"] for row in csv.DictReader(io.StringIO(everyone)) if row["history"] != "0"]
    users = [user for user in dict.fromkeys(users) if user != silent]
    # The order of the ids would tell whose tags they are.
    assert users == sorted(tag_of(base, person(number)) for number in range(PEOPLE))
    assert list(dict.fromkeys(row["user"] for row in csv.DictReader(io.StringIO(asked)))) == [other, who, silent]
    stood = {(entry.user, entry.item, entry.verdict) for entry in FeedbackLog(base.workspace.folder).entries()}
    assert stood == {(WHO, ITEM, "like"), (OTHER, ITEM, "dislike"), (SILENT, "film-0001", "like")}
    key = (base.home.root / "pseudonyms.key").read_bytes()
    written = {path: path.read_bytes() for path in base.home.root.rglob("*") if path.is_file()}
    assert [path.name for path, content in written.items() if key in content] == ["pseudonyms.key"]
    assert not [path for path, content in written.items() if who.encode() in content]


def test_a_tag_and_an_id_get_the_same_answer(base: Session, teller: Teller, tmp_path: Path):
    where = at(base)
    by_id = json.loads(teller.run("recommend", *where, "--user", WHO, "--json", "--no-feedback"))
    tag = tag_of(base, WHO)
    by_tag = json.loads(teller.run("recommend", *where, "--user", tag, "--json", "--no-feedback"))
    plain = [argument for argument in where if argument != ON]
    usual = json.loads(teller.run("recommend", *plain, "--user", WHO, "--json", "--no-feedback"))
    assert (by_id["user"], by_tag["user"], usual["user"]) == (tag, tag, WHO)
    assert by_id["items"] == by_tag["items"] == usual["items"]
    teller.found.clear()
    for question in (("recommend",), ("explain", "--item", ITEM), ("feedback", "list")):
        teller.run(question[0], *question[1:], *plain, "--user", tag, expected=3)


def test_what_nobody_typed_is_in_no_error(base: Session, teller: Teller):
    where, near = at(base), "somebody-00"
    for question in (
        ("recommend",),
        ("explain", "--item", ITEM),
        ("predict", "--item", ITEM),
        ("feedback", "add", "--item", ITEM, "--like"),
        ("feedback", "list"),
        ("forget", "--yes"),
    ):
        teller.run(*question, *where, "--user", near, expected=3, typed=near)
        teller.run(*question, *where, "--user", "u-aaaaaaaaaaaa", expected=3)
    assert teller.found == []


def test_a_comparison_writes_tags_alone_and_reads_both(base: Session, teller: Teller, tmp_path: Path):
    folder, report = tmp_path / "lists", tmp_path / "report.html"
    lists = [(person(number), f"film-{number:04}") for number in range(PEOPLE)]
    made = pl.DataFrame(lists, schema=["user", "item"], orient="row")
    made.write_csv(tmp_path / "ids.csv")
    tags = {user: tag_of(base, user) for user, _ in lists}
    made.with_columns(pl.col("user").replace_strict(tags)).write_csv(tmp_path / "tags.csv")
    recs = [word for name in ("ids", "tags") for word in ("--recs", str(tmp_path / f"{name}.csv"))]
    chosen = ("evaluate", *at(base), "--models", ",", *recs, "--json")
    said = teller.run(*chosen, "--lists", str(folder), "--output", str(report), written=folder)
    teller.found += [("report", [b""])] if b"somebody-" in report.read_bytes() else []
    assert teller.found == []
    figures = {model["name"]: model["metrics"] for model in json.loads(said)["models"]}
    assert figures["tags"] == figures["ids"]
    for name in ("train.csv", "test.csv", "ids.csv", "tags.csv"):
        users = pl.read_csv(folder / name)["user"]
        assert users.is_sorted(), name
        assert users.is_in(list(tags.values())).all(), name


def test_a_split_of_ones_own_is_written_by_tags_too(base: Session, teller: Teller, tmp_path: Path):
    rows = pl.read_csv(base.identity.path / "ratings.csv")
    newest = rows.group_by("user", maintain_order=True).tail(1)
    train, test, recs = (tmp_path / f"{name}.csv" for name in ("train", "test", "mine"))
    rows.join(newest, on=["user", "item"], how="anti").write_csv(train)
    newest.write_csv(test)
    newest.select("user", "item").write_csv(recs)
    given = ("--train", str(train), "--test", str(test), "--recs", str(recs), "--lists", str(tmp_path / "lists"))
    asked = ("evaluate", *given, "--models", ",", ON, "--home", str(base.home.root), "--json")
    said = teller.run(*asked, written=tmp_path / "lists")
    assert teller.found == []
    (model,) = json.loads(said)["models"]
    assert model["metrics"]["hr@10"] == 1.0  # these lists are what was held out


def test_where_items_are_people_they_are_tags_too(social: Session, teller: Teller, tmp_path: Path):
    data, liked = at(social), person(31)
    teller.run("recommend", *data, "--user", WHO)
    tag, target = tag_of(social, liked), tmp_path / "written.csv"
    only = tmp_path / "only.txt"
    only.write_text("".join(f"{person(number)}\n" for number in range(40, 60)) + f"{tag}\n")
    questions = [
        ("inspect",),
        ("clusters",),
        ("clusters", "--cluster", "1"),
        ("recommend", "--user", WHO, "--explain", "--like", liked, "--pin", person(50)),
        ("recommend", "--new-user", "--like", liked, "--dislike", person(60), "--only-items", str(only)),
        ("recommend", "--user", WHO, "--exclude-items", str(only)),
        ("explain", "--user", WHO, "--item", liked, "--like", person(61)),
        ("predict", "--user", WHO, "--item", liked),
        ("audience", "--item", liked, "-k", "5"),
        ("similar", "--item", liked),
        ("similar", "--item", tag, "--by", "content"),
        ("feedback", "add", "--user", WHO, "--item", liked, "--like"),
        ("feedback", "list"),
        ("feedback", "export"),
    ]
    for question in questions:
        for form in FORMS:
            teller.run(*question, *data, *form)
    for question in (("similar", "--all", "-k", "2"), ("recommend", "--all", "-k", "2")):
        teller.run(*question, *data, "--output", str(target), written=target)
    teller.run("similar", *data, "--item", "somebody-0", expected=3, typed="somebody-0")
    pinned = json.loads(teller.run("recommend", *data, "--user", WHO, "--pin", tag, "--json"))["items"][0]
    assert teller.found == []
    assert (pinned["item"], pinned["title"], pinned["pinned"]) == (tag, None, True)
    stood = FeedbackLog(social.workspace.folder).entries()
    assert [(entry.user, entry.item, entry.verdict) for entry in stood] == [(WHO, liked, "like")]


def test_who_was_exported_by_a_tag_is_forgotten_there_too(teller: Teller, tmp_path: Path):
    session = opened(events(tmp_path / "events.csv"), tmp_path / "home")
    target, data = tmp_path / "said.csv", at(session)
    for user in (FORGOTTEN, "person-018"):
        teller.run("feedback", "add", *data, "--user", user, "--item", "thing-01", "--like")
    teller.run("feedback", "export", *data, "--output", str(target))
    tag, other = (tag_of(session, user) for user in (FORGOTTEN, "person-018"))
    assert pl.read_csv(target)["user"].to_list() == [tag, other]
    found = json.loads(teller.run("forget", *data, "--user", tag, "--yes", "--json"))
    assert (found["verified"], found["removed"]["exports"], found["removed"]["feedback"]) == (True, [str(target)], 1)
    assert pl.read_csv(target)["user"].to_list() == [other]
    teller.run("feedback", "list", *data, "--user", tag, expected=3)
