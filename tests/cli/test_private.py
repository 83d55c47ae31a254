"""``recsys train --private``: what it prints, where it is stored, what then answers, and what is refused."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from scipy import integrate, stats

from recsys_tui.cli.entry import main
from recsys_tui.evaluate.privacy.attacks import DIFFERENCE, LOSS
from recsys_tui.evaluate.privacy.audit import PrivacyAudit
from recsys_tui.evaluate.privacy.leak_figures import leak
from recsys_tui.output.schema_files import load_schema
from recsys_tui.store.version_folder import OLDEST_MODEL, sealed
from recsys_tui.training.job import TrainingRequest

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with 150 people around a ring of thirty items, each known by a name that occurs nowhere else."""
    folder = tmp_path_factory.mktemp("ring")
    random = np.random.default_rng(0)
    rows = ["user,item,time"]
    for person in range(150):
        start = random.integers(30)
        rows += [f"zebra{person},film {(start + step) % 30},{person * 100 + step}" for step in range(12)]
    (folder / "ring.csv").write_text("\n".join(rows))
    return folder


@pytest.fixture
def run(place: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def go(*arguments: str, at: Path = place) -> tuple[int, str, str]:
        code = main([*arguments, "--home", str(at / "home")])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return go


def checked(text: str, name: str) -> dict:
    document = json.loads(text)
    jsonschema.validate(document, load_schema(name), jsonschema.Draft202012Validator)
    return document


def test_trains_stores_apart_answers_and_explains(run: Run, place: Path) -> None:
    data = str(place / "ring.csv")
    code, out, err = run("train", data, "--private", "4", "--json")
    assert code == 0
    document = checked(out, "train")
    assert document["privacy"]["epsilon"] == 4.0
    assert document["validation"] == {}
    (folder,) = (place / "home").glob("workspaces/*/models/private-next-*")
    assert b"zebra17" in (folder / "people.safetensors").read_bytes()
    assert b"zebra" not in (folder / "model.safetensors").read_bytes()
    assert b"film 17" in (folder / "model.safetensors").read_bytes()
    assert json.loads((folder / "privacy.json").read_text()) == document["privacy"]

    code, out, err = run("train", data, "--private", "4")
    assert code == 0
    assert "stored already" in err
    assert "ε = 4" in out
    assert "Left out" in out

    code, out, err = run("recommend", data, "--user", "zebra17", "-k", "4", "--explain", "--json", "--no-train")
    assert code == 0
    answer = checked(out, "recommend")
    assert answer["preset"] == "private"
    assert len(answer["items"]) == 4
    assert "ε = 4" in err
    item = answer["items"][0]["item"]
    code, out, _ = run("explain", data, "--user", "zebra17", "--item", item, "--json")
    assert code == 0
    found = checked(out, "explain")
    assert sum(part["contribution"] for part in found["components"]) == pytest.approx(found["score"], abs=1e-4)
    code, _, err = run("train", data, "--preset", "quick")
    assert code == 0
    assert "private model of this data goes on answering" in err
    assert checked(run("recommend", data, "--user", "zebra17", "--json")[1], "recommend")["preset"] == "private"
    for asked in (["--user", "zebra17"], ["--new-user"]):  # it tells no chances, as it says
        answer = checked(run("recommend", data, *asked, "--json")[1], "recommend")
        assert {item["probability"] for item in answer["items"]} == {0.5}
    code, out, _ = run("recommend", data, "--user", "zebra17", "--json", "--preset", "quick")
    assert checked(out, "recommend")["preset"] == "quick"
    for refused in (("audience", data, "--item", item), ("similar", data, "--item", item, "--by", "taste")):
        code, _, err = run(*refused)
        assert code == 2
        assert "private model" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--private", "0"], "ε must be"),
        (["--private", "-1"], "ε must be"),
        (["--private", "nan"], "ε must be"),
        (["--private", "inf"], "ε must be"),
        (["--private", "1", "--delta", "0"], "δ must lie"),
        (["--private", "1", "--delta", "0.2"], "one person among 150"),
        (["--delta", "0.001"], "--private"),
    ],
)
def test_what_cannot_be_promised_is_refused_in_a_sentence(
    run: Run, place: Path, arguments: list[str], said: str
) -> None:
    code, out, err = run("train", str(place / "ring.csv"), *arguments)
    assert code == 2
    assert said in err
    assert not out


def test_a_model_of_newer_data_does_not_answer_for_the_private_one_without_a_word(
    place: Path, run: Run, tmp_path: Path
) -> None:
    path = Path(shutil.copy(place / "ring.csv", tmp_path))

    def answered(*how: str) -> tuple[str, bool]:
        code, out, err = run("recommend", str(path), "--user", "zebra17", "--json", *how, at=tmp_path)
        assert code == 0
        return checked(out, "recommend")["preset"], "promises nothing" in err

    assert run("train", str(path), "--private", "4", at=tmp_path)[0] == 0
    with path.open("a") as stream:
        stream.write("\nzebra17,film 3,99999")
    assert answered() == ("private", False)
    assert answered("--refresh") == ("quick", True)
    assert answered() == ("quick", True)
    assert answered("--preset", "private") == ("private", False)
    assert run("train", str(path), "--private", "4", at=tmp_path)[0] == 0
    assert answered() == ("private", False)
    assert answered("--preset", "quick") == ("quick", False)


@pytest.mark.parametrize("damage", ["{", "older"])
def test_a_damaged_private_model_does_not_go_without_a_word(place: Path, run: Run, tmp_path: Path, damage: str) -> None:
    data = str(shutil.copy(place / "ring.csv", tmp_path))

    def train(*how: str) -> None:
        assert run("train", data, *how, at=tmp_path)[0] == 0

    def answered(*how: str) -> tuple[str, bool]:
        code, out, err = run("recommend", data, "--user", "zebra17", "--json", *how, at=tmp_path)
        assert code == 0
        return json.loads(out)["preset"], "private model of this data was damaged, or of an earlier version" in err

    train("--preset", "quick")
    train("--private", "4")
    (manifest,) = tmp_path.glob("home/workspaces/*/models/private-next-*/manifest.json")
    older = sealed(json.loads(manifest.read_text()) | {"format": OLDEST_MODEL - 1})
    manifest.write_text(json.dumps(older) if damage == "older" else damage)
    train("--preset", "quick", "--force")
    assert answered() == ("quick", True)
    assert answered() == ("quick", True)
    train("--private", "4")
    assert answered() == ("private", False)
    assert answered("--preset", "quick") == ("quick", False)


def test_too_few_people(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text("user,item\n" + "\n".join(f"p{person},i{person % 7}" for person in range(99)))
    code, _, err = run("train", str(path), "--private", "1")
    assert code == 2
    assert "100 people at least" in err
    code, _, err = run("recommend", str(path), "--user", "p1", "--preset", "private")
    assert code == 4
    assert "--private 1" in err


def test_compares_a_private_model_on_the_side(run: Run, place: Path) -> None:
    data = str(place / "ring.csv")
    given = ("evaluate", data, "--models", "popular", "--protocol", "last")
    code, out, _ = run(*given, "--private", "8", "--json")
    assert code == 0
    document = checked(out, "evaluate")
    popular, private = document["models"]
    assert (popular["name"], private["name"]) == ("popular", "private")
    assert "privacy" not in popular
    assert private["privacy"]["epsilon"] == 8.0
    # Everybody goes around the ring: even with noise, what comes next is told better than by what is popular.
    assert private["metrics"]["ndcg@10"] > popular["metrics"]["ndcg@10"]
    code, _, err = run("evaluate", data, "--models", "popular,private")
    assert code == 2
    assert "--private EPSILON" in err
    code, _, err = run(*given, "--private", "0")
    assert code == 2


def test_audits_a_private_model_against_its_promise(run: Run, tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    rows = ["user,item,time"]
    for person in range(440):
        rows += [f"p{person},i{item},{step}" for step, item in enumerate(random.permutation(40)[:8].tolist())]
    path = tmp_path / "taken.csv"
    path.write_text("\n".join(rows))
    code, out, _ = run("audit", str(path), "--privacy", "--private", "1", "--people", "60", "--json")
    assert code == 0
    document = checked(out, "audit_privacy")
    assert document["preset"] == "private"
    # ∫ Φ(x) φ(x − μ) dx: of two Gaussians μ apart, how often the right one is the larger.
    mu = document["privacy"]["mu"]
    area = integrate.quad(lambda x: stats.norm.cdf(x) * stats.norm.pdf(x - mu), -12, 12)[0]
    assert document["limits"]["auc"] == pytest.approx(area)
    for attack in document["attacks"]:
        assert attack["auc"]["surely"] <= area
    assert document["forgotten"] is None
    wrongs = (["--privacy", "--faithfulness"], [], ["--faithfulness", "--private", "1"], ["--faithfulness", "--forget"])
    for wrong in (*wrongs, ["--privacy", "--private", "1", "--forget"]):
        assert run("audit", str(path), *wrong)[0] == 2
    assert run("audit", str(path), "--privacy", "--no-train")[0] == 4


def test_the_audit_tells_what_is_found_after_forgetting(run: Run, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the child process finds is made up: nine of ten members stand out until they are forgotten."""
    asked: list[object] = []

    def found(_workspace: Path, request: TrainingRequest, people: int, forget: bool, _tell: object) -> dict:
        asked.append((request.preset, people, forget))
        others, standing_out = np.arange(100.0), np.where(np.arange(100) % 10 > 0, 200.0, -1.0)
        told = tuple(leak(name, standing_out, others, 0) for name in (LOSS, DIFFERENCE))
        gone = tuple(leak(name, others, others, 0) for name in (LOSS, DIFFERENCE))
        return PrivacyAudit(400, 100, 100, told, None, gone if forget else None).to_json()

    monkeypatch.setattr("recsys_tui.evaluate.privacy.audit_process.run_audit", found)
    command = ("audit", str(place / "ring.csv"), "--privacy", "--preset", "quick", "--people", "60", "--forget")
    code, out, _ = run(*command, "--json")
    assert code == 0
    document = checked(out, "audit_privacy")
    assert document["attacks"][0]["auc"]["value"] == pytest.approx(0.9)
    assert document["forgotten"]["attacks"][0]["auc"]["value"] == 0.5
    assert (document["verdict"], document["forgotten"]["verdict"]) == ("clear", "none")
    code, out, _ = run(*command, "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["model"] for row in rows] == ["trained"] * 4 + ["forgotten"] * 4
    code, out, _ = run(*command)
    assert "after forgetting\t0.500" in out
    assert "nothing was found of them" in out
    code, out, _ = run(*command[:-1])
    assert "after forgetting" not in out
    assert asked == [("quick", 60, True)] * 3 + [("quick", 60, False)]


def test_a_promise_that_cannot_be_kept_leaves_no_options_behind(run: Run, place: Path, tmp_path: Path) -> None:
    data = str(place / "ring.csv")
    code, _, err = run("train", data, "--private", "8", "--k-core", "2", at=tmp_path)
    assert (code, "k-core" in err) == (2, True)
    assert not (tmp_path / "home" / "workspaces").exists()
    code, _, err = run("inspect", data, at=tmp_path)
    assert (code, "k-core" in err) == (0, False)


def test_an_audit_says_how_many_people_a_private_model_needs_of_each_part(run: Run, place: Path) -> None:
    code, _, err = run("audit", str(place / "ring.csv"), "--privacy", "--private", "4")
    assert code == 2
    assert "400 in all, and this data has 150" in err
