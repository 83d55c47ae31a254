"""Forgetting somebody whose id, or tag, somebody gave to a cluster as its name."""

from __future__ import annotations

from pathlib import Path

from recsys_tui.recommend.forgetting import forget
from recsys_tui.store.cluster_names import ClusterNames, NamedCluster
from recsys_tui.store.pseudonym_key import pseudonyms_for
from tests.recommend.people_to_forget import WHO, events, no_training, opened


def test_a_name_that_is_theirs_goes_and_others_stay(tmp_path: Path):
    session = opened(events(tmp_path / "events.csv"), tmp_path / "home")
    tag = pseudonyms_for(session.home.root, session.identity.path).of(WHO)
    names = ClusterNames(session.workspace.folder)
    named = [NamedCluster(name, {f"thing-0{place}": 1.0}) for place, name in enumerate((WHO, tag, "tea", "person-018"))]
    names.change(lambda _none: named)
    done = forget(session, WHO, train=no_training)
    assert (done.verified, done.removed.cluster_names) == (True, 2)
    assert names.read() == tuple(named[2:])


def test_a_name_that_means_other_things_too_stays(tmp_path: Path):
    path = tmp_path / "events.csv"
    path.write_text("user,item,time\n" + "".join(f"{u},thing-{i},{u * i + 1}\n" for u in range(20) for i in range(5)))
    session = opened(path, tmp_path / "home")
    names = ClusterNames(session.workspace.folder)
    names.change(lambda _none: [NamedCluster("7", {"thing-1": 1.0})])
    done = forget(session, "7", train=no_training)
    assert (done.verified, done.removed.cluster_names) == (True, 0)
    assert [entry.name for entry in names.read()] == ["7"]
