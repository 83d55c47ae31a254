"""Forgetting somebody whose id is a word that stands in titles or descriptions of items."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from recsys_tui.data.dataset import Mapping
from recsys_tui.profiles import item_terms
from recsys_tui.recommend.forgetting import forget
from recsys_tui.recommend.other_meanings import is_word_there
from recsys_tui.recommend.session import Session
from recsys_tui.store.cluster_names import ClusterNames, NamedCluster
from recsys_tui.store.home import Home
from recsys_tui.training.job import TrainingRequest
from tests.recommend.people_to_forget import WHO, events, train_here


@pytest.mark.parametrize(
    ("who", "said"), [("dora", "title"), ("dora", "text"), ("\u5c0f\u660e", "title")], ids=["title", "text", "cjk"]
)
def test_a_word_of_items_is_no_person(tmp_path: Path, who: str, said: str):
    data, items = events(tmp_path / "events.csv"), tmp_path / "items.csv"
    data.write_text(data.read_text().replace(WHO, who))
    rows = [f"thing-{place:02},{'somebody' if place % 3 else who.title()} sings {place}" for place in range(36)]
    items.write_text("\n".join([f"item,{said}", *rows]) + "\n")
    session = Session.open(data, Mapping(items=items), Home(tmp_path / "home"))
    train_here(session, TrainingRequest("quick", "next", 0, "cpu"))
    done = forget(session, who, train=train_here)
    assert (done.verified, done.retrained) == (True, ("quick-next",))
    assert done.scan.elsewhere


def test_descriptions_without_the_word_are_not_taken_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    data, items = events(tmp_path / "events.csv"), tmp_path / "items.csv"
    data.write_text(data.read_text().replace(WHO, "dora"))
    rows = [f"thing-{place:02},Song {place},by {'DORA' if place == 35 else 'them'} once" for place in range(36)]
    items.write_text("\n".join(["item,title,text", *rows]) + "\n")
    session = Session.open(data, Mapping(items=items), Home(tmp_path / "home"))
    session.load()
    read, words_of = list[str](), item_terms.words_of

    def noted(text: str) -> Iterator[str]:
        read.append(text)
        return words_of(text)

    monkeypatch.setattr(item_terms, "words_of", noted)
    assert is_word_there(session, ("dora",))
    assert [text for text in read if text.startswith("by")] == ["by DORA once"]


def test_a_first_name_of_others_in_a_graph_of_people_is_no_person(tmp_path: Path):
    dice, people = random.Random(3), ["dora", *(f"p{place:02}" for place in range(50))]
    rows = [f"{who},{whom}" for who in people for whom in dice.sample([one for one in people if one != who], 9)]
    (tmp_path / "follows.csv").write_text("\n".join(["user,followed", *rows]) + "\n")
    named = [f"{who},{'Dora' if place % 3 == 0 else 'Ann'} Smith" for place, who in enumerate(people)]
    (tmp_path / "people.csv").write_text("\n".join(["id,title", *named]) + "\n")
    mapping = Mapping(user="user", item="followed", items=tmp_path / "people.csv")
    session = Session.open(tmp_path / "follows.csv", mapping, Home(tmp_path / "home"))
    train_here(session, TrainingRequest("quick", "next", 0, "cpu"))
    assert session.dataset.shared_ids
    assert forget(session, "dora", train=train_here).verified
    assert forget(session, "dora", train=train_here).verified  # also when it looks again


def test_what_is_called_as_a_person_whose_id_is_a_word_goes(tmp_path: Path):
    data, items = events(tmp_path / "events.csv"), tmp_path / "items.csv"
    data.write_text(data.read_text().replace(WHO, "dora"))
    items.write_text("\n".join(["item,title", *(f"thing-{place:02},Dora sings {place}" for place in range(36))]) + "\n")
    session = Session.open(data, Mapping(items=items), Home(tmp_path / "home"))
    train_here(session, TrainingRequest("quick", "next", 0, "cpu"))
    names = ClusterNames(session.workspace.folder)
    names.change(lambda before: [*before, NamedCluster("dora", {"thing-01": 1.0})])
    done = forget(session, "dora", train=train_here)
    assert (done.verified, done.removed.cluster_names, names.read()) == (True, 1, ())
